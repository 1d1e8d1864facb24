/*
 * The NetBSD kernel, as the rest of the library knows it.
 */
#ifndef NETBSD_H
#define NETBSD_H

struct kernel;

extern const struct kernel netbsd_kernel;

#endif
