/*
 * Takes a picture of a machine: which descriptions and objects it shows, and what
 * refers to what. Where they stand in it is not known here.
 */
#include "picture/taking.h"

#include "base/heap.h"
#include "base/sort.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "notation/args.h"
#include "objects/epoll.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>

#define LARGEFILE 0100000u /* O_LARGEFILE of a kernel, which libc defines as 0 */

void *take_more(struct taking *t, void **array, size_t *n, size_t *cap, size_t size)
{
	if (t->p->ncards + t->p->nrows + t->p->nedges >= t->most) {
		t->too_many = true;
		return NULL;
	}
	if (*n == *cap) {
		const size_t wish = *cap ? *cap * 2 : 64;
		void *grown = reallocarray(*array, wish, size);

		if (!grown)
			return NULL;
		*array = grown;
		*cap = wish;
	}
	return memset((char *)*array + size * (*n)++, 0, size);
}

struct card *take_card(struct taking *t, enum picture_column column, uint64_t id)
{
	struct picture *p = t->p;
	struct card *c = take_more(t, (void **)&p->cards, &p->ncards, &t->cap_cards, sizeof(*c));

	if (c) {
		c->column = column;
		c->id = id;
		c->object = NO_CARD;
	}
	return c;
}

int take_edge(struct taking *t, struct edge e)
{
	struct picture *p = t->p;
	struct edge *new =
		take_more(t, (void **)&p->edges, &p->nedges, &t->cap_edges, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = e;
	return 0;
}

/* ---- descriptions ------------------------------------------------------------------------- */

/* The place of a description in t->files. Descriptions that are in no list have none: t->nfiles. */
static size_t file_place(const struct taking *t, const struct file *f)
{
	size_t low = 0, high = t->nfiles;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->files[middle]->id < f->id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->nfiles && t->files[low] == f ? low : t->nfiles;
}

static size_t file_card(const struct taking *t, const struct file *f)
{
	const size_t place = file_place(t, f);

	return place < t->nfiles ? t->file_card[place] : NO_CARD;
}

/* Marks a description as shown; cards are made of those that are marked. True: it was not yet. */
static bool mark(struct taking *t, const struct file *f)
{
	const size_t place = file_place(t, f);

	if (place == t->nfiles || t->file_card[place] != NO_CARD)
		return false;
	t->file_card[place] = 0;
	return true;
}

/* The description that a call in flight has noted; NULL: it is gone. */
static const struct file *noted_file(const struct taking *t, const struct call_note *note)
{
	for (size_t i = 0; i < t->nfiles; i++) {
		if (t->files[i] == note->file)
			return !note->id || note->id == t->files[i]->id ? t->files[i] : NULL;
	}
	return NULL;
}

/* The same of the i-th note; NULL as well if an earlier one is of the same description. */
static const struct file *held_by_call(const struct taking *t, const struct call *c, unsigned i)
{
	for (unsigned j = 0; j < i; j++) {
		if (c->noted[j].file == c->noted[i].file)
			return NULL;
	}
	return noted_file(t, &c->noted[i]);
}

static unsigned count_notes(const struct task *task)
{
	return task->call && task->call->where ? task->call->nnoted : 0;
}

static void mark_tables(struct taking *t)
{
	struct slot slot;

	for (size_t i = 0; i < t->p->ntasks; i++) {
		const struct task *task = t->tasks[i];

		if (task->files && (i == 0 || task->files != t->tasks[i - 1]->files)) {
			for (uint64_t fd = 0; t->m->kernel->slot_next(task, fd, &slot);
			     fd = slot.fd + 1) {
				if (slot.file && (t->choice->console == FDL_CONSOLE_SHOWN ||
						  !is_console(slot.file)))
					mark(t, slot.file);
			}
		}
		for (const struct held *h = task->held; h; h = h->next) {
			if (h->file)
				mark(t, h->file);
		}
		for (unsigned j = 0; j < count_notes(task); j++) {
			const struct file *f = held_by_call(t, task->call, j);

			if (f && (t->choice->console == FDL_CONSOLE_SHOWN || !is_console(f)))
				mark(t, f);
		}
	}
}

static int by_inode(const void *a, const void *b)
{
	const struct file *x = *(const struct file *const *)a;
	const struct file *y = *(const struct file *const *)b;

	if (x->inode != y->inode)
		return x->inode->ino < y->inode->ino ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
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

/* Whether a description of an inode is marked. */
static bool is_inode_marked(const struct taking *t, const struct inode *inode)
{
	size_t low = 0, high = t->nends;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->ends[middle]->inode->ino < inode->ino)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < t->nends && t->ends[low]->inode == inode; low++) {
		if (file_card(t, t->ends[low]) != NO_CARD)
			return true;
	}
	return false;
}

