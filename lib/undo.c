/*
 * Undoing: the machine starts over, or is put back to the last checkpoint of its history before the
 * place, and runs the lines of its transcript up to there again. The lines after that are kept,
 * until the machine takes another call, to be redone. The transcript tells of them in a comment at
 * its end, which is no step and goes when they are redone.
 */
#include "undo.h"

#include "base/heap.h"
#include "base/pickle.h"
#include "base/text.h"
#include "base/trail.h"
#include "boot.h"
#include "control/errors.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "machine/transcript.h"
#include "rerun.h"
#include "tree/handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct undone {
	uint64_t line;      /* the last line of the transcript that is not undone */
	uint64_t records;   /* in the transcript with the comment: with more, it is too late */
	struct trail lines; /* the records that are undone */
	struct trail errors;
};

static void free_lines(struct undone *u)
{
	if (!u)
		return;
	trail_free(&u->lines);
	trail_free(&u->errors);
	free(u);
}

void undone_free(struct fdl_machine *m)
{
	free_lines(m->undone);
	m->undone = NULL;
}

void undone_save(const struct fdl_machine *m, struct text *out)
{
	const struct undone *u = m->undone;

	pickle_number(out, u != NULL);
	if (!u)
		return;
	pickle_number(out, u->line);
	pickle_number(out, u->records);
	trail_save(&u->lines, out);
	trail_save(&u->errors, out);
}

int undone_load(struct fdl_machine *m, struct unpickler *from)
{
	struct undone *u;

	if (!unpickle_number(from))
		return from->broken ? -EINVAL : 0;
	u = calloc(1, sizeof(*u));
	if (!u)
		return -ENOMEM;
	u->line = unpickle_number(from);
	u->records = unpickle_number(from);
	trail_init(&u->lines, SIZE_MAX, NULL, NULL);
	trail_init(&u->errors, SIZE_MAX, NULL, NULL);
	m->undone = u;
	return trail_load(&u->lines, &from->at, from->end) &&
			       trail_load(&u->errors, &from->at, from->end)
		       ? 0
		       : -EINVAL;
}

/* The lines that can be redone; NULL: none. */
static struct undone *redoable(struct fdl_machine *m)
{
	if (m->undone && m->undone->records != m->log.records)
		undone_free(m);
	return m->undone;
}

/* The last line that is not undone. */
static uint64_t present(struct fdl_machine *m)
{
	const struct undone *u = redoable(m);

	return u ? u->line : m->log.records;
}

/* ---- steps ---- */

/*
 * The place after line n, where the next step begins. Only the first end records of the trail
 * count.
 */
static uint64_t place_after(const struct trail *t, uint64_t n, uint64_t end)
{
	struct trail_cursor c;
	const char *record;
	uint64_t tag;
	size_t len;

	if (n >= end || !trail_seek(t, n, &c))
		return end;
	while (n < end && (record = trail_next(&c, &tag, &len)) != NULL &&
	       !transcript_is_step(tag, record, len))
		n++;
	return n;
}

/* How many records from number n to number end are steps. */
static uint64_t count_steps(const struct trail *t, uint64_t n, uint64_t end)
{
	struct trail_cursor c;
	const char *record;
	uint64_t tag, steps = 0;
	size_t len;

	if (!trail_seek(t, n, &c))
		return 0;
	for (; n < end && (record = trail_next(&c, &tag, &len)) != NULL; n++)
		steps += transcript_is_step(tag, record, len);
	return steps;
}

/* The number of the record that is the n-th step, from 0, after record number at. */
static uint64_t find_step(const struct trail *t, uint64_t at, uint64_t n, uint64_t end)
{
	struct trail_cursor c;
	const char *record;
	uint64_t tag;
	size_t len;

	if (!trail_seek(t, at, &c))
		return end;
	for (; at < end && (record = trail_next(&c, &tag, &len)) != NULL; at++) {
		if (transcript_is_step(tag, record, len) && !n--)
			break;
	}
	return at;
}

/*
 * The number of the record that is the n-th last step, in *at; without going through a long trail
 * for one near its end. Returns n, or how many steps there are, if less.
 */
static uint64_t find_last(const struct trail *t, uint64_t n, uint64_t end, uint64_t *at)
{
	uint64_t reach = 256, steps;

	do {
		*at = end - t->dropped > reach ? end - reach : t->dropped;
		steps = count_steps(t, *at, end);
		reach *= 16;
	} while (steps<n && * at> t->dropped);
	if (steps < n)
		return steps;
	*at = find_step(t, *at, steps - n, end);
	return n;
}

