/*
 * Tasks: who there is, how one begins and ends, and what happens to those it leaves behind. What a
 * task's table is, it does not know: the kernel does.
 */
#include "machine/task.h"

#include "base/heap.h"
#include "control/control.h"
#include "machine/deadlock.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "machine/kernel.h"
#include "process/limits.h"
#include "machine/machine.h"
#include "process/pid.h"
#include "machine/touch.h"
#include "vfs/namei.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct task *task_next(const struct fdl_machine *m, int pid)
{
	uint64_t next = sparse_next(&m->tasks, SPARSE_SLOT, (uint64_t)pid);

	return next == SPARSE_NONE ? NULL : sparse_get(&m->tasks, next);
}

/* With the last one the program can be written to again. */
static TOUCHES void touch_image(const struct fdl_machine *m, const struct image *image)
{
	touch(m, TOUCH_WRITE, image, PART_COUNT);
	if (image->refs == 1 && image->exe)
		touch(m, TOUCH_UPDATE, image->exe->inode, PART_COUNT);
}

void image_put(struct fdl_machine *m, struct image *image)
{
	if (image && is_explored(m))
		touch_image(m, image);
	if (!image || --image->refs)
		return;
	if (image->exe) {
		image->exe->inode->runners--;
		dput(image->exe);
	}
	m->memory.used -= sizeof(*image) + image->cmdline_len + image->environ_len;
	free(image->cmdline);
	free(image->environ);
	free(image);
}

struct image *image_new(struct fdl_machine *m, struct dentry *exe, const struct text *cmdline,
			const struct text *env)
{
	struct image *image;

	if (!budget_take(&m->memory, sizeof(*image) + cmdline->len + env->len))
		return NULL;
	image = malloc(sizeof(*image));
	if (!image) {
		m->memory.used -= sizeof(*image) + cmdline->len + env->len;
		return NULL;
	}
	*image = (struct image){ .refs = 1, .cmdline_len = cmdline->len, .environ_len = env->len };
	image->cmdline = malloc(cmdline->len + 1);
	image->environ = malloc(env->len + 1);
	if (!image->cmdline || !image->environ) {
		image_put(m, image);
		return NULL;
	}
	if (cmdline->len)
		memcpy(image->cmdline, cmdline->s, cmdline->len);
	if (env->len)
		memcpy(image->environ, env->s, env->len);
	if (exe) {
		touch(m, TOUCH_UPDATE, exe->inode, PART_COUNT);
		image->exe = dget(exe);
		exe->inode->runners++;
	}
	return image;
}

int task_hold(struct task *task, struct file *file, void *table, int pid)
{
	struct budget *memory = &task->machine->memory;
	struct held *h;

	if (!budget_take(memory, sizeof(*h)))
		return -ENOMEM;
	h = malloc(sizeof(*h));
	if (!h) {
		memory->used -= sizeof(*h);
		return -ENOMEM;
	}
	*h = (struct held){ .next = task->held, .file = file, .table = table, .pid = pid };
	task->held = h;
	return 0;
}

void task_unhold(struct task *task, struct held **h)
{
	struct held *gone = *h;

	*h = gone->next;
	task->machine->memory.used -= sizeof(*gone);
	free(gone);
}

/* Pids go upwards, and start over at 2 when they reach the end. */
static int alloc_pid(struct fdl_machine *m)
{
	uint64_t pid = sparse_next_clear(&m->tasks, (uint64_t)m->last_pid + 1);

	if (pid >= PID_MAX)
		pid = sparse_next_clear(&m->tasks, 2);
	if (pid >= PID_MAX)
		return -EAGAIN;
	return (int)pid;
}

struct task *task_new(struct fdl_machine *m)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->machine = m;
	task->leader = task;
	task->nthreads = 1;
	task->exit_signal = SIGCHLD;
	task->last_call = UINT64_MAX;
	task->start_ns = m->now_ns;
	task->start_clock = m->clock.now;
	list_init(&task->threads);
	list_init(&task->children);
	list_init(&task->sibling);
	wait_queue_init(&task->wait_child);
	sigpending_init(&task->pending);
	return task;
}

int task_publish(struct task *task)
{
	struct fdl_machine *m = task->machine;
	int pid = alloc_pid(m);

	touch(m, TOUCH_WRITE, m, PART_TASKS);
	if (pid < 0)
		return pid;
	if (sparse_reserve(&m->tasks, (uint64_t)pid) < 0)
		return -ENOMEM;
	sparse_put(&m->tasks, (uint64_t)pid, task);
	sparse_set(&m->tasks, SPARSE_MAP0, (uint64_t)pid);
	m->last_pid = pid;
	m->ntasks++;
	task->pid = task->tgid = pid;
	return 0;
}

