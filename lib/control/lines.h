/*
 * Lines of control files: the meaning of one line, and the handle that gets its reply. A call that
 * blocks or stops outlives the write that started it: it is pending on the handle, until the handle
 * is closed.
 */
#ifndef LINES_H
#define LINES_H

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "control/replies.h"
#include "fdlab.h"
#include "notation/line.h"

#include <stdbool.h>
#include <stddef.h>

struct call;
struct unpickler;

/* The state of a handle of a control file. */
struct control {
	struct fdl_machine *machine;
	int pid;         /* of <pid>/control; 0 in the root's */
	int context;     /* the pid that a line without one goes to */
	bool fresh;      /* nothing was read or written yet */
	bool busy;       /* a line is being run: other calls' replies come after its own */
	bool quiet;      /* calls that succeed have no reply: control_quiet */
	unsigned number; /* lines of the last write, and of its parts so far */
	struct replies replies;
	struct text late;    /* those other replies */
	struct list pending; /* calls in flight that reply here */
};

/* A call in flight that replies to a handle. The call's ctx. */
struct pending_call {
	struct list link;
	struct control *control;
	struct call *call;
	int pid;
	bool resumed; /* the reply shows the end of the call only */
	/* A write of size bytes waits for the call; NULL: none does. */
	fdl_done_fn *done;
	void *ctx;
	size_t size;
	bool states;      /* the waiting write stated the outcome, in line */
	struct line line; /* it points into the call's arena */
	char *text;       /* line as it was written, if that arena is put back with the machine */
	/* While the machine goes back in its past: the task, and what line points into. */
	int rewound_pid;
	struct arena arena;
};

/* A write that is being carried out. */
struct writing {
	struct control *control;
	fdl_done_fn *done; /* ends the write when its call is over; NULL: it does not wait */
	void *ctx;
	size_t size;
	const char *text; /* the line, as it was written */
	size_t len;
	bool noted;                   /* what is wrong with it stands in the errors */
	unsigned number;              /* of the line, from 1 */
	struct call *call;            /* the line's; NULL once it is in flight */
	struct pending_call *pending; /* for the line's call, should it be in flight; or NULL */
	struct line line;
	struct text why; /* what is wrong with the line */
	bool ended;      /* its task ended in its call */
};

/* Explains the line's error in the reply, by w->why or the error's own text; returns error. */
int line_complain(struct writing *w, int error);

/*
 * Runs one line with w->call, which is NULL afterwards if the call is in flight or kept. 0; the
 * error of the call or of the line; -EINPROGRESS: the write waits for the call.
 */
int line_run(struct writing *w, const char *s, size_t len);

/*
 * The wait status that a line "+++ exited ... +++" or "+++ killed ... +++" states. 0, or -EINVAL
 * and why.
 */
int end_status(const struct line *line, int *status, struct text *why);

/* Ends a write that has waited for its call. */
void write_over(const struct fdl_machine *m, fdl_done_fn *done, void *ctx, ssize_t result);

/* Forgets that a call in flight replies to a handle: it replies nowhere. */
void pending_free(struct pending_call *p);

/* The same, and ends the write that waits for the call with -EINTR. */
void pending_give_up(struct pending_call *p);

/*
 * Around going back in the machine's past: keeps what is pending of a call in flight that is about
 * to be freed; and makes it pending on the same call of the same task again. False: there is no
 * such call any more, or the write would wait for one that does not.
 */
void pending_detach(struct pending_call *p);
bool pending_attach(struct pending_call *p);

/*
 * One as bytes, which is detached then; and one that was saved, to be attached: done ends its write
 * if that waits. NULL: no memory.
 */
void pending_save(struct pending_call *p, struct text *out);
struct pending_call *pending_load(struct control *ctl, struct unpickler *u, fdl_done_fn *done);

#endif
