/*
 * Tasks: made, given a pid, taken out of the machine, freed; and images, which exec replaces. A
 * task's calls are elsewhere.
 */
#include "process/task.h"

#include "base/heap.h"
#include "base/sparse.h"
#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/children.h"
#include "process/limits.h"
#include "process/pid.h"
#include "process/sigaction.h"
#include "process/signals.h"
#include "vfs/dcache.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* The last user of an image was what kept its file from being written to. */
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

/* The next free pid above the last one; at the end of the range, from 2 on. Or -EAGAIN. */
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
	task->last_error.mark = UINT64_MAX;
	task->start_ns = m->now_ns;
	task->start_clock = m->clock.now;
	list_init(&task->threads);
	children_init(task);
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

void task_use_up_pid(struct fdl_machine *m)
{
	const int pid = alloc_pid(m);

	touch(m, TOUCH_WRITE, m, PART_TASKS);
	if (pid > 0)
		m->last_pid = pid;
}

void forget_pid(struct task *task)
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
	child_remove(task);
	list_del(&task->threads);
	task->next_dead = m->dead;
	m->dead = task;
	m->chores = true;
}

void task_free_dead(struct fdl_machine *m)
{
	while (m->dead) {
		struct task *task = m->dead;

		m->dead = task->next_dead;
		task_forget_returned(task);
		sigpending_flush(m, &task->pending);
		signal_put(task->signal);
		put_sighand(task->actions);
		limits_put(task->limits);
		kvfree(m, &task->kmem);
		free(task);
	}
}
