/*
 * The machine: made from options, taking calls, started over, freed. What calls do is elsewhere;
 * here is what happens around each: the transcript before anything that it woke.
 */
#include "machine.h"

#include "control.h"
#include "handle.h"
#include "options.h"
#include "sched.h"
#include "task.h"
#include "transcript.h"
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *fdl_version(void)
{
	return FDLAB_VERSION;
}

/* A call that came in by fdl_call or a control file is over, or waits, or stopped: what follows. */
static void call_ended(struct fdl_machine *m, struct call *c)
{
	struct task *current = c->current;

	(void)m;
	current->call = NULL;
	current->fail_armed = false;
	if (current->group_exit && current->state != TASK_ZOMBIE)
		do_exit(current, current->group_status, true);
}

/* A call in flight is over: it is recorded, and who waits for it is told. */
static void flight_ended(struct fdl_machine *m, struct call *c)
{
	transcript_resumed(m, c);
	call_ended(m, c);
	if (c->submitting)
		return; /* who submitted it is about to look */
	if (c->done)
		c->done(c, c->ctx);
	else
		call_put(m, c);
}

/* Runs what was woken until nothing is left to run, first come first served. */
static void run_woken(struct fdl_machine *m)
{
	while (!list_empty(&m->runnable)) {
		struct call *c = container_of(m->runnable.next, struct call, queue);

		call_resume(c, c->stepped, c->stop_at);
		if (c->state == CALL_DONE)
			flight_ended(m, c);
		else if (c->state == CALL_STOPPED)
			transcript_stopped(m, c, true);
	}
	task_free_dead(m);
}

void machine_run(struct fdl_machine *m)
{
	m->generation++;
	if (__builtin_expect(!list_empty(&m->runnable) || m->dead, 0))
		run_woken(m);
}

int machine_submit(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at)
{
	struct task *current = c->current;
	int error;

	m->generation++;
	if (__builtin_expect(m->time_matters, 0))
		m->kernel->advance(m);
	c->pid = current->pid;
	current->call = c;
	if (__builtin_expect(!current->files, 0) && !(c->row->call->flags & CALL_NO_FILES)) {
		c->state = CALL_DONE;
		c->result = -EBADF;
	} else {
		error = call_start(c, stop, stop_at);
		if (error) {
			current->call = NULL;
			return error;
		}
	}
	if (__builtin_expect(c->state == CALL_DONE, 1)) {
		transcript_call(m, c);
		call_ended(m, c);
	} else if (c->state == CALL_BLOCKED) {
		transcript_blocked(m, c);
	} else {
		transcript_stopped(m, c, false);
	}
	c->submitting = true;
	machine_run(m);
	c->submitting = false;
	return 0;
}

void machine_resume(struct fdl_machine *m, struct call *c, bool stop, const char *stop_at)
{
	m->generation++;
	if (m->time_matters)
		m->kernel->advance(m);
	call_resume(c, stop, stop_at);
	if (c->state == CALL_DONE) {
		transcript_resumed(m, c);
		call_ended(m, c);
	} else if (c->state == CALL_BLOCKED) {
		transcript_blocked(m, c);
	} else {
		transcript_stopped(m, c, true);
	}
	c->submitting = true;
	machine_run(m);
	c->submitting = false;
}

void machine_kill_call(struct call *c)
{
	struct fdl_machine *m = c->current->machine;
	struct task *current = c->current;

	call_kill(c);
	transcript_resumed(m, c);
	current->call = NULL;
	if (c->submitting)
		return;
	if (c->done)
		c->done(c, c->ctx);
	else
		call_put(m, c);
}

/*
 * The arguments of a call by fdl_call: the caller's own, unless the call may outlive them or some
 * are missing. 0, or -EINVAL.
 */
static int take_args(struct call *c, struct fdl_arg *args, size_t nargs)
{
	c->arg = args;
	if (nargs == c->row->nparams && !(c->row->call->flags & CALL_MAY_BLOCK))
		return 0;
	if (nargs > c->row->nparams)
		return -EINVAL;
	c->arg = c->own;
	for (size_t i = 0; i < nargs; i++)
		c->own[i] = args[i];
	return args_complete(c->row, c->own, nargs);
}

int64_t fdl_call(struct fdl_machine *m, int pid, const struct fdl_row *row, struct fdl_arg *args,
		 size_t nargs)
{
	struct task *current = task_find(m, pid);
	struct call *c = m->c_call;
	int error;

	if (__builtin_expect(!current || current->state == TASK_ZOMBIE, 0))
		return -ESRCH;
	if (__builtin_expect(current->call || current->state == TASK_STOPPED, 0))
		return -EALREADY;
	if (__builtin_expect(!c, 0)) {
		c = call_get(m);
		if (!c)
			return -ENOMEM;
		m->c_call = c;
	}
	arena_reset(&c->arena);
	c->current = current;
	c->row = row;
	c->done = NULL;
	error = take_args(c, args, nargs);
	if (!error)
		error = machine_submit(m, c, false, NULL);
	if (error)
		return error;
	if (c->state != CALL_DONE) {
		m->c_call = NULL;
		return -EINPROGRESS;
	}
	for (size_t i = 0; c->arg != args && i < nargs; i++)
		args[i] = c->arg[i];
	return c->result;
}

