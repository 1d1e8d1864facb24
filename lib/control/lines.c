/*
 * Lines of control files: a line becomes a call, or acts on a call in flight; the outcome becomes a
 * reply. Writes and reads of the file are control.c's.
 */
#include "control/lines.h"

#include "control/errors.h"
#include "base/heap.h"
#include "base/suggest.h"
#include "control/control.h"
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "notation/abi.h"
#include "notation/args.h"
#include "process/exit.h"
#include "notation/types.h"
#include "process/submit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls in flight ---------------------------------------------------------------------- */

/* Keeps a call that is over for a line that says "resumed", until the task's next call. */
static void keep_returned(struct task *task, struct call *c)
{
	task_forget_returned(task);
	if (call_charge(c))
		task->returned = c;
	else
		call_put(task->machine, c);
}

static int prefix_of(const struct control *ctl, int pid)
{
	return ctl->pid ? 0 : pid;
}

void write_over(const struct fdl_machine *m, fdl_done_fn *done, void *ctx, ssize_t result)
{
	struct heap *before = machine_leave(m);

	done(ctx, result);
	heap_current = before;
}

void pending_free(struct pending_call *p)
{
	if (p->call)
		p->call->ctx = NULL;
	list_del(&p->link);
	arena_free(&p->arena);
	free(p->text);
	free(p);
}

/*
 * The error of a write that is a call. Errors that a kernel uses inside only have no number for a
 * program, and -EINPROGRESS means here that the call waits.
 */
static int error_of(const struct call *c)
{
	const int error = result_error(c->row, c->result);

	if (error == -EINPROGRESS)
		return -EAGAIN;
	return error == -EDUPFD || error == -EMOVEFD ? -EINVAL : error;
}

/* A call that was in flight is over: call->done of all calls that control files start. */
static void call_over(struct call *c, void *ctx)
{
	struct fdl_machine *m = c->current->machine;
	struct pending_call *p = ctx;
	struct control *ctl;
	fdl_done_fn *done;
	struct text *t;
	size_t start;

	if (!p) {
		keep_returned(c->current, c);
		return;
	}
	ctl = p->control;
	t = ctl->busy ? &ctl->late : &ctl->replies.text;
	const struct reply_outcome o = {
		.pid = prefix_of(ctl, p->pid),
		.row = c->row,
		.arg = c->arg,
		.result = c->result,
		.line = p->states ? &p->line : NULL,
		.ended = c->ended,
	};
	const int error = error_of(c);
	const int64_t result = error ? error : (int64_t)p->size;

	start = t->len;
	if (p->done && !p->resumed)
		reply_done(t, &c->arena, &o);
	else
		reply_resumed(t, &c->arena, &o);
	if (error)
		errors_add_reply(m, ctl->pid, t, start,
				 c->killed ? ERROR_OF_KILLED : ERROR_OF_CALL);
	replies_bound(&ctl->replies);
	done = p->done;
	ctx = p->ctx;
	pending_free(p);
	if (!done) {
		keep_returned(c->current, c);
		return;
	}
	call_put(m, c);
	write_over(m, done, ctx, (ssize_t)result);
}

void pending_give_up(struct pending_call *p)
{
	const struct fdl_machine *m = p->control->machine;
	fdl_done_fn *done = p->done;
	void *ctx = p->ctx;

	pending_free(p);
	if (done)
		write_over(m, done, ctx, -EINTR);
}

bool pending_attach(struct pending_call *p)
{
	const struct task *task = task_find(p->control->machine, p->rewound_pid);
	struct call *c = task ? task->call : NULL;

	if (!c || c->ctx || (p->done && c->state != CALL_BLOCKED))
		return false;
	p->call = c;
	c->done = call_over;
	c->ctx = p;
	return true;
}

/* Allocates, before a call that may go in flight, what is kept of it then. False: no memory. */
static bool make_pending(struct writing *w)
{
	const struct fdl_machine *m = w->control->machine;
	struct heap *before = machine_leave(m);
	struct pending_call *p = calloc(1, sizeof(*p));

	/* A line can contain no NUL. */
	if (p && m->heap && w->done)
		p->text = strndup(w->text, w->len);
	if (p && m->heap && w->done && !p->text) {
		free(p);
		p = NULL;
	}
	heap_current = before;
	w->pending = p;
	return p;
}

/* Whether a call may wait, or stop. */
static bool may_be_in_flight(const struct fdl_row *row, bool stop)
{
	return stop || (row->call->flags & (CALL_MAY_BLOCK | CALL_MAY_CLOSE | CALL_MAY_OPEN));
}

/*
 * The line's call is in flight now, and pending on the handle; a write that can wait does if it
 * blocks. 0, or -EINPROGRESS: the write waits.
 */
