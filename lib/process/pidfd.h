/*
 * The files that pidfds refer to, for pidfd_open and for clone with CLONE_PIDFD.
 */
#ifndef PIDFD_H
#define PIDFD_H

#include <fcntl.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

struct file;
struct pid;
struct task;

/*
 * A description of a task, which may not have a pid yet: the caller's. Of flags O_NONBLOCK and
 * PIDFD_THREAD count. NULL and *error: -ENFILE, -ENOMEM, -ENOSPC.
 */
struct file *pidfd_file(struct task *current, struct task *task, unsigned flags, int *error);

/* The same for the process of a number, which may be gone. */
struct file *pidfd_file_by_number(struct task *current, int number, int *error);

/* The process that a pidfd refers to, borrowed. NULL: the file is of another kind. */
struct pid *pidfd_pid(const struct file *f);

#endif
