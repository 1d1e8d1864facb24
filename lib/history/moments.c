/*
 * Keeps checkpoints. Some are permanent, at intervals. Beyond the limit the others go first, from
 * the one that was used longest ago on; then the interval is doubled.
 */
#include "history/moments.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/image.h"
#include "base/list.h"
#include "machine/machine.h"
#include "machine/sched.h"

#include <stdlib.h>
#include <string.h>

/* A copy of the stack of a call in flight. */
struct stack {
	struct stack *next;
	struct coroutine *co;
	size_t size;
	char bytes[];
};

struct moment {
	struct line_range at;
	struct heap_image *image;
	struct stack *stacks;
	struct fdl_machine *machine; /* a copy, of a machine that is not in the heap; or NULL */
	uint64_t used;
	bool for_good;
};

void moments_init(struct moments *ms, size_t limit, uint64_t interval)
{
	*ms = (struct moments){ .limit = limit, .interval = interval };
}

static void moment_free(struct moments *ms, struct moment *mo)
{
	struct stack *next;

	for (struct stack *s = mo->stacks; s; s = next) {
		next = s->next;
		ms->bytes -= sizeof(*s) + s->size;
		free(s);
	}
	heap_image_free(mo->image);
	if (mo->machine)
		ms->bytes -= sizeof(*mo->machine);
	free(mo->machine);
	ms->n_used -= !mo->for_good;
	ms->bytes -= sizeof(*mo);
	free(mo);
}

static void drop(struct moments *ms, size_t i)
{
	moment_free(ms, ms->moment[i]);
	ms->n--;
	memmove(ms->moment + i, ms->moment + i + 1, (ms->n - i) * sizeof(*ms->moment));
}

void moments_free(struct moments *ms)
{
	while (ms->n)
		drop(ms, ms->n - 1);
	free(ms->moment);
	ms->moment = NULL;
	ms->cap = 0;
}

