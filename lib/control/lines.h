/*
 * Lines of control files: what one line means, and to whom its outcome is told. A call that blocks
 * or stops outlives the write that started it: it is then pending on the handle, or on nobody when
 * the handle is closed. Inside of control.c and lines.c only.
 */
#ifndef LINES_H
#define LINES_H

#include "fdlab.h"
#include "base/list.h"
#include "notation/line.h"
#include "control/replies.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct call;

/* What a handle of a control file has. */
struct control {
	struct fdl_machine *machine;
	int pid;     /* of <pid>/control; 0 in the root's */
	int context; /* the pid that a line without one goes to */
	bool fresh;  /* nothing was read or written yet */
	bool busy;   /* a line is being run: other calls' replies come behind its own */
	struct replies replies;
	struct text late;    /* those other replies */
	struct list pending; /* calls in flight whose outcome is told here */
};

/* A call in flight that a handle is told of. The call's ctx. */
struct pending {
	struct list link;
	struct control *control;
	struct call *call;
	int pid;
	bool resumed; /* tells the end of the call only */
	/* Somebody waits in a write of size bytes; NULL: nobody. */
	fdl_done_fn *done;
	void *ctx;
	size_t size;
	struct line *line; /* what was stated, for one who waits; in the call's arena */
};

/* A write being worked on. */
struct writing {
	struct control *control;
	fdl_done_fn *done; /* how to tell one who waits; NULL: nobody will wait */
	void *ctx;
	size_t size;
	unsigned number;   /* of the line, from 1 */
	struct call *call; /* the line's; NULL once it is in flight */
	struct line line;
	struct text why; /* what is wrong with the line */
	bool ended;      /* its task ended in its call */
};

/* Explains the line's error in the reply, by w->why or the error's own text; returns error. */
int complain(struct writing *w, int error);

/*
 * Runs one line with w->call, which is NULL behind it when it is in flight or kept. 0; the error
 * of the call or of the line; -EINPROGRESS when somebody waits for the call.
 */
int line_run(struct writing *w, const char *s, size_t len);

/* Lets go of a call in flight, which then tells nobody. */
void pending_free(struct pending *p);

#endif
