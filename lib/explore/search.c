/*
 * Every interleaving of a race, by running it again and again: dynamic partial-order reduction with
 * source sets and sleep sets (Abdulla, Aronsson, Jonsson and Sagonas, 2014; after Flanagan and
 * Godefroid, 2005). A run is extended to its end in any way. Two steps of different programs that
 * touch the same, with nothing between them that forces their order, can be reversed: the other
 * order is noted at the state before the earlier step, to be run later. Programs whose step was run
 * from a state sleep in what follows until a step that touches the same wakes them.
 *
 * Three things are more than the textbook has. A step may end other programs (exec, a signal): from
 * a state with such a step all programs are run. A step may wake a program that waits: that is an
 * order which nothing can reverse. And the first steps of a race that is explored in parts are not
 * reduced, so that each part finds its share by itself.
 */
#include "explore/search.h"

#include "base/heap.h"
#include "base/reserve.h"

#include <errno.h>
#include <string.h>

#define BIT(program) (UINT32_C(1) << (program))

#define PROGRESS_EVERY 1024

/* A search for shorter failures ends after so many runs. */
#define SHORTEN_RUNS 100000

static unsigned lowest(uint32_t set)
{
	return (unsigned)__builtin_ctz(set);
}

/* ---- what happens before what ---- */

static bool happens_before(const struct explore_event *a, const struct explore_event *b)
{
	return b->clock[a->program] >= a->index;
}

static void join(uint16_t *clock, const uint16_t *other, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		clock[i] = clock[i] > other[i] ? clock[i] : other[i];
}

/*
 * The programs that could run in place of the step at first, on a way on which the last step comes
 * before that step; *any is one of them. They are the first steps of what does not depend on it.
 */
static uint32_t initials(const struct fdl_explorer *e, unsigned first, unsigned last, unsigned *any)
{
	uint32_t seen = 0, found = 0;

	for (unsigned w = first + 1; w <= last; w++) {
		const struct explore_event *event = &e->event[w];
		bool initial = true;

		if (w != last && happens_before(&e->event[first], event))
			continue;
		if (!seen)
			*any = event->program;
		if (seen & BIT(event->program))
			continue;
		seen |= BIT(event->program);
		for (unsigned u = first + 1; u < w && initial; u++)
			initial = happens_before(&e->event[first], &e->event[u]) ||
				  !happens_before(&e->event[u], event);
		if (initial)
			found |= BIT(event->program);
	}
	return found;
}

/* Two steps could be exchanged: notes the other order, to be run later. */
static void note_race(struct fdl_explorer *e, unsigned first, unsigned last)
{
	struct explore_node *node = &e->node[first];
	unsigned any = e->event[last].program;

	if (initials(e, first, last, &any) & (node->backtrack | node->sleep))
		return;
	node->backtrack |= node->enabled & BIT(any) ? BIT(any) : node->enabled;
}

/* Orders the newest step among the steps before it. */
static void order(struct fdl_explorer *e, unsigned last)
{
	struct explore_event *event = &e->event[last];
	const unsigned n = e->race.n_programs;

	memset(event->clock, 0, sizeof(event->clock));
	event->index = 1;
	for (unsigned i = last; i-- > 0;) {
		const struct explore_event *before = &e->event[i];

		if (before->program == event->program) {
			event->index = before->index + 1;
			join(event->clock, before->clock, n);
			break;
		}
		if (before->woke & BIT(event->program))
			join(event->clock, before->clock, n);
	}
	event->clock[event->program] = (uint16_t)event->index;
	for (unsigned i = last; i-- > 0;) {
		const struct explore_event *before = &e->event[i];

		if (happens_before(before, event) ||
		    !touched_conflict(&before->touched, &event->touched))
			continue;
		note_race(e, i, last);
		join(event->clock, before->clock, n);
	}
}

/* ---- runs ---- */

