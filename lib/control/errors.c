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

/* The tag of a record says how long the pid and the blank at its beginning are. */
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

/* Returns the record's mark. */
static uint64_t record(struct fdl_machine *m, const struct text *t, size_t prefix)
{
	const uint64_t mark = trail_mark(&m->errors);
	const size_t len = t->len < TRAIL_RECORD_MAX ? t->len : TRAIL_RECORD_MAX;
	char *to = t->error ? NULL : trail_reserve(&m->errors, len);

	m->generation++;
	if (!to)
		return UINT64_MAX;
	memcpy(to, t->s, len);
	trail_commit(&m->errors, prefix, len);
	return mark;
}

static size_t put_pid(struct text *t, int pid)
{
	text_int(t, pid);
	text_putc(t, ' ');
	return t->len;
}

static void is_last(struct fdl_machine *m, struct task *task, uint64_t mark)
{
	m->last_error = (struct last_error){ mark, m->last_call };
	if (task)
		task->last_error = (struct last_error){ mark, task->last_call };
}

void errors_add_reply(struct fdl_machine *m, int pid, const char *reply, size_t len, bool refused)
{
	struct text t = TEXT_EMPTY;
	uint64_t mark, number;
	bool overflow;
	size_t prefix;

	if (pid)
		put_pid(&t, pid);
	while (len && reply[len - 1] == '\n')
		len--;
	text_put(&t, reply, len);
	if (!t.error && decimal_scan(t.s, t.s + t.len, &number, &overflow)) {
		prefix = strcspn(t.s, " ") + 1;
		mark = record(m, &t, prefix);
		if (refused)
			is_last(m, task_find(m, (int)number), mark);
	}
	text_free(&t);
}

void errors_add_line(struct fdl_machine *m, int pid, const char *line, size_t len, const char *why)
{
	struct text t = TEXT_EMPTY;
	const size_t prefix = put_pid(&t, pid);
	uint64_t mark;

	/* The line may have said its pid itself. */
	if (len > prefix && !t.error && memcmp(line, t.s, prefix) == 0) {
		line += prefix;
		len -= prefix;
	}

	text_printable(&t, line, len);
	text_puts(&t, " # ");
	text_puts(&t, why);
	mark = record(m, &t, prefix);
	is_last(m, task_find(m, pid), mark);
	text_free(&t);
}

void errors_add_too_long(struct fdl_machine *m, const char *path, size_t len)
{
	const uint64_t generation = m->generation;
	struct text t = TEXT_EMPTY;

	text_puts(&t, "# ");
	text_put(&t, path, len);
	text_printf(&t, ": longer than the option text_limit allows (%" PRIu64 " bytes)",
		    m->options.text_limit);
	record(m, &t, 0);
	text_free(&t);
	/* No text shows a record that is no outcome. */
	m->generation = generation;
}

void last_outcome(struct fdl_machine *m, const struct task *task, struct text *out)
{
	const struct last_error *e = task ? &task->last_error : &m->last_error;
	const uint64_t call = task ? task->last_call : m->last_call;
	const char *text = NULL;
	uint64_t prefix;
	size_t len;

	if (e->mark != UINT64_MAX && e->after == call)
		text = trail_record(&m->errors, e->mark, &prefix, &len);
	if (text) {
		/* A task's own file does not say which task it is. */
		if (!task)
			prefix = 0;
		text_put(out, text + prefix, len - prefix);
		text_putc(out, '\n');
	} else if (call != UINT64_MAX) {
		transcript_text(m, call, !task, out);
	}
}
