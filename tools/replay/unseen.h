/*
 * Descriptors of which no line tells how they came. Each function says whether that explains what a
 * call shows, and changes the table and the machine accordingly.
 */
#ifndef FDLAB_TOOLS_REPLAY_UNSEEN_H
#define FDLAB_TOOLS_REPLAY_UNSEEN_H

#include "replay/play.h"

/* Learns what was open before the log began; the log is played again where that matters. */
bool learn(struct replay *r, const struct log_task *task, int64_t fd, enum belief belief,
	   enum evidence evidence);

/* A number was open before the log began, or it was not. */
bool learn_open(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence);
bool learn_closed(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence);

/* A number is taken, until something opens it. */
void place_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* A number that is free was opened by a task, or a call, that the log does not show. */
bool opened_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* A number that is open was opened, or closed, so. */
bool closed_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* A number that is free is not, where the table was copied while it may have been open. */
bool was_copied(struct replay *r, struct log_task *task, int64_t fd);

#endif
