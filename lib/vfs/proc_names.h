/*
 * The names that Linux has in /proc, of which a machine has few: a walk to another fails with
 * ENOSYS, and not with an error of the kernel.
 */
#ifndef PROC_NAMES_H
#define PROC_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Whether Linux may have such a name in /proc, numbers aside; and in the directory of a process. */
bool proc_root_has(const char *name, size_t len);
bool proc_pid_has(const char *name, size_t len);

#endif