/* Keeps what a step touched: its program will sleep. */
static bool keep_taken(struct explore_node *node, unsigned program, const struct touched *t)
{
	if (!node->taken[program]) {
		node->taken[program] = malloc(sizeof(*t));
		if (!node->taken[program])
			return false;
	}
	memcpy(node->taken[program], t, touched_size(t));
	return true;
}

/* Fills in the state that a step leads to: the programs that can go on, and those that sleep on. */
static void enter_node(struct fdl_explorer *e, const struct explore_node *from,
		       const struct explore_event *event)
{
	struct explore_node *node = &e->node[e->depth];

	node->enabled = race_enabled(&e->race);
	node->backtrack = node->done = node->sleep = 0;
	if (e->naive || e->depth < e->prefix)
		node->backtrack = node->enabled;
	if (!from || e->naive)
		return;
	for (uint32_t rest = from->sleep & ~BIT(event->program); rest; rest &= rest - 1) {
		const unsigned q = lowest(rest);

		if (touched_conflict(from->slept[q], &event->touched))
			continue;
		node->sleep |= BIT(q);
		node->slept[q] = from->slept[q];
	}
}

/* Lets a program go on from the present state. False: a breach, or an error. */
static bool step(struct fdl_explorer *e, unsigned program)
{
	struct explore_node *node = &e->node[e->depth];
	struct explore_event *event = &e->event[e->depth];
	bool sound;

	node->backtrack |= BIT(program);
	event->program = program;
	sound = race_step(&e->race, program, &event->touched) && race_sound(&e->race);
	event->woke = e->race.woken;
	/* The other programs' next steps are not known: run each of them before it. */
	if (!sound) {
		event->touched.everything = true;
		node->backtrack |= node->enabled;
	}
	e->done.steps++;
	if (!e->naive) {
		order(e, e->depth);
		if (!keep_taken(node, program, &event->touched))
			e->error = -ENOMEM;
	}
	if (++e->depth == DEPTH_MAX)
		e->error = -E2BIG;
	if (e->error || !sound)
		return false;
	enter_node(e, node, event);
	/* Another program became disabled: run all from here. */
	if (node->enabled & ~BIT(program) & ~e->node[e->depth].enabled)
		node->backtrack |= node->enabled;
	return true;
}

/* Goes back to the state before the step at depth, by running all steps before it again. */
static void go_back(struct fdl_explorer *e, unsigned depth)
{
	struct touched ignored;

	race_restart(&e->race);
	for (unsigned i = 0; i < depth; i++)
		race_step(&e->race, e->event[i].program, &ignored);
	e->done.steps += depth;
	e->depth = depth;
}

/* The program to go on with: the program of the last step, if it is among them. */
static unsigned choose(const struct fdl_explorer *e, uint32_t among)
{
	if (e->depth && (among & BIT(e->event[e->depth - 1].program)))
		return e->event[e->depth - 1].program;
	return lowest(among);
}

/* Whether another part runs on from the present start. */
static bool is_of_other_part(struct fdl_explorer *e)
{
	return e->ordinal++ % e->parts != e->part - 1;
}

/* Notes what the present run came to: a breach, or its end. 0 or an error. */
static int note(struct fdl_explorer *e)
{
	uint8_t way[DEPTH_MAX];

	/* A call that failed for want of memory is no outcome of the race. */
	if (reserve_refused() != e->refused)
		return -ENOMEM;
	for (unsigned i = 0; i < e->depth; i++)
		way[i] = (uint8_t)e->event[i].program;
	if (e->race.breach)
		return found_failure(&e->found, way, e->depth);
	if (e->depth > e->done.longest)
		e->done.longest = e->depth;
	return found_outcome(&e->found, way, e->depth);
}

/* Runs on to the end, from a state that is new. */
static void extend(struct fdl_explorer *e)
{
	for (;;) {
		const struct explore_node *node = &e->node[e->depth];
		const uint32_t awake = node->enabled & ~node->sleep;

		if (node->enabled && !awake)
			return;
		if (e->parts > 1 && (e->depth == e->prefix || (!awake && e->depth < e->prefix)) &&
		    is_of_other_part(e))
			return;
		if (!awake)
			break;
		if (!step(e, choose(e, awake))) {
			if (!e->error)
				e->error = note(e);
			return;
		}
	}
	e->done.schedules++;
	race_ended(&e->race);
	e->error = note(e);
}

