/*
 * Making tasks: the common part of fork, vfork, clone and clone3.
 */
#ifndef FORK_H
#define FORK_H

#include "machine/kernel.h"

#include <sched.h>
#include <stdint.h>

struct task;

/* Flags that not every libc has. */
#ifndef CLONE_DETACHED
#define CLONE_DETACHED 0x00400000 /* ignored by clone, EINVAL of clone3 */
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND UINT64_C(0x100000000)
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/*
 * Makes a child of current: flags are CLONE_*, exit_signal is sent to the parent when the child
 * exits, how says what becomes of the table. With CLONE_VFORK waits for the child to exec or exit.
 * With CLONE_PIDFD *pidfd is set to a new descriptor of the child; pidfd NULL: -EFAULT. The child's
 * pid, or an error.
 */
int64_t kernel_clone(struct task *current, uint64_t flags, int exit_signal, enum table_fork how,
		     int *pidfd);

#endif
