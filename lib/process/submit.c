/*
 * Taking calls, and the work around each one. Time passes, the call runs, it is recorded, and then
 * the calls that it woke run.
 */
#include "process/submit.h"

#include "fdlab.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "notation/args.h"
#include "process/exit.h"
#include "process/sigio.h"
#include "process/signals.h"
#include "process/task.h"
#include "vfs/vfs.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* A call is over, for its task: the task ends now if it is to exit. */
static inline void call_ended(struct task *current)
{
	current->call = NULL;
	current->fail_armed = false;
	if (__builtin_expect(current->group_exit, 0) && current->state != TASK_ZOMBIE)
		do_exit(current, current->group_status, !current->oopsed);
}

/*
 * Whether a task ended in its call, so that there is no result: by an oops or SIGKILL. Other
 * signals that end a task are taken on the way back from a call, which has a result.
 */
static inline bool ended_in_call(const struct call *c, const struct task *current)
{
	return __builtin_expect(current->group_exit, 0) && !c->row->no_return &&
	       (current->oopsed || current->group_status == SIGKILL);
}

/*
 * Sends the signals that a call raised, as on the way back from it. The call counts as running, so
 * that a task that a signal ends lives until its call is recorded.
 */
static __attribute__((noinline)) void send_raised(struct call *c)
{
	struct task *current = c->current;

	c->state = CALL_RUNNING;
	send_sigios(current->machine);
	for (; c->raised; c->raised &= c->raised - 1) {
		const int sig = __builtin_ctzll(c->raised) + 1;
		const struct siginfo info = {
			.signo = sig, .code = SI_USER, .pid = current->tgid, .uid = current->uid
		};

		send_signal(current, &info, false);
	}
}

/* The function of a call has returned. current is the call's: its caller has it at hand. */
static inline void call_returned(struct fdl_machine *m, struct call *c, struct task *current)
{
	if (__builtin_expect(m->chores, 0))
		send_raised(c);
	c->state = CALL_DONE;
	c->ended = ended_in_call(c, current);
}

/* A call in flight that was woken is over: records it, and hands it to its owner. */
static void flight_ended(struct fdl_machine *m, struct call *c)
{
	call_returned(m, c, c->current);
	transcript_woken(m, c);
	call_ended(c->current);
	call_deliver(c);
}

/*
 * Sends the signals that are due, and runs the calls that were woken, in that order, and those that
 * they wake, until none is left.
 */
static void run_woken(struct fdl_machine *m)
{
	for (;;) {
		struct call *c;

		send_sigios(m);
		signals_log(m);
		if (list_empty(&m->runnable))
			break;
		c = container_of(m->runnable.next, struct call, queue);
		call_resume(c, c->stepped, c->stop_at);
		/* No record if it stopped or waits again: that follows from what woke it. */
		if (c->state == CALL_DONE)
			flight_ended(m, c);
	}
	m->chores = false;
	task_free_dead(m);
	deadlock_notice(m);
}

/* Does what is left when a call is over: usually nothing. */
static inline void settle(struct fdl_machine *m)
{
	if (__builtin_expect(m->chores, 0))
		run_woken(m);
}

/* The same after a call on a coroutine, which its submitter gets even if it ends meanwhile. */
static void settle_after(struct fdl_machine *m, struct call *c)
{
	if (c->state == CALL_BLOCKED)
		deadlock_notice(m);
	c->submitting = true;
	settle(m);
	c->submitting = false;
}

void machine_run(struct fdl_machine *m)
{
	m->generation++;
	settle(m);
}

bool machine_interrupt(struct task *task)
{
	struct fdl_machine *m = task->machine;

	if (!transcript_ready(m) || !sched_interrupt(task))
		return false;
	transcript_interrupt(m, task);
	machine_run(m);
	return true;
}

/* Lets time pass before a call, or a step of one. */
static inline void pass_time(struct fdl_machine *m)
{
	if (__builtin_expect(m->time_matters, 0))
		m->kernel->advance(m);
}

