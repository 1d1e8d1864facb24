/*
 * The running kernel as the target of scenarios. A machine, which runs no call, reads the
 * lines; real tasks make the calls; and replies are written as a control file writes them, so that
 * the player treats all targets alike.
 */
#include "kernel/calls.h"
#include "kernel/playable.h"
#include "kernel/proc.h"
#include "kernel/start.h"
#include "kernel/tasks.h"
#include "scenario/scenario.h"
#include "scenario/target.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A call that waits, or that has returned since, before a line of the scenario resumes it. */
struct kernel_waiting {
	struct fdl_line *line;
	struct kernel_flight flight;
	bool returned;
	int64_t result;
	struct kernel_filled filled;
};

struct target_kernel {
	struct target target;
	struct fdl_machine *model; /* reads lines; its files are copied at the start */
	struct kernel_tasks tasks;
	struct kernel_waiting *waiting[KERNEL_POSTS];
	bool idle[KERNEL_POSTS]; /* it took orders, and no call since could have ended it */
	int context;             /* the pid that a line without one goes to */
	char *replies;
	size_t len, taken;
	char release[128];
};

static struct target_kernel *kernel(struct target *t)
{
	return (struct target_kernel *)t;
}

/* ---- replies -------------------------------------------------------------------------------- */

/* Appends a text of malloc to the replies, and frees it; NULL: there was no memory for it. */
static void add_reply(struct target_kernel *k, char *text)
{
	size_t len = text ? strlen(text) : 0;
	char *larger = len ? realloc(k->replies, k->len + len) : NULL;

	if (larger) {
		memcpy(larger + k->len, text, len);
		k->replies = larger;
		k->len += len;
	}
	free(text);
}

static ssize_t kernel_replies(struct target *t, char *buf, size_t size)
{
	struct target_kernel *k = kernel(t);
	size_t left = k->len - k->taken;

	if (size > left)
		size = left;
	if (size)
		memcpy(buf, k->replies + k->taken, size);
	k->taken += size;
	if (k->taken == k->len)
		k->taken = k->len = 0;
	return (ssize_t)size;
}

static void complain(struct target_kernel *k, const char *message)
{
	char *text;

	if (asprintf(&text, "# line 1: %s\n", message) >= 0)
		add_reply(k, text);
}

/* The order in which kcmp sorts two different objects is not defined. */
static int64_t sorted_as_stated(const struct fdl_line *call, int64_t result)
{
	if (strcmp(fdl_row_name(call->row), "kcmp") != 0 || result != 2)
		return result;
	return call->states && call->result == 2 ? 2 : 1;
}

static void reply(struct target_kernel *k, int pid, const struct fdl_line *call,
		  const struct fdl_line *stated, enum fdl_outcome outcome,
		  const struct fdl_arg *args, int64_t result, const char *remark)
{
	add_reply(k, fdl_reply(call, stated, outcome, pid, args, sorted_as_stated(call, result),
			       remark));
}

static int refuse(struct target_kernel *k, int pid, const struct fdl_line *line, int error,
		  const char *format, const char *what)
{
	char remark[128];

	snprintf(remark, sizeof(remark), format, pid, what);
	if (line->kind == FDL_LINE_CALL)
		reply(k, pid, line, line, FDL_RETURNED, line->args, error, remark);
	else
		complain(k, remark);
	return error;
}

/* ---- calls that wait ------------------------------------------------------------------------ */

static void forget(struct target_kernel *k, int pid)
{
	struct kernel_waiting *w = k->waiting[pid];

	k->waiting[pid] = NULL;
	if (!w)
		return;
	fdl_line_free(w->line);
	free(w);
}

static const char too_much[] = "it filled in more than there is room for";

static struct kernel_memory memory_of(const struct target_kernel *k, int pid)
{
	return (struct kernel_memory){
		.data = kernel_task_data(&k->tasks, pid),
		.address = kernel_task_address(pid),
	};
}

