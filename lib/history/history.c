/*
 * Going to a moment: from the nearest checkpoint before it, by the lines of the transcript after
 * that. Checkpoints are kept at intervals, as the transcript grows, and around the moments that
 * were asked for, so that the next one is near.
 */
#include "history/history.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/reserve.h"
#include "boot.h"
#include "control/lines.h"
#include "fdlab.h"
#include "machine/transcript.h"
#include "procfs/census.h"
#include "rerun.h"
#include "tree/handle.h"
#include "tree/texts.h"
#include "tree/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_LIMIT ((size_t)64 << 20) /* bytes of checkpoints */

/*
 * Lines between checkpoints: of those kept for good, and of those near a moment that was asked for.
 */
#define INTERVAL 2048u
#define NEAR     256u

/* Of the memory for checkpoints, one part in so many is for those of the machine itself. */
#define OWN_PART 4u

/* An image of the machine itself is taken once for so many bytes in use there was a line. */
#define BYTES_A_LINE 1024u

/* Beyond so many bytes in use, a checkpoint costs more than the lines that it saves. */
#define NEAR_BYTES ((size_t)4 << 20)

/*
 * Lines before a moment in which the checkpoints are near each other: one that is asked for alone
 * has enough of them for steps back, and each of these adds some.
 */
#define BEFORE_FAR  16u
#define BEFORE_STEP 1024u

/*
 * The limit of the second machine's own records, which it only counts. A transcript that has lost
 * its beginning still has so many intervals, at about so many bytes a line.
 */
#define RECORDS_LIMIT 4096u
#define INTERVALS     8u
#define LINE_BYTES    32u

/* A history far from the present runs this many lines for each chunk, which has fewer. */
#define FOLLOWED 16384u

/*
 * With fewer bytes left in the transcript, the next record may drop some: then it runs all of them.
 */
#define DROPS_SOON (TRAIL_RECORD_MAX + ((size_t)128 << 10))

/* ---- the second machine ---- */

/* From now on the machine is not read, but goes on: memory that readers left in it is libc's. */
static void unshow(struct fdl_history *h)
{
	texts_clear(h->shown->texts);
	census_drop(h->shown);
	h->shown->original = NULL;
	h->shown->links_root = NULL;
}

static void shown_free(struct fdl_history *h)
{
	if (h->shown) {
		unshow(h);
		coroutine_pool_abandon(&h->shown->coroutines);
	}
	heap_delete(h->heap);
	moments_free(&h->moments);
	h->heap = NULL;
	h->shown = NULL;
	h->control = NULL;
}

static uint64_t interval_of(const struct fdl_machine *m)
{
	const uint64_t most = m->options.log / LINE_BYTES / INTERVALS;

	return most < INTERVAL ? most : INTERVAL;
}

/* A moment of the past that cannot be shown is an error of the machine itself. */
static void text_too_long(struct fdl_machine *m, const char *path, size_t len)
{
	m->original->text_too_long(m->original, path, len);
}

void history_begin(struct fdl_history *h, const struct line_range *at)
{
	moments_init(&h->moments, h->limit - h->limit / OWN_PART, interval_of(h->machine));
	h->at = *at;
	h->lost = false;
	moments_keep(&h->moments, h->heap, h->shown, &h->at, true);
}

static int make_shown(struct fdl_history *h)
{
	struct fdl_machine *m = h->machine;
	int error;

	if (h->shown)
		return 0;
	if (m->log.dropped)
		return -ENOENT;
	h->heap = machine_heap_new(&m->options);
	if (!h->heap)
		return -ENOMEM;
	heap_current = h->heap;
	error = fdl_machine_new(&m->options, &h->shown);
	if (!error) {
		fdl_machine_stamp(h->shown, (struct timespec){ m->boot_ns / NSEC_PER_SEC,
							       m->boot_ns % NSEC_PER_SEC });
		h->shown->text_too_long = text_too_long;
		h->shown->coroutines.keeps = true;
		h->shown->log.limit = h->shown->events.limit = RECORDS_LIMIT;
		h->shown->errors.limit = RECORDS_LIMIT;
		error = rerun_open(h->shown, &h->control);
	}
	heap_current = NULL;
	if (error) {
		shown_free(h);
		return error;
	}
	history_begin(h, &(struct line_range){ 0, h->shown->log.records });
	return 0;
}

/* ---- running lines ---- */

