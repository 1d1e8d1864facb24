/*
 * The transcript: every call with its result, readable as a scenario. Calls are written as small
 * records, and made into text when they are read. A record that finds no memory is lost, and
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

/* Starts an empty transcript; frees it. */
void transcript_init(struct fdl_machine *m);
void transcript_free(struct fdl_machine *m);

enum record_kind {
	RECORD_LINE,    /* text as it is */
	RECORD_CALL,    /* a call is over */
	RECORD_BLOCKED, /* a call waits */
	RECORD_STOPPED, /* a call stopped at a preemption point */
	RECORD_STEP,    /* a call that was stopped has stopped again, further on */
	RECORD_RESUMED, /* a call that had waited or stopped is over */
	RECORD_WOKEN,   /* the same, because the line before woke it */
};

/*
 * The tag of a record has its kind, its call and its task. The bytes of the record are the result
 * (or the point where the call stopped) and the arguments, in 32 bits each where they fit: every
 * call writes one, so it should be short.
 */
#define RECORD_KIND   7u        /* the bits of enum record_kind */
#define RECORD_ENDED  (1u << 3) /* the task ended in the call: there is no result */
#define RECORD_NARROW (1u << 4) /* numbers have 32 bits */
#define RECORD_ROW    5         /* the first bit of the row's index */
#define RECORD_ROWS   1023u     /* the index, shifted down */
#define RECORD_PID    15        /* the first bit of the pid, which is the rest */

#define NARROW_MAX 3 /* arguments that a narrow record holds */

static inline uint64_t record_tag(const struct call *c, enum record_kind kind)
{
	return (uint64_t)(uint32_t)c->pid << RECORD_PID | (uint64_t)c->row->index << RECORD_ROW |
	       (c->ended ? RECORD_ENDED : 0) | kind;
}

/* Not 0 where a number needs more than 32 bits. */
static inline uint64_t record_wide(int64_t num)
{
	return ((uint64_t)num + (UINT64_C(1) << 31)) >> 32;
}

/*
 * Records a call whose result and few arguments are small numbers, as nearly all are: 32 bits for
 * each. False: it is not such a call, or there is no room.
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

/*
 * Whether the record of what is about to happen will find room. False: no memory, and it must not
 * happen, since the transcript would not repeat it.
 */
static inline bool transcript_ready(struct fdl_machine *m)
{
	return trail_ready(&m->log);
}

/* The rest of transcript_call. */
void transcript_call_far(struct fdl_machine *m, const struct call *c);

/* A call is over that neither waited nor stopped. */
static inline void transcript_call(struct fdl_machine *m, const struct call *c)
{
	if (!transcript_narrow(m, c))
		transcript_call_far(m, c);
}

/* A call waits. */
void transcript_blocked(struct fdl_machine *m, const struct call *c);

/*
 * A call stopped at a preemption point, or waits on its way to one; again: not for the first time.
 */
void transcript_stopped(struct fdl_machine *m, const struct call *c, bool again);

/* A call that had stopped was told to go on to its end, and waits. */
void transcript_finish(struct fdl_machine *m, const struct call *c);

/*
 * A signal interrupts the call of a task. The call alone does not tell the effect: a write
 * may return a part, and a call that was asked to stop stops.
 */
void transcript_interrupt(struct fdl_machine *m, const struct task *task);

/*
 * A call that had waited or stopped is over: because it was told to go on; because the line before
 * woke it, so that this line is no step of its own.
 */
void transcript_resumed(struct fdl_machine *m, const struct call *c);
void transcript_woken(struct fdl_machine *m, const struct call *c);

/* A line of len bytes as it is: "echo 100 > sys/fs/nr_open". */
void transcript_line(struct fdl_machine *m, const char *line, size_t len);

/*
 * Whether running the line of a record, which is at record, is a step of the machine: not that of a
 * call that was woken, an option, or a comment.
 */
bool transcript_is_step(uint64_t tag, const char *record, size_t len);

/* Writes a record as text, as a line of the file log. */
void transcript_print(struct fdl_machine *m, uint64_t tag, const char *record, size_t len,
		      struct text *out);

/*
 * Writes the record at a mark as text: "2 dup2(3, 10) = 10\n"; without "2 " unless with_pid.
 * Nothing if the record is gone, or the mark is UINT64_MAX.
 */
void transcript_text(struct fdl_machine *m, uint64_t mark, bool with_pid, struct text *out);

#endif