/* Takes what a call that waited has filled in. Returns what is wrong with it, or NULL. */
static const char *unpack(struct target_kernel *k, struct kernel_waiting *w)
{
	const struct kernel_memory memory = memory_of(k, w->flight.pid);
	const int error = kernel_call_unpack(w->line->row, w->line->args, &w->flight.order, &memory,
					     w->result, &w->filled);

	return error ? too_much : NULL;
}

/* Looks whether a call that waited has returned, and replies. False: nothing has changed. */
static bool look_at(struct target_kernel *k, int pid)
{
	struct kernel_waiting *w = k->waiting[pid];
	enum kernel_answer answer;

	if (!w || w->returned)
		return false;
	answer = kernel_task_look(&k->tasks, &w->flight, &w->result);
	if (answer == KERNEL_RETURNED) {
		const char *remark = unpack(k, w);

		w->returned = true;
		reply(k, pid, w->line, NULL, FDL_RESUMED, w->filled.args, w->result, remark);
	} else if (answer == KERNEL_ENDED) {
		forget(k, pid);
	}
	return answer == KERNEL_RETURNED || answer == KERNEL_ENDED;
}

static bool anybody_waits(const struct target_kernel *k)
{
	for (int pid = 1; pid <= kernel_tasks_last(&k->tasks); pid++)
		if (k->waiting[pid] && !k->waiting[pid]->returned)
			return true;
	return false;
}

/* Waits until the effects of a call on other tasks have happened. */
static void settle(struct target_kernel *k, bool to_all)
{
	/* wait4 returns a moment after its child can be seen to have ended. */
	int looks = to_all ? 3 : 1;
	bool moved;

	if (to_all) {
		kernel_tasks_settle(&k->tasks);
		memset(k->idle, 0, sizeof(k->idle));
	}
	/* A task that was woken may wake another. */
	while (looks && anybody_waits(k)) {
		moved = false;
		for (int pid = 1; pid <= kernel_tasks_last(&k->tasks); pid++)
			moved |= look_at(k, pid);
		if (!moved && --looks)
			usleep(50);
	}
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* Whether a task can take a line: 0, or -ESRCH, -EALREADY with the reply written. */
static int task_for(struct target_kernel *k, int pid, const struct fdl_line *line)
{
	char state;

	if (pid <= 0 || pid >= KERNEL_POSTS)
		return refuse(k, pid, line, -ESRCH, "there is no task %d%s", "");
	if (k->idle[pid])
		return 0;
	state = kernel_task_state(&k->tasks, pid);
	if (!state)
		return refuse(k, pid, line, -ESRCH, "there is no task %d%s", "");
	if (state == 'Z')
		return refuse(k, pid, line, -ESRCH, "task %d has exited%s", "");
	if (state == 'T')
		return refuse(k, pid, line, -EALREADY, "task %d is stopped by a signal%s", "");
	if (!kernel_task_ready(&k->tasks, pid))
		return refuse(k, pid, line, -ESRCH, "there is no task %d%s", "");
	k->idle[pid] = true;
	return 0;
}

/* Keeps a call that waits, and its line with it. */
static int keep(struct target_kernel *k, struct fdl_line *line, const struct kernel_flight *flight)
{
	struct kernel_waiting *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->line = line;
	w->flight = *flight;
	k->waiting[flight->pid] = w;
	return 0;
}

/* Whether a call may fail with EPIPE, and send its task SIGPIPE. */
static bool may_break_pipe(const char *call)
{
	static const char *const calls[] = { "write",    "writev",  "pwritev2", "send",
					     "sendto",   "sendmsg", "sendmmsg", "splice",
					     "vmsplice", "tee",     "sendfile", "copy_file_range" };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(call, calls[i]))
			return true;
	}
	return false;
}

/*
 * The result of a call that ended its task is lost. But SIGPIPE of a call that sends comes with
 * EPIPE, and if kill has sent a signal to its own caller, it has succeeded.
 */
