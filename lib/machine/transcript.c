/*
 * The transcript and the events: what happened, in order, kept as small records and written out in
 * words only when somebody reads them. What a record means is known here and in transcript.h alone.
 */
#include "machine/transcript.h"

#include "notation/args.h"
#include "base/arena.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OUT_MAX 32 /* bytes of what a call filled in, as strace -s */

/* A call too long to be kept, which can only come by fdl_call, leaves a comment. */
static void write_omission(struct fdl_machine *m, const struct call *c)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "# %d %s: too long to be kept", c->pid,
			   c->row->call->name);

	transcript_line(m, line, (size_t)len);
}

#define FLAT_MAX 256 /* bytes of a flat record */

/*
 * A call with strings among its small numbers, such as open: what a narrow record has, a string's
 * length for its number, and behind it the strings. False: it is not such a call, or there is no
 * room.
 */
static bool write_flat(struct fdl_machine *m, const struct call *c, int64_t result, uint64_t tag)
{
	const size_t n = c->row->nparams, head = (1 + n) * sizeof(int32_t);
	char *to = trail_reserve(&m->log, FLAT_MAX);
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

/* Any call: its result, and its arguments as args_pack has them. False: there is no room. */
static bool write_packed(struct fdl_machine *m, const struct call *c, int64_t result, uint64_t tag)
{
	const size_t head = sizeof(result);
	size_t room = 256, len;
	char *to = trail_reserve(&m->log, room);

	if (!to)
		return false;
	len = head + args_pack(c->row, c->arg, to + head, room - head, OUT_MAX);
	if (len > TRAIL_RECORD_MAX) {
		write_omission(m, c);
		return false;
	}
	if (len > room) {
		to = trail_reserve(&m->log, len);
		if (!to)
			return false;
		args_pack(c->row, c->arg, to + head, len - head, OUT_MAX);
	}
	memcpy(to, &result, head);
	trail_commit(&m->log, tag, len);
	return true;
}

/* Not part of its callers, which have no need of it mostly. */
static __attribute__((noinline)) void write_record(struct fdl_machine *m, const struct call *c,
						   int64_t result, uint64_t tag)
{
	const uint64_t mark = trail_mark(&m->log);

	if ((c->row->flat && write_flat(m, c, result, tag)) || write_packed(m, c, result, tag))
		c->current->last_call = m->last_call = mark;
}

/* The result and the arguments of a record whose numbers have 32 bits. False: no memory. */
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

/* The result and the arguments of a record. False: no memory. */
static bool read_record(struct arena *arena, const struct fdl_row *row, uint64_t tag,
			const char *record, size_t len, int64_t *result, struct fdl_arg *arg)
{
	const size_t head = sizeof(*result);

	if (tag & RECORD_NARROW)
		return read_narrow(arena, row, record, result, arg);
	memcpy(result, record, head);
	return args_unpack(arena, row, record + head, len - head, arg) != 0;
}

void transcript_call_far(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, c->result, record_tag(c, RECORD_CALL));
}

void transcript_blocked(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, 0, record_tag(c, RECORD_BLOCKED));
}

void transcript_stopped(struct fdl_machine *m, const struct call *c, bool again)
{
	/* One that waits has not come to the point yet that it was asked to stop at. */
	const char *point = c->state == CALL_BLOCKED ? c->stop_at : c->where;

	write_record(m, c, (intptr_t)point, record_tag(c, again ? RECORD_STEP : RECORD_STOPPED));
}

void transcript_resumed(struct fdl_machine *m, const struct call *c)
{
	write_record(m, c, c->result, record_tag(c, RECORD_RESUMED));
}

void transcript_line(struct fdl_machine *m, const char *line, size_t len)
{
	char *to = trail_reserve(&m->log, len);

	if (!to)
		return;
	memcpy(to, line, len);
	trail_commit(&m->log, RECORD_LINE, len);
}

void transcript_finish(struct fdl_machine *m, const struct call *c)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%d finish", c->pid);

	transcript_line(m, line, (size_t)len);
}

/* "openat(AT_FDCWD, "/x", O_RDONLY" of a call that stopped: the printed call without its end. */
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

static void print_result(struct text *out, const struct fdl_row *row, uint64_t tag,
			 const struct fdl_arg *arg, int64_t result)
{
	if (tag & RECORD_ENDED)
		text_puts(out, " = ?");
	else
		result_print(out, row, arg, result);
}

