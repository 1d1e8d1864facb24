/*
 * Lines of calls that a program's own output tears.
 */
#ifndef FDLAB_TOOLS_REPLAY_TORN_H
#define FDLAB_TOOLS_REPLAY_TORN_H

#include "replay/play.h"

/*
 * The arguments of a call so far, without output that follows the last: 3 of 3abc. digits: output
 * surely follows, and may begin with a digit.
 */
struct span torn_arguments(const struct log_task *task, const struct log_call *row,
			   struct span args, bool digits);

/* Where the arguments of a whole call end: at the bracket before its result. */
size_t torn_end(const char *text, size_t len);

/*
 * Whether a call of close, dup2 or fcntl may have output in its arguments. error: it was not read.
 */
bool torn_is_suspect(const struct log_call *row, const struct fdl_log_call *call, int error);

#endif