static void forget_pid(struct task *task)
{
	struct fdl_machine *m = task->machine;

	sparse_put(&m->tasks, (uint64_t)task->pid, NULL);
	sparse_clear(&m->tasks, SPARSE_MAP0, (uint64_t)task->pid);
}

void task_release(struct task *task)
{
	struct fdl_machine *m = task->machine;

	forget_pid(task);
	detach_pid(task);
	m->ntasks--;
	list_del(&task->sibling);
	list_del(&task->threads);
	task->next_dead = m->dead;
	m->dead = task;
}

void task_free_dead(struct fdl_machine *m)
{
	while (m->dead) {
		struct task *task = m->dead;

		m->dead = task->next_dead;
		control_forget(task);
		sigpending_flush(m, &task->pending);
		signal_put(task->signal);
		limits_put(task->limits);
		kvfree(m, &task->kmem);
		free(task);
	}
}

/* What was taken by hand goes back. */
static void drop_held(struct task *task)
{
	while (task->held) {
		struct file *file = task->held->file;
		void *table = task->held->table;
		const bool use = task->held->use;

		task_unhold(task, &task->held);
		if (use)
			file_unuse(task, file);
		else if (file)
			fput(task, file);
		else
			task->machine->kernel->table_put(task, table);
	}
}

void task_vfork_done(struct task *task)
{
	struct task *vforker = task->vforker;

	if (vforker) {
		task->vforker = NULL;
		wake_up(task->machine, &vforker->leader->wait_child);
	}
}

/* Its children get init for a parent; without an init nobody waits for them any more. */
static void reparent_children(struct task *leader)
{
	struct fdl_machine *m = leader->machine;
	struct task *init = task_find(m, 1);

	if (init && (init == leader || init->nthreads == 0))
		init = NULL;
	list_for_each_safe(pos, next, &leader->children) {
		struct task *child = container_of(pos, struct task, sibling);

		list_del(&child->sibling);
		child->parent = init;
		child->exit_signal = SIGCHLD;
		if (init) {
			list_add_tail(&child->sibling, &init->children);
			wake_up(m, &init->wait_child);
		} else if (child->nthreads == 0) {
			task_release(child);
		}
	}
}

/* The last of a thread group is gone: there is a zombie now, and a parent who may be waiting. */
static void group_is_gone(struct task *leader)
{
	reparent_children(leader);
	if (leader->group_exit)
		leader->exit_status = leader->group_status;
	if (leader->pid == 1)
		printk(leader->machine,
		       "Kernel panic - not syncing: Attempted to kill init! exitcode=0x%08x",
		       (unsigned)leader->exit_status);
	do_notify_pidfd(leader);
	if (leader->parent) {
		do_notify_parent(leader);
		wake_up(leader->machine, &leader->parent->wait_child);
	} else {
		task_release(leader);
	}
}

/* True while the task's call is on the stack: it can only end when that is over. */
static bool is_running(const struct task *task)
{
	return task->call && task->call->state == CALL_RUNNING;
}

static void exit_one(struct task *task, int status)
{
	struct fdl_machine *m = task->machine;
	bool running = is_running(task);
	struct task *leader;

	touch(m, TOUCH_WRITE, m, PART_TASKS);
	if (task->call && !running)
		machine_kill_call(task->call);
	/* What it was in may have ended it already. */
	if (task->state == TASK_ZOMBIE)
		return;
	leader = task->leader;
	if (!running)
		task->call = m->exiting;
	m->kernel->table_exit(task);
	drop_held(task);
	/* Not before: it may have stopped at the last close of a file, and must be able to go on. */
	touch(m, TOUCH_WRITE, m, PART_TASKS);
	task->state = TASK_ZOMBIE;
	task->exit_status = status;
	fs_put(task->fs);
	image_put(m, task->image);
	task->fs = NULL;
	task->image = NULL;
	task_vfork_done(task);
	if (!running)
		task->call = NULL;
	leader->nthreads--;
	/* The last to go speaks for all of them: the kernel's synchronize_group_exit. */
	if (leader->nthreads == 0)
		leader->exit_status = status;
	if (task != leader)
		task_release(task);
	if (leader->nthreads == 0)
		group_is_gone(leader);
}

/*
 * A thread, not the leader, that can be ended now: not this one, and none whose call is on the
 * stack, which ends behind it. The end of one may be the end of others: so look anew each time.
 */
static struct task *thread_to_end(const struct task *leader, const struct task *but)
{
	list_for_each(pos, &leader->threads) {
		struct task *t = container_of(pos, struct task, threads);

		if (t != but && !is_running(t))
			return t;
	}
	return NULL;
}

