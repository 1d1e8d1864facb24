/*
 * A picture as a Graphviz digraph, in the same three columns: each is a rank. Slots point to
 * descriptions, descriptions to objects; references without a slot are dashed, connections and
 * watches dotted.
 */
#include "picture/picture.h"

#include "base/heap.h"
#include "base/text.h"

#include <inttypes.h>

/* Text inside a quoted label, whose lines end with \l; in a record, more characters are special. */
static void put_label(struct text *out, const struct text *t, bool record)
{
	for (size_t i = 0; i < t->len; i++) {
		const char c = t->s[i];

		if (c == '\n') {
			text_puts(out, "\\l");
			continue;
		}
		if (c == '"' || c == '\\' || (record && strchr("{}|<> ", c)))
			text_putc(out, '\\');
		text_putc(out, c);
	}
}

static void put_node(struct text *out, const struct picture *p, size_t card)
{
	const struct card *c = &p->cards[card];

	text_puts(out, picture_kinds[c->column]);
	text_uint(out, c->id);
}

static void put_task(struct text *out, const struct picture *p, const struct shown_task *t)
{
	struct text label = TEXT_EMPTY;

	put_shown_task(&label, t);
	if (t->call.len)
		text_printf(&label, "\n%s", t->call.s);
	text_printf(out, "\ttask%d [shape=ellipse, label=\"", t->pid);
	put_label(out, &label, false);
	text_puts(out, "\"];\n");
	if (p->cards[t->card].id) {
		text_printf(out, "\ttask%d -> ", t->pid);
		put_node(out, p, t->card);
		text_puts(out, ";\n");
	}
	if (label.error)
		out->error = label.error;
	text_free(&label);
}

static void put_parents(struct text *out, const struct picture *p)
{
	for (size_t i = 0; i < p->ntasks; i++) {
		const struct shown_task *t = &p->tasks[i];

		if (t->pid == t->tgid && t->parent_shown)
			text_printf(out,
				    "\ttask%d -> task%d [style=dotted, label=\"child\", "
				    "constraint=false];\n",
				    t->ppid, t->pid);
	}
}

/* A table is a record with a field for each row; edges leave from the ports of the rows. */
static void put_table(struct text *out, const struct picture *p, size_t card)
{
	const struct card *c = &p->cards[card];

	if (!c->id)
		return;
	text_puts(out, "\t");
	put_node(out, p, card);
	text_puts(out, " [shape=record, label=\"");
	put_label(out, &c->title, true);
	for (size_t i = 0; i < c->nrows; i++) {
		const struct row *r = &p->rows[c->first_row + i];

		text_puts(out, "|<fd");
		text_uint(out, r->fd);
		text_puts(out, "> ");
		text_uint(out, r->fd);
		if (r->last != r->fd)
			text_printf(out, "-%" PRIu64, r->last);
		text_puts(out, r->folded ? " console" : r->reserved ? " reserved" : "");
		text_puts(out, r->cloexec ? " close-on-exec" : "");
	}
	if (c->left)
		text_printf(out, "|and %" PRIu64 " more", c->left);
	text_puts(out, "\"];\n");
}

static void put_box(struct text *out, const struct picture *p, size_t card)
{
	const struct card *c = &p->cards[card];

	text_puts(out, "\t");
	put_node(out, p, card);
	text_printf(out, " [shape=%s, label=\"", c->column == COLUMN_FILES ? "box" : "folder");
	put_label(out, &c->title, false);
	text_puts(out, "\\l");
	put_label(out, &c->body, false);
	text_puts(out, "\"];\n");
}

static void put_edge(struct text *out, const struct picture *p, const struct edge *e)
{
	text_puts(out, "\t");
	if (e->kind == EDGE_HELD)
		text_printf(out, "task%d", e->pid);
	else
		put_node(out, p, e->from);
	if (e->kind == EDGE_SLOT) {
		text_puts(out, ":fd");
		text_uint(out, p->rows[e->row].fd);
	}
	text_puts(out, " -> ");
	put_node(out, p, e->to);
	switch (e->kind) {
	case EDGE_SLOT:
	case EDGE_OBJECT:
		break;
	case EDGE_HELD:
		text_puts(out, " [style=dashed, label=\"held\"]");
		break;
	case EDGE_QUEUED:
		text_puts(out, " [style=dashed, label=\"in a message\", constraint=false]");
		break;
	case EDGE_PEER:
		text_puts(out, " [dir=both, style=dotted, constraint=false]");
		break;
	case EDGE_WATCH:
		text_printf(out, " [style=dotted, label=\"watches %" PRIu64 "\", constraint=false]",
			    e->fd);
		break;
	}
	text_puts(out, ";\n");
}

static void put_rank(struct text *out, const struct picture *p, enum picture_column column)
{
	text_puts(out, "\t{ rank=same;");
	for (size_t i = p->first[column]; i < p->first[column + 1]; i++) {
		if (column != COLUMN_TABLES || p->cards[i].id) {
			text_putc(out, ' ');
			put_node(out, p, i);
			text_putc(out, ';');
		}
	}
	text_puts(out, " }\n");
}

/* A note that counts what is not shown. */
static void put_left(struct text *out, const struct picture *p)
{
	struct text left = TEXT_EMPTY;

	picture_put_left(p, &left);
	if (left.len)
		text_printf(out, "\tleft [shape=note, label=\"%s\"];\n", left.s);
	if (left.error)
		out->error = left.error;
	text_free(&left);
}

void picture_dot(const struct picture *p, struct text *out)
{
	text_puts(out, "digraph fdlab {\n\trankdir=LR;\n\tnode [fontname=\"monospace\"];\n");
	for (size_t i = 0; i < p->ntasks; i++)
		put_task(out, p, &p->tasks[i]);
	put_parents(out, p);
	for (size_t i = 0; i < p->ncards; i++) {
		if (p->cards[i].column == COLUMN_TABLES)
			put_table(out, p, i);
		else
			put_box(out, p, i);
	}
	for (size_t i = 0; i < p->nedges; i++)
		put_edge(out, p, &p->edges[i]);
	for (enum picture_column column = COLUMN_TABLES; column < COLUMNS; column++)
		put_rank(out, p, column);
	put_left(out, p);
	text_puts(out, "}\n");
}
