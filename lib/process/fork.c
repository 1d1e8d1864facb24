/*
 * kernel_clone, of fork, vfork, clone and clone3. Its flags say what the child shares and copies,
 * and whose child it is.
 */
#include "process/fork.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/children.h"
#include "process/exit.h"
#include "process/pid.h"
#include "process/pidfd.h"
#include "process/sigaction.h"
#include "process/signals.h"
#include "process/task.h"
#include "vfs/fd.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TASK_STRUCT_SIZE 9792 /* about what the kernel takes for a task_struct */

#define NAMESPACES                                                                                 \
	(CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |               \
	 CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP)

/* How to clone. */
struct clone {
	uint64_t flags; /* CLONE_* */
	int exit_signal;
	enum table_fork table;
	int *pidfd; /* CLONE_PIDFD: the address for its number */
};

/* Checks the flags: 0 or -EINVAL. There are no namespaces. */
static int clone_check(const struct task *current, const struct clone *c)
{
	if (c->flags & ~current->machine->kernel->clone_flags)
		return -EINVAL;
	/* A sibling of init would have no parent. */
	if ((c->flags & CLONE_PARENT) && current->leader->pid == 1)
		return -EINVAL;
	if (c->flags & NAMESPACES)
		return -EINVAL;
	if ((c->flags & CLONE_PIDFD) && (c->flags & CLONE_DETACHED))
		return -EINVAL;
	if ((c->flags & CLONE_THREAD) && !(c->flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((c->flags & CLONE_SIGHAND) && !(c->flags & CLONE_VM))
		return -EINVAL;
	return 0;
}

/* Makes the child a thread of current's group, or a child of current or of its parent. */
static void adopt(struct task *current, struct task *child, const struct clone *c)
{
	struct task *leader = current->leader;

	if (c->flags & CLONE_THREAD) {
		child->tgid = leader->pid;
		child->leader = leader;
		child->nthreads = 0;
		leader->nthreads++;
		list_add_tail(&child->threads, &leader->threads);
		return;
	}
	child->parent = c->flags & CLONE_PARENT ? leader->parent : leader;
	if (child->parent)
		child_add(child);
	touch(leader->machine, TOUCH_READ, leader, PART_RLIMIT);
	child->limits = leader->limits;
	child->limits->refs++;
}

/* Shares or copies all but the table. 0 or -ENOMEM. */
static int copy_rest(struct task *current, struct task *child, const struct clone *c)
{
	struct fdl_machine *m = current->machine;

	if (c->flags & CLONE_THREAD) {
		child->signal = current->signal;
		child->signal->refs++;
	} else {
		child->signal = signal_new(m, child);
		if (!child->signal)
			return -ENOMEM;
	}
	child->blocked = current->blocked;
	if (c->flags & CLONE_FS) {
		child->fs = current->fs;
		child->fs->refs++;
	} else {
		child->fs = fs_copy(current->fs);
		if (!child->fs)
			return -ENOMEM;
	}
	touch(m, TOUCH_UPDATE, current->image, PART_COUNT);
	child->image = current->image;
	child->image->refs++;
	child->vm = c->flags & CLONE_VM ? current->vm : ++m->last_share;
	if (copy_sighand(current, child, c->flags & CLONE_SIGHAND, c->flags & CLONE_CLEAR_SIGHAND))
		return -ENOMEM;
	child->parent_vm =
		c->flags & (CLONE_PARENT | CLONE_THREAD) ? current->parent_vm : current->vm;
	child->sighand = c->flags & CLONE_SIGHAND ? current->sighand : ++m->last_share;
	child->uid = current->uid;
	child->gid = current->gid;
	child->ruid = current->ruid;
	child->rgid = current->rgid;
	/* A sibling has the exit signal of the task that makes it. */
	child->exit_signal =
		c->flags & CLONE_PARENT ? current->leader->exit_signal : c->exit_signal;
	memcpy(child->comm, current->comm, sizeof(child->comm));
	return 0;
}

/*
 * CLONE_PIDFD: reserves a descriptor, and makes its file, which *f is set to. 0, or an error and
 * nothing is left.
 */
static int prepare_pidfd(struct task *current, struct task *child, const struct clone *c,
			 struct file **f)
{
	int fd = -1, error;

	*f = NULL;
	if (!(c->flags & CLONE_PIDFD))
		return 0;
	error = fd_reserve(current, O_CLOEXEC, &fd, 1);
	if (error)
		goto no_child;
	*f = pidfd_file(current, child, c->flags & CLONE_THREAD ? PIDFD_THREAD : 0, &error);
	if (*f && !c->pidfd) {
		fput(current, *f);
		*f = NULL;
		error = -EFAULT;
	}
	if (!*f)
		goto no_child;
	*c->pidfd = fd;
	preempt(current, "attach_pid");
	return 0;

no_child:
	/* The kernel has chosen the pid by then. */
	task_use_up_pid(current->machine);
	if (fd >= 0)
		fd_unreserve(current, &fd, 1);
	return error;
}

static void drop_pidfd(struct task *current, const struct clone *c, struct file *f)
{
	if (!f)
		return;
	fput(current, f);
	fd_unreserve(current, c->pidfd, 1);
}

/*
 * Makes the child. It gets its pid last, after all that may fail or give way. 0 and *childp, or an
 * error.
 */
static int copy_process(struct task *current, const struct clone *c, struct task **childp,
			struct file **pidfdp)
{
	struct fdl_machine *m = current->machine;
	struct kmem task_struct;
	struct task *child;
	struct file *pidfd = NULL;
	int error = clone_check(current, c);

	if (error)
		return error;
	if (m->ntasks >= m->options.tasks)
		return -EAGAIN;
	error = kmalloc(current, &task_struct, TASK_STRUCT_SIZE);
	if (error)
		return error;
	error = -ENOMEM;
	child = task_new(m);
	if (!child)
		goto out;
	error = m->kernel->table_copy(current, child, c->table);
	if (error)
		goto out_task;
	error = copy_rest(current, child, c);
	if (!error)
		error = prepare_pidfd(current, child, c, &pidfd);
	/* A task that was killed meanwhile gets no child. */
	if (!error && current->call->killed)
		error = -EINTR;
	if (!error)
		error = task_publish(child);
	if (error)
		goto out_rest;
	child->kmem = task_struct;
	adopt(current, child, c);
	*childp = child;
	*pidfdp = pidfd;
	return 0;

out_rest:
	drop_pidfd(current, c, pidfd);
	detach_pid(child);
	signal_put(child->signal);
	put_sighand(child->actions);
	fs_put(child->fs);
	image_put(m, child->image);
	child->call = current->call;
	m->kernel->table_exit(child);
out_task:
	free(child);
out:
	kvfree(m, &task_struct);
	return error;
}

static bool ends_vfork(const struct call *c, const struct task *other)
{
	return other->vforker == c->current;
}

/* Waits until the child of a vfork has exec'ed or exited, or current is killed. */
static void wait_for_vfork(struct task *current, int pid)
{
	struct task *child = task_find(current->machine, pid);

	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	while (child && child->vforker == current) {
		int error = sched_wait_for(current, &current->leader->wait_child, "kernel_clone",
					   true, ends_vfork, NULL);

		touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
		child = task_find(current->machine, pid);
		if (error && child && child->vforker == current)
			child->vforker = NULL;
	}
}

int64_t kernel_clone(struct task *current, uint64_t flags, int exit_signal, enum table_fork how,
		     int *pidfd)
{
	const struct clone c = { flags, exit_signal, how, pidfd };
	struct task *child = NULL;
	struct file *file = NULL;
	int pid, error = copy_process(current, &c, &child, &file);

	if (error)
		return error;
	pid = child->pid;
	if (flags & CLONE_VFORK)
		child->vforker = current;
	/* From here on the child may be ended, and be gone. */
	if (file)
		fd_publish(current, pidfd, &file, 1);
	if (flags & CLONE_VFORK)
		wait_for_vfork(current, pid);
	return pid;
}
