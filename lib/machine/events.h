/*
 * The events: every change of a table and every description that is made or freed, a JSON object a
 * line. Written as small records, and made into text when somebody reads them. A record that finds
 * no memory is lost, and the trail says so.
 */
#ifndef EVENTS_H
#define EVENTS_H

#include "base/trail.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <stddef.h>
#include <stdint.h>

/* Starts them, empty; and gives their memory back. */
void events_init(struct fdl_machine *m);
void events_free(struct fdl_machine *m);

enum event {
	EVENT_RESERVE,   /* a descriptor's bit is set, its slot empty. arg: close-on-exec */
	EVENT_INSTALL,   /* a slot gets a file. arg: the description's id */
	EVENT_CLEAR,     /* a slot is emptied, its bit cleared. arg: the description's id */
	EVENT_UNRESERVE, /* a bit is cleared whose slot was empty */
	EVENT_CLOEXEC,   /* arg: the new value */
	EVENT_EXPAND,    /* fd: the slots there were; arg: the slots there are */
	EVENT_COPY,      /* a new table. fd: slots that were copied; arg: the id of the original */
	EVENT_SHARE,     /* one user more. arg: their number now */
	EVENT_UNSHARE,   /* one user less. arg: their number now; 0: the table is freed */
	EVENT_OPEN,      /* a description is made. arg: its id; its name goes with it */
	EVENT_FREE,      /* a description is freed. arg: its id */
};

/* An event's tag is the event and, above it, the pid; an open file's name follows its bytes. */
#define EVENT_BITS 4

struct event_record {
	uint32_t table;
	int32_t fd;
	uint64_t arg;
};

static inline uint64_t event_tag(enum event event, int pid)
{
	return (uint64_t)(uint32_t)pid << EVENT_BITS | event;
}

/* event_record where there is no room in the trail's chunk. */
void event_record_far(struct task *task, enum event event, struct event_record e);

/*
 * Records a change of the table with this id, made by task. In its callers' own code, because half
 * of what it costs as a function of its own is being called.
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
