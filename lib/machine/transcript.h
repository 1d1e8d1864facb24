/*
 * The transcript: every call with its result, readable as a scenario. Calls are written as small
 * records, and made into text when somebody reads them. A record that finds no memory is lost, and
 * the trail says so.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "base/trail.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

/* Starts it, empty; and gives its memory back. */
void transcript_init(struct fdl_machine *m);
void transcript_free(struct fdl_machine *m);

enum record_kind {
	RECORD_LINE,    /* text as it is */
	RECORD_CALL,    /* a call that is over */
	RECORD_BLOCKED, /* one that waits */
	RECORD_STOPPED, /* one that stopped at a preemption point */
	RECORD_STEP,    /* one that was stopped, and stopped again further on */
	RECORD_RESUMED, /* one that had waited or stopped, and is over */
};

/*
 * A record's tag says of which kind it is, of which call and task. The bytes are its result (or
 * where it stopped) and its arguments: in 32 bits each where they fit, since what is written for
 * every call should be short.
 */
#define RECORD_KIND   7u        /* the bits of enum record_kind */
#define RECORD_ENDED  (1u << 3) /* the task ended in it: there is no result to tell */
#define RECORD_NARROW (1u << 4)
#define RECORD_ROW    5     /* the row's index stands so far up */
#define RECORD_ROWS   1023u /* and has these bits */
#define RECORD_PID    15    /* the pid stands so far up, and is the rest */

#define NARROW_MAX 3 /* arguments that a narrow record holds */

static inline uint64_t record_tag(const struct call *c, enum record_kind kind)
{
	return (uint64_t)(uint32_t)c->pid << RECORD_PID | (uint64_t)c->row->index << RECORD_ROW |
	       (c->ended ? RECORD_ENDED : 0) | kind;
}

/* Not 0 when a number needs more than 32 bits. */
static inline uint64_t record_wide(int64_t num)
{
	return ((uint64_t)num + (UINT64_C(1) << 31)) >> 32;
}

/*
 * Records a call whose arguments are few small numbers: its result, then they, in 32 bits each.
 * This is what most calls are, and what a busy machine writes for every one of them. False: it is
 * not such a call, or there is no room.
 */
static inline bool transcript_narrow(struct fdl_machine *m, const struct call *c)
{
	const size_t n = c->row->nparams;
	const uint64_t mark = trail_mark(&m->log);
	int32_t *to = trail_quick(&m->log);
	uint64_t wide = record_wide(c->result);

	if (__builtin_expect(!to || !c->row->plain || n > NARROW_MAX, 0))
		return false;
	to[0] = (int32_t)c->result;
	for (size_t i = 0; i < n; i++) {
		to[1 + i] = (int32_t)c->arg[i].num;
		wide |= record_wide(c->arg[i].num);
	}
	if (__builtin_expect(wide != 0, 0))
		return false;
	trail_commit(&m->log, record_tag(c, RECORD_CALL) | RECORD_NARROW, (1 + n) * sizeof(*to));
	c->current->last_call = m->last_call = mark;
	return true;
}

/* Any other call. */
void transcript_call_far(struct fdl_machine *m, const struct call *c);

/*
 * A call that is over; one that waits now; one that stopped at a preemption point (again: not for
 * the first time); one that had waited or stopped, and is over.
 */
static inline void transcript_call(struct fdl_machine *m, const struct call *c)
{
	if (!transcript_narrow(m, c))
		transcript_call_far(m, c);
}

void transcript_blocked(struct fdl_machine *m, const struct call *c);

/* A call that had stopped was told to go on to its end, and waits now. */
void transcript_finish(struct fdl_machine *m, const struct call *c);
void transcript_stopped(struct fdl_machine *m, const struct call *c, bool again);
void transcript_resumed(struct fdl_machine *m, const struct call *c);

/* A line as it is: "echo 100 > sys/fs/nr_open". */
void transcript_line(struct fdl_machine *m, const char *line, size_t len);

/*
 * The record at a mark as text: "2 dup2(3, 10) = 10\n"; without "2 " unless with_pid. Nothing if it
 * is not kept any more, or the mark is UINT64_MAX.
 */
void transcript_text(struct fdl_machine *m, uint64_t mark, bool with_pid, struct text *out);

#endif
