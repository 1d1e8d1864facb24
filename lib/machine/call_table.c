/*
 * A kernel's calls, compiled: signatures are read once for the whole program, names stand in a hash
 * table. And which call a line means.
 */
#include "machine/call_table.h"

#include "base/hash.h"
#include "base/heap.h"
#include "base/suggest.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "notation/line.h"
#include "notation/syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define KERNELS_MAX 8
#define NAME_BITS   9 /* of the table of names, to begin with: few share a bucket */

/* Of address space, for a table. */
#define TABLE_SIZE ((size_t)64 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct call_table *tables[KERNELS_MAX];
static struct heap *heaps[KERNELS_MAX]; /* of each table; here, where LeakSanitizer finds them */

static struct call_name *find_name(const struct call_table *t, const char *name, size_t len)
{
	struct hash_node *node = hash_first(&t->by_name, hash_bytes(name, len));

	for (; node; node = hash_again(node)) {
		struct call_name *found = container_of(node, struct call_name, hashed);

		if (strncmp(found->name, name, len) == 0 && found->name[len] == '\0')
			return found;
	}
	return NULL;
}

/* The entry of a name, which may be new: then it is the last of t->names. */
static struct call_name *enter_name(struct call_table *t, const char *name)
{
	const size_t len = strlen(name);
	struct call_name *entry = find_name(t, name, len);

	if (entry)
		return entry;
	entry = &t->names[t->nnames++];
	entry->name = name;
	hash_add(&t->by_name, &entry->hashed, hash_bytes(name, len));
	return entry;
}

/* A system call that this kernel does not have. */
static int64_t sys_nosys(struct task *current, struct fdl_arg *a)
{
	(void)current, (void)a;
	return -ENOSYS;
}

/* A system call that Linux has, and no kernel of the model. */
static int64_t sys_not_modelled(struct task *current, struct fdl_arg *a)
{
	(void)current, (void)a;
	return -ENOSYS;
}

bool call_not_modelled(const struct fdl_row *row, int64_t result)
{
	return result == -ENOSYS && row->call->run != sys_nosys;
}

bool call_table_lacks(const struct kernel *k, const char *name)
{
	for (const char *const *lacks = k->lacks; lacks && *lacks; lacks++) {
		if (strcmp(*lacks, name) == 0)
			return true;
	}
	return false;
}

/* 0 or -ENOMEM. */
static int compile(struct fdl_row *to, const struct call_row *row, size_t index)
{
	struct text why = TEXT_EMPTY;
	int error = row_compile(to, row, (unsigned)index, &why);

	if (error && error != -ENOMEM)
		abort(); /* a signature in a table is wrong */
	text_free(&why);
	return error;
}

/* 0 or -ENOMEM. */
static int add_row(struct call_table *t, const struct call_row *row)
{
	const size_t n = t->nrows++;

	return compile(&t->rows[n], row, n);
}

/* Adds a call that fails with ENOSYS; the table keeps its row, a changed copy. */
static int add_missing(struct call_table *t, const struct call_row *row)
{
	struct call_row *missing = &t->missing[t->nmissing++];

	*missing = *row;
	missing->run = sys_nosys;
	missing->flags = CALL_NO_FILES;
	missing->result = NULL;
	return add_row(t, missing);
}

/*
 * Adds the calls of a kernel: those of the table's kernel as they are or as missing, those of
 * another one as missing. A name that a kernel added before this one has is passed over, with all
 * its rows.
 */
static int add_kernel(struct call_table *t, const struct kernel *k)
{
	const size_t nknown = t->nnames;

	for (const struct call_row *const *list = k->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++) {
			struct call_name *name = enter_name(t, row->name);
			const bool lacks = k != t->kernel || call_table_lacks(k, row->name);

			if (name < t->names + nknown)
				continue;
			if (k != t->kernel && row->flags & CALL_INTERNAL)
				continue;
			if (!name->row)
				name->row = &t->rows[t->nrows];
			if (lacks ? add_missing(t, row) : add_row(t, row))
				return -ENOMEM;
		}
	}
	return 0;
}