static int in_flight(struct writing *w, struct call *c, int pid, bool resumed)
{
	struct pending_call *p = w->pending;
	const bool waits = w->done && c->state == CALL_BLOCKED;

	w->pending = NULL;
	w->call = w->call == c ? NULL : w->call;
	c->done = call_over;
	c->ctx = p;
	p->control = w->control;
	p->call = c;
	p->pid = pid;
	p->resumed = resumed;
	list_add_tail(&p->link, &w->control->pending);
	if (!waits)
		return 0;
	p->done = w->done;
	p->ctx = w->ctx;
	p->size = w->size;
	p->states = !resumed;
	p->line = w->line;
	return -EINPROGRESS;
}

/* ---- errors ------------------------------------------------------------------------------- */

/* Why the line has not done what it says; NULL: that has not been said. */
static const char *reason(const struct writing *w)
{
	if (w->why.error)
		return "there is no memory for the reason";
	return w->why.len ? w->why.s : NULL;
}

int line_complain(struct writing *w, int error)
{
	const struct control *ctl = w->control;
	const char *why = reason(w) ? reason(w) : strerror(-error);
	struct text *t = &w->control->replies.text;

	text_puts(t, "# line ");
	text_uint(t, w->number);
	text_puts(t, ": ");
	text_puts(t, why);
	text_putc(t, '\n');
	errors_add_line(ctl->machine, ctl->pid ? ctl->pid : ctl->context, w->text, w->len, why);
	w->noted = true;
	text_clear(&w->why);
	return error;
}

/* The task that the line is for. NULL, *error and w->why: there is none, or it has exited. */
static struct task *task_for(struct writing *w, int pid, int *error)
{
	struct task *task = task_find(w->control->machine, pid);

	*error = -ESRCH;
	if (!task) {
		text_printf(&w->why, "there is no task %d", pid);
		return NULL;
	}
	if (task->state == TASK_ZOMBIE) {
		text_printf(&w->why, "task %d has exited", pid);
		return NULL;
	}
	return task;
}

/* Whether the task can start a call now: 0 or -EALREADY. */
static int task_is_free(struct writing *w, const struct task *task)
{
	if (task->call)
		text_printf(&w->why, "task %d is still in %s", task->pid,
			    task->call->row->call->name);
	else if (task->state == TASK_STOPPED)
		text_printf(&w->why, "task %d is stopped by a signal", task->pid);
	else
		return 0;
	return -EALREADY;
}

/* ---- the kinds of lines ------------------------------------------------------------------- */

/* The call did not run: its reply looks as if it had failed, and says why. */
static int refused(struct writing *w, int pid, int error)
{
	const struct reply_outcome o = {
		.pid = prefix_of(w->control, pid),
		.row = w->call->row,
		.arg = w->call->arg,
		.result = error,
		.line = &w->line,
		.remark = reason(w),
	};

	reply_done(&w->control->replies.text, &w->call->arena, &o);
	text_clear(&w->why);
	return error;
}

/* A blocked call cannot go on: replies with the call and the remark. */
static int still_blocked(struct writing *w, const struct call *c, int pid, const char *remark)
{
	const struct reply_outcome o = {
		.pid = prefix_of(w->control, pid),
		.row = c->row,
		.arg = c->arg,
		.remark = remark,
	};

	reply_blocked(&w->control->replies.text, &o);
	return -EALREADY;
}

static const char not_returned[] = "expected it to have returned";

/* The call ran, or went on, until it returned, blocked or stopped: replies. As line_run. */
static int ran(struct writing *w, struct call *c, int pid, bool resumed)
{
	struct text *t = &w->control->replies.text;
	const struct reply_outcome o = {
		.pid = prefix_of(w->control, pid),
		.row = c->row,
		.arg = c->arg,
		.result = c->result,
		.line = resumed && w->line.kind != LINE_RESUMED ? NULL : &w->line,
		.remark = call_not_modelled(c->row, c->result) ? "not modelled" : NULL,
		.ended = c->ended,
	};
	int error;

	if (c->state == CALL_DONE) {
		error = error_of(c);
		if (!error && w->control->quiet)
			return 0;
		if (resumed)
			reply_resumed(t, &c->arena, &o);
		else
			reply_done(t, &c->arena, &o);
		return error;
	}
	error = in_flight(w, c, pid, resumed);
	if (w->line.kind == LINE_RESUMED)
		return still_blocked(w, c, pid, not_returned);
	if (c->state == CALL_STOPPED)
		reply_stopped(t, &o, c->where);
	else if (error != -EINPROGRESS)
		reply_blocked(t, &o);
	return error;
}

