/*
 * Lines that may leave a table which is not sound: the kernel's functions that trust their callers,
 * called by hand. Tests that run any lines ask before they check a machine.
 */
#ifndef SUPPORT_MISUSE_H
#define SUPPORT_MISUSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether bytes name such a function. A preemption point of that name does not count: `at` stands
 * before it.
 */
bool names_misuse(const char *bytes, size_t len);

#endif