/* ---- running lines ---- */

/*
 * Runs records number first and on of a trail of lines, until the transcript has n records. The
 * errors that they make are those that the machine had already.
 */
static int run_lines(struct fdl_machine *m, const struct trail *lines, uint64_t first, uint64_t n)
{
	struct text line = TEXT_EMPTY;
	struct fdl_handle *control;
	struct trail_cursor c;
	int error;

	if (m->log.records >= n)
		return 0;
	error = rerun_open(m, &control);
	if (error)
		return error;
	if (!trail_seek(lines, first, &c))
		error = -ENOENT;
	while (!error && m->log.records < n) {
		const uint64_t before = m->log.records;
		const char *record;
		uint64_t tag;
		size_t len;

		record = trail_next(&c, &tag, &len);
		text_clear(&line);
		if (record)
			transcript_print(m, tag, record, len, &line);
		error = record ? line.error : -EIO;
		if (!error) {
			line.s[--line.len] = '\0';
			error = rerun_line(m, control, line.s, line.len);
		}
		if (!error && m->log.records == before)
			error = -EIO;
		/* The records that followed from the line's own. */
		for (uint64_t i = before + 1; i < m->log.records; i++)
			trail_next(&c, &tag, &len);
	}
	fdl_close(control);
	text_free(&line);
	return error;
}

/* ---- what is undone ---- */

/* Copies records number first and on, up to number end, to the end of another trail. */
static bool copy_records(struct trail *to, const struct trail *from, uint64_t first, uint64_t end)
{
	struct trail_cursor c;
	const char *record;
	bool copied = true;
	uint64_t tag;
	size_t len;

	if (first >= end || !trail_seek(from, first, &c))
		return true;
	for (uint64_t n = first; copied && n < end; n++) {
		record = trail_next(&c, &tag, &len);
		copied = record && trail_copy(to, tag, record, len);
	}
	return copied;
}

/*
 * The lines from record number first to number end of a trail, and then those of old (or NULL) from
 * its record number skipped on. NULL: no memory.
 */
static struct undone *undone_new(const struct trail *log, uint64_t first, uint64_t end,
				 const struct undone *old, uint64_t skipped)
{
	struct undone *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	trail_init(&u->lines, SIZE_MAX, NULL, NULL);
	trail_init(&u->errors, SIZE_MAX, NULL, NULL);
	if (copy_records(&u->lines, log, first, end) &&
	    (!old || copy_records(&u->lines, &old->lines, skipped, old->lines.records)))
		return u;
	free_lines(u);
	return NULL;
}

/* The machine is at its new place: puts the comment there, or forgets u if it has no lines. */
static void keep_undone(struct fdl_machine *m, struct undone *u, uint64_t line)
{
	char comment[80];
	int len;

	m->undone = u;
	if (!u->lines.records) {
		undone_free(m);
		return;
	}
	if (u->lines.records == 1)
		len = snprintf(comment, sizeof(comment), "# line %llu is undone",
			       (unsigned long long)line + 1);
	else
		len = snprintf(comment, sizeof(comment), "# lines %llu to %llu are undone",
			       (unsigned long long)line + 1,
			       (unsigned long long)(line + u->lines.records));
	transcript_line(m, comment, (size_t)len);
	u->line = line;
	u->records = m->log.records;
}

/* ---- going ---- */

/* Starts the machine over, and runs the first n records of its transcript. */
static int start_again(struct fdl_machine *m, uint64_t n)
{
	struct trail log = m->log;
	int error;

	trail_init(&m->log, log.limit, log.render, log.ctx);
	error = machine_start_over(m);
	if (!error)
		error = run_lines(m, &log, m->log.records, n);
	trail_free(&log);
	return error;
}

/* Puts the machine back to after line number line, and runs records up to the first n again. */
static int put_back(struct fdl_machine *m, uint64_t line, uint64_t n)
{
	struct trail lines;
	int error = -ENOMEM;

	trail_init(&lines, SIZE_MAX, NULL, NULL);
	if (copy_records(&lines, &m->log, line, n)) {
		m->past->put_back(m->past, line);
		trail_cut(&m->log, line);
		error = run_lines(m, &lines, 0, n);
	}
	trail_free(&lines);
	return error;
}

static int run_again(struct fdl_machine *m, uint64_t n)
{
	uint64_t line;

	if (m->past && m->past->find(m->past, n, &line))
		return put_back(m, line, n);
	return start_again(m, n);
}

