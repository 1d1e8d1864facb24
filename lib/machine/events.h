/*
 * The events: each change of a table, and each description that is made or freed, a JSON object a
 * line. They are kept as small records, and become text when they are read. A record that finds no
 * memory is lost, and the trail says so.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "base/trail.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <stddef.h>
#include <stdint.h>

/* Starts without events; frees them. */
void events_init(struct fdl_machine *m);
void events_free(struct fdl_machine *m);

enum event {
	EVENT_RESERVE,   /* a descriptor's bit is set, its slot is empty. arg: close-on-exec */
	EVENT_INSTALL,   /* a slot gets a file. arg: the description's id */
	EVENT_CLEAR,     /* a slot is emptied, its bit is cleared. arg: the description's id */
	EVENT_UNRESERVE, /* the bit of an empty slot is cleared */
	EVENT_CLOEXEC,   /* arg: the new value */
	EVENT_EXPAND,    /* a table grows. fd: its slots before; arg: its slots now */
	EVENT_COPY,      /* a table is copied. fd: slots of the copy; arg: the original's id */
	EVENT_SHARE,     /* a table gets a user. arg: its users now */
	EVENT_UNSHARE,   /* a table loses a user. arg: its users now; with 0 it is freed */
	EVENT_OPEN,      /* a description is made. arg: its id; its name follows the record */
	EVENT_FREE,      /* a description is freed. arg: its id */
};

#define EVENT_BITS 4 /* of a record's tag: the event; the pid is above them */

struct event_record {
	uint32_t table;
	int32_t fd;
	uint64_t arg;
};

static inline uint64_t event_tag(enum event event, int pid)
{
	return (uint64_t)(uint32_t)pid << EVENT_BITS | event;
}

/* The rest of event_record: the trail's chunk is full. */
void event_record_far(struct task *task, enum event event, struct event_record e);

/*
 * Records a change of the table with this id (0: of none), made by task. Inlined, because half of
 * its price as a function would be the call.
 */
static inline __attribute__((always_inline)) void
event_record(struct task *task, enum event event, uint32_t table, int32_t fd, uint64_t arg)
{
	struct trail *events = &task->machine->events;
	const struct event_record e = { table, fd, arg };
	struct event_record *to = trail_quick(events);

	if (__builtin_expect(!to, 0)) {
		event_record_far(task, event, e);
		return;
	}
	*to = e;
	trail_commit(events, event_tag(event, task->pid), sizeof(e));
}

/*
 * An event with bytes of its own: room for so many, or NULL, which the caller fills and event_ends
 * keeps. Nothing else may be recorded between the two.
 */
char *event_begins(struct task *task, const struct event_record *e, size_t more);
void event_ends(struct task *task, enum event event, size_t more);

#endif
