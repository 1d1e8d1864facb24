/*
 * Plays a scenario on a target, line by line, and reports which lines gave another result
 * than they state.
 */
#ifndef FDLAB_TOOLS_PLAY_H
#define FDLAB_TOOLS_PLAY_H

#include "scenario/report.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

/* Functions that are called while a scenario is played; NULL for those that are not needed. */
struct play_watcher {
	/* Before a line is played. False: playing ends before this line. */
	bool (*before)(struct play_watcher *w, struct target *t, const struct scenario_line *line);
	/* The control file's answers to a call, one line for each that returned or waits. */
	void (*replied)(struct play_watcher *w, const char *replies);
	/* After a line was played. */
	void (*after)(struct play_watcher *w, struct target *t, const struct scenario_line *line);
	/* After the last line that is played, before the target stops. */
	void (*end)(struct play_watcher *w, struct target *t);
};

/*
 * The kernel is that of scenarios that name none; NULL: the usual one. w may be NULL. 0, and the
 * report has what came out; -EOPNOTSUPP: the target cannot play it, and nothing was played, for the
 * reason in why.
 */
int play_scenario(const struct scenario *s, struct target *t, const char *kernel,
		  struct report *report, struct play_watcher *w, char *why, size_t whysize);

/*
 * The same on a target that can play everything. The target keeps running: the caller stops it by
 * t->ops->stop. False: it did not start, and the report says why.
 */
bool play_on(const struct scenario *s, struct target *t, const char *kernel, struct report *report);

/* The same, with a watcher that may look at the target between lines. */
bool play_watched(const struct scenario *s, struct target *t, const char *kernel,
		  struct report *report, struct play_watcher *w);

/* A scenario that is played line by line, by the caller. */
struct player {
	struct target *t;
	struct report *report;
	struct play_watcher *watcher; /* or NULL; before, after and end are the caller's to call */
	bool table_shown;             /* only once: the first difference explains most */
};

/*
 * Starts the target with the options of the scenario, which are its first lines; *first is the line
 * that follows them. 0, or an error, which the report has. The caller stops the target.
 */
int play_begin(struct player *p, const struct scenario *s, const char *kernel, size_t *first);

/* Plays a line; where this kernel is known to differ from it, it must do so. */
void play_one(struct player *p, const struct scenario_line *line);

/* The message of a reply to a line that could not be read, without the line's number; else NULL. */
const char *play_message(const char *reply);

/*
 * Writes a call to the target and returns the replies, in memory of malloc; NULL: no memory.
 * *written is the result of the write.
 */
char *play_submit(struct target *t, const struct scenario_line *line, ssize_t *written);

/* Reads all replies of the control file, in memory of malloc; NULL: no memory. */
char *play_replies(struct target *t);

#endif
