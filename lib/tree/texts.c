/*
 * The texts of the tree's files: a small ring of the texts that were made last. A machine counts
 * all that may change a text, and a text is valid until that count changes.
 */
#include "tree/texts.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>
#include <stdlib.h>

/* Beyond so many bytes in all, only the newest text is kept. */
#define TEXTS_BYTES ((size_t)16 << 20)

/* A text that goes through more objects takes long: each costs some 0.1 us. */
#define WORK_MAX 50000

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

void texts_too_long(const struct node *n)
{
	struct text path = TEXT_EMPTY;

	tree_path(n, &path);
	if (!path.error)
		n->machine->text_too_long(n->machine, path.s, path.len);
	text_free(&path);
}

/*
 * No count is kept of all descriptors. But the simulated kernel's memory tells of them: large
 * tables are vmalloc's, with 8 bytes for each descriptor; a task with a small table takes some 10
 * kB.
 */
uint64_t work_of_machine(const struct node *n)
{
	const struct kmem_stat *kmem = &n->machine->kmem;

	return kmem->kmalloc_bytes / 32 + kmem->vmalloc_bytes / 8;
}

uint64_t work_of_table(const struct node *n)
{
	return n->task->files ? n->machine->kernel->max_fds(n->task) : 0;
}

/* A line takes the time of a few objects. */
uint64_t work_of_log(const struct node *n)
{
	const struct fdl_machine *m = n->machine->original ? n->machine->original : n->machine;

	return m->log.bytes / 8;
}

bool texts_is_work(uint64_t objects)
{
	return objects > WORK_MAX;
}

bool texts_at_hand(const struct node *n)
{
	return !n->row->work || !texts_is_work(n->row->work(n)) || texts_find(n->machine->texts, n);
}

/* An empty text of a file as it is now, with one reference. NULL: no memory. */
static struct tree_text *text_new(const struct node *n)
{
	struct tree_text *tt = calloc(1, sizeof(*tt));

	if (!tt)
		return NULL;
	tt->refs = 1;
	tt->ino = n->ino;
	tt->row = n->row;
	tt->generation = n->machine->generation;
	tt->epoch = n->machine->epoch;
	return tt;
}

int texts_take(const struct node *n, uint64_t generation, char *text, size_t len,
	       struct tree_text **mp)
{
	struct tree_text *tt = text_new(n);

	if (!tt) {
		free(text);
		return -ENOMEM;
	}
	/* Then it is old. */
	if (generation != fdl_generation(n->machine))
		tt->generation--;
	tt->text = (struct text){ .s = text, .len = len, .cap = len + 1 };
	if (!n->row->graft && !tree_text_is_old(n->machine, tt))
		texts_keep(n->machine->texts, tt);
	*mp = tt;
	return 0;
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
	tt = text_new(n);
	if (!tt)
		return -ENOMEM;
	tt->text.limit = n->machine->options.text_limit;
	t->made++;
	error = n->row->graft ? n->row->graft->link(n, &tt->text) : n->row->text(n, &tt->text);
	if (!error)
		error = tt->text.error;
	if (error == -EFBIG)
		texts_too_long(n);
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
