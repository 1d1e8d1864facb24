/*
 * Locks compared with the running kernel: a machine and the kernel's tasks make the same calls,
 * some of which wait for each other. After each call every result is compared, the waiting tasks,
 * and procfs's text of all locks and of each descriptor.
 */
#ifndef LOCK_ORACLE_H
#define LOCK_ORACLE_H

#include "base/arena.h"
#include "base/text.h"
#include "support/kernel_tasks.h"

#include <stdbool.h>
#include <stdint.h>

#define LOCK_TASKS 5 /* at most, in a sequence */

/* The files that each sequence opens first, as 3 and 4. */
#define TWO_FILES "open(\"a\", O_RDWR|O_CREAT, 0600)", "open(\"b\", O_RDWR|O_CREAT, 0600)"

extern struct lock_oracle {
	struct fdl_machine *m;
	struct kt kt;
	struct arena arena;         /* of the current line */
	bool waits[LOCK_TASKS + 1]; /* the machine's tasks in a call */
	bool gone[LOCK_TASKS + 1];  /* exited */
	uint64_t ino[2][2];         /* of "a" and "b", of the machine and the kernel */
	struct text played;         /* all the lines so far */
	bool in_order; /* the kernel's tasks run in the order in which they are woken */
} lock_oracle;

/* Whether the kernel can be asked here; if not, prints the reason. Finds out about in_order. */
bool lock_oracle_possible(void);

/* Starts both sides with one task each. */
void lock_oracle_start(void);

/* Ends both sides; for the teardown of a test. */
int lock_oracle_stop(void **state);

/* Makes the call of a line on both sides, and compares. */
void lock_oracle_play(const char *line);

#endif