static void reply_end(struct target_kernel *k, int pid, const struct fdl_line *line)
{
	const int signal = kernel_task_killer(&k->tasks, pid);

	if (signal == SIGPIPE && may_break_pipe(fdl_row_name(line->row)))
		reply(k, pid, line, line, FDL_RETURNED, line->args, -EPIPE, NULL);
	else if (signal && signal != SIGKILL && !strcmp(fdl_row_name(line->row), "kill"))
		reply(k, pid, line, line, FDL_RETURNED, line->args, 0, NULL);
	else
		reply(k, pid, line, line, FDL_ENDED, line->args, 0, NULL);
}

static int run_call(struct target_kernel *k, int pid, struct fdl_line **linep)
{
	struct fdl_line *line = *linep;
	struct kernel_filled filled;
	struct kernel_memory memory;
	struct kernel_order order;
	struct kernel_flight flight;
	enum kernel_answer answer;
	int64_t result = 0;
	int error = task_for(k, pid, line);

	if (error)
		return error;
	if (k->waiting[pid] && !k->waiting[pid]->returned)
		return refuse(k, pid, line, -EALREADY, "task %d is still in %s",
			      fdl_row_name(k->waiting[pid]->line->row));
	forget(k, pid);
	memory = memory_of(k, pid);
	error = kernel_call_pack(line->row, line->args, &memory, &order);
	if (error)
		return refuse(k, pid, line, error, "task %d has no room for its arguments%s", "");
	kernel_task_order(&k->tasks, pid, &order, &flight);
	answer = kernel_task_wait(&k->tasks, &flight, &result);
	switch (answer) {
	case KERNEL_RETURNED:
		error = kernel_call_unpack(line->row, line->args, &order, &memory, result, &filled);
		reply(k, pid, line, line, FDL_RETURNED, filled.args, result,
		      error ? too_much : NULL);
		if (order.forks && result > 0)
			kernel_task_ready(&k->tasks, (int)result);
		/* A thread's exec has ended its leader, and goes on under its pid. */
		if (order.execs && result == 0)
			forget(k, flight.leader);
		break;
	case KERNEL_ENDED:
		reply_end(k, pid, line);
		break;
	case KERNEL_ASLEEP:
		reply(k, pid, line, line, FDL_BLOCKED, line->args, 0, NULL);
		error = keep(k, line, &flight);
		if (!error)
			*linep = NULL;
		break;
	case KERNEL_LOST:
		complain(k, "the task neither answers nor waits");
		error = -ETIMEDOUT;
		break;
	}
	settle(k, answer == KERNEL_ENDED || order.execs || order.signals);
	return error ?: result < 0 ? (int)result : 0;
}

static bool is_named(const struct fdl_line *line, const struct fdl_line *call)
{
	return line->row && !strcmp(fdl_row_name(line->row), fdl_row_name(call->row));
}

static bool is_over(struct target_kernel *k, int pid)
{
	char state = kernel_task_state(&k->tasks, pid);

	return !state || state == 'Z';
}

/* "<... read resumed>": a call that has returned by now, or is about to. */
static int run_resumed(struct target_kernel *k, int pid, struct fdl_line *line)
{
	struct kernel_waiting *w = pid > 0 && pid < KERNEL_POSTS ? k->waiting[pid] : NULL;
	int error = 0;

	/* strace shows the end of a call that ended with its task, too. */
	if (!w && !line->states && pid > 0 && pid < KERNEL_POSTS && is_over(k, pid))
		return 0;
	if (!w || !is_named(line, w->line))
		return refuse(k, pid, line, -EINVAL, "task %d is in no such call%s", "");
	if (!w->returned) {
		reply(k, pid, w->line, line, FDL_BLOCKED, w->line->args, 0,
		      "expected it to have returned");
		return -EALREADY;
	}
	reply(k, pid, w->line, line, FDL_RESUMED, w->filled.args, w->result, NULL);
	if (w->result < 0)
		error = (int)w->result;
	forget(k, pid);
	return error;
}