/* The rows of all kernels together, and all known system calls: no table has more. */
static size_t count_rows(const struct kernel *const *all)
{
	size_t n = 0;

	for (const struct kernel *const *k = all; *k; k++) {
		for (const struct call_row *const *list = (*k)->calls; *list; list++) {
			for (const struct call_row *row = *list; row->name; row++)
				n++;
		}
	}
	for (size_t i = 0; notation_syscall_nth(i); i++)
		n++;
	return n;
}

/*
 * Adds a row for each system call that no kernel has, which is known by its number alone. They
 * differ in their names only, so that one signature is compiled for all. 0 or -ENOMEM.
 */
static int add_not_modelled(struct call_table *t)
{
	static const char any[] = "opaque any a=NULL, opaque any b=NULL, opaque any c=NULL, "
				  "opaque any d=NULL, opaque any e=NULL, opaque any f=NULL";
	const size_t nknown = t->nnames;
	const struct fdl_row *first = NULL;
	const char *name;
	int error = 0;

	t->nall = t->nrows;
	for (size_t n = 0; !error && (name = notation_syscall_nth(n)); n++) {
		struct call_row *call = &t->missing[t->nmissing];
		struct fdl_row *row = &t->rows[t->nall];
		struct call_name *entry = enter_name(t, name);

		if (entry < t->names + nknown)
			continue;
		entry->row = row;
		t->nmissing++;
		*call = (struct call_row){ name, any, sys_not_modelled, CALL_NO_FILES | CALL_TRACED,
					   NULL };
		if (!first) {
			error = compile(row, call, t->nall);
			first = row;
		} else {
			*row = *first;
			row->call = call;
			row->name_len = strlen(name);
			row->index = (unsigned)t->nall;
		}
		t->nall++;
	}
	return error;
}

/* 0 or -1: no memory. The heap of the table is the current one. */
static int fill(struct call_table *t, const struct kernel *k, const struct kernel *const *all)
{
	const size_t n = count_rows(all);

	t->kernel = k;
	/* Rows are large and set as a whole, and not all are used: their memory is not cleared. */
	t->rows = reallocarray(NULL, n, sizeof(*t->rows));
	t->missing = reallocarray(NULL, n, sizeof(*t->missing));
	t->names = calloc(n, sizeof(*t->names));
	if (!t->rows || !t->missing || !t->names || hash_init(&t->by_name, NAME_BITS))
		return -1;
	if (add_kernel(t, k))
		return -1;
	for (size_t i = 0; all[i]; i++) {
		if (all[i] != k && add_kernel(t, all[i]))
			return -1;
	}
	return add_not_modelled(t) ? -1 : 0;
}

/*
 * Makes a table in a heap of its own: it outlives the machine that is the first to need it, and has
 * the same layout in all processes of a program. NULL: no memory.
 */
static struct call_table *build(const struct kernel *k, const struct kernel *const *all,
				struct heap **heap)
{
	struct heap *before = heap_leave(), *own = heap_new(TABLE_SIZE);
	struct call_table *t = NULL;

	if (own) {
		heap_current = own;
		t = calloc(1, sizeof(*t));
	}
	if (t && fill(t, k, all))
		t = NULL;
	heap_current = before;
	if (t)
		*heap = own;
	else
		heap_delete(own);
	return t;
}

const struct call_table *call_table_get(const struct kernel *k, const struct kernel *const *all)
{
	const struct call_table *found = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < KERNELS_MAX && !found; i++) {
		if (!tables[i])
			tables[i] = build(k, all, &heaps[i]);
		if (!tables[i])
			break;
		if (tables[i]->kernel == k)
			found = tables[i];
	}
	pthread_mutex_unlock(&lock);
	return found;
}

struct heap *call_table_heap(const struct call_table *t)
{
	struct heap *found = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < KERNELS_MAX && !found; i++) {
		if (tables[i] == t)
			found = heaps[i];
	}
	pthread_mutex_unlock(&lock);
	return found;
}

