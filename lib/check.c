/*
 * The invariants of a machine: gathers every reference to a table and to a file once, so that a
 * large machine can be checked, too; asks the kernel about each table; compares the counts. A
 * reference that was taken by an internal function counts like any other.
 */
#include "check.h"

#include "base/refs.h"
#include "base/text.h"
#include "fdlab.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "socket/scm.h"
#include "vfs/file.h"

#include <errno.h>
#include <string.h>

/*
 * The tables that tasks use, and the tables and files that they took by internal functions; *held
 * is how many uses of files these are.
 */
static int gather_tasks(const struct fdl_machine *m, struct refs *tables, struct refs *files,
			uint64_t *held)
{
	const struct task *t;
	int error = 0;

	for (int pid = 1; !error && (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		if (t->files)
			error = refs_add(tables, t->files);
		for (const struct held *h = t->held; h && !error; h = h->next) {
			*held += h->use;
			if (!h->use)
				error = refs_add(h->table ? tables : files,
						 h->table ? h->table : h->file);
		}
	}
	return error;
}

/* The files in messages that no socket has received yet. */
static int gather_messages(const struct fdl_machine *m, struct refs *files)
{
	int error = 0;

	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		for (size_t i = 0; !error && i < fp->n; i++)
			error = refs_add(files, fp->file[i]);
	}
	return error;
}

/* The tables of the tasks that are in a call in flight. */
static int gather_calls(const struct fdl_machine *m, struct refs *calls)
{
	int error = 0;

	list_for_each(pos, &m->in_flight) {
		const struct call *c = container_of(pos, struct call, flight);

		if (!error && c->current->files)
			error = refs_add(calls, c->current->files);
	}
	return error;
}

/* Asks the kernel about each table, which adds the files in it. tables and calls are sorted. */
static int check_tables(const struct fdl_machine *m, const struct refs *tables,
			const struct refs *calls, struct refs *files, struct text *why)
{
	int error = 0;

	for (size_t i = 0, users; i < tables->n && !error; i += users) {
		users = refs_count(tables, tables->to[i]);
		error = m->kernel->check(m, tables->to[i], users, refs_count(calls, tables->to[i]),
					 files, why);
	}
	return error;
}

/*
 * A file's count is the number of its references, and files are used by calls in flight and by
 * tasks that took them by internal functions. Calls in flight may hold more references.
 */
static int check_files(const struct fdl_machine *m, const struct refs *files, uint64_t held,
		       struct text *why)
{
	const bool calm = list_empty(&m->in_flight);
	uint64_t used = 0;

	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);
		uint64_t n = f->leaked + refs_count(files, f);

		used += f->uses;
		if (calm ? n == f->count : n <= f->count)
			continue;
		text_printf(why, "file %llu: count is %llu, references are %llu",
			    (unsigned long long)f->id, (unsigned long long)f->count,
			    (unsigned long long)n);
		return -EUCLEAN;
	}
	if (calm ? used == held : used >= held)
		return 0;
	text_printf(why, "files are used %llu times, %llu by hand", (unsigned long long)used,
		    (unsigned long long)held);
	return -EUCLEAN;
}

/* A call is stopped at a point of the kernel's list: its line in the transcript names the point. */
static int check_stops(const struct fdl_machine *m, struct text *why)
{
	list_for_each(pos, &m->in_flight) {
		const struct call *c = container_of(pos, struct call, flight);
		const char *const *point = m->kernel->points;

		if (c->state != CALL_STOPPED)
			continue;
		while (*point && strcmp(*point, c->where) != 0)
			point++;
		if (*point)
			continue;
		text_printf(why, "task %d is stopped at %s, which is no point of the kernel",
			    c->current->pid, c->where);
		return -EUCLEAN;
	}
	return 0;
}

int machine_check(const struct fdl_machine *m, struct text *why)
{
	struct refs tables = { 0 }, calls = { 0 }, files = { 0 };
	uint64_t held = 0;
	int error = gather_tasks(m, &tables, &files, &held);

	if (!error)
		error = gather_messages(m, &files);
	if (!error)
		error = gather_calls(m, &calls);
	refs_sort(&tables);
	refs_sort(&calls);
	if (!error)
		error = check_tables(m, &tables, &calls, &files, why);
	refs_sort(&files);
	if (!error)
		error = check_files(m, &files, held, why);
	if (!error)
		error = check_stops(m, why);
	refs_free(&tables);
	refs_free(&calls);
	refs_free(&files);
	return error;
}

int fdl_machine_check(const struct fdl_machine *m, char *err, size_t errsize)
{
	struct text why = TEXT_EMPTY;
	int error = machine_check(m, &why);

	if (errsize) {
		size_t len = why.len < errsize ? why.len : errsize - 1;

		if (len)
			memcpy(err, why.s, len);
		err[len] = '\0';
	}
	text_free(&why);
	return error;
}