/* Descriptions in messages are shown where the socket is; they may be sockets with messages. */
static void mark_queued(struct taking *t)
{
	bool again;

	do {
		again = false;
		list_for_each(pos, &t->m->transit) {
			const struct scm_fp_list *fp =
				container_of(pos, struct scm_fp_list, transit);

			if (t->choice->npids &&
			    !(fp->to && fp->to->inode && is_inode_marked(t, fp->to->inode)))
				continue;
			for (size_t i = 0; i < fp->n; i++)
				again |= mark(t, fp->file[i]);
		}
	} while (again);
}

static void describe_file(const struct file *f, struct card *c)
{
	c->count = f->count;
	c->pos = f->pos;
	c->console = is_console(f);
	text_printf(&c->title, "file %" PRIu64, f->id);
	/* Every open of a 64-bit program has O_LARGEFILE: it tells nothing. */
	type_print(&c->body, "oflags", (int64_t)(f->flags & ~LARGEFILE));
	text_printf(&c->body, "\npos %lld, count %" PRIu64 "\n", (long long)f->pos, f->count);
	if (f->inode)
		return;
	/* No object tells what it is: "larval". */
	file_name(f, &c->body);
	text_puts(&c->body, "\n");
}

static int take_files(struct taking *t)
{
	struct picture *p = t->p;

	t->files = calloc(t->m->nr_files + 1, sizeof(*t->files));
	t->file_card = calloc(t->m->nr_files + 1, sizeof(*t->file_card));
	if (!t->files || !t->file_card)
		return -ENOMEM;
	list_for_each(pos, &t->m->files) {
		if (t->nfiles == t->m->nr_files)
			break;
		t->file_card[t->nfiles] = NO_CARD;
		t->files[t->nfiles++] = container_of(pos, struct file, all);
	}
	if (take_ends(t))
		return -ENOMEM;
	mark_tables(t);
	mark_queued(t);
	for (size_t i = 0; i < t->nfiles; i++) {
		struct card *c;

		if (t->file_card[i] == NO_CARD)
			continue;
		c = take_card(t, COLUMN_FILES, t->files[i]->id);
		if (!c)
			return -ENOMEM;
		t->file_card[i] = p->ncards - 1;
		describe_file(t->files[i], c);
	}
	p->first[COLUMN_OBJECTS] = p->ncards;
	return 0;
}

/* ---- objects ------------------------------------------------------------------------------ */

static size_t object_card(const struct taking *t, const struct inode *inode)
{
	size_t low = 0, high = t->nobjects;

	while (inode && low < high) {
		const size_t middle = low + (high - low) / 2;

		if (t->objects[middle]->inode == inode)
			return t->p->first[COLUMN_OBJECTS] + middle;
		if (t->objects[middle]->inode->ino < inode->ino)
			low = middle + 1;
		else
			high = middle;
	}
	return NO_CARD;
}

