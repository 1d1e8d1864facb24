/*
 * The second column of a picture: the open file descriptions that slots, tasks, calls in flight and
 * messages hold. The cost does not grow with descriptions that are not shown, but for calls in
 * flight.
 */
#include "picture/taking.h"

#include "base/heap.h"
#include "base/sort.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/abi.h"
#include "notation/args.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <inttypes.h>

size_t file_card(const struct taking *t, const struct file *f)
{
	size_t low = 0, high = t->nfiles;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->files[middle]->id < f->id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->nfiles && t->files[low] == f ? t->p->first[COLUMN_FILES] + low : NO_CARD;
}

/* ---- gathering ---------------------------------------------------------------------------- */

/* A description that was not published has no id, and is not shown. 0 or -ENOMEM. */
static int add_file(struct taking *t, const struct file *f)
{
	const struct file **new;

	if (!f->id)
		return 0;
	new = take_more((void **)&t->files, &t->nfiles, &t->cap_files, sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = f;
	return 0;
}

/* The same without a slot; those beyond the limit are left out. */
static int add_without_slot(struct taking *t, const struct file *f, size_t *n)
{
	if (*n == t->limits.links) {
		t->files_left = true;
		return 0;
	}
	++*n;
	return add_file(t, f);
}

/* The notes of the calls in flight of the tasks, each description once a call. 0 or -ENOMEM. */
static int gather_notes(struct taking *t)
{
	for (size_t i = 0; i < t->p->ntasks; i++) {
		const struct call *c = t->tasks[i]->call;
		const size_t first = t->nnotes;

		for (unsigned j = 0; c && c->where && j < c->nnoted; j++) {
			struct noted_file *note;
			size_t k = first;

			while (k < t->nnotes && t->notes[k].file != c->noted[j].file)
				k++;
			if (k < t->nnotes)
				continue;
			note = take_more((void **)&t->notes, &t->nnotes, &t->cap_notes,
					 sizeof(*note));
			if (!note)
				return -ENOMEM;
			*note = (struct noted_file){ c->noted[j].file, c->noted[j].id, i, NULL };
		}
	}
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct noted_file *x = *(const struct noted_file *const *)a;
	const struct noted_file *y = *(const struct noted_file *const *)b;

	return ((uintptr_t)x->file > (uintptr_t)y->file) -
	       ((uintptr_t)x->file < (uintptr_t)y->file);
}

/*
 * Finds the descriptions that were noted among those that there are: a note may be of one that is
 * gone, whose memory is another's now. 0 or -ENOMEM.
 */
static int find_noted(struct taking *t)
{
	struct noted_file **sorted = calloc(t->nnotes + 1, sizeof(struct noted_file *));

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < t->nnotes; i++)
		sorted[i] = &t->notes[i];
	qsort(sorted, t->nnotes, sizeof(*sorted), by_address);
	list_for_each(pos, &t->m->files) {
		const struct file *f = container_of(pos, struct file, all);
		size_t low = 0, high = t->nnotes;

		while (low < high) {
			const size_t middle = low + (high - low) / 2;

			if ((uintptr_t)sorted[middle]->file < (uintptr_t)f)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < t->nnotes && sorted[low]->file == f; low++) {
			if (!sorted[low]->id || sorted[low]->id == f->id)
				sorted[low]->found = f;
		}
	}
	free(sorted);
	return 0;
}

static int add_held(struct taking *t, size_t *n)
{
	int error = 0;

	for (size_t i = 0; !error && i < t->p->ntasks; i++) {
		for (const struct held *h = t->tasks[i]->held; !error && h; h = h->next) {
			if (h->file)
				error = add_without_slot(t, h->file, n);
		}
	}
	if (!error)
		error = gather_notes(t);
	if (!error && t->nnotes)
		error = find_noted(t);
	for (size_t i = 0; !error && i < t->nnotes; i++) {
		const struct file *f = t->notes[i].found;

		if (f && (t->choice->console == FDL_CONSOLE_SHOWN || !is_console(f)))
			error = add_without_slot(t, f, n);
	}
	return error;
}

/* ---- messages ----------------------------------------------------------------------------- */

static int add_message(struct taking *t, const struct scm_fp_list *fp, size_t *n)
{
	int error = 0;

	for (size_t i = 0; !error && i < fp->n; i++)
		error = add_without_slot(t, fp->file[i], n);
	return error;
}

/* A message with descriptions, by the socket whose queue has it. */
struct queued {
	uint64_t ino;
	const struct scm_fp_list *fp; /* NULL: it was added */
};