/* Ends every task of a group but one (NULL: all); one whose call is running ends after it. */
static void exit_group(struct task *leader, const struct task *but, int status)
{
	struct task *t;

	if (leader->nthreads > 1 || leader != but)
		touch_all(leader->machine);
	leader->group_exit = true;
	leader->group_status = status;
	list_for_each(pos, &leader->threads) {
		t = container_of(pos, struct task, threads);
		t->group_exit = true;
		t->group_status = status;
	}
	while ((t = thread_to_end(leader, but)) != NULL)
		exit_one(t, status);
	if (leader != but && !is_running(leader))
		exit_one(leader, status);
}

void do_exit(struct task *task, int status, bool group)
{
	struct fdl_machine *m = task->machine;

	if (group)
		exit_group(task->leader, task, status);
	exit_one(task, status);
	deadlock_notice(m);
}

void de_thread(struct task *current)
{
	struct task *leader = current->leader, *t;

	touch(current->machine, TOUCH_WRITE, current->machine, PART_TASKS);
	if (leader->nthreads > 1)
		touch_all(current->machine);
	while ((t = thread_to_end(leader, current)) != NULL)
		exit_one(t, 0);
	if (leader == current)
		return;
	/* The caller takes the leader's place: its pid, its parent, its children. */
	leader->nthreads++; /* so that the group is not gone with its leader */
	exit_one(leader, 0);
	forget_pid(leader);
	forget_pid(current);
	leader->pid = current->pid;
	current->pid = current->tgid;
	list_del(&current->threads);
	current->leader = current;
	current->nthreads = 1;
	current->parent = leader->parent;
	current->exit_signal = leader->exit_signal;
	current->limits = leader->limits;
	leader->limits = NULL;
	current->signal->leader = current;
	exchange_pids(current, leader);
	list_add_tail(&current->sibling, &leader->sibling);
	list_del(&leader->sibling);
	list_for_each_safe(pos, next, &leader->children) {
		list_del(pos);
		list_add_tail(pos, &current->children);
		container_of(pos, struct task, sibling)->parent = current;
	}
	sparse_put(&current->machine->tasks, (uint64_t)current->pid, current);
	sparse_set(&current->machine->tasks, SPARSE_MAP0, (uint64_t)current->pid);
	leader->leader = current;
	current->machine->ntasks--;
	leader->next_dead = current->machine->dead;
	current->machine->dead = leader;
}

void task_free_all(struct fdl_machine *m)
{
	struct task *t;

	while (!list_empty(&m->in_flight))
		machine_kill_call(container_of(m->in_flight.next, struct call, flight));
	for (int pid = 1; (t = task_next(m, pid)) != NULL; pid = t->pid + 1) {
		t->call = NULL;
		if (t->state != TASK_ZOMBIE)
			exit_one(t, 0);
	}
	while ((t = task_next(m, 1)) != NULL)
		task_release(t);
	task_free_dead(m);
}

/* What a signal does that nobody handles. */
static enum { TERMINATE, IGNORE, STOP, CONTINUE } default_action(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return IGNORE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return STOP;
	case SIGCONT:
		return CONTINUE;
	default:
		return TERMINATE;
	}
}

/* Stops or continues a process, and tells a parent who may be waiting for that. */
static void set_stopped(struct task *leader, int sig, bool stopped)
{
	const enum task_state state = stopped ? TASK_STOPPED : TASK_RUNNING;

	if ((leader->stop_signal != 0) == stopped)
		return;
	leader->stop_signal = stopped ? (uint8_t)sig : 0;
	leader->stop_told = false;
	leader->continued = !stopped;
	/* The leader may be gone before its threads. */
	if (leader->state != TASK_ZOMBIE)
		leader->state = state;
	list_for_each(pos, &leader->threads)
		container_of(pos, struct task, threads)->state = state;
	if (!leader->parent)
		return;
	do_notify_parent_cldstop(leader, stopped);
	wake_up(leader->machine, &leader->parent->wait_child);
}

void task_default_action(struct task *leader, int sig)
{
	if (leader->nthreads == 0)
		return;
	switch (default_action(sig)) {
	case IGNORE:
		return;
	case CONTINUE:
		set_stopped(leader, sig, false);
		return;
	case STOP:
		if (leader->pid != 1)
			set_stopped(leader, sig, true);
		return;
	case TERMINATE:
		/* init gets only the signals that it handles, and it handles none. */
		if (leader->pid != 1)
			exit_group(leader, NULL, sig);
		return;
	}
}