/* "+++ exited with 0 +++": the task ends so, unless it has ended. */
static int run_end(struct target_kernel *k, int pid, const struct fdl_line *line)
{
	const bool killed = line->status & 0x7f;
	struct kernel_order order = {
		.number = killed ? SYS_kill : SYS_exit_group,
		.arg = { killed ? pid : line->status >> 8, line->status & 0x7f },
		.ends = true,
	};
	char state = pid > 0 && pid < KERNEL_POSTS ? kernel_task_state(&k->tasks, pid) : 0;
	int64_t result;

	if (!state || state == 'Z')
		return 0;
	if (task_for(k, pid, line))
		return -EALREADY;
	if (kernel_task_call(&k->tasks, pid, &order, &result) != KERNEL_ENDED)
		return refuse(k, pid, line, -EINVAL, "task %d has not ended%s", "");
	settle(k, true);
	return 0;
}

/* Lets real time pass, and a little more: the kernel rounds up to its ticks. */
static void let_time_pass(struct target_kernel *k, double seconds)
{
	const useconds_t more = 50000;

	sleep((unsigned)seconds);
	usleep((useconds_t)((seconds - (unsigned)seconds) * 1e6));
	usleep(more);
	settle(k, true);
}

static int run_line(struct target_kernel *k, const char *text, size_t len)
{
	struct fdl_line *line;
	char message[512];
	const double seconds = kernel_clock_seconds(text);
	int error, pid;

	if (seconds >= 0) {
		let_time_pass(k, seconds);
		return 0;
	}
	error = fdl_line_read(k->model, text, len, &line, message, sizeof(message));

	if (error) {
		complain(k, message);
		return error;
	}
	if (line->pid)
		k->context = line->pid;
	pid = k->context;
	switch (line->kind) {
	case FDL_LINE_CALL:
		error = run_call(k, pid, &line);
		break;
	case FDL_LINE_RESUMED:
		error = run_resumed(k, pid, line);
		break;
	case FDL_LINE_END:
		error = run_end(k, pid, line);
		break;
	case FDL_LINE_EMPTY:
		break;
	default:
		complain(k, "a real kernel's calls cannot be stopped on their way");
		error = -EINVAL;
		break;
	}
	fdl_line_free(line);
	return error;
}

static ssize_t kernel_submit(struct target *t, const char *text, size_t len)
{
	struct target_kernel *k = kernel(t);
	int error = 0;

	for (size_t at = 0; at < len;) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t n = newline ? (size_t)(newline - text) - at : len - at;

		error = run_line(k, text + at, n);
		at += n + 1;
	}
	return error < 0 ? error : (ssize_t)len;
}

/* ---- what cannot be played ------------------------------------------------------------------ */

static const char *kernel_refuses(struct target *t, const struct scenario *s, unsigned *number)
{
	return kernel_scenario_refuses(kernel(t)->model, s, number);
}

/* Lines of fdinfo that only machines have. */
static const char *const own_fields[] = { "other_end:" };

/* Whether a call that waits holds a descriptor reserved. */
static bool are_reserved(const struct target_kernel *k)
{
	for (int pid = 1; pid <= kernel_tasks_last(&k->tasks); pid++) {
		const struct kernel_waiting *w = k->waiting[pid];

		if (w && !w->returned && kernel_call_reserves(w->line->row))
			return true;
	}
	return false;
}

static const char *kernel_hides(struct target *t, const struct scenario_line *line)
{
	static const char list[] = "/files/open_fds_list";
	const char *found = strstr(line->path, list);

	for (size_t i = 0; i < sizeof(own_fields) / sizeof(own_fields[0]); i++)
		if (line->text && strstr(line->path, "/fdinfo/") &&
		    strstr(line->text, own_fields[i]))
			return "a real kernel does not show it";
	if (found && !found[strlen(list)] && are_reserved(kernel(t)))
		return "a real kernel does not show what is reserved";
	return kernel_proc_shows(line->path) ? NULL : "a real kernel does not show it";
}

