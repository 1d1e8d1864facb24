/*
 * Waiting for children to end, to stop and to go on.
 */
#include "process/wait.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "notation/args.h"
#include "process/children.h"
#include "process/task.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

/* Whether the pid, the group and the options of a call mean this child. */
static bool eligible_child(const struct task *child, const struct wait_opts *wo)
{
	if (wo->idtype == P_PID && child->pid != wo->id)
		return false;
	if (wo->idtype == P_PGID && wo->id != PROCESS_GROUP)
		return false;
	return (wo->options & __WALL) ||
	       (child->exit_signal != SIGCHLD) == !!(wo->options & __WCLONE);
}

/* The status that a child reports to a call with these options, or -1: none. */
static int child_status(const struct task *child, int64_t options)
{
	if (child->nthreads == 0)
		return child->exit_status;
	if ((options & WSTOPPED) && child->stop_signal && !child->stop_told)
		return child->stop_signal << 8 | 0x7f;
	if ((options & WCONTINUED) && child->continued)
		return 0xffff;
	return -1;
}

/* Takes what a child has to report, and frees a zombie. */
static void reap(struct task *child)
{
	touch(child->machine, TOUCH_WRITE, child->machine, PART_TASKS);
	if (child->nthreads == 0) {
		task_release(child);
		return;
	}
	if (child->stop_signal)
		child->stop_told = true;
	else
		child->continued = false;
	child_changed(child);
}

/* A zombie counts only for a call that asks for the end of children. */
static bool is_mute(const struct task *child, const struct wait_opts *wo)
{
	return child->nthreads == 0 && !(wo->options & WEXITED);
}

/* From a child that has something to report, the first that reports it to this call; or NULL. */
static struct task *first_report(struct task *child, const struct wait_opts *wo)
{
	while (child && (!eligible_child(child, wo) || child_status(child, wo->options) < 0))
		child = child_next_report(child);
	return child;
}

/* The oldest child with something to report to this call, or NULL. */
static struct task *oldest_report(const struct task *leader, const struct wait_opts *wo)
{
	struct task *exited = NULL, *stopped = NULL;

	if (wo->options & WEXITED)
		exited = first_report(child_first_exited(leader), wo);
	if (wo->options & (WSTOPPED | WCONTINUED))
		stopped = first_report(child_first_stopped(leader), wo);
	if (!exited || !stopped)
		return exited ? exited : stopped;
	return exited->birth < stopped->birth ? exited : stopped;
}

/* Whether any child may ever have something to report to this call, of all or of a group. */
static bool has_eligible(const struct task *leader, const struct wait_opts *wo)
{
	if (wo->idtype == P_PGID && wo->id != PROCESS_GROUP)
		return false;
	for (unsigned clone = 0; clone < 2; clone++) {
		const unsigned mute = wo->options & WEXITED ? 0 : leader->nexited[clone];

		if (leader->nchildren[clone] > mute &&
		    ((wo->options & __WALL) || clone == !!(wo->options & __WCLONE)))
			return true;
	}
	return false;
}

/*
 * Looks for a child that has something to report. The child; NULL: none has yet, *error 0, or
 * -ECHILD: none ever will.
 */
static struct task *find_child(struct task *current, const struct wait_opts *wo, int *error)
{
	const struct task *leader = current->leader;
	struct task *child;

	*error = -ECHILD;
	if (wo->idtype != P_PID) {
		if (has_eligible(leader, wo))
			*error = 0;
		return *error ? NULL : oldest_report(leader, wo);
	}
	child = wo->id <= INT_MAX ? task_find(current->machine, (int)wo->id) : NULL;
	if (!child || child != child->leader || child->parent != leader || is_mute(child, wo) ||
	    !eligible_child(child, wo))
		return NULL;
	*error = 0;
	return child_status(child, wo->options) < 0 ? NULL : child;
}

/* Takes the report of a child, if one has any: its pid; 0: none has; -ECHILD: none ever will. */
static int64_t take_report(struct task *current, struct wait_opts *wo)
{
	struct task *child;
	int64_t pid;
	int error;

	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	child = find_child(current, wo, &error);
	if (!child)
		return error;
	pid = child->pid;
	wo->status = child_status(child, wo->options);
	wo->uid = child->ruid;
	if (!(wo->options & WNOWAIT))
		reap(child);
	return pid;
}

/* For sched_wait_for: a child, by ending; another thread of the caller, by making a child. */
static bool ends_wait4(const struct call *c, const struct task *other)
{
	const struct task *leader = c->current->leader;

	return (other->leader == leader && other != c->current) ||
	       (other->leader->parent == leader && other->leader != leader);
}

int64_t do_wait(struct task *current, struct wait_opts *wo)
{
	int error = 0;

	for (;;) {
		int64_t found;

		if (current->call->killed)
			return -EINTR;
		found = take_report(current, wo);
		if (found || (wo->options & WNOHANG))
			return found;
		/* The signal that a child sends at its end comes after the child is found. */
		if (error)
			return error;
		error = sched_wait_for(current, &current->leader->wait_child, "do_wait", false,
				       ends_wait4, NULL);
	}
}

/* wait4's pid: -1 means any child, 0 the caller's group, a negative number another group. */
static void choose_children(struct wait_opts *wo, int64_t pid)
{
	wo->idtype = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	wo->id = pid > 0 ? pid : pid ? -pid : PROCESS_GROUP;
}

int64_t sys_wait4(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, sizeof(*out));
	struct wait_opts wo = { .options = a[2].num | WEXITED };
	int64_t pid;

	if (!out)
		return -ENOMEM;
	if (a[2].num &
	    ~(int64_t)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
		return -EINVAL;
	if (a[0].num == INT_MIN)
		return -ESRCH;
	choose_children(&wo, a[0].num);
	pid = do_wait(current, &wo);
	if (pid > 0) {
		out->num = wo.status;
		a[1] = (struct fdl_arg){ .num = 1, .sub = out };
	}
	return pid;
}
