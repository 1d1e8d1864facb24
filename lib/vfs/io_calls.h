/*
 * The commands of ioctl that work on every description, for the rows of a kernel's own table.
 */
#ifndef IO_CALLS_H
#define IO_CALLS_H

#include "notation/args.h"

#include <stdint.h>

struct task;

/*
 * "fd fd, =FIONREAD, out int bytes": the bytes that a read would find; of a regular file those
 * after its position. 0, -EBADF, -ENOTTY where the object does not say, -ENOMEM.
 */
int64_t ioctl_fionread(struct task *current, struct fdl_arg *a);

/* "fd fd, =COMMAND, intlist on": sets or clears one flag of a description. 0, -EBADF, -EFAULT. */
int64_t ioctl_flag(struct task *current, struct fdl_arg *a, unsigned flag);

/* "fd fd, =FIONBIO, intlist on": sets or clears O_NONBLOCK alone. 0, -EBADF, -EFAULT. */
int64_t ioctl_fionbio(struct task *current, struct fdl_arg *a);

#endif
