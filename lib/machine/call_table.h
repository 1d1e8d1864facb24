/*
 * A kernel's calls, compiled: made once for the whole program, and shared by all machines.
 */
#ifndef CALL_TABLE_H
#define CALL_TABLE_H

#include "base/hash.h"
#include "notation/args.h"

#include <stdbool.h>
#include <stddef.h>

struct fdl_machine;
struct heap;
struct kernel;
struct line;
struct text;

/* A name that a kernel or the list of system calls has. */
struct call_name {
	struct hash_node hashed;
	const char *name;
	const struct fdl_row *row; /* the first one; NULL: an internal function of another kernel */
};

struct call_table {
	const struct kernel *kernel;
	struct fdl_row *rows;     /* rows of one name stand together */
	size_t nrows;             /* of calls that a kernel of the model has */
	size_t nall;              /* and after them, a row for each system call that none has */
	struct call_row *missing; /* of the calls that fail with ENOSYS */
	size_t nmissing;
	struct call_name *names;
	size_t nnames;
	struct hash by_name;
};

/*
 * The table of a kernel: its calls, and a row that fails with ENOSYS for each system call that only
 * other kernels have. all are the kernels that there are; NULL ends them. The table is never freed.
 * NULL: no memory.
 */
const struct call_table *call_table_get(const struct kernel *k, const struct kernel *const *all);

/* The heap that a table which call_table_get returned is in, with all that it points to. */
struct heap *call_table_heap(const struct call_table *t);

/* Whether a kernel lacks a call that is in its tables (kernel.lacks). */
bool call_table_lacks(const struct kernel *k, const char *name);

/*
 * Whether a result means that the kernel has what was asked for, and the model has not. The result
 * of a call that the kernel itself lacks is ENOSYS, too.
 */
bool call_not_modelled(const struct fdl_row *row, int64_t result);

/* The first row of a name, or NULL. */
const struct fdl_row *call_table_find(const struct call_table *t, const char *name, size_t len);

/* The same; the name may also be another spelling of one (kernel.aliases). */
const struct fdl_row *call_table_named(const struct call_table *t, const char *name, size_t len);

/*
 * The row that a line of this machine means. 0, or -EINVAL; then why says what is wrong, and
 * suggests the nearest name.
 */
int line_row(const struct fdl_machine *m, const struct line *line, const struct fdl_row **row,
	     struct text *why);

#endif
