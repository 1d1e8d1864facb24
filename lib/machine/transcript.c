/*
 * The transcript: writing the records of calls, and reading them back as text. The format of a
 * record is known here and in transcript.h alone.
 */
#include "machine/transcript.h"

#include "base/arena.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX 32 /* bytes shown of a buffer that a call filled in, as strace -s */

/* trail_reserve. If the record takes the chunk that is kept ready, the next call gets another. */
static char *reserve(struct fdl_machine *m, size_t max)
{
	char *to = trail_reserve(&m->log, max);

	if (!m->log.spare)
		m->ready = NULL;
	return to;
}

/* A call too long for a record leaves a comment: only fdl_call can make one. */
static void write_omission(struct fdl_machine *m, const struct call *c)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "# %d %s: too long to be kept", c->pid,
			   c->row->call->name);

	transcript_line(m, line, (size_t)len);
}

#define FLAT_MAX 256 /* bytes of a flat record */

/*
 * Writes a call with strings among its small numbers, such as open: a narrow record, in which a
 * string has its length as its number, and then the strings. False: it is not such a call, or there
 * is no room.
 */
static bool write_flat(struct fdl_machine *m, const struct call *c, int64_t result, uint64_t tag)
{
	const size_t n = c->row->nparams, head = (1 + n) * sizeof(int32_t);
	char *to = reserve(m, FLAT_MAX);
	uint64_t wide = record_wide(result);
	int32_t *narrow = (int32_t *)(void *)to;
	size_t len = head;

	if (!to)
		return false;
	narrow[0] = (int32_t)result;
	for (size_t i = 0; i < n; i++) {
		const struct fdl_arg *arg = &c->arg[i];

		narrow[1 + i] = (int32_t)arg->num;
		wide |= record_wide(arg->num);
		if (!(c->row->strings >> i & 1))
			continue;
		if (!arg->str || (uint64_t)arg->num > FLAT_MAX - len)
			return false;
		memcpy(to + len, arg->str, (size_t)arg->num);
		len += (size_t)arg->num;
	}
	if (wide)
		return false;
	trail_commit(&m->log, tag | RECORD_NARROW, len);
	return true;
}

/*
 * Writes any call: its result, and its arguments by args_pack, of what it filled in at most max
 * bytes. False: there is no room.
 */
static bool write_packed(struct fdl_machine *m, const struct call *c, int64_t result, uint64_t tag,
			 size_t max)
{
	const size_t head = sizeof(result);
	size_t room = 256, len;
	char *to = reserve(m, room);

	if (!to)
		return false;
	len = head + args_pack(c->row, c->arg, to + head, room - head, max);
	if (len > TRAIL_RECORD_MAX) {
		write_omission(m, c);
		return false;
	}
	if (len > room) {
		to = reserve(m, len);
		if (!to)
			return false;
		args_pack(c->row, c->arg, to + head, len - head, max);
	}
	memcpy(to, &result, head);
	trail_commit(&m->log, tag, len);
	return true;
}

/* Not inlined: most calls do not come here. */
static __attribute__((noinline)) void write_record(struct fdl_machine *m, const struct call *c,
						   int64_t result, uint64_t tag, size_t max)
{
	const uint64_t mark = trail_mark(&m->log);

	if ((c->row->flat && write_flat(m, c, result, tag)) || write_packed(m, c, result, tag, max))
		c->current->last_call = m->last_call = mark;
}

/* Reads a record whose numbers have 32 bits. False: no memory. */
static bool read_narrow(struct arena *arena, const struct fdl_row *row, const char *record,
			int64_t *result, struct fdl_arg *arg)
{
	const size_t head = (1 + row->nparams) * sizeof(int32_t);
	int32_t narrow[1 + ARGS_MAX];
	const char *string = record + head;

	memcpy(narrow, record, head);
	*result = narrow[0];
	for (size_t i = 0; i < row->nparams; i++) {
		arg[i] = (struct fdl_arg){ .num = narrow[1 + i] };
		if (!(row->strings >> i & 1))
			continue;
		arg[i].str = arena_copy(arena, string, (size_t)narrow[1 + i]);
		if (!arg[i].str)
			return false;
		string += narrow[1 + i];
	}
	return true;
}

/* Reads the result and the arguments of a record. False: no memory. */
static bool read_record(struct arena *arena, const struct fdl_row *row, uint64_t tag,
			const char *record, size_t len, int64_t *result, struct fdl_arg *arg)
{
	const size_t head = sizeof(*result);

	if (tag & RECORD_NARROW)
		return read_narrow(arena, row, record, result, arg);
	memcpy(result, record, head);
	return args_unpack(arena, row, record + head, len - head, arg) != 0;
}

/*
 * A call that fails fills in nothing. Its arguments are kept whole, so that the line can be run
 * again.
 */
static size_t out_max(const struct call *c)
{
	return c->result < 0 ? SIZE_MAX : OUT_MAX;
}

void transcript_call_far(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, c->result, record_tag(c, RECORD_CALL), out_max(c));
}

void transcript_blocked(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, 0, record_tag(c, RECORD_BLOCKED), SIZE_MAX);
}

void transcript_stopped(struct fdl_machine *m, const struct call *c, bool again)
{
	/* A call that waits has not reached the point where it was asked to stop. */
	const char *point = c->state == CALL_BLOCKED ? c->stop_at : c->where;

	write_record(m, c, (intptr_t)point, record_tag(c, again ? RECORD_STEP : RECORD_STOPPED),
		     SIZE_MAX);
}