void printk(struct fdl_machine *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&m->kmsg, fmt, ap);
	va_end(ap);
	text_putc(&m->kmsg, '\n');
	if (m->kmsg.len > KMSG_MAX) {
		/* As a ring: whole lines go from the front. */
		const char *cut = memchr(m->kmsg.s + KMSG_MAX / 2, '\n', KMSG_MAX / 2);
		size_t gone = cut ? (size_t)(cut - m->kmsg.s) + 1 : m->kmsg.len;

		memmove(m->kmsg.s, m->kmsg.s + gone, m->kmsg.len - gone);
		m->kmsg.len -= gone;
	}
}

void kernel_bug(struct task *current, const char *fmt, ...)
{
	struct fdl_machine *m = current->machine;
	struct text line = TEXT_EMPTY;
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(&line, fmt, ap);
	va_end(ap);
	printk(m, "kernel BUG: %s", line.s ? line.s : fmt);
	printk(m, "note: %s[%d] exited with an oops", current->comm, current->pid);
	text_free(&line);
	current->group_exit = true;
	current->group_status = SIGSEGV;
}

/* Fills what task 1 and the file system are, into a machine whose rooms are empty. */
static int populate(struct fdl_machine *m)
{
	int error;

	list_init(&m->files);
	list_init(&m->runnable);
	list_init(&m->in_flight);
	m->tasks_budget.limit = SIZE_MAX;
	sparse_init(&m->tasks, NULL, &m->tasks_budget);
	m->memory.limit = m->options.memory;
	m->nr_open = m->options.nr_open;
	m->file_max = m->options.file_max;
	m->boot_ns = m->now_ns;
	m->last_call = UINT64_MAX;
	m->next_file_id = 0;
	transcript_init(m);
	options_record(m);
	error = m->kernel->machine_init(m);
	if (!error)
		error = vfs_init(m);
	if (!error)
		error = task_init(m);
	return error;
}

/* Takes everything down that populate made, whole or not. */
static void depopulate(struct fdl_machine *m)
{
	task_free_all(m);
	vfs_free(m);
	if (m->kernel_data)
		m->kernel->machine_free(m);
	sparse_free(&m->tasks);
	transcript_free(m);
	text_free(&m->kmsg);
}

static void machine_free_rest(struct fdl_machine *m)
{
	tree_free(m);
	if (m->c_call)
		call_put(m, m->c_call);
	if (m->exiting)
		call_put(m, m->exiting);
	call_free_spare(m);
	coroutine_pool_free(&m->coroutines);
	free(m);
}

int fdl_machine_new(const struct fdl_options *o, struct fdl_machine **mp)
{
	struct fdl_machine *m = calloc(1, sizeof(*m));
	int error;

	if (!m)
		return -ENOMEM;
	list_init(&m->handles);
	error = options_fill(&m->options, o, &m->kernel);
	if (error) {
		free(m);
		return error;
	}
	error = -ENOMEM;
	m->table = call_table_get(m->kernel);
	m->exiting = call_get(m);
	if (!m->table || !m->exiting || tree_init(m) < 0)
		goto out;
	error = populate(m);
	if (error) {
		depopulate(m);
		goto out;
	}
	*mp = m;
	return 0;
out:
	machine_free_rest(m);
	return error;
}

void fdl_machine_free(struct fdl_machine *m)
{
	if (!m)
		return;
	depopulate(m);
	machine_free_rest(m);
}

int fdl_machine_reset(struct fdl_machine *m, const struct fdl_options *o)
{
	struct fdl_options options;
	const struct kernel *kernel;
	const struct call_table *table;
	int error = options_fill(&options, o ? o : tree_options(m), &kernel);

	if (error)
		return error;
	table = call_table_get(kernel);
	if (!table)
		return -ENOMEM;
	handles_reset(m);
	depopulate(m);
	m->options = options;
	m->kernel = kernel;
	m->table = table;
	m->kernel_data = NULL;
	m->ntasks = 0;
	m->last_pid = 0;
	m->nr_files = 0;
	m->file_max_logged = false;
	m->last_share = 0;
	m->time_matters = false;
	memset(&m->kmem, 0, sizeof(m->kmem));
	m->epoch++;
	m->generation++;
	return populate(m);
}

int fdl_machine_check(const struct fdl_machine *m, char *err, size_t errsize)
{
	struct text why = TEXT_EMPTY;
	int error = m->kernel->check(m, &why);

	if (errsize) {
		size_t len = why.len < errsize ? why.len : errsize - 1;

		if (len)
			memcpy(err, why.s, len);
		err[len] = '\0';
	}
	text_free(&why);
	return error;
}

void fdl_machine_stamp(struct fdl_machine *m, struct timespec now)
{
	int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;

	if (!m->boot_ns)
		m->boot_ns = ns;
	m->now_ns = ns;
}