static void keep(struct fdl_history *h, bool for_good)
{
	unshow(h);
	moments_keep(&h->moments, h->heap, h->shown, &h->at, for_good);
}

/* Runs the line of a record, and forgets the reply. */
static int run_record(struct fdl_history *h, uint64_t tag, const char *record, size_t len)
{
	struct control *control = h->control->private;
	int error;

	text_clear(&h->line);
	transcript_print(h->machine, tag, record, len, &h->line);
	if (h->line.error) {
		text_free(&h->line);
		return -ENOMEM;
	}
	h->line.s[--h->line.len] = '\0';
	heap_current = h->heap;
	error = rerun_line(h->shown, h->control, h->line.s, h->line.len);
	control->replies.taken = 0;
	text_clear(&control->replies.text);
	heap_current = NULL;
	return error;
}

/* Whether checkpoints cost less than the lines between near ones. */
static bool is_small(const struct fdl_history *h)
{
	size_t used;

	heap_region(h->heap, &used);
	return used <= NEAR_BYTES;
}

/*
 * Keeps a checkpoint where one is due, on the way to a moment that is asked for, or to the present.
 */
static void keep_due(struct fdl_history *h, bool asked)
{
	if (moments_wants(&h->moments, &h->at))
		keep(h, true);
	else if (asked && h->at.last / NEAR != (h->at.first - 1) / NEAR && is_small(h))
		keep(h, false);
}

/* Runs lines until the machine is after line n. */
static int run_until(struct fdl_history *h, uint64_t n, bool asked)
{
	struct fdl_machine *m = h->machine;
	const uint64_t *records = &h->shown->log.records;
	struct trail_cursor cursor;
	int error = 0;

	if (h->at.last >= n)
		return 0;
	if (!trail_seek(&m->log, h->at.last, &cursor))
		return -ENOENT;
	unshow(h);
	while (!error && h->at.last < n) {
		const uint64_t before = *records;
		const char *record;
		uint64_t tag;
		size_t len;

		record = trail_next(&cursor, &tag, &len);
		error = record ? run_record(h, tag, record, len) : -EIO;
		if (!error && *records == before)
			error = -EIO;
		h->at = (struct line_range){ before + 1, *records };
		/* The records that followed from the line's own. */
		for (uint64_t i = before + 1; i < *records; i++)
			trail_next(&cursor, &tag, &len);
		if (!error)
			keep_due(h, asked);
	}
	h->lost = error;
	return error;
}

/* Puts the machine at the nearest place before the moment after line n that it can be put to. */
static int come_near(struct fdl_history *h, uint64_t n)
{
	const bool usable = !h->lost && h->at.first <= n &&
			    (h->at.last >= n || h->at.last >= h->machine->log.dropped);
	struct line_range best;

	if (!moments_find(&h->moments, n, &best))
		return usable ? 0 : -ENOENT;
	if (usable && h->at.first >= best.first)
		return 0;
	unshow(h);
	moments_put_back(&h->moments, h->heap, h->shown, &best);
	h->at = best;
	h->lost = false;
	return 0;
}

static int go(struct fdl_history *h, uint64_t n, bool asked)
{
	struct heap *const before = heap_current;
	int error;

	heap_current = NULL;
	error = make_shown(h);
	if (!error) {
		moments_drop_before(&h->moments, h->machine->log.dropped);
		error = come_near(h, n);
	}
	if (!error)
		error = run_until(h, n, asked);
	heap_current = before;
	return error;
}

void history_range(const struct fdl_history *h, struct line_range *range)
{
	const struct trail *log = &h->machine->log;
	struct line_range first;

	*range = (struct line_range){ log->dropped, log->records };
	/* Of a transcript that has lost its beginning, the first lines lie before a checkpoint. */
	if (!log->dropped)
		return;
	if (!moments_first(&h->moments, log->dropped, &first))
		range->first = range->last;
	else if (first.first > range->first)
		range->first = first.first;
}

/* Links of tasks lead to the files of the moment. False: no memory. */
static bool lead_links(struct fdl_history *h, uint64_t n)
{
	static const char rootfs[] = "/rootfs";
	const char *root = h->machine->links_root;
	const size_t tail = sizeof(rootfs) - 1;
	size_t len;

	if (!root || (h->shown->links_root && h->links_of == n))
		return true;
	len = strlen(root);
	if (len >= tail && !strcmp(root + len - tail, rootfs))
		len -= tail;
	text_clear(&h->links);
	text_put(&h->links, root, len);
	text_printf(&h->links, "/at/%llu%s", (unsigned long long)n, rootfs);
	texts_clear(h->shown->texts);
	h->shown->links_root = NULL;
	if (h->links.error) {
		text_free(&h->links);
		return false;
	}
	h->links_of = n;
	h->shown->links_root = h->links.s;
	return true;
}

