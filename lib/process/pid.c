/*
 * The life of a struct pid: made for the first pidfd of a task, told when the task exits, freed
 * with the last of its users.
 */
#include "process/pid.h"

#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/inode.h"

#define PID_SIZE ((size_t)128) /* about what the kernel takes for a struct pid */

_Static_assert(sizeof(struct pid) <= PID_SIZE, "a pid is charged for too little");

void put_pid(struct pid *pid)
{
	if (--pid->refs == 0)
		object_free(pid->machine, pid, PID_SIZE);
}

struct pid *get_task_pid(struct task *current, struct task *task)
{
	struct pid *pid = task->pid_struct;

	if (!pid) {
		pid = object_alloc(current, PID_SIZE);
		if (!pid)
			return NULL;
		pid->machine = current->machine;
		pid->refs = 1;
		pid->task = task;
		poll_list_init(&pid->polls);
		task->pid_struct = pid;
	}
	pid->refs++;
	return pid;
}

struct pid *get_pid_by_number(struct task *current, int number)
{
	struct task *task = task_find(current->machine, number);
	struct pid *pid;

	if (task)
		return get_task_pid(current, task);
	pid = object_alloc(current, PID_SIZE);
	if (pid) {
		pid->machine = current->machine;
		pid->refs = 1;
		poll_list_init(&pid->polls);
	}
	return pid;
}

void do_notify_pidfd(struct task *task)
{
	if (task->pid_struct)
		poll_notify(&task->pid_struct->polls, EPOLLIN | EPOLLRDNORM);
}

void detach_pid(struct task *task)
{
	struct pid *pid = task->pid_struct;

	proc_flush(task);
	if (!pid)
		return;
	task->pid_struct = NULL;
	pid->task = NULL;
	poll_notify(&pid->polls, 0);
	put_pid(pid);
}

void exchange_pids(struct task *current, struct task *leader)
{
	detach_pid(current);
	current->pid_struct = leader->pid_struct;
	leader->pid_struct = NULL;
	current->proc = leader->proc;
	leader->proc = NULL;
	if (current->pid_struct)
		current->pid_struct->task = current;
}