void transcript_resumed(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, c->result, record_tag(c, RECORD_RESUMED), out_max(c));
}

void transcript_woken(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, c->result, record_tag(c, RECORD_WOKEN), out_max(c));
}

void transcript_line(struct fdl_machine *m, const char *line, size_t len)
{
	char *to = reserve(m, len);

	if (!to)
		return;
	memcpy(to, line, len);
	trail_commit(&m->log, RECORD_LINE, len);
}

/* A line that is a word for the task pid. */
static void write_word(struct fdl_machine *m, int pid, const char *word)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%d %s", pid, word);

	transcript_line(m, line, (size_t)len);
}

void transcript_finish(struct fdl_machine *m, const struct call *c)
{
	write_word(m, c->pid, "finish");
}

void transcript_interrupt(struct fdl_machine *m, const struct task *task)
{
	write_word(m, task->pid, "interrupt");
}

/* "openat(AT_FDCWD, "/x", O_RDONLY <unfinished ...>": a call without its closing parenthesis. */
static void print_stopped(struct text *out, const struct fdl_row *row, const struct fdl_arg *arg,
			  const char *point)
{
	call_print(out, row, arg, ARGS_BLOCKED, 0, OUT_MAX);
	if (out->len && out->s[out->len - 1] == ')')
		out->len--;
	if (point)
		text_printf(out, " <unfinished at %s ...>", point);
	else
		text_puts(out, " <unfinished ...>");
}

static void print_call(struct text *out, const struct fdl_row *row, uint64_t tag, int64_t result,
		       const struct fdl_arg *arg)
{
	/* A call that did not return has filled in nothing. */
	int64_t filled = tag & RECORD_ENDED ? -EINTR : result;

	switch ((enum record_kind)(tag & RECORD_KIND)) {
	case RECORD_LINE:
		break;
	case RECORD_CALL:
		call_print(out, row, arg, ARGS_DONE, filled, OUT_MAX);
		outcome_print(out, row, arg, result, tag & RECORD_ENDED);
		break;
	case RECORD_BLOCKED:
		call_print(out, row, arg, ARGS_BLOCKED, 0, OUT_MAX);
		break;
	case RECORD_STOPPED:
		print_stopped(out, row, arg, (const char *)(intptr_t)result);
		break;
	case RECORD_STEP:
		text_puts(out, "step");
		if (result)
			text_printf(out, " %s", (const char *)(intptr_t)result);
		break;
	case RECORD_RESUMED:
	case RECORD_WOKEN:
		call_print_resumed(out, row, arg, filled, OUT_MAX);
		outcome_print(out, row, arg, result, tag & RECORD_ENDED);
		break;
	}
}

static void print_record(struct fdl_machine *m, uint64_t tag, const char *record, size_t len,
			 bool with_pid, struct text *out)
{
	const struct fdl_row *row = &m->table->rows[tag >> RECORD_ROW & RECORD_ROWS];
	struct fdl_arg arg[ARGS_MAX];
	struct arena arena = { 0 };
	int64_t result;

	if ((tag & RECORD_KIND) == RECORD_LINE) {
		text_put(out, record, len);
	} else if (read_record(&arena, row, tag, record, len, &result, arg)) {
		if (with_pid) {
			text_uint(out, tag >> RECORD_PID);
			text_putc(out, ' ');
		}
		print_call(out, row, tag, result, arg);
	} else {
		out->error = -ENOMEM;
	}
	text_putc(out, '\n');
	arena_free(&arena);
}

void transcript_print(struct fdl_machine *m, uint64_t tag, const char *record, size_t len,
		      struct text *out)
{
	print_record(m, tag, record, len, true, out);
}

static void render_log(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	print_record(ctx, tag, record, len, true, out);
}

/* "2 --- SIGUSR1 {...} ---": the line before sent it. */
static bool is_signal(const char *record, size_t len)
{
	static const char dashes[] = " --- ";
	const size_t n = sizeof(dashes) - 1;
	size_t digits = 0;

	while (digits < len && record[digits] >= '0' && record[digits] <= '9')
		digits++;
	return len - digits >= n && !memcmp(record + digits, dashes, n);
}

bool transcript_is_step(uint64_t tag, const char *record, size_t len)
{
	static const char option[] = "option ";
	const size_t n = sizeof(option) - 1;

	if ((tag & RECORD_KIND) == RECORD_WOKEN)
		return false;
	if ((tag & RECORD_KIND) != RECORD_LINE)
		return true;
	if (is_signal(record, len))
		return false;
	return !len || (record[0] != '#' && (len < n || memcmp(record, option, n)));
}

void transcript_text(struct fdl_machine *m, uint64_t mark, bool with_pid, struct text *out)
{
	uint64_t tag;
	size_t len;
	const struct trail *log = m->original ? &m->original->log : &m->log;
	const char *record = mark == UINT64_MAX ? NULL : trail_record(log, mark, &tag, &len);

	if (record)
		print_record(m, tag, record, len, with_pid, out);
}

void transcript_init(struct fdl_machine *m)
{
	trail_init(&m->log, m->options.log, render_log, m);
	m->ready = NULL;
}

void transcript_free(struct fdl_machine *m)
{
	trail_free(&m->log);
}
