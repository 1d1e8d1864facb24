/*
 * The events: writing their records, and reading them back as JSON.
 */
#include "machine/events.h"

#include "base/text.h"
#include "base/trail.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <string.h>

/* The name of an event, and the names of its numbers. */
static const struct event_row {
	const char *name;
	const char *fd;  /* the member that has fd; NULL: none */
	const char *arg; /* the member that has arg; NULL: none */
	bool table;      /* it has the id of a table */
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

char *event_begins(struct task *task, const struct event_record *e, size_t more)
{
	char *to = trail_reserve(&task->machine->events, sizeof(*e) + more);

	if (to)
		memcpy(to, e, sizeof(*e));
	return to ? to + sizeof(*e) : NULL;
}

void event_ends(struct task *task, enum event event, size_t more)
{
	trail_commit(&task->machine->events, event_tag(event, task->pid),
		     sizeof(struct event_record) + more);
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
		text_json(out, record + sizeof(e), len - sizeof(e));
	}
	text_puts(out, "}\n");
}

void events_init(struct fdl_machine *m)
{
	trail_init(&m->events, m->options.log, render_event, m);
}

void events_free(struct fdl_machine *m)
{
	trail_free(&m->events);
	text_free(&m->name);
}
