/*
 * Descriptors whose opening no line shows. Each function returns whether its explanation fits what
 * a call shows, and if so changes the table and the machine.
 */
#ifndef FDLAB_TOOLS_REPLAY_UNSEEN_H
#define FDLAB_TOOLS_REPLAY_UNSEEN_H

#include "replay/play.h"

/* Learns what was open before the log began; the log is played again if that matters. */
bool learn_belief(struct replay *r, const struct log_task *task, int64_t fd, enum belief belief,
		  enum evidence evidence);

/* A number was open before the log began, or was closed then. */
bool learn_open(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence);
bool learn_closed(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence);

/* Takes a free number until a call opens it. */
void place_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* A free number was opened by a task or a call that the log does not show. */
bool opened_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* An open number was closed by such a task, or was opened by such a call and closed unseen. */
bool closed_unseen(struct replay *r, struct log_task *task, int64_t fd);

/* A free number is open: the table was copied while a call in flight might open it. */
bool was_copied(struct replay *r, struct log_task *task, int64_t fd);

#endif
