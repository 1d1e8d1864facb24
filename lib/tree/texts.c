/*
 * The texts of the tree's files: a small ring of the texts that were made last. A machine counts
 * all that may change a text, and a text is valid until that count changes.
 */
#include "tree/texts.h"

#include "base/heap.h"
#include "machine/machine.h"

#include <errno.h>
#include <stdlib.h>

/* Beyond so many bytes in all, only the newest text is kept. */
#define TEXTS_BYTES ((size_t)16 << 20)

bool tree_text_is_old(const struct fdl_machine *m, const struct tree_text *tt)
{
	return tt->generation != m->generation || tt->epoch != m->epoch;
}

void tree_text_put(struct tree_text *tt)
{
	if (!tt || --tt->refs)
		return;
	text_free(&tt->text);
	free(tt);
}

static void texts_drop(struct texts *t, unsigned i)
{
	struct tree_text *tt = t->kept[i];

	if (!tt)
		return;
	t->bytes -= tt->text.cap;
	t->kept[i] = NULL;
	tree_text_put(tt);
}

void texts_clear(struct texts *t)
{
	for (unsigned i = 0; i < TEXTS_KEPT; i++)
		texts_drop(t, i);
}

static struct tree_text *texts_find(struct texts *t, const struct node *n)
{
	for (unsigned i = 0; i < TEXTS_KEPT; i++) {
		struct tree_text *tt = t->kept[i];

		if (!tt || tt->ino != n->ino || tt->row != n->row)
			continue;
		if (!tree_text_is_old(n->machine, tt))
			return tt;
		texts_drop(t, i);
	}
	return NULL;
}

static void texts_keep(struct texts *t, struct tree_text *tt)
{
	if (t->bytes + tt->text.cap > TEXTS_BYTES)
		texts_clear(t);
	texts_drop(t, t->next);
	t->kept[t->next] = tt;
	t->bytes += tt->text.cap;
	t->next = (t->next + 1) % TEXTS_KEPT;
	tt->refs++;
}

static void tell_too_long(const struct node *n)
{
	struct text path = TEXT_EMPTY;

	tree_path(n, &path);
	if (!path.error)
		n->machine->text_too_long(n->machine, path.s, path.len);
	text_free(&path);
}

int texts_get(const struct node *n, struct tree_text **mp)
{
	struct texts *t = n->machine->texts;
	struct tree_text *tt = texts_find(t, n);
	int error;

	if (tt) {
		tt->refs++;
		*mp = tt;
		return 0;
	}
	tt = calloc(1, sizeof(*tt));
	if (!tt)
		return -ENOMEM;
	tt->refs = 1;
	tt->ino = n->ino;
	tt->row = n->row;
	tt->generation = n->machine->generation;
	tt->epoch = n->machine->epoch;
	tt->text.limit = n->machine->options.text_limit;
	t->made++;
	error = n->row->graft ? n->row->graft->link(n, &tt->text) : n->row->text(n, &tt->text);
	if (!error)
		error = tt->text.error;
	if (error == -EFBIG)
		tell_too_long(n);
	if (error) {
		tree_text_put(tt);
		return error;
	}
	texts_keep(t, tt);
	*mp = tt;
	return 0;
}

int text_of_file(struct fdl_machine *m, const char *path, struct text *out)
{
	struct node n;
	fdl_ino ino;
	int error = fdl_walk(m, path, &ino);

	if (!error)
		error = tree_node(m, ino, &n);
	if (!error)
		error = n.row->text ? n.row->text(&n, out) : -EINVAL;
	return error ? error : out->error;
}
