/*
 * Writing to a descriptor until all is written.
 */
#ifndef FDLAB_TOOLS_WRITE_H
#define FDLAB_TOOLS_WRITE_H

#include <stddef.h>

/* Writes len bytes, also where a signal interrupts it. 0 or a negative errno. */
int write_all(int fd, const char *buf, size_t len);

#endif