const struct fdl_row *call_table_find(const struct call_table *t, const char *name, size_t len)
{
	const struct call_name *found = find_name(t, name, len);

	return found ? found->row : NULL;
}

const struct fdl_row *call_table_named(const struct call_table *t, const char *name, size_t len)
{
	const struct fdl_row *row = call_table_find(t, name, len);

	if (row)
		return row;
	for (const struct call_alias *a = t->kernel->aliases; a && a->alias; a++) {
		if (!strncmp(a->alias, name, len) && !a->alias[len])
			return call_table_find(t, a->name, strlen(a->name));
	}
	return NULL;
}

static bool is_command(const struct fdl_machine *m, const struct line *line)
{
	for (const struct control_command *c = m->commands; c->shown.name; c++) {
		if (strlen(c->shown.name) == line->name_len &&
		    !memcmp(c->shown.name, line->name, line->name_len))
			return true;
	}
	return false;
}

static int unknown_call(const struct fdl_machine *m, const struct line *line, struct text *why)
{
	struct suggestion s;

	if (is_command(m, line)) {
		text_printf(why,
			    "column %zu: %.*s is for the machine's control file, without a pid",
			    line->name_column, (int)line->name_len, line->name);
		return -EINVAL;
	}
	suggest_start(&s, line->name, line->name_len);
	for (size_t i = 0; i < m->table->nrows; i++)
		suggest_offer(&s, m->table->rows[i].call->name);
	for (const struct call_alias *a = m->kernel->aliases; a && a->alias; a++)
		suggest_offer(&s, a->alias);
	suggest_offer(&s, "step");
	suggest_offer(&s, "finish");
	suggest_offer(&s, "interrupt");
	for (const struct control_command *c = m->commands; c->shown.name; c++)
		suggest_offer(&s, c->shown.name);
	text_printf(why, "column %zu: there is no call \"%.*s\"", line->name_column,
		    line->name_len > 64 ? 64 : (int)line->name_len, line->name);
	suggest_print(why, &s);
	return -EINVAL;
}

int line_row(const struct fdl_machine *m, const struct line *line, const struct fdl_row **row,
	     struct text *why)
{
	const struct call_table *t = m->table;
	const struct fdl_row *first = call_table_named(t, line->name, line->name_len);

	if (!first)
		return unknown_call(m, line, why);
	*row = row_select(first, t->rows + t->nall, line);
	if (*row)
		return 0;
	text_printf(why, "column %zu: %s has no such command", line->name_column,
		    first->call->name);
	return -EINVAL;
}

const struct fdl_row *fdl_row_at(const struct fdl_machine *m, size_t i)
{
	const struct call_table *t = m->table;

	for (size_t n = 0; n < t->nrows; n++) {
		if (t->rows[n].call->run != sys_nosys && !i--)
			return &t->rows[n];
	}
	return NULL;
}

const char *fdl_point_name(const struct fdl_machine *m, size_t i)
{
	const char *const *point = m->kernel->points;

	while (*point && i--)
		point++;
	return *point;
}

const struct fdl_row *fdl_row_find(const struct fdl_machine *m, const char *name)
{
	const char *blank = strchr(name, ' ');
	const struct fdl_row *end = m->table->rows + m->table->nrows;
	const struct fdl_row *row =
		call_table_named(m->table, name, blank ? (size_t)(blank - name) : strlen(name));
	const char *first;

	if (!row || row->call->run == sys_not_modelled)
		return NULL;
	if (!blank)
		return row;
	for (first = row->call->name; row < end && strcmp(row->call->name, first) == 0; row++) {
		/* The command stands in the signature as "=F_GETFD". */
		const char *at = strchr(row->call->signature, '=');
		size_t len = strlen(blank + 1);

		if (at && strncmp(at + 1, blank + 1, len) == 0 &&
		    (at[1 + len] == '\0' || at[1 + len] == ',' || at[1 + len] == ' '))
			return row;
	}
	return NULL;
}
