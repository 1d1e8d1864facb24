/*
 * Errors are a trail of their own beside the transcript, which has only what must be run again.
 */
#include "control/errors.h"

#include "base/number.h"
#include "base/trail.h"
#include "machine/machine.h"
#include "machine/transcript.h"

#include <inttypes.h>
#include <string.h>

#define ERRORS_BYTES ((size_t)256 << 10) /* kept of the newest */

/*
 * The tag of a record: the length of the pid and the blank at its beginning; two bits, for the last
 * outcome of the machine and of the task; and the end of the transcript, in units of its marks.
 */
#define TAG_PREFIX 15u
#define TAG_LAST   (1u << 4)
#define TAG_TASK   (1u << 5)
#define TAG_MARK   6

static void render_error(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	(void)ctx, (void)tag;
	text_put(out, record, len);
	text_putc(out, '\n');
}

void errors_init(struct fdl_machine *m)
{
	trail_init(&m->errors, ERRORS_BYTES, render_error, m);
	m->last_error = (struct last_error){ UINT64_MAX, UINT64_MAX };
}

void errors_free(struct fdl_machine *m)
{
	trail_free(&m->errors);
}

/* Adds a record with these bits of its tag; at is the mark of the transcript. Returns its mark. */
static uint64_t record(struct fdl_machine *m, const struct text *t, uint64_t tag, uint64_t at)
{
	const uint64_t mark = trail_mark(&m->errors);
	const size_t len = t->len < TRAIL_RECORD_MAX ? t->len : TRAIL_RECORD_MAX;
	char *to = t->error ? NULL : trail_reserve(&m->errors, len);

	m->generation++;
	if (!to)
		return UINT64_MAX;
	memcpy(to, t->s, len);
	trail_commit(&m->errors, at / TRAIL_UNIT << TAG_MARK | tag, len);
	return mark;
}

static size_t put_prefix(struct text *t, int pid)
{
	text_int(t, pid);
	text_putc(t, ' ');
	return t->len;
}

/* The same, for what is the last outcome of the machine and of a task (NULL: there is none). */
static void record_last(struct fdl_machine *m, struct task *task, const struct text *t,
			size_t prefix)
{
	const uint64_t tag = prefix | TAG_LAST | (task ? TAG_TASK : 0);
	const uint64_t mark = record(m, t, tag, trail_mark(&m->log));

	m->last_error = (struct last_error){ mark, m->last_call };
	if (task)
		task->last_error = (struct last_error){ mark, task->last_call };
}

void errors_add_reply(struct fdl_machine *m, int pid, const struct text *replies, size_t start,
		      enum error_of of)
{
	/* The record of the call that killed this one will be the next. */
	const uint64_t at = trail_mark(&m->log) + (of == ERROR_OF_KILLED ? TRAIL_UNIT : 0);
	struct text t = TEXT_EMPTY;
	size_t end = replies->len;
	uint64_t number;
	bool overflow;
	size_t prefix;

	/* Without memory there may be no reply. */
	while (end > start && replies->s[end - 1] == '\n')
		end--;
	if (end <= start)
		return;
	if (pid)
		put_prefix(&t, pid);
	text_put(&t, replies->s + start, end - start);
	if (!t.error && decimal_scan(t.s, t.s + t.len, &number, &overflow)) {
		prefix = strcspn(t.s, " ") + 1;
		if (of == ERROR_OF_REFUSED)
			record_last(m, task_find(m, (int)number), &t, prefix);
		else
			record(m, &t, prefix, at);
	}
	text_free(&t);
}

void errors_add_line(struct fdl_machine *m, int pid, const char *line, size_t len, const char *why)
{
	struct text t = TEXT_EMPTY;
	const size_t prefix = put_prefix(&t, pid);

	/* The line may have said its pid itself. */
	if (len > prefix && !t.error && memcmp(line, t.s, prefix) == 0) {
		line += prefix;
		len -= prefix;
	}

	text_printable(&t, line, len);
	text_puts(&t, " # ");
	text_puts(&t, why);
	record_last(m, task_find(m, pid), &t, prefix);
	text_free(&t);
}

/* A record that is no outcome: no other text shows it. */
static void record_remark(struct fdl_machine *m, const struct text *t)
{
	const uint64_t generation = m->generation;

	record(m, t, 0, trail_mark(&m->log));
	m->generation = generation;
}

void errors_add_too_long(struct fdl_machine *m, const char *path, size_t len)
{
	struct text t = TEXT_EMPTY;

	text_puts(&t, "# ");
	text_put(&t, path, len);
	text_printf(&t, ": longer than the option text_limit allows (%" PRIu64 " bytes)",
		    m->options.text_limit);
	record_remark(m, &t);
	text_free(&t);
}

/* The beginning of a remark on a control file: pid is 0 for that of the machine. */
static void put_control(struct text *t, int pid)
{
	text_puts(t, "# ");
	if (pid) {
		text_int(t, pid);
		text_putc(t, '/');
	}
	text_puts(t, "control: ");
}

