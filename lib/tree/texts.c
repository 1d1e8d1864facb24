/*
 * The texts of the tree's files: a small ring of those that were made last. A machine counts what
 * may have changed any of them, and a text is good as long as that count stands still.
 */
#include "tree/texts.h"
#include "machine/machine.h"

#include <errno.h>
#include <stdlib.h>

/* Beyond this many bytes in all, only the newest text is kept. */
#define TEXTS_BYTES ((size_t)16 << 20)

bool moment_is_old(const struct fdl_machine *m, const struct moment *mo)
{
	return mo->generation != m->generation || mo->epoch != m->epoch;
}

void moment_put(struct moment *mo)
{
	if (!mo || --mo->refs)
		return;
	text_free(&mo->text);
	free(mo);
}

static void texts_drop(struct texts *t, unsigned i)
{
	struct moment *mo = t->kept[i];

	if (!mo)
		return;
	t->bytes -= mo->text.cap;
	t->kept[i] = NULL;
	moment_put(mo);
}

void texts_clear(struct texts *t)
{
	for (unsigned i = 0; i < TEXTS_KEPT; i++)
		texts_drop(t, i);
}

static struct moment *texts_find(struct texts *t, const struct node *n)
{
	for (unsigned i = 0; i < TEXTS_KEPT; i++) {
		struct moment *mo = t->kept[i];

		if (!mo || mo->ino != n->ino || mo->row != n->row)
			continue;
		if (!moment_is_old(n->machine, mo))
			return mo;
		texts_drop(t, i);
	}
	return NULL;
}

static void texts_keep(struct texts *t, struct moment *mo)
{
	if (t->bytes + mo->text.cap > TEXTS_BYTES)
		texts_clear(t);
	texts_drop(t, t->next);
	t->kept[t->next] = mo;
	t->bytes += mo->text.cap;
	t->next = (t->next + 1) % TEXTS_KEPT;
	mo->refs++;
}

int texts_get(const struct node *n, struct moment **mp)
{
	struct texts *t = tree_texts(n->machine);
	struct moment *mo = texts_find(t, n);
	int error;

	if (mo) {
		mo->refs++;
		*mp = mo;
		return 0;
	}
	mo = calloc(1, sizeof(*mo));
	if (!mo)
		return -ENOMEM;
	mo->refs = 1;
	mo->ino = n->ino;
	mo->row = n->row;
	mo->generation = n->machine->generation;
	mo->epoch = n->machine->epoch;
	error = n->row->text(n, &mo->text);
	if (!error)
		error = mo->text.error;
	if (error) {
		moment_put(mo);
		return error;
	}
	texts_keep(t, mo);
	*mp = mo;
	return 0;
}