/* The number of moments that show line n or lie before it. */
static size_t count_up_to(const struct moments *ms, uint64_t n)
{
	size_t low = 0, high = ms->n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (ms->moment[middle]->at.first <= n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool moments_find(const struct moments *ms, uint64_t n, struct line_range *at)
{
	const size_t count = count_up_to(ms, n);

	if (count)
		*at = ms->moment[count - 1]->at;
	return count;
}

/* ---- making room ---- */

/* Drops the moment not kept for good that was used longest ago. False: all are kept for good. */
static bool drop_least_used(struct moments *ms)
{
	size_t least = ms->n;

	for (size_t i = 0; i < ms->n; i++) {
		if (!ms->moment[i]->for_good &&
		    (least == ms->n || ms->moment[i]->used < ms->moment[least]->used))
			least = i;
	}
	if (least == ms->n)
		return false;
	drop(ms, least);
	return true;
}

/* Keeps the first moment of every interval of twice the length. */
static void thin_out(struct moments *ms)
{
	ms->interval *= 2;
	for (size_t i = 1; i < ms->n;) {
		if (ms->moment[i]->at.last / ms->interval ==
		    ms->moment[i - 1]->at.last / ms->interval)
			drop(ms, i);
		else
			i++;
	}
}

/*
 * Drops the moment whose absence is felt least: the distance that it leaves is small against how
 * long ago it is. The first and the last stay.
 */
static void fade(struct moments *ms)
{
	const uint64_t end = ms->moment[ms->n - 1]->at.last + 1;
	double least = 0;
	size_t found = 0;

	for (size_t i = 1; i + 1 < ms->n; i++) {
		const struct line_range *a = &ms->moment[i - 1]->at, *b = &ms->moment[i + 1]->at;
		const double felt =
			(double)(b->last - a->last) / (double)(end - ms->moment[i]->at.last);

		if (!found || felt < least) {
			least = felt;
			found = i;
		}
	}
	drop(ms, found);
}

/* A part of the memory is for those that are not kept for good, also while there are none. */
static size_t limit_now(const struct moments *ms)
{
	return ms->n_used || ms->fades ? ms->limit : ms->limit / 4 * 3;
}

static void bound(struct moments *ms)
{
	while (ms->bytes > limit_now(ms)) {
		if (drop_least_used(ms))
			continue;
		if (ms->n <= 2)
			break;
		if (ms->fades)
			fade(ms);
		else
			thin_out(ms);
	}
}

/* ---- keeping ---- */

/* Copies the struct of a machine that is not in its heap. False: no memory. */
static bool copy_machine(struct moments *ms, struct moment *mo, const struct fdl_machine *m)
{
	if (!m->heap)
		return true;
	mo->machine = malloc(sizeof(*m));
	if (!mo->machine)
		return false;
	*mo->machine = *m;
	ms->bytes += sizeof(*m);
	return true;
}

/* Copies the stacks of the calls in flight. False: a stack cannot be copied, or no memory. */
static bool copy_stacks(struct moments *ms, struct moment *mo, const struct fdl_machine *m)
{
	list_for_each(pos, &m->in_flight) {
		const struct call *c = container_of(pos, struct call, flight);
		const size_t size = coroutine_copy_size(c->co);
		struct stack *s = size ? malloc(sizeof(*s) + size) : NULL;

		if (!s)
			return false;
		*s = (struct stack){ .next = mo->stacks, .co = c->co, .size = size };
		coroutine_copy(c->co, s->bytes);
		mo->stacks = s;
		ms->bytes += sizeof(*s) + size;
	}
	return true;
}

static bool make_room(struct moments *ms)
{
	const size_t cap = ms->cap ? 2 * ms->cap : 64;
	struct moment **array;

	if (ms->n < ms->cap)
		return true;
	array = realloc(ms->moment, cap * sizeof(*array));
	if (!array)
		return false;
	ms->moment = array;
	ms->cap = cap;
	return true;
}

/* The moment with this span, and its use is counted; or NULL. */
static struct moment *use(struct moments *ms, const struct line_range *at)
{
	const size_t i = count_up_to(ms, at->first);
	struct moment *mo = i ? ms->moment[i - 1] : NULL;

	if (!mo || mo->at.first != at->first)
		return NULL;
	mo->used = ++ms->uses;
	return mo;
}

bool moments_has(struct moments *ms, const struct line_range *at)
{
	return use(ms, at);
}

void moments_keep(struct moments *ms, struct heap *heap, const struct fdl_machine *m,
		  const struct line_range *at, bool for_good)
{
	const size_t i = count_up_to(ms, at->first);
	const struct moment *before = i ? ms->moment[i - 1] : NULL;
	struct moment *mo = use(ms, at);

	if (mo) {
		ms->n_used -= for_good && !mo->for_good;
		mo->for_good |= for_good;
		return;
	}
	mo = make_room(ms) ? calloc(1, sizeof(*mo)) : NULL;
	if (!mo)
		return;
	*mo = (struct moment){ .at = *at, .used = ++ms->uses, .for_good = for_good };
	ms->bytes += sizeof(*mo);
	ms->n_used += !for_good;
	if (copy_machine(ms, mo, m) && copy_stacks(ms, mo, m))
		mo->image = heap_image_take(heap, before ? before->image : NULL, &ms->bytes);
	if (!mo->image) {
		moment_free(ms, mo);
		return;
	}
	memmove(ms->moment + i + 1, ms->moment + i, (ms->n - i) * sizeof(*ms->moment));
	ms->moment[i] = mo;
	ms->n++;
	bound(ms);
}

void moments_put_back(struct moments *ms, struct heap *heap, struct fdl_machine *m,
		      const struct line_range *at)
{
	const struct moment *mo = use(ms, at);
	const struct coroutine_pool stacks = m->coroutines;
	struct fdl_machine now;

	heap_image_put_back(heap, mo->image);
	if (mo->machine) {
		now = *m;
		*m = *mo->machine;
		machine_keep_outside(m, &now);
		trail_cut(&m->events, mo->machine->events.records);
	}
	m->coroutines = stacks;
	coroutine_pool_rewind(&m->coroutines);
	for (const struct stack *s = mo->stacks; s; s = s->next)
		coroutine_put_back(&m->coroutines, s->co, s->bytes, s->size);
}

/* ---- dropping ---- */

void moments_drop_before(struct moments *ms, uint64_t line)
{
	size_t n = 0;

	while (n < ms->n && ms->moment[n]->at.last < line)
		moment_free(ms, ms->moment[n++]);
	if (!n)
		return;
	ms->n -= n;
	memmove(ms->moment, ms->moment + n, ms->n * sizeof(*ms->moment));
}

void moments_drop_after(struct moments *ms, uint64_t line)
{
	while (ms->n && ms->moment[ms->n - 1]->at.last > line)
		drop(ms, ms->n - 1);
}

void moments_drop_used(struct moments *ms)
{
	while (drop_least_used(ms))
		;
}

bool moments_first(const struct moments *ms, uint64_t line, struct line_range *at)
{
	for (size_t i = 0; i < ms->n; i++) {
		if (ms->moment[i]->at.last < line)
			continue;
		*at = ms->moment[i]->at;
		return true;
	}
	return false;
}

bool moments_gap(const struct moments *ms, uint64_t n, uint64_t reach, uint64_t apart,
		 struct line_range *before)
{
	for (size_t i = count_up_to(ms, n); i > 1; i--) {
		const struct line_range *a = &ms->moment[i - 2]->at, *b = &ms->moment[i - 1]->at;

		if (n - b->first >= reach)
			return false;
		*before = *a;
		if (b->first > a->last && b->first - a->last > apart)
			return true;
	}
	return false;
}

bool moments_wants(const struct moments *ms, const struct line_range *at)
{
	const uint64_t interval = at->last / ms->interval;
	size_t i;

	if (at->first && (at->first - 1) / ms->interval == interval)
		return false;
	i = count_up_to(ms, at->last);
	while (i && !ms->moment[i - 1]->for_good)
		i--;
	return !i || ms->moment[i - 1]->at.last / ms->interval != interval;
}
