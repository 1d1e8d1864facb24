/*
 * A picture as plain text that fits a terminal: a line for each slot, with the description and the
 * object that it leads to; then the objects. A description is told where it first occurs, and
 * after that has its number alone.
 */
#include "picture/picture.h"

#include "base/heap.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>

#define FILE_COLUMN   24
#define OBJECT_COLUMN 58

/* The line that is written now, and what was described before it. */
struct plain {
	const struct picture *p;
	struct text *out;
	size_t line; /* where it begins in out */
	bool *described;
	bool *ambiguous; /* cards of objects whose title others have, too */
};

/* The columns that are written of the line: its characters, not its bytes. */
static size_t column_of(const struct plain *w)
{
	size_t n = 0;

	for (size_t i = w->line; i < w->out->len; i++)
		n += ((unsigned char)w->out->s[i] & 0xc0) != 0x80;
	return n;
}

static void end_line(struct plain *w)
{
	text_putc(w->out, '\n');
	w->line = w->out->len;
}

/* An arrow up to a column, or a short one where the line is there already. */
static void put_arrow(struct plain *w, size_t column)
{
	size_t at = column_of(w);

	text_putc(w->out, ' ');
	for (at += 3; at < column; at++)
		text_putc(w->out, '-');
	text_puts(w->out, "> ");
}

static void put_blanks(struct plain *w, size_t column)
{
	for (size_t at = column_of(w); at < column; at++)
		text_putc(w->out, ' ');
}

static void put_text(struct text *out, const struct text *t)
{
	text_put(out, t->s ? t->s : "", t->len);
}

/* The lines of a body, on one line. */
static void put_body(struct text *out, const struct text *body)
{
	for (size_t i = 0; i + 1 < body->len; i++) {
		if (body->s[i] == '\n')
			text_puts(out, ", ");
		else
			text_putc(out, body->s[i]);
	}
}

/* The title of a card; of objects with the same one, such as two epolls, with the inode. */
static void put_title(struct plain *w, size_t card)
{
	const struct card *c = &w->p->cards[card];

	put_text(w->out, &c->title);
	if (w->ambiguous[card])
		text_printf(w->out, " %" PRIu64, c->id);
}

static int by_title(const void *a, const void *b, void *picture)
{
	const struct picture *p = picture;
	const struct card *c = &p->cards[*(const size_t *)a], *d = &p->cards[*(const size_t *)b];

	return strcmp(c->title.s ?: "", d->title.s ?: "");
}

/* Notes which objects share a title. 0 or -ENOMEM. */
static int note_ambiguous(struct plain *w)
{
	const size_t first = w->p->first[COLUMN_OBJECTS], n = w->p->first[COLUMNS] - first;
	size_t *cards = calloc(n + 1, sizeof(*cards));

	if (!cards)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		cards[i] = first + i;
	qsort_r(cards, n, sizeof(*cards), by_title, (void *)w->p);
	for (size_t i = 1; i < n; i++) {
		if (!by_title(&cards[i - 1], &cards[i], (void *)w->p))
			w->ambiguous[cards[i - 1]] = w->ambiguous[cards[i]] = true;
	}
	free(cards);
	return 0;
}

/* A description, with its object. */
static void put_file(struct plain *w, size_t card)
{
	const struct card *c = &w->p->cards[card];

	put_text(w->out, &c->title);
	if (w->described[card])
		return;
	w->described[card] = true;
	text_puts(w->out, ": ");
	put_body(w->out, &c->body);
	if (c->object != NO_CARD) {
		put_arrow(w, OBJECT_COLUMN);
		put_title(w, c->object);
	}
}

static void put_row(struct plain *w, const struct row *r)
{
	text_printf(w->out, "    %" PRIu64, r->fd);
	if (r->last != r->fd)
		text_printf(w->out, "-%" PRIu64, r->last);
	text_puts(w->out, r->folded ? " console" : r->reserved ? " reserved" : "");
	text_puts(w->out, r->cloexec ? " close-on-exec" : "");
	if (r->file != NO_CARD) {
		put_arrow(w, FILE_COLUMN);
		put_file(w, r->file);
	}
	end_line(w);
}

static void put_table(struct plain *w, const struct card *c)
{
	for (size_t i = 0; i < c->ntasks; i++) {
		const struct shown_task *t = &w->p->tasks[c->first_task + i];

		put_shown_task(w->out, t);
		if (t->call.len)
			text_printf(w->out, ", %s", t->call.s);
		end_line(w);
	}
	text_puts(w->out, "  ");
	put_text(w->out, &c->title);
	end_line(w);
	for (size_t i = 0; i < c->nrows; i++)
		put_row(w, &w->p->rows[c->first_row + i]);
	if (c->left) {
		text_printf(w->out, "    and %" PRIu64 " more", c->left);
		end_line(w);
	}
}

/* A reference that is no slot: a line for each. */
static void put_edge(struct plain *w, const struct edge *e)
{
	static const char *const words[] = {
		[EDGE_HELD] = "holds",
		[EDGE_QUEUED] = "has in its queue",
		[EDGE_PEER] = "is connected to",
		[EDGE_WATCH] = "watches",
	};
	const struct card *to = &w->p->cards[e->to];

	if (e->kind == EDGE_SLOT || e->kind == EDGE_OBJECT)
		return;
	if (e->kind == EDGE_HELD)
		text_printf(w->out, "task %d", e->pid);
	else
		put_title(w, e->from);
	text_printf(w->out, " %s ", words[e->kind]);
	if (to->column == COLUMN_FILES)
		put_file(w, e->to);
	else
		put_title(w, e->to);
	end_line(w);
}

static void put_objects(struct plain *w)
{
	const size_t *first = w->p->first;

	for (size_t i = first[COLUMN_OBJECTS]; i < first[COLUMNS]; i++) {
		put_title(w, i);
		text_puts(w->out, ": ");
		put_body(w->out, &w->p->cards[i].body);
		end_line(w);
	}
}

void picture_plain(const struct picture *p, struct text *out)
{
	struct plain w = { .p = p,
			   .out = out,
			   .described = calloc(p->ncards + 1, sizeof(bool)),
			   .ambiguous = calloc(p->ncards + 1, sizeof(bool)) };

	if (!w.described || !w.ambiguous || note_ambiguous(&w)) {
		out->error = -ENOMEM;
		free(w.described);
		free(w.ambiguous);
		return;
	}
	if (p->caption.len) {
		text_printf(out, "after %s", p->caption.s);
		end_line(&w);
	}
	text_puts(out, picture_headings[COLUMN_TABLES]);
	put_blanks(&w, FILE_COLUMN);
	text_puts(out, picture_headings[COLUMN_FILES]);
	put_blanks(&w, OBJECT_COLUMN);
	text_puts(out, picture_headings[COLUMN_OBJECTS]);
	end_line(&w);
	for (size_t i = 0; i < p->first[COLUMN_FILES]; i++)
		put_table(&w, &p->cards[i]);
	for (size_t i = 0; i < p->nedges; i++)
		put_edge(&w, &p->edges[i]);
	put_objects(&w);
	picture_put_left(p, out);
	if (out->len > w.line)
		end_line(&w);
	free(w.described);
	free(w.ambiguous);
}
