/*
 * The lines of control files that failed: the file errors, and what a control file that is freshly
 * opened says of a line that could not be read.
 */
#ifndef ERRORS_H
#define ERRORS_H

#include "base/text.h"
#include "base/trail.h"
#include "machine/task.h"

#include <stdbool.h>
#include <stddef.h>

/* A machine without errors yet; and the end of what it keeps of them. */
void errors_init(struct fdl_machine *m);
void errors_free(struct fdl_machine *m);

enum error_of {
	ERROR_OF_CALL,    /* it ran, and the transcript has it */
	ERROR_OF_KILLED,  /* its task was killed, and the transcript does not have that yet */
	ERROR_OF_REFUSED, /* it did not run: this is the last outcome */
};

/*
 * Notes a call that failed. Its reply is the text of replies from start on; it need not end in a
 * newline. pid is put in front of it, unless it is 0 because the reply has it. Without memory the
 * record is lost, as is that of a reply for which there was none.
 */
void errors_add_reply(struct fdl_machine *m, int pid, const struct text *replies, size_t start,
		      enum error_of of);

/*
 * Notes a line that was no call, written for task pid, and why it failed. It is the last outcome of
 * that task, and of the machine, until a call is over.
 */
void errors_add_line(struct fdl_machine *m, int pid, const char *line, size_t len, const char *why);

/* Notes that a file's text was refused, by the file's path: it is longer than text_limit allows. */
void errors_add_too_long(struct fdl_machine *m, const char *path, size_t len);

/*
 * Notes that a write of so many bytes was refused, to the control file of task pid or, if that is
 * 0, to that of the machine. It is no outcome: a journal has no record of such a write.
 */
void errors_add_too_large(struct fdl_machine *m, int pid, size_t size);

/* The same of a write of which only the first bytes, so many, were written, and why. */
void errors_add_cut(struct fdl_machine *m, int pid, size_t written, size_t size, const char *why);

/*
 * For a machine that shows a moment of another one's history: the number of errors that the other
 * machine had then, with those that are no longer kept.
 */
uint64_t errors_count(const struct fdl_machine *m);

/*
 * After the machine went to another place of its past: of the errors of two trails, which are
 * freed, those that there were by then become the machine's, and the others those of rest.
 */
void errors_divide(struct fdl_machine *m, struct trail *older, struct trail *newer,
		   struct trail *rest);

/* Puts the last outcome of a task, or of the machine (NULL): a call, or a line that was none. */
void last_outcome(struct fdl_machine *m, const struct task *task, struct text *out);

#endif
