/*
 * fork and its kin.
 */
#ifndef FORK_H
#define FORK_H

#include "machine/kernel.h"

#include <sched.h>
#include <stdint.h>

struct task;

/* Flags that not every libc has. */
#ifndef CLONE_DETACHED
#define CLONE_DETACHED 0x00400000 /* long without meaning, and refused by clone3 */
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND UINT64_C(0x100000000)
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/*
 * What fork and its kin have in common: CLONE_* flags, the signal that the parent gets at the exit,
 * and what becomes of the table. The child's pid, or an error.
 */
int64_t kernel_clone(struct task *current, uint64_t flags, int exit_signal, enum table_fork how);

#endif