void errors_add_too_large(struct fdl_machine *m, int pid, size_t size)
{
	struct text t = TEXT_EMPTY;

	put_control(&t, pid);
	text_printf(&t, "a write has %zu bytes, more than %zu; no line of the write was run", size,
		    FDL_WRITE_MAX);
	record_remark(m, &t);
	text_free(&t);
}

void errors_add_cut(struct fdl_machine *m, int pid, size_t written, size_t size, const char *why)
{
	struct text t = TEXT_EMPTY;

	put_control(&t, pid);
	text_printf(&t, "a write of %zu bytes ended after %zu: ", size, written);
	text_puts(&t, why);
	record_remark(m, &t);
	text_free(&t);
}

uint64_t errors_count(const struct fdl_machine *m)
{
	const struct trail *errors = &m->original->errors;
	const uint64_t end = trail_mark(&m->log) / TRAIL_UNIT;
	uint64_t n = errors->dropped, tag;
	struct trail_cursor c;
	size_t len;

	if (!trail_seek(errors, n, &c))
		return n;
	while (trail_next(&c, &tag, &len) && tag >> TAG_MARK <= end)
		n++;
	return n;
}

static bool is_after(uint64_t tag, uint64_t call)
{
	return call == UINT64_MAX || tag >> TAG_MARK > call / TRAIL_UNIT;
}

/*
 * Notes an error that is the last outcome of the machine and a task, unless a call came after it.
 */
static void note_last(struct fdl_machine *m, uint64_t mark, uint64_t tag, const char *record,
		      size_t len)
{
	struct task *task = NULL;
	uint64_t number;
	bool overflow;

	if (tag & TAG_LAST && is_after(tag, m->last_call))
		m->last_error = (struct last_error){ mark, m->last_call };
	if (tag & TAG_TASK && decimal_scan(record, record + len, &number, &overflow))
		task = task_find(m, (int)number);
	if (task && is_after(tag, task->last_call))
		task->last_error = (struct last_error){ mark, task->last_call };
}

static void divide(struct fdl_machine *m, struct trail *from, struct trail *rest)
{
	const uint64_t end = trail_mark(&m->log) / TRAIL_UNIT;
	struct trail_cursor c;
	const char *record;
	uint64_t tag;
	size_t len;

	if (trail_seek(from, from->dropped, &c)) {
		while ((record = trail_next(&c, &tag, &len)) != NULL) {
			const bool then = tag >> TAG_MARK <= end;

			if (then)
				note_last(m, trail_mark(&m->errors), tag, record, len);
			trail_copy(then ? &m->errors : rest, tag, record, len);
		}
	}
	trail_free(from);
}

void errors_divide(struct fdl_machine *m, struct trail *older, struct trail *newer,
		   struct trail *rest)
{
	struct task *task;

	errors_free(m);
	errors_init(m);
	for (int pid = 1; (task = task_next(m, pid)) != NULL; pid = task->pid + 1)
		task->last_error = m->last_error;
	m->errors.records = m->errors.dropped = older->dropped;
	trail_init(rest, ERRORS_BYTES, render_error, m);
	divide(m, older, rest);
	divide(m, newer, rest);
	m->generation++;
}

/* The last line that failed after the task's last call; NULL: none did. */
static const char *last_error(const struct fdl_machine *m, const struct task *task, uint64_t *tag,
			      size_t *len)
{
	const struct last_error *e = task ? &task->last_error : &m->last_error;
	const uint64_t call = task ? task->last_call : m->last_call;

	if (e->mark == UINT64_MAX || e->after != call)
		return NULL;
	return trail_record(&m->errors, e->mark, tag, len);
}

/* The same at a moment of another machine's history, which kept the errors. */
static const char *last_error_then(const struct fdl_machine *m, const struct task *task,
				   uint64_t *tag, size_t *len)
{
	const struct trail *errors = &m->original->errors;
	const uint64_t call = task ? task->last_call : m->last_call;
	uint64_t left = errors_count(m) - errors->dropped, number;
	const char *record, *found = NULL;
	struct trail_cursor c;
	size_t record_len;
	uint64_t record_tag;
	bool overflow;

	if (!left || !trail_seek(errors, errors->dropped, &c))
		return NULL;
	while (left-- && (record = trail_next(&c, &record_tag, &record_len)) != NULL) {
		if (!(record_tag & (task ? TAG_TASK : TAG_LAST)))
			continue;
		if (!is_after(record_tag, call))
			continue;
		decimal_scan(record, record + record_len, &number, &overflow);
		if (task && number != (uint64_t)task->pid)
			continue;
		found = record;
		*tag = record_tag;
		*len = record_len;
	}
	return found;
}

void last_outcome(struct fdl_machine *m, const struct task *task, struct text *out)
{
	const uint64_t call = task ? task->last_call : m->last_call;
	uint64_t tag;
	size_t len;
	const char *text = m->original ? last_error_then(m, task, &tag, &len)
				       : last_error(m, task, &tag, &len);

	if (text) {
		/* A task's own file does not say which task it is. */
		const size_t prefix = task ? tag & TAG_PREFIX : 0;

		text_put(out, text + prefix, len - prefix);
		text_putc(out, '\n');
	} else if (call != UINT64_MAX) {
		transcript_text(m, call, !task, out);
	}
}
