/*
 * Where the cards of a picture stand. Tables keep their order; descriptions and objects are sorted
 * by the middle of what refers to them, so that few lines cross, and each stands as near to that
 * middle as its neighbours allow.
 */
#include "picture/picture.h"

#include "base/heap.h"

#include <errno.h>

const char *const picture_headings[COLUMNS] = {
	[COLUMN_TABLES] = "tasks and their tables",
	[COLUMN_FILES] = "open file descriptions",
	[COLUMN_OBJECTS] = "what they refer to",
};

const char *const picture_kinds[COLUMNS] = { "table", "file", "object" };

#define TOP    44 /* below the headings */
#define BOTTOM 16
#define GAP    14 /* between two cards of a column */

/* Cards that touch each other: they move together. */
struct card_block {
	size_t first; /* in the order of the column */
	size_t n;
	double height; /* with a gap after each card */
	double wish;   /* the sum of where each card wants the block's top to be */
};

/* Characters that a line of each column has room for, in the font of svg.c. */
static const size_t room[COLUMNS] = {
	[COLUMN_TABLES] = 29,
	[COLUMN_FILES] = 23,
	[COLUMN_OBJECTS] = 29,
};

size_t picture_part(enum picture_column column, const char *s, size_t len)
{
	size_t characters = 0, best = 0;

	for (size_t i = 0; i < len; i++) {
		characters += ((unsigned char)s[i] & 0xc0) != 0x80;
		if (characters > room[column])
			return best ?: len;
		if (s[i] == ' ' || s[i] == '|')
			best = i + 1;
	}
	return len;
}

/* The lines of a text, each wrapped. */
static size_t wrapped_lines(enum picture_column column, const struct text *t)
{
	size_t lines = 0;

	for (size_t at = 0; at < t->len; lines++) {
		const char *end = memchr(t->s + at, '\n', t->len - at);
		const size_t len = end ? (size_t)(end - (t->s + at)) : t->len - at;
		const size_t part = picture_part(column, t->s + at, len);

		at += part + (part == len);
	}
	return lines;
}

size_t card_task_lines(const struct picture *p, const struct card *c)
{
	size_t lines = 0;

	for (size_t i = 0; i < c->ntasks && i < TASKS_SHOWN; i++)
		lines += 1 + wrapped_lines(COLUMN_TABLES, &p->tasks[c->first_task + i].call);
	return lines + (c->ntasks > TASKS_SHOWN);
}

int card_head(const struct picture *p, const struct card *c)
{
	return TITLE_HEIGHT + (int)(card_task_lines(p, c) + c->nlines) * ROW_HEIGHT +
	       (c->room ? GAUGE_HEIGHT + CARD_PADDING : 0);
}

int card_rows(const struct card *c)
{
	return (int)(c->nrows + (c->left > 0)) * ROW_HEIGHT;
}

static double middle(const struct card *c)
{
	return c->y + c->height / 2.0;
}

/* Where a line leaves its card. */
static double edge_height(const struct picture *p, const struct edge *e)
{
	const struct card *c = &p->cards[e->from];

	if (e->row == NO_CARD)
		return middle(c);
	return c->y + card_head(p, c) + ((double)(e->row - c->first_row) + 0.5) * ROW_HEIGHT;
}

/*
 * Lets each card of a column wish to stand at the mean of what comes from the column before; a card
 * to which nothing comes from there stands after the one before it. 0 or -ENOMEM.
 */
static int make_wishes(struct picture *p, enum picture_column column)
{
	const size_t first = p->first[column], n = p->first[column + 1] - first;
	size_t *count = calloc(n + 1, sizeof(*count));
	double last = TOP;

	if (!count)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		p->cards[first + i].wish = 0;
	for (size_t i = 0; i < p->nedges; i++) {
		const struct edge *e = &p->edges[i];

		if (e->to >= first && e->to < first + n && p->cards[e->from].column + 1 == column) {
			p->cards[e->to].wish += edge_height(p, e);
			count[e->to - first]++;
		}
	}
	for (size_t i = 0; i < n; i++) {
		struct card *c = &p->cards[first + i];

		c->wish = count[i] ? c->wish / (double)count[i] : last;
		last = c->wish;
	}
	free(count);
	return 0;
}

static int by_wish(const void *a, const void *b, void *picture)
{
	const struct picture *p = picture;
	const size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const double x = p->cards[i].wish, y = p->cards[j].wish;

	if (x != y)
		return x < y ? -1 : 1;
	return (i > j) - (i < j);
}

static double block_top(const struct card_block *b)
{
	const double top = b->wish / (double)b->n;

	return top < TOP ? TOP : top;
}

/*
 * Places the cards of a column in their order. A card that would overlap the one before it joins
 * its block, and the block moves to where all of its cards are best served. 0 or -ENOMEM.
 */
static int place_column(struct picture *p, enum picture_column column)
{
	const size_t first = p->first[column], n = p->first[column + 1] - first;
	struct card_block *blocks = calloc(n + 1, sizeof(*blocks)), *b = blocks;

	if (!blocks)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct card *c = &p->cards[p->order[first + i]];

		*++b = (struct card_block){ .first = first + i, .n = 1, .height = c->height + GAP };
		b->wish = c->wish - c->height / 2.0;
		while (b > blocks + 1 && block_top(b - 1) + b[-1].height > block_top(b)) {
			b[-1].wish += b->wish - (double)b->n * b[-1].height;
			b[-1].n += b->n;
			b[-1].height += b->height;
			b--;
		}
	}
	for (; b > blocks; b--) {
		int y = (int)block_top(b);

		for (size_t i = b->first; i < b->first + b->n; i++) {
			p->cards[p->order[i]].y = y;
			y += p->cards[p->order[i]].height + GAP;
		}
	}
	free(blocks);
	return 0;
}

static void place_tables(struct picture *p)
{
	int y = TOP;

	for (size_t i = 0; i < p->first[COLUMN_FILES]; i++) {
		p->cards[i].y = y;
		y += p->cards[i].height + GAP;
	}
}

int picture_lay_out(struct picture *p)
{
	int error = 0;

	for (size_t i = 0; i < p->ncards; i++)
		p->cards[i].nlines = wrapped_lines(p->cards[i].column, &p->cards[i].body);
	for (size_t i = 0; i < p->ncards; i++)
		p->cards[i].height =
			card_head(p, &p->cards[i]) + card_rows(&p->cards[i]) + CARD_PADDING;
	place_tables(p);
	for (enum picture_column column = COLUMN_FILES; !error && column < COLUMNS; column++) {
		error = make_wishes(p, column);
		qsort_r(p->order + p->first[column], p->first[column + 1] - p->first[column],
			sizeof(*p->order), by_wish, p);
		if (!error)
			error = place_column(p, column);
	}
	p->height = TOP;
	for (size_t i = 0; i < p->ncards; i++) {
		const int end = p->cards[i].y + p->cards[i].height;

		p->height = end > p->height ? end : p->height;
	}
	p->height += BOTTOM;
	return error;
}