/*
 * Goes back to the last state from which a program is left to be run, and runs on from there.
 * False: there is none.
 */
static bool backtrack(struct fdl_explorer *e)
{
	for (unsigned depth = e->depth; depth-- > 0;) {
		struct explore_node *node = &e->node[depth];
		const unsigned program = e->event[depth].program;
		uint32_t left;

		node->done |= BIT(program);
		if (!e->naive) {
			node->sleep |= BIT(program);
			node->slept[program] = node->taken[program];
		}
		left = node->backtrack & ~node->done & ~node->sleep;
		if (!left)
			continue;
		go_back(e, depth);
		if (step(e, lowest(left)))
			extend(e);
		else if (!e->error)
			e->error = note(e);
		return true;
	}
	return false;
}

/* The steps after which there are enough starts to give every part about the same work. */
static unsigned prefix_for(unsigned parts)
{
	unsigned depth = 0;

	while (parts > 1U << depth)
		depth++;
	return parts > 1 ? depth + 3 : 0;
}

int search_run(struct fdl_explorer *e, const struct fdl_explore *how)
{
	uint64_t told = 0;

	e->prefix = prefix_for(e->parts);
	if (!e->event)
		e->event = calloc(DEPTH_MAX, sizeof(*e->event));
	if (!e->node)
		e->node = calloc(DEPTH_MAX + 1, sizeof(*e->node));
	if (!e->event || !e->node)
		return -ENOMEM;
	e->refused = reserve_refused();
	race_restart(&e->race);
	enter_node(e, NULL, NULL);
	extend(e);
	while (!e->error && backtrack(e)) {
		if (!how->progress || e->done.schedules < told + PROGRESS_EVERY)
			continue;
		told = e->done.schedules;
		if (!how->progress(how->ctx, told))
			return -EINTR;
	}
	return e->error;
}

void search_free(struct fdl_explorer *e)
{
	for (unsigned i = 0; e->node && i <= DEPTH_MAX; i++) {
		for (unsigned j = 0; j < PROGRAMS_MAX; j++)
			free(e->node[i].taken[j]);
	}
	free(e->node);
	free(e->event);
}

bool search_replay(struct fdl_explorer *e, const uint8_t *schedule, unsigned steps)
{
	struct touched ignored;

	race_restart(&e->race);
	for (unsigned i = 0; i < steps; i++) {
		if (!race_step(&e->race, schedule[i], &ignored) || !race_sound(&e->race))
			return false;
	}
	return race_enabled(&e->race) || race_ended(&e->race);
}

/* Whether the present run has come to the failure. */
static bool is_failure(const struct fdl_explorer *e, const struct failure *f)
{
	return e->race.breach == f->breach && strcmp(e->race.why, f->why) == 0;
}

void search_shorten(struct fdl_explorer *e, struct failure *f)
{
	uint8_t way[DEPTH_MAX];
	uint32_t left[DEPTH_MAX];
	unsigned depth = 0;

	race_restart(&e->race);
	left[0] = race_enabled(&e->race);
	for (unsigned runs = 0; runs < SHORTEN_RUNS; runs++) {
		bool sound = true;

		while (sound && depth + 1 < f->way.steps && left[depth]) {
			way[depth] = (uint8_t)lowest(left[depth]);
			left[depth] &= left[depth] - 1;
			depth++;
			sound = search_replay(e, way, depth);
			left[depth] = sound ? race_enabled(&e->race) : 0;
		}
		if (!sound && is_failure(e, f)) {
			f->way.steps = depth;
			memcpy(f->way.program, way, depth);
		}
		while (depth && !left[depth - 1])
			depth--;
		if (!depth)
			return;
		depth--;
	}
}
