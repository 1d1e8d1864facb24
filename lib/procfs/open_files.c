/*
 * The file open_files: a line for every open file description with its holders, and the holders of
 * the other end of a pipe or socket. A table that several tasks share is one holder, under a short
 * name; the tasks stand once, at the end. fdinfo has the other end of one description.
 */
#include "base/text.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "notation/args.h"
#include "procfs/census.h"
#include "procfs/views.h"
#include "tree/tree.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>

static bool is_shared(const struct census_table *t)
{
	return (t->ntasks ? t->ntasks : t->nheld) > 1;
}

/* A table by its first task, such as "1", "1&" if others share it, "3:held" by hand. */
static void put_table(struct text *out, const struct census_table *t)
{
	text_int(out, t->sharer[0].pid);
	if (is_shared(t))
		text_putc(out, '&');
	if (!t->ntasks)
		text_puts(out, ":held");
}

static void put_holder(struct text *out, const struct census *c, const struct census_holder *h)
{
	switch (h->by) {
	case HELD_BY_HAND:
		text_uint(out, h->n);
		text_puts(out, ":held");
		break;
	case HELD_BY_MESSAGE:
		text_puts(out, "in transit");
		if (h->n)
			text_printf(out, " to socket:[%" PRIu64 "]", h->n);
		break;
	case HELD_BY_CALL:
		text_printf(out, "%d in %s", c->call[h->n]->pid, c->call[h->n]->row->call->name);
		break;
	default:
		put_table(out, c->by_pid[h->by]);
		text_putc(out, ':');
		text_uint(out, h->n);
	}
}

/*
 * The holders of a description, and the references of calls in flight that no call has noted. comma
 * is put before the first; returns what is to be put before another.
 */
static const char *put_holders(struct text *out, const struct census *c,
			       const struct census_file *f, const char *comma)
{
	const uint64_t count = f->file->count;
	/* A call may note a reference that is another's by now: then none is named. */
	const size_t n = f->n <= count ? f->n : f->n - f->calls;

	for (size_t i = 0; i < n && !out->error; i++) {
		text_puts(out, comma);
		put_holder(out, c, &c->holder[f->holder + i]);
		comma = ",";
	}
	if (count > n) {
		text_printf(out, "%sin flight", comma);
		comma = ",";
	}
	if (count > n + 1)
		text_printf(out, ":%" PRIu64, count - n);
	return comma;
}

/* The first of the descriptions, by inode, whose inode has at least this number. */
static size_t first_end(const struct census *c, uint64_t ino)
{
	size_t low = 0, high = c->nends;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->end[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The holders of a file's other end, or "none"; nothing if it has no other end. */
static void put_other_end(struct text *out, const struct census *c, const struct file *f)
{
	const struct inode *inode;
	const char *comma = "";
	unsigned mode = 0;

	if (!f->ops || !f->ops->other_end)
		return;
	inode = f->ops->other_end(f, &mode);
	for (size_t i = inode ? first_end(c, inode->ino) : c->nends;
	     i < c->nends && c->end[i].ino == inode->ino && !out->error; i++) {
		const struct census_file *end = &c->file[c->end[i].file];

		if (end->file->mode & mode)
			comma = put_holders(out, c, end, comma);
	}
	if (!*comma)
		text_puts(out, "none");
}

int put_other_end_of(struct text *out, const struct file *f)
{
	struct census *c;
	int error;

	if (!f->ops || !f->ops->other_end)
		return 0;
	error = census_take(f->machine, &c);
	if (!error)
		error = census_hold(c);
	if (error && error != -EFBIG)
		return error;
	text_puts(out, "other_end:\t");
	if (error)
		text_puts(out, "too many descriptors to search");
	else
		put_other_end(out, c, f);
	text_putc(out, '\n');
	return 0;
}

/* The pids of those that share a table, in runs: "1-3,7". */
static void put_sharers(struct text *out, const struct census_table *t)
{
	const size_t n = t->ntasks ? t->ntasks : t->nheld;
	size_t end;

	for (size_t i = 0; i < n && !out->error; i = end) {
		const int first = t->sharer[i].pid;

		for (end = i + 1; end < n && t->sharer[end].pid == first + (int)(end - i); end++)
			;
		if (i)
			text_putc(out, ',');
		text_int(out, first);
		if (end - i > 1) {
			text_putc(out, '-');
			text_int(out, t->sharer[end - 1].pid);
		}
	}
}

/* The tables that the lines of the descriptions have short names for. */
static void put_shared_tables(struct text *out, const struct census *c)
{
	const char *titles = "\ntable\ttasks\n";

	for (size_t i = 0; i < c->ntables && !out->error; i++) {
		if (!is_shared(c->by_pid[i]))
			continue;
		text_puts(out, titles);
		titles = "";
		put_table(out, c->by_pid[i]);
		text_putc(out, '\t');
		put_sharers(out, c->by_pid[i]);
		text_putc(out, '\n');
	}
}

int text_open_files(const struct node *n, struct text *out)
{
	struct census *c;
	int error = census_take(n->machine, &c);

	if (!error)
		error = census_hold(c);
	if (error)
		return error;
	text_puts(out, "id\tcount\tflags\tpos\tname\tholders\tother end\n");
	for (size_t i = 0; i < c->nfiles && !out->error; i++) {
		const struct file *f = c->file[i].file;

		text_uint(out, f->id);
		text_putc(out, '\t');
		text_uint(out, f->count);
		text_putc(out, '\t');
		type_print(out, "oflags", (int64_t)f->flags);
		text_putc(out, '\t');
		text_int(out, f->pos);
		text_putc(out, '\t');
		put_file_name(out, f);
		text_putc(out, '\t');
		put_holders(out, c, &c->file[i], "");
		text_putc(out, '\t');
		put_other_end(out, c, f);
		text_putc(out, '\n');
	}
	put_shared_tables(out, c);
	return 0;
}
