/*
 * Runs a program under strace(1), and keeps what strace writes about it. The meaning of the log is
 * not known here.
 */
#ifndef FDLAB_TOOLS_TRACED_H
#define FDLAB_TOOLS_TRACED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct traced {
	char log[256]; /* the name of the log; empty: there is none */
	int status;    /* of the program, as wait(2) has it */
	bool late;     /* it was killed, with all of its processes, when its time was over */
	bool stacks;   /* the log has stack traces */
};

/*
 * Runs argv until it ends, or for some seconds (0: without a limit). aside: its standard output
 * goes to standard error. 0, or a negative errno with a message in err: strace is missing, cannot
 * trace, or did not find the program. In every case, *t is to be given to traced_forget.
 */
int traced_run(struct traced *t, char **argv, uint64_t seconds, bool aside, char *err,
	       size_t errsize);

/* Removes the log. */
void traced_forget(struct traced *t);

#endif
