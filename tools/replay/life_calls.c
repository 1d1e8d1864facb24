/*
 * The calls that create, change and end tasks, and those that set limits.
 */
#include "replay/returned.h"

#include "replay/births.h"
#include "replay/judge.h"
#include "replay/lives.h"
#include "replay/tasks.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- births --------------------------------------------------------------------------------- */

/* The pidfd from CLONE_PIDFD; -1: none. */
static int64_t pidfd_of(const struct returned *e)
{
	static const char *const keys[] = { "pidfd", "parent_tid" };
	const struct fdl_value *args = e->call->args;
	size_t n = e->call->nargs;

	if (!value_has(value_find_in(args, n, "flags"), "cloneflags", "CLONE_PIDFD"))
		return -1;
	for (const struct fdl_value *v = args; n; n--, v = v->next) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			/* clone3 fills in its argument: look at the value after the call. */
			const struct fdl_value *in = v->became ? v->became : v;
			const struct fdl_value *found = value_find(in, keys[i]);
			int64_t fd;

			if (found && found->kind == FDL_VALUE_ARRAY && value_int(found->sub, &fd))
				return fd;
		}
	}
	return hidden_number(e, 0);
}

void effect_fork(const struct returned *e)
{
	int child = e->task->pending.child;
	int64_t pidfd;
	bool known;
	enum share share;

	e->task->pending.child = 0;
	if (!succeeded(e) || !e->call->value.num) {
		judge_over(e->r, e->task, NULL, 0, true);
		return;
	}
	share = share_of(e->row, e->call, &known);
	/* In a log without pids, the child's lines are missing. */
	if (!e->r->has_pids && share != SHARE_NOTHING && !e->task->table->unfollowed)
		e->task->table->unfollowed = (int)e->call->value.num;
	if (!child && e->r->has_pids)
		replay_born(e->r, e->task, pid_in_log(&e->call->value),
			    known ? share : share_by_end(e->r, pid_in_log(&e->call->value)),
			    e->start);
	pidfd = pidfd_of(e);
	if (pidfd < 0)
		return;
	judge_over(e->r, e->task, &pidfd, 1, false);
	give_descriptor(e, pidfd, (struct span){ "[pidfd]", 7 }, true);
}

/* ---- changes -------------------------------------------------------------------------------- */

void effect_unshare(const struct returned *e)
{
	if (!succeeded(e) || !value_has(returned_argument(e, 1), "unshareflags", "CLONE_FILES"))
		return;
	model_unshare(e->r->model, e->task->model);
	replay_unshare(e->r, e->task, e->start);
}

void effect_exec(const struct returned *e)
{
	struct span path = value_string(returned_argument(e, e->row->argument));
	char program[NAME_MAX_SHOWN];

	if (!succeeded(e)) {
		uses(e);
		return;
	}
	snprintf(program, sizeof(program), "%.*s",
		 (int)(path.len < sizeof(program) ? path.len : sizeof(program)), path.s);
	replay_exec(e->r, e->task, program);
}

/* ---- ends ----------------------------------------------------------------------------------- */

/* A line "+++ exited" may follow; without it the task ends at the end of the log. */
void effect_exit(const struct returned *e)
{
	if (e->row->argument)
		e->task->process->exit_line = e->start;
	else
		e->task->exit_line = e->start;
}

/* A child that was waited for is gone, even without a line for its exit. */
void effect_wait(const struct returned *e)
{
	struct log_task *child;

	if (!succeeded(e) || !e->call->value.num)
		return;
	child = replay_find(e->r, pid_in_log(&e->call->value));
	if (child && child != e->task && child->process->exit_line)
		replay_process_exit(e->r, child->process);
}

/* ---- limits --------------------------------------------------------------------------------- */

/* Reads 1024, 512*1024 or RLIM64_INFINITY. False: the field is missing. */
static bool read_limit(const struct fdl_value *limits, const char *field, uint64_t *value)
{
	const struct fdl_value *v = value_find(limits, field);
	int64_t n;

	if (!v)
		return false;
	*value = value_number(v, &n) ? (uint64_t)n : INT_MAX;
	return true;
}

void effect_limit(const struct returned *e)
{
	bool other = e->row->argument == 3; /* prlimit64 names a process */
	const struct fdl_value *limits = returned_argument(e, e->row->argument);
	int64_t pid = other ? returned_number(e, 1, 0) : 0;
	struct log_task *task = pid ? replay_find(e->r, (int)pid) : e->task;
	uint64_t soft, hard;
	bool sets;

	if (!succeeded(e) ||
	    !value_is(returned_argument(e, other ? 2 : 1), "resource", "RLIMIT_NOFILE") || !task)
		return;
	sets = read_limit(limits, "rlim_cur", &soft) && e->row->name[0] != 'g' &&
	       e->row->name[0] != 'u';
	if (!sets && task->process->limit_known && !task->process->limit_guessed)
		return;
	if (!sets && other)
		limits = returned_argument(e, 4);
	if (!read_limit(limits, "rlim_cur", &soft) || !read_limit(limits, "rlim_max", &hard))
		return;
	model_limit(e->r->model, task->model, soft, hard);
	task->process->limit = soft;
	task->process->limit_known = true;
	task->process->limit_guessed = false;
}
