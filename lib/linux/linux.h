/*
 * The Linux kernel, as the rest of the library knows it.
 */
#ifndef LINUX_H
#define LINUX_H

struct kernel;

extern const struct kernel linux_kernel;

#endif