/* ---- what /proc shows ----------------------------------------------------------------------- */

static int kernel_read(struct target *t, const char *path, char **text, size_t *len)
{
	return kernel_proc_text(&kernel(t)->tasks, path, text, len);
}

static int kernel_find(struct target *t, const char *path)
{
	return kernel_proc_find(&kernel(t)->tasks, path);
}

static ssize_t kernel_write(struct target *t, const char *path, const char *text, size_t len)
{
	(void)t, (void)path, (void)text, (void)len;
	return -EOPNOTSUPP;
}

static int kernel_check(struct target *t, char *err, size_t errsize)
{
	(void)t, (void)err, (void)errsize;
	return 0;
}

/* ---- start and end -------------------------------------------------------------------------- */

static void kernel_stop(struct target *t)
{
	struct target_kernel *k = kernel(t);

	for (int pid = 0; pid < KERNEL_POSTS; pid++)
		forget(k, pid);
	memset(k->idle, 0, sizeof(k->idle));
	kernel_tasks_stop(&k->tasks);
	free(k->replies);
	k->replies = NULL;
	k->len = k->taken = 0;
}

static int kernel_start(struct target *t, const char *const *assignments, size_t n, char *err,
			size_t errsize)
{
	struct target_kernel *k = kernel(t);
	struct fdl_options options = { 0 };
	struct kernel_start how;
	int error = 0;

	for (size_t i = 0; !error && i < n; i++)
		error = fdl_option_set(&options, assignments[i], err, errsize);
	k->context = 1;
	if (error)
		return error;
	error = kernel_start_like(k->model, &options, &how);
	if (!error)
		error = kernel_tasks_start(&k->tasks, &how, err, errsize);
	kernel_start_free(&how);
	return error;
}

static const char *kernel_release(struct target *t)
{
	return kernel(t)->release;
}

static void kernel_free(struct target *t)
{
	struct target_kernel *k = kernel(t);

	kernel_stop(t);
	fdl_machine_free(k->model);
	free(k);
}

static const struct target_ops kernel_ops = {
	.start = kernel_start,
	.stop = kernel_stop,
	.submit = kernel_submit,
	.replies = kernel_replies,
	.read = kernel_read,
	.write = kernel_write,
	.find = kernel_find,
	.check = kernel_check,
	.refuses = kernel_refuses,
	.hides = kernel_hides,
	.release = kernel_release,
	.free = kernel_free,
};

/* Makes tasks, to see whether they can be made here. */
static int try_start(struct target *t, char *err, size_t errsize)
{
	static const char hard[] = "nofile_hard=64", soft[] = "nofile=64";
	char message[256];
	int error =
		kernel_start(t, (const char *const[]){ soft, hard }, 2, message, sizeof(message));

	if (error)
		snprintf(err, errsize, "the running kernel: %s", message);
	else
		kernel_stop(t);
	return error;
}

int target_kernel(struct target **tp, char *err, size_t errsize)
{
	const struct fdl_options options = { .kernel = "linux" };
	struct target_kernel *k = calloc(1, sizeof(*k));
	struct utsname name;
	int error;

	snprintf(err, errsize, "%s", strerror(ENOMEM));
	if (!k)
		return -ENOMEM;
	k->target.ops = &kernel_ops;
	k->tasks = (struct kernel_tasks){ .proc = -1 };
	k->context = 1;
	if (uname(&name) == 0)
		snprintf(k->release, sizeof(k->release), "linux %s", name.release);
	error = fdl_machine_new(&options, &k->model);
	if (!error)
		error = try_start(&k->target, err, errsize);
	if (error) {
		kernel_free(&k->target);
		return error;
	}
	*tp = &k->target;
	return 0;
}
