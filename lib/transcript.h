/*
 * What happened, in order: the transcript (every call with its result, readable as a scenario) and
 * the events (every change of a table, a JSON object a line). Both are trails: written as small
 * records, made into text when read. A record that finds no memory is lost, and the trail says so.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct fdl_machine;
struct file;
struct task;
struct text;

/* Starts both, empty; and gives their memory back. */
void transcript_init(struct fdl_machine *m);
void transcript_free(struct fdl_machine *m);

/*
 * A call that is over; one that waits now; one that stopped at a preemption point (again: not for
 * the first time); one that had waited or stopped, and is over.
 */
void transcript_call(struct fdl_machine *m, const struct call *c);
void transcript_blocked(struct fdl_machine *m, const struct call *c);
void transcript_stopped(struct fdl_machine *m, const struct call *c, bool again);
void transcript_resumed(struct fdl_machine *m, const struct call *c);

/* A line as it is: "echo 100 > sys/fs/nr_open". */
void transcript_line(struct fdl_machine *m, const char *line, size_t len);

/*
 * The record at a mark as text: "2 dup2(3, 10) = 10\n"; without "2 " unless with_pid. Nothing if it
 * is not kept any more, or the mark is UINT64_MAX.
 */
void transcript_text(struct fdl_machine *m, uint64_t mark, bool with_pid, struct text *out);

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

/* Records a change of the table with this id, made by task. */
void event_record(struct task *task, enum event event, uint32_t table, int32_t fd, uint64_t arg);
void event_open(struct task *task, const struct file *f);

#endif