static int take_objects(struct taking *t)
{
	t->objects = calloc(t->nends + 1, sizeof(*t->objects));
	if (!t->objects)
		return -ENOMEM;
	for (size_t i = 0; i < t->nends; i++) {
		const struct file *f = t->ends[i], **last = &t->objects[t->nobjects];
		struct card *c;

		if (file_card(t, f) == NO_CARD || (t->nobjects && last[-1]->inode == f->inode))
			continue;
		c = take_card(t, COLUMN_OBJECTS, f->inode->ino);
		if (!c)
			return -ENOMEM;
		*last = f;
		t->nobjects++;
		c->console = is_console(f);
		describe_object(f, c);
	}
	t->p->first[COLUMNS] = t->p->ncards;
	return 0;
}

/* ---- lines -------------------------------------------------------------------------------- */

static int link_table(struct taking *t, size_t card, const struct task *any)
{
	struct picture *p = t->p;
	struct card *c = &p->cards[card];
	size_t row = c->first_row;
	struct slot slot;
	int error = 0;

	for (uint64_t fd = 0;
	     !error && row < c->first_row + c->nrows && t->m->kernel->slot_next(any, fd, &slot);
	     fd = slot.fd + 1) {
		if (p->rows[row].last < slot.fd)
			row++;
		if (row == c->first_row + c->nrows || p->rows[row].fd > slot.fd || !slot.file ||
		    p->rows[row].folded)
			continue;
		p->rows[row].file = file_card(t, slot.file);
		error = take_edge(t, (struct edge){ .kind = EDGE_SLOT,
						    .from = card,
						    .to = p->rows[row].file,
						    .row = row });
	}
	return error;
}

/* The descriptions that a task holds by hand, and those that a call of it holds. */
static int link_held(struct taking *t, size_t card, const struct task *task)
{
	struct edge e = { .kind = EDGE_HELD, .from = card, .row = NO_CARD, .pid = task->pid };
	int error = 0;

	for (const struct held *h = task->held; !error && h; h = h->next) {
		e.to = h->file ? file_card(t, h->file) : NO_CARD;
		if (e.to != NO_CARD)
			error = take_edge(t, e);
	}
	for (unsigned i = 0; !error && i < count_notes(task); i++) {
		const struct file *f = held_by_call(t, task->call, i);

		e.to = f ? file_card(t, f) : NO_CARD;
		if (e.to != NO_CARD)
			error = take_edge(t, e);
	}
	return error;
}

static int link_watches(struct taking *t, size_t card, const struct eventpoll *ep)
{
	int error = 0;

	for (struct hash_node *n = hash_next(&ep->items, NULL); !error && n;
	     n = hash_next(&ep->items, n)) {
		const struct epitem *item = container_of(n, struct epitem, in_set);
		const size_t to = file_card(t, item->file);

		if (to != NO_CARD)
			error = take_edge(t, (struct edge){ .kind = EDGE_WATCH,
							    .from = card,
							    .to = to,
							    .row = NO_CARD,
							    .fd = (uint64_t)item->fd });
	}
	return error;
}

/* An object's connection, told at the end with the smaller number; and what it watches. */
static int link_object(struct taking *t, size_t card, const struct file *f)
{
	unsigned mode = 0;
	const struct inode *peer = f->ops && f->ops->other_end ? f->ops->other_end(f, &mode) : NULL;
	const struct eventpoll *ep = file_epoll(f);
	const size_t to = peer && peer->ino > f->inode->ino ? object_card(t, peer) : NO_CARD;
	int error = 0;

	if (to != NO_CARD)
		error = take_edge(
			t,
			(struct edge){ .kind = EDGE_PEER, .from = card, .to = to, .row = NO_CARD });
	if (!error && ep)
		error = link_watches(t, card, ep);
	return error;
}

static int link_queued(struct taking *t, const struct scm_fp_list *fp)
{
	const size_t from = fp->to ? object_card(t, fp->to->inode) : NO_CARD;
	int error = 0;

	for (size_t i = 0; !error && from != NO_CARD && i < fp->n; i++) {
		const size_t to = file_card(t, fp->file[i]);

		if (to != NO_CARD)
			error = take_edge(t, (struct edge){ .kind = EDGE_QUEUED,
							    .from = from,
							    .to = to,
							    .row = NO_CARD });
	}
	return error;
}

