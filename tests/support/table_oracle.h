/*
 * Tables compared with the running kernel's: a machine and the kernel's tasks make the same calls.
 * Every result is compared, and procfs's view of each task's table: its size, its open descriptors,
 * their flags and positions.
 */
#ifndef TABLE_ORACLE_H
#define TABLE_ORACLE_H

#include "support/kernel_tasks.h"

#include <stdbool.h>

/* The limit that both sides start with. */
extern struct rlimit table_oracle_limit;

/*
 * Whether the kernel can be asked here; if not, prints the reason. Finds the limits that both sides
 * start with, and the calls that this kernel cannot answer.
 */
bool table_oracle_possible(void);

/* Starts both sides with one task each, and compares their tables. */
void table_oracle_start(void);

/* Ends both sides; for the teardown of a test. */
int table_oracle_stop(void **state);

/* Makes the call of a line on both sides, and compares its outcomes. */
void table_oracle_call(const char *line);

/* Compares the tables of all tasks. */
void table_oracle_compare(const char *after);

/* Starts, and plays lines up to a NULL; compares outcomes and tables after each. */
void table_oracle_play(const char *const *lines);

#endif