/* *point is the point that a line names, or NULL: any. 0, or -EINVAL and w->why. */
static int find_point(struct writing *w, const char **point)
{
	const struct line *line = &w->line;
	struct suggestion s;

	*point = NULL;
	if (!line->point)
		return 0;
	suggest_start(&s, line->point, line->point_len);
	for (const char *const *p = w->control->machine->kernel->points; *p; p++) {
		if (strlen(*p) == line->point_len && !memcmp(*p, line->point, line->point_len)) {
			*point = *p;
			return 0;
		}
		suggest_offer(&s, *p);
	}
	text_printf(&w->why, "there is no preemption point \"%.*s\"",
		    line->point_len > 64 ? 64 : (int)line->point_len, line->point);
	suggest_print(&w->why, &s);
	return -EINVAL;
}

/*
 * Whether a task that was called pid, in the process tgid, is gone. A thread that ran another
 * program has the process's pid. task may have been freed.
 */
static bool is_gone(struct fdl_machine *m, const struct task *task, int pid, int tgid)
{
	if (task_find(m, pid) != task && task_find(m, tgid) != task)
		return true;
	return task->state == TASK_ZOMBIE;
}

static int do_call(struct writing *w, int pid)
{
	struct fdl_machine *m = w->control->machine;
	const bool stop = w->line.kind == LINE_UNFINISHED;
	struct call *c = w->call;
	const char *point = NULL;
	struct task *task;
	int tgid, error = line_row(w->control->machine, &w->line, &c->row, &w->why);

	if (!error)
		error = args_bind(&c->arena, c->row, &w->line, c->arg, &w->why);
	if (!error)
		args_narrow(c->row, c->arg);
	if (!error && stop)
		error = find_point(w, &point);
	if (error)
		return line_complain(w, error);
	task = task_for(w, pid, &error);
	if (task)
		error = task_is_free(w, task);
	if (!error && may_be_in_flight(c->row, stop) && !make_pending(w))
		error = -ENOMEM;
	if (error)
		return refused(w, pid, error);
	if (task->returned)
		task_forget_returned(task);
	tgid = task->tgid;
	c->current = task;
	c->done = NULL;
	c->ctx = NULL;
	error = machine_submit(m, c, stop, point);
	if (error)
		return refused(w, pid, error);
	w->ended = is_gone(m, task, pid, tgid);
	error = ran(w, c, pid, false);
	/* A line that says "resumed" may still ask for its end. */
	if ((stop || c->gave_way) && w->call && !w->ended) {
		w->call = NULL;
		keep_returned(task, c);
	}
	return error;
}

/* Lets the task's stopped call go on; from now on it replies to this handle. */
static int go_on(struct writing *w, struct task *task, bool stop)
{
	struct fdl_machine *m = w->control->machine;
	struct call *c = task->call;
	const int pid = task->pid, tgid = task->tgid;
	const char *point;
	int error = find_point(w, &point);

	if (!error && !make_pending(w))
		error = -ENOMEM;
	if (error)
		return line_complain(w, error);
	if (c->done == call_over && c->ctx)
		pending_give_up(c->ctx);
	c->done = NULL;
	machine_resume(m, c, stop, point);
	w->ended = is_gone(m, task, pid, tgid);
	error = ran(w, c, pid, true);
	if (c->state != CALL_DONE)
		return error;
	if (w->line.kind != LINE_RESUMED && !w->ended)
		keep_returned(task, c);
	else
		call_put(m, c);
	return error;
}

/* The task's call in flight. NULL, *error and w->why: the task is gone, or in no call. */
static struct call *call_for(struct writing *w, int pid, int *error)
{
	const struct task *task = task_for(w, pid, error);

	if (!task)
		return NULL;
	if (!task->call) {
		text_printf(&w->why, "task %d is in no call", pid);
		*error = -EINVAL;
	}
	return task->call;
}

static int do_step(struct writing *w, int pid)
{
	int error;
	struct call *c = call_for(w, pid, &error);

	if (!c)
		return line_complain(w, error);
	if (c->state != CALL_STOPPED)
		return still_blocked(w, c, pid, "it waits, and goes on by itself");
	return go_on(w, c->current, w->line.kind == LINE_STEP);
}

/* The interrupted call replies where it always would. */
static int do_interrupt(struct writing *w, int pid)
{
	int error;
	struct call *c = call_for(w, pid, &error);

	if (!c)
		return line_complain(w, error);
	if (c->state == CALL_STOPPED)
		return still_blocked(w, c, pid, "it does not wait, and goes on when it is told to");
	if (!machine_interrupt(c->current))
		return still_blocked(w, c, pid, "no signal but one that kills ends this wait");
	return 0;
}

/* Whether a line that says "<... NAME resumed>" is about this call. */
static bool is_named(const struct writing *w, const struct call *c)
{
	const struct fdl_row *row;

	row = call_table_named(w->control->machine->table, w->line.name, w->line.name_len);
	return row && !strcmp(row->call->name, c->row->call->name);
}

/*
 * A line that says that a call was interrupted stands for the signal that did it. In a log of
 * strace, a call that is made again has a line of its own.
 */
