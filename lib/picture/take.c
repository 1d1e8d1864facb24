/*
 * Takes a picture of a machine: its objects, and the references between them. layout.c places them.
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

void *take_more(void **array, size_t *n, size_t *cap, size_t size)
{
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
	struct card *c = take_more((void **)&p->cards, &p->ncards, &t->cap_cards, sizeof(*c));

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
	struct edge *new = take_more((void **)&p->edges, &p->nedges, &t->cap_edges, sizeof(*new));

	if (!new)
		return -ENOMEM;
	*new = e;
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

		if (t->nobjects && last[-1]->inode == f->inode)
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

static int link_table(struct taking *t, size_t card)
{
	struct picture *p = t->p;
	const struct card *c = &p->cards[card];
	int error = 0;

	for (size_t row = c->first_row; !error && row < c->first_row + c->nrows; row++) {
		if (!t->row_files[row])
			continue;
		p->rows[row].file = file_card(t, t->row_files[row]);
		error = take_edge(t, (struct edge){ .kind = EDGE_SLOT,
						    .from = card,
						    .to = p->rows[row].file,
						    .row = row });
	}
	return error;
}

/*
 * Takes a reference without a slot, if the picture shows the file that it leads to. References
 * beyond the limit are counted. 0 or -ENOMEM.
 */
static int take_link(struct taking *t, struct edge e, const struct file *f)
{
	e.to = file_card(t, f);
	e.row = NO_CARD;
	if (e.to == NO_CARD) {
		t->p->left.links += t->files_left;
		return 0;
	}
	if (t->nlinks == t->limits.links) {
		t->p->left.links++;
		return 0;
	}
	t->nlinks++;
	return take_edge(t, e);
}

/* The descriptions that a task holds by hand, and those that a call of it holds. */
static int link_held(struct taking *t, size_t i, size_t *note)
{
	const struct task *task = t->tasks[i];
	struct shown_task *shown = &t->p->tasks[i];
	const struct edge e = { .kind = EDGE_HELD, .from = shown->card, .pid = task->pid };
	int error = 0;

	shown->first_held = t->p->nedges;
	for (const struct held *h = task->held; !error && h; h = h->next) {
		if (h->file)
			error = take_link(t, e, h->file);
	}
	for (; !error && *note < t->nnotes && t->notes[*note].task == i; ++*note) {
		if (t->notes[*note].found)
			error = take_link(t, e, t->notes[*note].found);
	}
	shown->nheld = t->p->nedges - shown->first_held;
	return error;
}

static int link_watches(struct taking *t, size_t card, const struct eventpoll *ep)
{
	int error = 0;

	for (struct hash_node *n = hash_next(&ep->items, NULL); !error && n;
	     n = hash_next(&ep->items, n)) {
		const struct epitem *item = container_of(n, struct epitem, in_set);

		error = take_link(
			t,
			(struct edge){ .kind = EDGE_WATCH, .from = card, .fd = (uint64_t)item->fd },
			item->file);
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

	for (size_t i = 0; !error && from != NO_CARD && i < fp->n; i++)
		error = take_link(t, (struct edge){ .kind = EDGE_QUEUED, .from = from },
				  fp->file[i]);
	return error;
}

static int take_links(struct taking *t)
{
	struct picture *p = t->p;
	size_t note = 0;
	int error = 0;

	for (size_t i = 0; !error && i < p->first[COLUMN_FILES]; i++)
		error = link_table(t, i);
	for (size_t i = 0; !error && i < p->ntasks; i++)
		error = link_held(t, i, &note);
	for (size_t i = 0; !error && i < t->nfiles; i++) {
		const size_t from = p->first[COLUMN_FILES] + i;
		const size_t to = object_card(t, t->files[i]->inode);

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

/*
 * A caption that is given may have any bytes: those that are not plain ASCII become question marks.
 */
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

void picture_put_left(const struct picture *p, struct text *out)
{
	const struct {
		uint64_t n;
		const char *what;
	} left[] = {
		{ p->left.tasks, "tasks" },
		{ p->left.descriptors, "descriptors of these tables" },
		{ p->left.links, "references without a slot" },
		{ p->left.retired, "retired tables" },
	};
	const char *before = "not shown: ";

	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		if (!left[i].n)
			continue;
		text_printf(out, "%s%" PRIu64 " %s", before, left[i].n, left[i].what);
		before = ", ";
	}
}

int picture_take(struct fdl_machine *m, const struct fdl_drawing *choice,
		 const struct picture_limits *limits, struct picture *p)
{
	static const struct picture_limits none = { SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX,
						    SIZE_MAX };
	struct taking t = { .m = m, .choice = choice, .p = p, .limits = limits ? *limits : none };
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
	free(t.row_files);
	free(t.files);
	free(t.notes);
	free(t.ends);
	free(t.objects);
	return error;
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
