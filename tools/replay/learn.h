/*
 * Plays a log as often as is needed to learn what was open before it began.
 */
#ifndef FDLAB_TOOLS_REPLAY_LEARN_H
#define FDLAB_TOOLS_REPLAY_LEARN_H

#include "replay/findings.h"
#include "replay/infer.h"
#include "replay/strace_log.h"

/*
 * Plays the log until nothing more can be inferred; findings and inference are those of the last
 * time. On a terminal, standard error shows the progress under this name; NULL: it does not. 0,
 * -EINVAL: there is no call of strace in the log, or another negative errno.
 */
int replay_learn(const struct strace_log *log, const char *name, struct findings *findings,
		 struct inference *inference);

#endif
