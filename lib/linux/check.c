/*
 * The invariants of the tables (SEMANTICS, last section): what must hold between any two steps,
 * whatever the calls were. A reservation or a reference that was made by hand counts as held.
 */
#include "linux/files.h"

#include "file.h"
#include "machine.h"
#include "task.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>

/* Complains about a table. */
#define VIOLATED(why, files, ...)                                                                  \
	do {                                                                                       \
		text_printf(why, "table %llu: ", (unsigned long long)(files)->id);                 \
		text_printf(why, __VA_ARGS__);                                                     \
		return -EUCLEAN;                                                                   \
	} while (0)

static int check_table(const struct files_struct *files, struct text *why)
{
	const struct fdtable *fdt = files->fdt;
	uint64_t fd = sparse_next_clear(&fdt->fds, 0), last = sparse_last(&fdt->fds, SPARSE_OPEN);

	if (fd < files->next_fd && fd < fdt->max_fds)
		VIOLATED(why, files, "descriptor %llu is free below next_fd %u",
			 (unsigned long long)fd, files->next_fd);
	if (last != SPARSE_NONE && last >= fdt->max_fds)
		VIOLATED(why, files, "descriptor %llu is beyond max_fds %u",
			 (unsigned long long)last, fdt->max_fds);
	if (fdt->stage != FDTABLE_IN_USE)
		VIOLATED(why, files, "its fdtable was retired");
	for (fd = 0; (fd = sparse_next(&fdt->fds, SPARSE_SLOT, fd)) != SPARSE_NONE; fd++) {
		const struct file *f = sparse_get(&fdt->fds, fd);

		if (!fd_is_open((unsigned)fd, fdt))
			VIOLATED(why, files, "slot %llu is in use, its open bit is clear",
				 (unsigned long long)fd);
		if (f->count == 0)
			VIOLATED(why, files, "slot %llu has a file that nobody holds",
				 (unsigned long long)fd);
	}
	return 0;
}

/* Users of a table: tasks, and holders by hand. */
static unsigned users(struct fdl_machine *m, const struct files_struct *files)
{
	struct task *t;
	unsigned n = 0;

	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		n += t->files == files;
		for (const struct held *h = t->held; h; h = h->next)
			n += h->table == files;
	}
	return n;
}

/* References of a file that the model can see from outside: slots, by-hand holders, and lost ones. */
static uint64_t references(struct fdl_machine *m, const struct file *f)
{
	uint64_t n = f->leaked;
	struct task *t;

	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		const struct files_struct *files = t->files;

		for (const struct held *h = t->held; h; h = h->next)
			n += h->file == f;
		/* A shared table's slots count once: with the first of its tasks. */
		for (struct task *o = task_next(m, 1); files && o != t;
		     o = task_next(m, o->pid + 1)) {
			if (o->files == files)
				files = NULL;
		}
		for (uint64_t fd = 0;
		     files && (fd = sparse_next(&files->fdt->fds, SPARSE_SLOT, fd)) != SPARSE_NONE;
		     fd++)
			n += sparse_get(&files->fdt->fds, fd) == f;
	}
	return n;
}

int linux_check(const struct fdl_machine *machine, struct text *why)
{
	struct fdl_machine *m = (struct fdl_machine *)(uintptr_t)machine; /* task_next only looks */
	bool quiet = list_empty(&m->in_flight);
	struct task *t;

	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		const struct files_struct *files = t->files;
		int error = files ? check_table(files, why) : 0;

		if (error)
			return error;
		/* Calls in flight hold references that are on their stacks. */
		if (files && quiet && users(m, files) != files->count)
			VIOLATED(why, files, "count is %u, users are %u", files->count,
				 users(m, files));
	}
	list_for_each (pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);
		uint64_t n = references(m, f);

		if (quiet ? n != f->count : n > f->count) {
			text_printf(why, "file %llu: count is %llu, references are %llu",
				    (unsigned long long)f->id, (unsigned long long)f->count,
				    (unsigned long long)n);
			return -EUCLEAN;
		}
	}
	return 0;
}
