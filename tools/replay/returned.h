/*
 * A call that has returned, for the files that apply calls to the tables.
 */
#ifndef FDLAB_TOOLS_REPLAY_RETURNED_H
#define FDLAB_TOOLS_REPLAY_RETURNED_H

#include "replay/play.h"
#include "replay/values.h"

struct returned {
	struct replay *r;
	struct log_task *task;
	const struct log_call *row;
	const struct fdl_log_call *call;
	uint64_t start; /* the line where it began */
};

/* An argument, from 1, or NULL. */
const struct fdl_value *returned_argument(const struct returned *e, unsigned number);

/* An argument as a descriptor or another int; missing if it has none. */
int64_t returned_number(const struct returned *e, unsigned number, int64_t missing);

bool succeeded(const struct returned *e);
bool failed_with(const struct returned *e, const char *error);

/* The descriptors that the call uses must be open; after EBADF, at least one must be closed. */
void uses(const struct returned *e);

/* Reports a use of a closed descriptor. */
void note_badf(const struct returned *e, int64_t fd);

/* The call may open descriptors that the log does not show. what: its name or request. */
void note_hint(const struct returned *e, const struct fdl_value *what);

/* Whether the call asks for close-on-exec. */
bool asks_for_cloexec(const struct returned *e);

/* A number that a call gave and strace does not show: the lowest free one, from this one on. */
int64_t hidden_number(const struct returned *e, int64_t from);

/* Notes that such a number was judged. If other tasks share the table, it may be another one. */
void note_hidden(const struct returned *e, int64_t fd);

/* The call gave a descriptor; a decoration may name it. */
void give_descriptor(const struct returned *e, int64_t number, struct span decoration,
		     bool cloexec);

/* A call that gives descriptors failed. from: the lowest number that it could have given. */
void gave_nothing(const struct returned *e, int64_t from);

/* The effects of messages, and of calls that create, change and end tasks. */
void effect_message(const struct returned *e);
void effect_getsockopt(const struct returned *e);
void effect_fork(const struct returned *e);
void effect_unshare(const struct returned *e);
void effect_exec(const struct returned *e);
void effect_exit(const struct returned *e);
void effect_wait(const struct returned *e);
void effect_limit(const struct returned *e);

#endif