static void interrupt_as_stated(struct writing *w, struct task *task)
{
	const bool stated = w->line.has_result &&
			    (w->line.error == EINTR || notation_is_restart(w->line.error));
	struct call *c = task->call;

	if (!stated || !c || !is_named(w, c))
		return;
	if (c->state == CALL_BLOCKED)
		machine_interrupt(task);
	else if (c->state == CALL_STOPPED && c->interrupted)
		c->restarts = false;
}

static int do_resumed(struct writing *w, int pid)
{
	int error;
	struct task *task = task_for(w, pid, &error);
	struct call *c;

	/* strace writes a line for the end of exit, too. */
	if (!task && w->line.result_unknown) {
		text_clear(&w->why);
		return 0;
	}
	if (!task)
		return line_complain(w, error);
	interrupt_as_stated(w, task);
	c = task->call ? task->call : task->returned;
	if (!c || !is_named(w, c)) {
		text_printf(&w->why, "column %zu: task %d is in %s", w->line.name_column, pid,
			    c ? c->row->call->name : "no call");
		return line_complain(w, -EINVAL);
	}
	if (!task->call) {
		task->returned = NULL;
		error = ran(w, c, pid, true);
		call_put(w->control->machine, c);
		return error;
	}
	/* A line that says that the call returned does not wait for it. */
	w->done = NULL;
	if (c->state == CALL_STOPPED)
		return go_on(w, task, false);
	return still_blocked(w, c, pid, not_returned);
}

int end_status(const struct line *line, int *status, struct text *why)
{
	*status = (int)(line->num & 0xff) << 8;
	if (line->kind != LINE_KILLED)
		return 0;
	*status = (int)signal_read(line->name, line->name_len);
	if (*status <= 0) {
		text_printf(why, "there is no signal \"%.*s\"",
			    line->name_len > 64 ? 64 : (int)line->name_len, line->name);
		return -EINVAL;
	}
	*status |= line->num ? 0x80 : 0;
	return 0;
}

/* "+++ exited with N +++", "+++ killed by SIG +++", which may follow a call that ended the task. */
static int do_end(struct writing *w, int pid)
{
	struct fdl_machine *m = w->control->machine;
	const bool killed = w->line.kind == LINE_KILLED;
	struct task *task = task_find(m, pid);
	struct text line = TEXT_EMPTY;
	int status, error = end_status(&w->line, &status, &w->why);

	if (error)
		return line_complain(w, error);
	if (!task || task->state == TASK_ZOMBIE)
		return 0;
	if (killed)
		text_printf(&line, "%d +++ killed by %.*s%s +++", pid, (int)w->line.name_len,
			    w->line.name, w->line.num ? " (core dumped)" : "");
	else
		text_printf(&line, "%d +++ exited with %d +++", pid, status >> 8);
	error = line.error ? line_complain(w, line.error) : 0;
	if (!error) {
		do_exit(task, status, killed);
		transcript_line(m, line.s, line.len);
		text_putc(&line, '\n');
		text_put(&w->control->replies.text, line.s, line.len);
		machine_run(m);
	}
	text_free(&line);
	return error;
}

static int do_nothing(struct writing *w, int pid)
{
	(void)w;
	(void)pid;
	return 0;
}

/* By enum line_kind. */
static int (*const kinds[])(struct writing *w, int pid) = {
	[LINE_EMPTY] = do_nothing,       [LINE_CALL] = do_call,  [LINE_UNFINISHED] = do_call,
	[LINE_RESUMED] = do_resumed,     [LINE_STEP] = do_step,  [LINE_FINISH] = do_step,
	[LINE_INTERRUPT] = do_interrupt, [LINE_EXITED] = do_end, [LINE_KILLED] = do_end,
	[LINE_SIGNAL] = do_nothing,
};

int line_run(struct writing *w, const char *s, size_t len)
{
	struct control *ctl = w->control;
	const char *copy;
	int error;

	if (!transcript_ready(ctl->machine))
		return line_complain(w, -ENOMEM);
	/* A call in flight refers to its line after the caller's buffer is gone. */
	copy = arena_copy(&w->call->arena, s, len);
	if (!copy)
		return line_complain(w, -ENOMEM);
	error = notation_parse(&w->call->arena, copy, len, &w->line, &w->why);
	if (error)
		return line_complain(w, error);
	if (ctl->pid) {
		if (w->line.pid && w->line.pid != ctl->pid) {
			text_printf(&w->why, "this is the control file of task %d, not of %d",
				    ctl->pid, w->line.pid);
			return line_complain(w, -EINVAL);
		}
		return kinds[w->line.kind](w, ctl->pid);
	}
	if (w->line.pid)
		ctl->context = w->line.pid;
	return kinds[w->line.kind](w, ctl->context);
}