/* The mark of record number n. */
static uint64_t mark_of(const struct trail *t, uint64_t n)
{
	struct trail_cursor c;

	return trail_seek(t, n, &c) ? c.chunk->start + c.at : trail_mark(t);
}

static int go_back(struct fdl_machine *m, uint64_t n)
{
	struct undone *old = redoable(m), *u = undone_new(&m->log, n, present(m), old, 0);
	struct trail errors, none = { 0 };
	int error;

	if (!u)
		return -ENOMEM;
	handles_rewind(m, mark_of(&m->log, n));
	errors = m->errors;
	errors_init(m);
	error = run_again(m, n);
	errors_divide(m, &errors, old ? &old->errors : &none, &u->errors);
	if (m->past)
		m->past->undone(m->past, m->log.records);
	if (error) {
		free_lines(u);
		undone_free(m);
		handles_reset(m);
		return error;
	}
	handles_rewound(m);
	undone_free(m);
	keep_undone(m, u, m->log.records);
	return 0;
}

static int go_forth(struct fdl_machine *m, uint64_t n)
{
	struct undone *old = redoable(m), *u;
	const uint64_t line = old->line;
	struct trail errors;
	int error;

	u = undone_new(&m->log, 0, 0, old, n - line);
	if (!u)
		return -ENOMEM;
	trail_cut(&m->log, line);
	if (m->past)
		m->past->undone(m->past, line);
	errors = m->errors;
	errors_init(m);
	error = run_lines(m, &old->lines, 0, n);
	errors_divide(m, &errors, &old->errors, &u->errors);
	undone_free(m);
	if (error)
		free_lines(u);
	else
		keep_undone(m, u, m->log.records);
	return error;
}

/* As machine_goto, with libc's heap as the current one if the machine has its own. */
static int go(struct fdl_machine *m, uint64_t n, struct text *why)
{
	const uint64_t line = present(m);
	const uint64_t end = line + (m->undone ? m->undone->lines.records : 0);

	if (m->original)
		return -EROFS;
	if (machine_is_empty(m))
		return -ENOMEM;
	if (n > end) {
		text_printf(why, "the last line is %llu", (unsigned long long)end);
		return -ENOENT;
	}
	if (n > line) {
		m->turns++;
		return go_forth(m, line + place_after(&m->undone->lines, n - line, end - line));
	}
	n = place_after(&m->log, n, line);
	if (n == line)
		return 0;
	if (m->log.dropped) {
		text_puts(why, "the log has lost its beginning (see the option log)");
		return -ENOENT;
	}
	m->turns++;
	return go_back(m, n);
}

int machine_goto(struct fdl_machine *m, uint64_t n, struct text *why)
{
	struct heap *before = machine_leave(m);
	const int error = go(m, n, why);

	heap_current = before;
	return error;
}

static int not_so_many(uint64_t steps, const char *undone, struct text *why)
{
	text_printf(why, "%llu lines can be %s", (unsigned long long)steps, undone);
	return -ENOENT;
}

int machine_undo(struct fdl_machine *m, uint64_t n, struct text *why)
{
	uint64_t at, steps = find_last(&m->log, n, present(m), &at);

	if (n > steps)
		return not_so_many(steps, "undone", why);
	return n ? machine_goto(m, at, why) : 0;
}

int machine_redo(struct fdl_machine *m, uint64_t n, struct text *why)
{
	const uint64_t line = present(m);
	const struct trail *lines = m->undone ? &m->undone->lines : NULL;
	const uint64_t steps = lines ? count_steps(lines, 0, lines->records) : 0;

	if (n > steps)
		return not_so_many(steps, "redone", why);
	return n ? machine_goto(m, line + find_step(lines, 0, n, lines->records), why) : 0;
}

int fdl_undo(struct fdl_machine *m, uint64_t n)
{
	struct text why = TEXT_EMPTY;
	const int error = machine_undo(m, n, &why);

	text_free(&why);
	return error;
}

int fdl_redo(struct fdl_machine *m, uint64_t n)
{
	struct text why = TEXT_EMPTY;
	const int error = machine_redo(m, n, &why);

	text_free(&why);
	return error;
}

int fdl_goto(struct fdl_machine *m, uint64_t n)
{
	struct text why = TEXT_EMPTY;
	const int error = machine_goto(m, n, &why);

	text_free(&why);
	return error;
}