static int by_socket(const void *a, const void *b)
{
	const struct queued *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

/* Adds the descriptions in the queue of a socket. */
static int add_queue(struct taking *t, struct queued *queued, size_t nqueued, uint64_t ino,
		     size_t *n)
{
	size_t low = 0, high = nqueued;
	int error = 0;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (queued[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	for (; !error && low < nqueued && queued[low].ino == ino; low++) {
		if (queued[low].fp)
			error = add_message(t, queued[low].fp, n);
		queued[low].fp = NULL;
	}
	return error;
}

/*
 * Descriptions in messages are shown where the socket is; they may be sockets with messages, which
 * then come later in t->files. 0 or -ENOMEM.
 */
static int add_reached(struct taking *t, size_t *n)
{
	struct queued *queued = NULL, *new;
	size_t nqueued = 0, cap = 0;
	int error = 0;

	list_for_each(pos, &t->m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		if (!fp->to || !fp->to->inode)
			continue;
		new = take_more((void **)&queued, &nqueued, &cap, sizeof(*new));
		if (!new) {
			free(queued);
			return -ENOMEM;
		}
		*new = (struct queued){ fp->to->inode->ino, fp };
	}
	if (nqueued)
		qsort(queued, nqueued, sizeof(*queued), by_socket);
	for (size_t i = 0; !error && nqueued && i < t->nfiles; i++) {
		if (t->files[i]->inode)
			error = add_queue(t, queued, nqueued, t->files[i]->inode->ino, n);
	}
	free(queued);
	return error;
}

static int add_queued(struct taking *t, size_t *n)
{
	if (t->choice->npids)
		return add_reached(t, n);
	list_for_each(pos, &t->m->transit) {
		int error = add_message(t, container_of(pos, struct scm_fp_list, transit), n);

		if (error || t->files_left)
			return error;
	}
	return 0;
}

/* ---- cards -------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct file *x = *(const struct file *const *)a;
	const struct file *y = *(const struct file *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_inode(const void *a, const void *b)
{
	const struct file *x = *(const struct file *const *)a;
	const struct file *y = *(const struct file *const *)b;

	if (x->inode != y->inode)
		return x->inode->ino < y->inode->ino ? -1 : 1;
	return by_id(a, b);
}

/* Sorts the descriptions that were gathered, and keeps each once. */
static void sort_files(struct taking *t)
{
	size_t n = 0;

	if (t->nfiles)
		sort_again(t->files, t->nfiles, sizeof(*t->files), by_id);
	for (size_t i = 0; i < t->nfiles; i++) {
		if (!n || t->files[n - 1] != t->files[i])
			t->files[n++] = t->files[i];
	}
	t->nfiles = n;
}

static int take_ends(struct taking *t)
{
	t->ends = calloc(t->nfiles + 1, sizeof(*t->ends));
	if (!t->ends)
		return -ENOMEM;
	for (size_t i = 0; i < t->nfiles; i++) {
		if (t->files[i]->inode)
			t->ends[t->nends++] = t->files[i];
	}
	sort_again(t->ends, t->nends, sizeof(*t->ends), by_inode);
	return 0;
}

static void describe_file(const struct file *f, struct card *c)
{
	c->count = f->count;
	c->pos = f->pos;
	c->console = is_console(f);
	text_printf(&c->title, "file %" PRIu64, f->id);
	/* Every open has O_LARGEFILE, which tells nothing. */
	type_print(&c->body, "oflags", (int64_t)(f->flags & ~KERNEL_O_LARGEFILE));
	text_printf(&c->body, "\npos %lld, count %" PRIu64 "\n", (long long)f->pos, f->count);
	if (f->inode)
		return;
	/* No object tells what it is: "larval". */
	file_name(f, &c->body);
	text_puts(&c->body, "\n");
}

int take_files(struct taking *t)
{
	size_t without_slot = 0;
	int error = 0;

	for (size_t i = 0; !error && i < t->nrow_files; i++) {
		if (t->row_files[i])
			error = add_file(t, t->row_files[i]);
	}
	if (!error)
		error = add_held(t, &without_slot);
	if (!error)
		error = add_queued(t, &without_slot);
	if (error)
		return error;
	sort_files(t);
	for (size_t i = 0; i < t->nfiles; i++) {
		struct card *c = take_card(t, COLUMN_FILES, t->files[i]->id);

		if (!c)
			return -ENOMEM;
		describe_file(t->files[i], c);
	}
	t->p->first[COLUMN_OBJECTS] = t->p->ncards;
	return take_ends(t);
}
