/*
 * The file open_files: a line for every open file description with its holders, and the holders of
 * the other end of a pipe or socket. fdinfo has the latter of one description.
 */

#include "base/heap.h"
#include "base/text.h"
#include "machine/machine.h"
#include "notation/args.h"
#include "procfs/views.h"
#include "tree/tree.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* A description, and the index of its first holder in the census. */
struct held_file {
	const struct file *file;
	size_t holder;
};

/* All descriptions, by inode. */
struct ends {
	struct held_file *files;
	size_t n;
};

static int by_inode(const void *a, const void *b)
{
	const struct held_file *x = a, *y = b;
	const uint64_t i = x->file->inode->ino, j = y->file->inode->ino;

	if (i != j)
		return i < j ? -1 : 1;
	return (x->file->id > y->file->id) - (x->file->id < y->file->id);
}

/* Gathers the descriptions of a census with holders; ends->files is to be freed. 0 or -ENOMEM. */
static int ends_take(struct fdl_machine *m, const struct census *c, struct ends *ends)
{
	size_t holder = 0;

	ends->n = 0;
	ends->files = calloc(m->nr_files + 1, sizeof(*ends->files));
	if (!ends->files)
		return -ENOMEM;
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		while (holder < c->nholders && c->holders[holder].file < f->id)
			holder++;
		if (f->inode && ends->n < m->nr_files)
			ends->files[ends->n++] = (struct held_file){ f, holder };
	}
	qsort(ends->files, ends->n, sizeof(*ends->files), by_inode);
	return 0;
}

static void put_holder(struct text *out, const struct census_holder *h)
{
	if (h->in_transit) {
		text_puts(out, "in transit");
		if (h->fd)
			text_printf(out, " to socket:[%" PRIu64 "]", h->fd);
		return;
	}
	text_printf(out, "%d:", h->pid);
	if (h->by_hand)
		text_puts(out, h->has_fd ? "held:" : "held");
	if (h->has_fd)
		text_uint(out, h->fd);
}

/*
 * The holders of a file, from index h on, and the references that they do not explain: those of
 * calls in flight. comma is put before the first; returns what is to be put before another.
 */
static const char *put_holders(struct text *out, const struct census *c, size_t h,
			       const struct file *f, const char *comma)
{
	uint64_t explained = 0;

	for (; h < c->nholders && c->holders[h].file == f->id; h++) {
		text_puts(out, comma);
		put_holder(out, &c->holders[h]);
		explained += c->holders[h].counts;
		comma = ",";
	}
	if (f->count > explained) {
		text_printf(out, "%sin flight", comma);
		comma = ",";
	}
	if (f->count > explained + 1)
		text_printf(out, ":%" PRIu64, f->count - explained);
	return comma;
}

/* The holders of a file's other end, or "none"; nothing if it has no other end. */
static void put_other_end(struct text *out, const struct census *c, const struct ends *ends,
			  const struct file *f)
{
	unsigned mode = 0;
	const struct inode *inode;
	const char *comma = "";
	size_t low = 0, high = ends->n;

	if (!f->ops || !f->ops->other_end)
		return;
	inode = f->ops->other_end(f, &mode);
	while (inode && low < high) {
		size_t middle = low + (high - low) / 2;

		if (ends->files[middle].file->inode->ino < inode->ino)
			low = middle + 1;
		else
			high = middle;
	}
	for (; inode && low < ends->n && ends->files[low].file->inode == inode; low++) {
		const struct held_file *end = &ends->files[low];

		if (end->file->mode & mode)
			comma = put_holders(out, c, end->holder, end->file, comma);
	}
	if (!*comma)
		text_puts(out, "none");
}

/* Takes the census with holders, and the ends, for one text. 0 or -ENOMEM. */
static int take_all(struct fdl_machine *m, struct census *c, struct ends *ends)
{
	int error = census_take(m, c);

	if (!error)
		error = census_hold(c);
	if (!error)
		error = ends_take(m, c, ends);
	if (error)
		census_free(c);
	return error;
}

int put_other_end_of(struct text *out, const struct file *f)
{
	struct census c = { 0 };
	struct ends ends;
	int error;

	if (!f->ops || !f->ops->other_end)
		return 0;
	error = take_all(f->machine, &c, &ends);
	if (error)
		return error;
	text_puts(out, "other_end:\t");
	put_other_end(out, &c, &ends, f);
	text_putc(out, '\n');
	free(ends.files);
	census_free(&c);
	return 0;
}

int text_open_files(const struct node *n, struct text *out)
{
	struct census c = { 0 };
	struct ends ends;
	size_t holder = 0;
	int error = take_all(n->machine, &c, &ends);

	if (error)
		return error;
	text_puts(out, "id\tcount\tflags\tpos\tname\tholders\tother end\n");
	list_for_each(pos, &n->machine->files) {
		const struct file *f = container_of(pos, struct file, all);

		text_printf(out, "%" PRIu64 "\t%" PRIu64 "\t", f->id, f->count);
		type_print(out, "oflags", (int64_t)f->flags);
		text_printf(out, "\t%lld\t", (long long)f->pos);
		put_file_name(out, f);
		text_putc(out, '\t');
		while (holder < c.nholders && c.holders[holder].file < f->id)
			holder++;
		put_holders(out, &c, holder, f, "");
		text_putc(out, '\t');
		put_other_end(out, &c, &ends, f);
		text_putc(out, '\n');
	}
	free(ends.files);
	census_free(&c);
	return 0;
}