/* A call begins or goes on: the machine changes. */
static inline void call_begins(struct fdl_machine *m, struct call *c, struct task *current)
{
	m->generation++;
	c->pid = current->pid;
	current->call = c;
}

/* Whether the call needs a table and the task, which exits, has none any more. */
static inline bool lacks_files(const struct call *c, const struct task *current)
{
	return __builtin_expect(!current->files, 0) && !(c->row->call->flags & CALL_NO_FILES);
}

/* Ends a call that ran straight through, and after which there is something to do. */
static __attribute__((noinline)) void straight_ended(struct fdl_machine *m, struct call *c,
						     struct task *current)
{
	call_returned(m, c, current);
	transcript_call(m, c);
	call_ended(current);
	settle(m);
}

/* Runs a call straight through, as nearly all run. Inlined, as every call comes this way. */
static inline __attribute__((always_inline)) void
submit_straight(struct fdl_machine *m, struct call *c, struct task *current)
{
	call_begins(m, c, current);
	m->running = current;
	c->state = CALL_RUNNING;
	c->stepped = false;
	c->interrupted = false;
	c->killed = false;
	c->gave_way = false;
	c->result = lacks_files(c, current) ? -EBADF : c->row->call->run(current, c->arg);
	if (__builtin_expect(m->chores || current->group_exit, 0)) {
		straight_ended(m, c, current);
		return;
	}
	c->state = CALL_DONE;
	c->ended = false;
	transcript_call(m, c);
	current->call = NULL;
	current->fail_armed = false;
}

/*
 * Whether a call needs a coroutine, because it may wait now. A call that waits for the users of a
 * file alone, for the other side of a FIFO or for the holder of a lease needs none where there are
 * none.
 */
static inline bool may_block(const struct fdl_machine *m, const struct fdl_row *row)
{
	const unsigned flags = row->call->flags;

	if (__builtin_expect(!(flags & (CALL_MAY_BLOCK | CALL_MAY_CLOSE | CALL_MAY_OPEN)), 1))
		return false;
	return (flags & CALL_MAY_BLOCK) ||
	       (flags & CALL_MAY_OPEN && (m->vfs->nfifos || m->vfs->nleases)) ||
	       (flags & CALL_MAY_CLOSE && m->kernel->close_waits && m->kernel->close_waits(m));
}

int machine_submit(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at)
{
	int error;

	if (!transcript_ready(m))
		return -ENOMEM;
	pass_time(m);
	if ((!stop && !may_block(m, c->row)) || lacks_files(c, c->current)) {
		submit_straight(m, c, c->current);
		return 0;
	}
	call_begins(m, c, c->current);
	error = call_start(c, stop, stop_at);
	if (error) {
		c->current->call = NULL;
		return error;
	}
	c->ended = false;
	if (c->state == CALL_DONE) {
		call_returned(m, c, c->current);
		transcript_call(m, c);
		call_ended(c->current);
	} else if (c->state == CALL_BLOCKED && !stop) {
		transcript_blocked(m, c);
	} else {
		transcript_stopped(m, c, false);
	}
	settle_after(m, c);
	return 0;
}

void machine_resume(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at)
{
	pass_time(m);
	call_begins(m, c, c->current);
	call_resume(c, stop, stop_at);
	c->ended = false;
	if (c->state == CALL_DONE) {
		call_returned(m, c, c->current);
		transcript_resumed(m, c);
		call_ended(c->current);
	} else if (stop) {
		transcript_stopped(m, c, true);
	} else {
		transcript_finish(m, c);
	}
	settle_after(m, c);
}

/*
 * Whether packing and unpacking would change nothing: no argument points to a string or elements.
 */
static bool args_are_numbers(const struct fdl_row *row, const struct fdl_arg *arg)
{
	for (size_t i = 0; i < row->nparams; i++) {
		if (arg[i].sub || (row->param[i].out && arg[i].num))
			return false;
	}
	return true;
}

