/*
 * References, gathered to be counted: what the kernels' checks have in common.
 */
#include "base/refs.h"

#include "vfs/file.h"
#include "machine/machine.h"
#include "socket/scm.h"
#include "machine/task.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

int refs_add(struct refs *r, const void *to)
{
	if (r->n == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		const void **larger = realloc(r->to, room * sizeof(const void *));

		if (!larger)
			return -ENOMEM;
		r->to = larger;
		r->room = room;
	}
	r->to[r->n++] = to;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t) * (const void *const *)a,
		  y = (uintptr_t) * (const void *const *)b;

	return (x > y) - (x < y);
}

void refs_sort(struct refs *r)
{
	if (r->n)
		qsort(r->to, r->n, sizeof(const void *), by_address);
}

size_t refs_count(const struct refs *r, const void *to)
{
	size_t low = 0, high = r->n, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)r->to[middle] < (uintptr_t)to)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + n < r->n && r->to[low + n] == to)
		n++;
	return n;
}

int refs_gather(struct fdl_machine *m, struct refs *tables, struct refs *files)
{
	struct task *t;
	int error = 0;

	for (int pid = 1; !error && (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		if (t->files)
			error = refs_add(tables, t->files);
		for (const struct held *h = t->held; h && !error; h = h->next) {
			if (!h->use)
				error = refs_add(h->table ? tables : files,
						 h->table ? h->table : h->file);
		}
	}
	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		for (size_t i = 0; !error && i < fp->n; i++)
			error = refs_add(files, fp->file[i]);
	}
	return error;
}

void refs_free(struct refs *r)
{
	free(r->to);
}

int refs_check_files(const struct fdl_machine *m, const struct refs *files, struct text *why)
{
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);
		uint64_t n = f->leaked + refs_count(files, f);

		if (list_empty(&m->in_flight) ? n == f->count : n <= f->count)
			continue;
		text_printf(why, "file %llu: count is %llu, references are %llu",
			    (unsigned long long)f->id, (unsigned long long)f->count,
			    (unsigned long long)n);
		return -EUCLEAN;
	}
	return 0;
}
