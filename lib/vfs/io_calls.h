/*
 * Commands of ioctl that every kernel has a row of its own for.
 */
#ifndef IO_CALLS_H
#define IO_CALLS_H

#include "fdlab.h"

#include <stdint.h>

struct task;

/* "fd fd, =FIONREAD, out int bytes": how many bytes can be read now. 0, -EBADF or -ENOTTY. */
int64_t ioctl_fionread(struct task *current, struct fdl_arg *a);

/* "fd fd, =FIONBIO, intlist on": sets or clears O_NONBLOCK. 0, -EBADF or -EFAULT. */
int64_t ioctl_fionbio(struct task *current, struct fdl_arg *a);

#endif