static void print_call(struct text *out, const struct fdl_row *row, uint64_t tag, int64_t result,
		       const struct fdl_arg *arg)
{
	/* What a call would have filled in is not known when it did not return. */
	int64_t filled = tag & RECORD_ENDED ? -EINTR : result;

	switch ((enum record_kind)(tag & RECORD_KIND)) {
	case RECORD_LINE:
		break;
	case RECORD_CALL:
		call_print(out, row, arg, ARGS_DONE, filled, OUT_MAX);
		print_result(out, row, tag, arg, result);
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
		call_print_resumed(out, row, arg, filled, OUT_MAX);
		print_result(out, row, tag, arg, result);
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

static void render_log(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	print_record(ctx, tag, record, len, true, out);
}

void transcript_text(struct fdl_machine *m, uint64_t mark, bool with_pid, struct text *out)
{
	uint64_t tag;
	size_t len;
	const char *record = mark == UINT64_MAX ? NULL : trail_record(&m->log, mark, &tag, &len);

	if (record)
		print_record(m, tag, record, len, with_pid, out);
}

/* What an event is called, and what its numbers are. */
static const struct event_row {
	const char *name;
	const char *fd;  /* the member that fd is; NULL: not told */
	const char *arg; /* the member that arg is */
	bool table;      /* happens to a table */
} event_rows[] = {
	[EVENT_RESERVE] = { "reserve", "fd", "cloexec", true },
	[EVENT_INSTALL] = { "install", "fd", "file", true },
	[EVENT_CLEAR] = { "clear", "fd", "file", true },
	[EVENT_UNRESERVE] = { "unreserve", "fd", NULL, true },
	[EVENT_CLOEXEC] = { "cloexec", "fd", "cloexec", true },
	[EVENT_EXPAND] = { "expand", "from", "to", true },
	[EVENT_COPY] = { "copy", "slots", "of", true },
	[EVENT_SHARE] = { "share", NULL, "count", true },
	[EVENT_UNSHARE] = { "unshare", NULL, "count", true },
	[EVENT_OPEN] = { "open", NULL, "file", false },
	[EVENT_FREE] = { "free", NULL, "file", false },
};

void event_record_far(struct task *task, enum event event, struct event_record e)
{
	struct trail *events = &task->machine->events;
	char *to = trail_reserve(events, sizeof(e));

	if (!to)
		return;
	memcpy(to, &e, sizeof(e));
	trail_commit(events, event_tag(event, task->pid), sizeof(e));
}

/* Room for an event and so many bytes behind it; or NULL. event_ends keeps it. */
static char *event_begins(struct task *task, const struct event_record *e, size_t more)
{
	char *to = trail_reserve(&task->machine->events, sizeof(*e) + more);

	if (to)
		memcpy(to, e, sizeof(*e));
	return to ? to + sizeof(*e) : NULL;
}

static void event_ends(struct task *task, enum event event, size_t more)
{
	trail_commit(&task->machine->events, event_tag(event, task->pid),
		     sizeof(struct event_record) + more);
}

void event_open(struct task *task, const struct file *f)
{
	const struct event_record e = { 0, 0, f->id };
	struct text *name = &task->machine->name;
	size_t len;
	char *to;

	if (f->dentry && !f->dentry->unhashed) {
		/* What is opened by a path, as most is, has its name put where it is to stand. */
		len = d_path_len(f->dentry);
		to = event_begins(task, &e, len);
		if (to)
			d_path_put(f->dentry, to + len);
	} else {
		text_clear(name);
		file_name(f, name);
		len = name->len;
		to = event_begins(task, &e, len);
		if (to)
			memcpy(to, name->s, len);
	}
	if (to)
		event_ends(task, EVENT_OPEN, len);
}

/* A name as a JSON string. Names are bytes: what is not ASCII is shown as if it were Latin-1. */
static void print_json_string(struct text *out, const char *s, size_t len)
{
	text_putc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			text_putc(out, '\\');
		if (c < 0x20 || c >= 0x7f)
			text_printf(out, "\\u%04x", c);
		else
			text_putc(out, (char)c);
	}
	text_putc(out, '"');
}

static void print_member(struct text *out, const char *name, int64_t value)
{
	text_puts(out, ",\"");
	text_puts(out, name);
	text_puts(out, "\":");
	text_int(out, value);
}

static void render_event(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	const struct event_row *row = &event_rows[tag & ((1 << EVENT_BITS) - 1)];
	struct event_record e;

	(void)ctx;
	memcpy(&e, record, sizeof(e));
	text_puts(out, "{\"event\":\"");
	text_puts(out, row->name);
	text_putc(out, '"');
	print_member(out, "task", (int64_t)(tag >> EVENT_BITS));
	if (row->table)
		print_member(out, "table", e.table);
	if (row->fd)
		print_member(out, row->fd, e.fd);
	if (row->arg)
		print_member(out, row->arg, (int64_t)e.arg);
	if (len > sizeof(e)) {
		text_puts(out, ",\"name\":");
		print_json_string(out, record + sizeof(e), len - sizeof(e));
	}
	text_puts(out, "}\n");
}

void transcript_init(struct fdl_machine *m)
{
	trail_init(&m->log, m->options.log, render_log, m);
	trail_init(&m->events, m->options.log, render_event, m);
}

void transcript_free(struct fdl_machine *m)
{
	trail_free(&m->log);
	trail_free(&m->events);
	text_free(&m->name);
}