static int take_links(struct taking *t)
{
	struct picture *p = t->p;
	int error = 0;

	for (size_t i = 0; !error && i < p->first[COLUMN_FILES]; i++) {
		const struct task *const any = t->tasks[p->cards[i].first_task];

		if (any->files)
			error = link_table(t, i, any);
	}
	for (size_t i = 0; !error && i < p->ntasks; i++)
		error = link_held(t, p->tasks[i].card, t->tasks[i]);
	for (size_t i = 0; !error && i < t->nfiles; i++) {
		const size_t from = t->file_card[i];
		const size_t to = from == NO_CARD ? NO_CARD : object_card(t, t->files[i]->inode);

		if (to == NO_CARD)
			continue;
		p->cards[from].object = to;
		error = take_edge(
			t, (struct edge){
				   .kind = EDGE_OBJECT, .from = from, .to = to, .row = NO_CARD });
	}
	for (size_t i = 0; !error && i < t->nobjects; i++)
		error = link_object(t, p->first[COLUMN_OBJECTS] + i, t->objects[i]);
	list_for_each(pos, &t->m->transit) {
		if (!error)
			error = link_queued(t, container_of(pos, struct scm_fp_list, transit));
	}
	return error;
}

/* ---- all of it ---------------------------------------------------------------------------- */

static bool any_text_failed(const struct picture *p)
{
	bool failed = p->caption.error != 0;

	for (size_t i = 0; i < p->ncards; i++)
		failed |= p->cards[i].title.error || p->cards[i].body.error ||
			  p->cards[i].data.error || p->cards[i].queue.error;
	for (size_t i = 0; i < p->ntasks; i++)
		failed |= p->tasks[i].call.error || p->tasks[i].line.error;
	return failed;
}

/* A caption that is given may have any bytes: those that are not plain ASCII become question marks. */
static void take_caption(struct fdl_machine *m, const struct fdl_drawing *choice,
			 struct text *caption)
{
	if (!choice->caption) {
		transcript_text(m, m->last_call, true, caption);
		if (caption->len)
			text_cut(caption, caption->len - 1);
		return;
	}
	for (const char *p = choice->caption; *p; p++)
		text_putc(caption, *p < ' ' || *p > '~' ? '?' : *p);
}

int picture_take(struct fdl_machine *m, const struct fdl_drawing *choice, size_t most,
		 struct picture *p)
{
	struct taking t = { .m = m, .choice = choice, .p = p, .most = most };
	int error;

	*p = (struct picture){ .kernel = m->kernel->name, .line = m->log.records };
	error = take_tables(&t);
	if (!error)
		error = take_files(&t);
	if (!error)
		error = take_objects(&t);
	if (!error)
		error = take_links(&t);
	if (!error)
		error = take_flight(&t);
	if (!error)
		take_caption(m, choice, &p->caption);
	p->order = error ? NULL : calloc(p->ncards + 1, sizeof(*p->order));
	if (!error && (!p->order || any_text_failed(p)))
		error = -ENOMEM;
	for (size_t i = 0; !error && i < p->ncards; i++)
		p->order[i] = i;
	free(t.tasks);
	free(t.files);
	free(t.file_card);
	free(t.ends);
	free(t.objects);
	return t.too_many ? -EFBIG : error;
}

void picture_free(struct picture *p)
{
	for (size_t i = 0; i < p->ncards; i++) {
		text_free(&p->cards[i].title);
		text_free(&p->cards[i].body);
		text_free(&p->cards[i].data);
		text_free(&p->cards[i].queue);
	}
	for (size_t i = 0; i < p->ntasks; i++) {
		text_free(&p->tasks[i].call);
		text_free(&p->tasks[i].line);
	}
	free(p->words);
	free(p->waits);
	free(p->retired);
	text_free(&p->caption);
	free(p->cards);
	free(p->rows);
	free(p->tasks);
	free(p->edges);
	free(p->order);
	*p = (struct picture){ 0 };
}