/*
 * Fills gaps between the checkpoints before a moment, so that no step back from it runs the lines
 * of a whole interval: one piece of a gap at a step, all of one that begins at once. Without memory
 * for a checkpoint it does less. 0 or an error of going.
 */
static int fill_before(struct fdl_history *h, uint64_t n, bool step)
{
	const uint64_t reach = step ? BEFORE_STEP : BEFORE_FAR;
	struct line_range before;
	int error = 0;

	while (!error && moments_gap(&h->moments, n, reach, 2 * NEAR, &before)) {
		error = go(h, (before.last / NEAR + 1) * NEAR, true);
		if (step || error || !moments_has(&h->moments, &h->at))
			break;
	}
	return error ? error : go(h, n, true);
}

int history_go(struct fdl_history *h, uint64_t n)
{
	const bool step =
		h->looked && !h->lost && h->at.first <= n + NEAR && n <= h->at.last + NEAR;
	int error;

	if (n < h->machine->log.dropped || n > h->machine->log.records)
		return -ENOENT;
	h->looked = true;
	if (h->shown && !h->lost && line_range_has(&h->at, n) && h->shown->original == h->machine)
		return lead_links(h, n) ? 0 : -ENOMEM;
	error = go(h, n, true);
	if (!error && is_small(h)) {
		if (!moments_has(&h->moments, &h->at))
			keep(h, false);
		error = fill_before(h, n, step);
	}
	if (error)
		return error;
	h->shown->original = h->machine;
	return lead_links(h, n) ? 0 : -ENOMEM;
}

/* ---- what the machine tells ---- */

/*
 * The transcript's next record may drop the oldest ones, which must have run by then. A history
 * that was loaded, and is far from the present, comes nearer a few chunks of the transcript at a
 * time.
 */
static void on_fills(void *ctx)
{
	struct fdl_history *h = ctx;
	const struct trail *log = &h->machine->log;
	struct heap *before = heap_leave();
	const uint64_t refused = reserve_aside();
	uint64_t n = log->records;

	if (h->shown && !h->lost && h->at.last + FOLLOWED < n &&
	    log->bytes + DROPS_SOON <= log->limit)
		n = h->at.last + FOLLOWED;

	if (!h->looked)
		moments_drop_used(&h->moments);
	h->looked = false;
	/* Without memory the history begins later, or not again before a reset. */
	if (reserve_is_taken() || go(h, n, false))
		h->lost = true;
	else if (log->bytes + log->limit / INTERVALS > log->limit)
		keep(h, true);
	reserve_end_aside(refused);
	heap_current = before;
}

/* ---- moments of the machine itself ---- */

void history_drop_made(struct fdl_machine *m)
{
	struct heap *before = machine_enter(m);

	texts_clear(m->texts);
	census_drop(m);
	text_free(&m->name);
	heap_current = before;
}

/*
 * Keeps a moment of the machine, for undo, and says when the next one is due. The line before it
 * has been done, with or without memory for the moment.
 */
static void keep_own(struct fdl_history *h)
{
	struct fdl_machine *m = h->machine;
	const struct line_range at = { m->log.records, m->log.records };
	uint64_t interval = h->own.interval;
	size_t used;

	heap_region(m->heap, &used);
	if (h->returns && used <= NEAR_BYTES)
		interval = NEAR;
	else if (used / BYTES_A_LINE > interval)
		interval = used / BYTES_A_LINE;
	h->past.due = at.last + interval;
	if (used <= h->own.limit && !reserve_is_taken()) {
		const uint64_t refused = reserve_aside();

		history_drop_made(m);
		moments_keep(&h->own, m->heap, m, &at, true);
		reserve_end_aside(refused);
	}
}

static void on_came(struct past *past)
{
	struct fdl_history *h = container_of(past, struct fdl_history, past);
	struct heap *before = heap_leave();

	if (h->machine->log.dropped || machine_is_empty(h->machine)) {
		/* There is no undo any more. */
		moments_free(&h->own);
		past->due = UINT64_MAX;
	} else {
		keep_own(h);
	}
	heap_current = before;
}

