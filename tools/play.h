/*
 * Plays a scenario on a target, line by line, and says in the report which lines came out otherwise
 * than they state.
 */
#ifndef FDLAB_TOOLS_PLAY_H
#define FDLAB_TOOLS_PLAY_H

#include "report.h"
#include "scenario.h"
#include "target.h"

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

#endif
