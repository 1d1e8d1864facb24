/*
 * A history in a checkpoint: the second machine, which is all in one heap, as memory.
 */
#include "base/coroutine.h"
#include "base/heap.h"
#include "base/pickle.h"
#include "base/snapshot.h"
#include "history/history.h"
#include "machine/machine.h"
#include "procfs/census.h"
#include "tree/texts.h"

#include <errno.h>
#include <stdlib.h>

/* Puts the second machine at the first moment that there is. 0; or it has none. */
static int go_to_first(struct fdl_history *h)
{
	struct line_range range;
	struct fdl_machine *shown;
	int error;

	history_range(h, &range);
	if (range.first >= range.last)
		return -ENOENT;
	error = history_go(h, range.first);
	if (error)
		return error;
	shown = h->shown;
	texts_clear(shown->texts);
	census_drop(shown);
	shown->original = NULL;
	shown->links_root = NULL;
	trail_unbase(&shown->log);
	trail_unbase(&shown->events);
	trail_unbase(&shown->errors);
	shown->coroutines.guards = 0;
	return 0;
}

static int dump_shown(struct fdl_history *h, struct dump *d)
{
	const size_t n = coroutine_pool_stacks(&h->shown->coroutines, NULL, 0);
	const struct past_seat seat = { h->shown, h->control };
	uint32_t *made = calloc(n + 1, sizeof(*made));
	const char *region;
	size_t used;

	if (!made)
		return -ENOMEM;
	coroutine_pool_stacks(&h->shown->coroutines, made, n);
	pickle_number(&d->rest, heap_size(h->heap));
	pickle_text(&d->rest, (const char *)made, n * sizeof(*made));
	pickle_number(&d->rest, h->at.first);
	pickle_number(&d->rest, h->at.last);
	free(made);
	heap_scrub(h->heap);
	region = heap_region(h->heap, &used);
	dump_pages(d, PAST_HEAP, region, heap_size(h->heap), used);
	coroutine_pool_dump(&h->shown->coroutines, PAST_STACKS, d);
	dump_region(d, PAST_SEAT, h, sizeof(seat));
	dump_span(d, h, &seat, sizeof(seat));
	return 0;
}

int history_dump(const struct fdl_machine *m, struct dump *d)
{
	struct fdl_history *h = m->past ? history_of(m) : NULL;
	const bool has = h && m->log.dropped && !go_to_first(h);

	pickle_number(&d->rest, has);
	return has ? dump_shown(h, d) : 0;
}

void history_adopt(struct fdl_history *h, struct heap *heap, const struct past_seat *seat,
		   const struct line_range *at, unsigned guards)
{
	h->heap = heap;
	h->shown = seat->shown;
	h->control = seat->control;
	trail_rebase(&h->shown->log);
	trail_rebase(&h->shown->events);
	trail_rebase(&h->shown->errors);
	h->shown->coroutines.guards = guards;
	history_begin(h, at);
}