static bool on_find(struct past *past, uint64_t n, uint64_t *line)
{
	struct fdl_history *h = container_of(past, struct fdl_history, past);
	struct line_range at;

	h->returns = true;
	if (!moments_find(&h->own, n, &at))
		return false;
	*line = at.last;
	return true;
}

static void on_put_back(struct past *past, uint64_t line)
{
	struct fdl_history *h = container_of(past, struct fdl_history, past);
	const struct line_range at = { line, line };
	struct fdl_machine *m = h->machine;

	history_drop_made(m);
	moments_put_back(&h->own, m->heap, m, &at);
	/* The handles to which they replied may be gone. */
	list_for_each(pos, &m->in_flight)
		container_of(pos, struct call, flight)->ctx = NULL;
	past->due = line + NEAR;
}

static void begin_own(struct fdl_history *h)
{
	moments_free(&h->own);
	moments_init(&h->own, h->limit / OWN_PART, interval_of(h->machine));
	h->own.fades = true;
	h->returns = false;
	h->past.due = UINT64_MAX;
	if (h->machine->heap && !machine_is_empty(h->machine))
		keep_own(h);
}

static void on_restarted(struct past *past)
{
	struct fdl_history *h = container_of(past, struct fdl_history, past);
	struct heap *before = heap_leave();

	shown_free(h);
	begin_own(h);
	heap_current = before;
	h->changes_of = 0;
	h->machine->log.fills = on_fills;
	h->machine->log.fills_ctx = h;
}

static void on_undone(struct past *past, uint64_t n)
{
	struct fdl_history *h = container_of(past, struct fdl_history, past);

	moments_drop_after(&h->moments, n);
	moments_drop_after(&h->own, n);
	h->returns = false;
	if (past->due != UINT64_MAX)
		past->due = n + h->own.interval;
	if (h->at.last > n)
		h->lost = true;
	h->changes_of = 0;
	h->machine->log.fills = on_fills;
	h->machine->log.fills_ctx = h;
}

/* ---- the interface ---- */

/* Whether nothing was done to a machine yet. */
static bool is_new(const struct fdl_machine *m)
{
	struct trail_cursor c;
	const char *record;
	uint64_t tag;
	size_t len;

	if (!trail_seek(&m->log, m->log.dropped, &c))
		return !m->log.records;
	while ((record = trail_next(&c, &tag, &len)) != NULL) {
		if (transcript_is_step(tag, record, len))
			return false;
	}
	return true;
}

int fdl_history_new(struct fdl_machine *m, size_t memory, struct fdl_history **hp)
{
	struct fdl_history *h = m->past ? NULL : calloc(1, sizeof(*h));
	int error = 0;

	if (!h)
		return m->past ? -EBUSY : -ENOMEM;
	h->machine = m;
	h->limit = memory ? memory : USUAL_LIMIT;
	h->past = (struct past){
		.restarted = on_restarted,
		.undone = on_undone,
		.came = on_came,
		.find = on_find,
		.put_back = on_put_back,
	};
	if (!m->heap && is_new(m))
		error = machine_move(m);
	if (error) {
		free(h);
		return -ENOMEM;
	}
	on_restarted(&h->past);
	m->past = &h->past;
	if (tree_add_rows(m, past_rows)) {
		fdl_history_free(h);
		return -ENOMEM;
	}
	*hp = h;
	return 0;
}

void fdl_history_free(struct fdl_history *h)
{
	if (!h)
		return;
	shown_free(h);
	moments_free(&h->own);
	h->machine->log.fills = NULL;
	h->machine->past = NULL;
	/* Without memory the rows are numbered at the next use of the tree. */
	tree_add_rows(h->machine, NULL);
	numbers_free(&h->numbers);
	text_free(&h->line);
	text_free(&h->links);
	text_free(&h->changes);
	free(h);
}

int fdl_history_at(struct fdl_history *h, uint64_t n, struct fdl_machine **mp)
{
	const int error = history_go(h, n);

	*mp = error ? NULL : h->shown;
	return error;
}

void fdl_history_range(const struct fdl_history *h, uint64_t *first, uint64_t *last)
{
	struct line_range range;

	history_range(h, &range);
	*first = range.first;
	*last = range.last;
}

void fdl_history_idle(struct fdl_history *h)
{
	moments_drop_used(&h->moments);
}

size_t fdl_history_memory(const struct fdl_history *h)
{
	return h->moments.bytes + h->own.bytes;
}
