/*
 * The reports of a machine to its race while a step runs.
 */
#include "explore/watch.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/list.h"
#include "machine/kernel.h"
#include "machine/sched.h"

#include <stdio.h>

static struct race *race_of(struct watcher *w)
{
	return container_of(w, struct race, watcher);
}

void race_breach(struct race *r, enum breach kind, const char *why)
{
	if (r->breach)
		return;
	r->breach = kind;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

/* A call that was killed unwinds on its own stack, run by the call that killed it. */
static bool is_unwinding(const struct race *r)
{
	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call && r->program[i].call->killed)
			return true;
	}
	return false;
}

/*
 * The running call uses freed memory: it stops here and never goes on. Where a call cannot be
 * stopped it goes on, and finds the memory as it was when it was freed.
 */
static void stop_at_freed(struct race *r)
{
	const struct program *p = &r->program[r->running];
	struct call *c = p->call;
	char why[sizeof(r->why)];

	snprintf(why, sizeof(why), "by task %d in %s", p->pid, c ? c->row->call->name : "no call");
	race_breach(r, BREACH_FREED, why);
	if (!c || !c->co || c->state != CALL_RUNNING || is_unwinding(r))
		return;
	c->state = CALL_STOPPED;
	coroutine_yield(c->co);
}

static void watch_touch(struct watcher *w, enum touch how, const void *object, uint64_t part,
			bool rcu)
{
	struct race *r = race_of(w);

	/* Blocks are 16 bytes apart, and the heap is so small that 28 bits tell them apart. */
	touched_add(r->touched, how, (uint64_t)(uintptr_t)object >> 4 << 36 | part);
	if (!rcu && __builtin_expect(!heap_is_live(r->heap, object), 0))
		stop_at_freed(r);
}

void race_touch_all(struct race *r)
{
	r->touched->everything = true;
	r->everything |= UINT32_C(1) << r->running;
}

static void watch_everything(struct watcher *w)
{
	race_touch_all(race_of(w));
}

static void watch_woke(struct watcher *w, const struct call *c)
{
	struct race *r = race_of(w);

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call == c)
			r->woken |= UINT32_C(1) << i;
	}
}

const struct watcher race_watcher = { watch_touch, watch_everything, watch_woke };
