/*
 * Keeps the reply of a call in flight to its handle while the call itself is put back, or is made
 * again in another process.
 */
#include "control/lines.h"

#include "base/heap.h"
#include "base/pickle.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads the line again that a write stated the outcome in, outside of the machine's heap. */
static bool read_again(struct pending_call *p)
{
	const size_t len = p->text ? strlen(p->text) : 0;
	char *copy = p->text ? arena_copy(&p->arena, p->text, len) : NULL;
	struct text why = TEXT_EMPTY;
	int error = copy ? notation_parse(&p->arena, copy, len, &p->line, &why) : -ENOMEM;

	text_free(&why);
	return !error;
}

void pending_detach(struct pending_call *p)
{
	struct call *c = p->call;

	p->rewound_pid = c->current->pid;
	/* A call that was made again has not the line that was written. */
	if (!p->arena.chunks && p->control->machine->heap) {
		p->states = p->states && read_again(p);
	} else if (!p->arena.chunks) {
		p->arena = c->arena;
		c->arena = (struct arena){ 0 };
	}
	c->ctx = NULL;
	p->call = NULL;
}

void pending_save(struct pending_call *p, struct text *out)
{
	pending_detach(p);
	pickle_number(out, (uint64_t)p->rewound_pid);
	pickle_number(out, (uint64_t)p->pid);
	pickle_number(out, p->resumed);
	pickle_number(out, p->done != NULL);
	pickle_number(out, p->size);
	pickle_number(out, p->states);
	pickle_text(out, p->text, p->text ? strlen(p->text) : 0);
}

struct pending_call *pending_load(struct control *ctl, struct unpickler *u, fdl_done_fn *done)
{
	struct pending_call *p = calloc(1, sizeof(*p));
	const char *text;
	size_t len;

	if (!p)
		return NULL;
	p->control = ctl;
	p->rewound_pid = (int)unpickle_number(u);
	p->pid = (int)unpickle_number(u);
	p->resumed = unpickle_number(u);
	p->done = unpickle_number(u) ? done : NULL;
	p->size = unpickle_number(u);
	p->states = unpickle_number(u);
	text = unpickle_text(u, &len);
	p->text = text && len ? strndup(text, len) : NULL;
	p->states = p->states && read_again(p);
	list_add_tail(&p->link, &ctl->pending);
	return p;
}