/*
 * Copies arguments, strings and all, for a call that may outlive its caller's array, and completes
 * missing ones. 0, -EINVAL or -ENOMEM.
 */
static int copy_args(struct call *c, const struct fdl_arg *args, size_t nargs)
{
	size_t size;
	char *packed;
	int error;

	if (nargs > c->row->nparams)
		return -EINVAL;
	c->arg = c->own;
	for (size_t i = 0; i < nargs; i++)
		c->own[i] = args[i];
	error = args_complete(c->row, c->own, nargs);
	if (error || args_are_numbers(c->row, c->own))
		return error;
	size = args_pack(c->row, c->own, NULL, 0, SIZE_MAX);
	packed = arena_alloc(&c->arena, size);
	if (!packed)
		return -ENOMEM;
	args_pack(c->row, c->own, packed, size, SIZE_MAX);
	return args_unpack(&c->arena, c->row, packed, size, c->own) ? 0 : -ENOMEM;
}

static bool runs_straight(const struct fdl_machine *m, const struct fdl_row *row, size_t nargs)
{
	return nargs == row->nparams && !may_block(m, row);
}

/* Runs a call on a copy of its arguments, and copies back what it filled in. */
static int64_t call_with_copy(struct fdl_machine *m, struct call *c, struct fdl_arg *args,
			      size_t nargs)
{
	int error = copy_args(c, args, nargs);

	if (!error)
		error = machine_submit(m, c, false, NULL);
	if (error)
		return error;
	if (c->state != CALL_DONE) {
		m->c_call = NULL;
		return -EINPROGRESS;
	}
	for (size_t i = 0; i < nargs; i++)
		args[i] = c->own[i];
	return c->result;
}

/* fdl_call of a task that takes a call. */
static int64_t call_any(struct fdl_machine *m, struct task *current, const struct fdl_row *row,
			struct fdl_arg *args, size_t nargs)
{
	struct call *c = m->c_call ? m->c_call : call_get(m);
	int error;

	m->c_call = c;
	if (!c)
		return -ENOMEM;
	arena_reset(&c->arena);
	c->current = current;
	c->row = row;
	c->done = NULL;
	if (!runs_straight(m, row, nargs))
		return call_with_copy(m, c, args, nargs);
	c->arg = args;
	error = machine_submit(m, c, false, NULL);
	return error ? error : c->result;
}

static bool runs_at_once(const struct fdl_machine *m)
{
	return !m->heap && !m->time_matters && m->log.spare;
}

/*
 * fdl_call where the call cannot run at once: the machine is not ready, the arena of its struct
 * call is large, arguments are missing or must be copied. Not inlined, so that fdl_call has fewer
 * registers to save.
 */
static __attribute__((noinline)) int64_t call_prepared(struct fdl_machine *m, struct task *current,
						       const struct fdl_row *row,
						       struct fdl_arg *args, size_t nargs)
{
	struct heap *before = machine_enter(m);
	const int64_t result = call_any(m, current, row, args, nargs);

	m->ready = runs_at_once(m) ? m->c_call : NULL;
	heap_current = before;
	machine_line_over(m);
	return result;
}

/* Why a task cannot take a call: -ESRCH or -EALREADY. */
static int refusal(const struct task *task)
{
	return !task || task->state == TASK_ZOMBIE ? -ESRCH : -EALREADY;
}

int64_t fdl_call(struct fdl_machine *m, int pid, const struct fdl_row *row, struct fdl_arg *args,
		 size_t nargs)
{
	struct task *current = task_find(m, pid);
	struct call *c = m->ready;

	if (__builtin_expect(!current || current->state != TASK_RUNNING || current->call, 0))
		return refusal(current);
	if (__builtin_expect(!c || c->arena.more || !runs_straight(m, row, nargs), 0))
		return call_prepared(m, current, row, args, nargs);
	assert(runs_at_once(m));
	arena_reset(&c->arena);
	c->current = current;
	c->row = row;
	c->done = NULL;
	c->arg = args;
	submit_straight(m, c, current);
	return c->result;
}
