/*
 * Plays a scenario on a target, line by line, and says in the report which lines came out otherwise
 * than they state.
 */
#ifndef FDLAB_TOOLS_PLAY_H
#define FDLAB_TOOLS_PLAY_H

#include "scenario/report.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

/* Who looks on while a scenario is played. */
struct play_watcher {
	/* A line is about to be played. False: this one and those behind it are not. */
	bool (*before)(struct play_watcher *w, struct target *t, const struct scenario_line *line);
	/* What the control file answered to a call, one line for each that returned or waits. */
	void (*replied)(struct play_watcher *w, const char *replies);
	/* It has been played. */
	void (*after)(struct play_watcher *w, struct target *t, const struct scenario_line *line);
};

/*
 * The kernel is that of scenarios that name none; NULL: the usual one. 0, and the report has what
 * came out; -EOPNOTSUPP: the target cannot play it, and nothing was played, for the reason in why.
 */
int play(const struct scenario *s, struct target *t, const char *kernel, struct report *report,
	 char *why, size_t whysize);

/*
 * The same on a target that can play everything, which goes on: t->ops->stop is due when what the
 * scenario has behind its lines is done. False: it did not start, and the report says why.
 */
bool play_on(const struct scenario *s, struct target *t, const char *kernel, struct report *report);

/* That under the eyes of somebody who may look at the target between the lines. */
bool play_watched(const struct scenario *s, struct target *t, const char *kernel,
		  struct report *report, struct play_watcher *w);

/*
 * Writes a call to the target, and returns the replies: memory of malloc, or NULL when there is none.
 * *written is what the write came to.
 */
char *play_submit(struct target *t, const struct scenario_line *line, ssize_t *written);

#endif
