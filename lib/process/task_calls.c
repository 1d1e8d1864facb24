/*
 * The calls about tasks: fork, vfork, clone, clone3, unshare, exit, wait4, kill, and ids.
 */
#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "process/calls.h"
#include "process/exit.h"
#include "process/fork.h"
#include "process/signals.h"
#include "process/task.h"
#include "process/wait.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t sys_fork(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return kernel_clone(current, 0, SIGCHLD, TABLE_COPY, NULL);
}

static int64_t sys_vfork(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return kernel_clone(current, CLONE_VFORK | CLONE_VM, SIGCHLD, TABLE_COPY, NULL);
}

static enum table_fork table_of_flags(uint64_t flags)
{
	return flags & CLONE_FILES ? TABLE_SHARE : TABLE_COPY;
}

/* A pidfd and the child's pid would go to the same place, parent_tid. */
static int64_t sys_clone(struct task *current, struct fdl_arg *a)
{
	const uint64_t flags = (uint32_t)a[1].num;
	struct fdl_arg *tid = &a[2], *out = arena_alloc(&current->call->arena, sizeof(*out));
	int pidfd = -1;
	int64_t pid;

	if (!out)
		return -ENOMEM;
	if ((flags & CLONE_PIDFD) && (flags & CLONE_PARENT_SETTID))
		return -EINVAL;
	pid = kernel_clone(current, flags & ~(uint64_t)CSIGNAL, (int)(flags & CSIGNAL),
			   table_of_flags(flags), tid->num ? &pidfd : NULL);
	if (pidfd < 0 || pid < 0)
		return pid;
	*out = (struct fdl_arg){ .num = pidfd };
	*tid = (struct fdl_arg){ .num = 1, .sub = out };
	return pid;
}

#define CLONE_ARGS_SIZE_VER0 64

static int64_t sys_clone3(struct task *current, struct fdl_arg *a)
{
	const struct fdl_arg *args = a[0].sub;
	uint64_t flags, signal;
	int pidfd;

	if (a[1].num > getpagesize())
		return -E2BIG;
	if (a[1].num < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (!args)
		return -EFAULT;
	flags = (uint64_t)args[CLONE_ARGS_FLAGS].num;
	signal = (uint64_t)args[CLONE_ARGS_EXIT_SIGNAL].num;
	if (signal & ~(uint64_t)CSIGNAL || signal > (uint64_t)SIGRTMAX)
		return -EINVAL;
	if (flags & (CLONE_DETACHED | (CSIGNAL & ~(uint64_t)CLONE_NEWTIME)))
		return -EINVAL;
	if (flags & ~(uint64_t)(UINT32_MAX | CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (flags & CLONE_CLEAR_SIGHAND))
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_PARENT)) && signal)
		return -EINVAL;
	if (!args[CLONE_ARGS_STACK].num != !args[CLONE_ARGS_STACK_SIZE].num)
		return -EINVAL;
	return kernel_clone(current, flags, (int)signal, table_of_flags(flags),
			    args[CLONE_ARGS_PIDFD].num ? &pidfd : NULL);
}

#define UNSHARE_FLAGS                                                                              \
	((uint64_t)(CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM | CLONE_FILES |             \
		    CLONE_SYSVSEM))

/* Whether another task shares current's memory, or (handlers) its signal handlers. */
static bool shares(const struct task *current, bool handlers)
{
	struct task *t;

	for (int next = 1; (t = task_next(current->machine, next)) != NULL; next = t->pid + 1) {
		if (t == current)
			continue;
		if (handlers ? t->sighand == current->sighand
			     : t->vm == current->vm && t->state != TASK_ZOMBIE)
			return true;
	}
	return false;
}

/* A part that cannot be unshared must not be shared. 0 or -EINVAL. */
static int check_unshare_flags(const struct task *current, uint64_t flags)
{
	const struct task *leader = current->leader;

	if (flags & ~UNSHARE_FLAGS)
		return -EINVAL;
	if ((flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) &&
	    (current != leader || leader->nthreads > 1))
		return -EINVAL;
	if ((flags & (CLONE_SIGHAND | CLONE_VM)) && shares(current, true))
		return -EINVAL;
	if ((flags & CLONE_VM) && shares(current, false))
		return -EINVAL;
	return 0;
}

static int64_t sys_unshare(struct task *current, struct fdl_arg *a)
{
	uint64_t flags = (uint64_t)a[0].num;
	struct fs *fs = NULL;
	int error = check_unshare_flags(current, flags);

	if (flags & ~(uint64_t)CLONE_FILES)
		touch_all(current->machine);
	if (error)
		return error;
	if ((flags & CLONE_FS) && current->fs->refs > 1) {
		fs = fs_copy(current->fs);
		if (!fs)
			return -ENOMEM;
	}
	/* All is unshared, or nothing. */
	if (flags & CLONE_FILES)
		error = current->machine->kernel->table_unshare(current);
	if (error) {
		fs_put(fs);
		return error;
	}
	if (fs) {
		fs_put(current->fs);
		current->fs = fs;
	}
	return 0;
}

static int64_t sys_exit(struct task *current, struct fdl_arg *a)
{
	do_exit(current, ((int)a[0].num & 0xff) << 8, false);
	return 0;
}

static int64_t sys_exit_group(struct task *current, struct fdl_arg *a)
{
	do_exit(current, ((int)a[0].num & 0xff) << 8, true);
	return 0;
}

int64_t kill_many(struct task *current, int64_t pid, int64_t sig)
{
	const struct siginfo info = {
		.signo = (int)sig, .code = SI_USER, .pid = current->tgid, .uid = current->uid
	};
	struct fdl_machine *m = current->machine;
	int64_t result = -ESRCH;
	struct task *t;

	for (int next = 1; (t = task_next(m, next)) != NULL; next = t->pid + 1) {
		int error;

		if (t != t->leader)
			continue;
		if (pid == -1 && (t->pid == 1 || t == current->leader))
			continue;
		error = check_kill_permission(current, t, sig);
		if (error && result == -ESRCH)
			result = error;
		if (error)
			continue;
		result = 0;
		if (sig)
			send_signal(t, &info, true);
	}
	return result;
}

static int64_t sys_kill(struct task *current, struct fdl_arg *a)
{
	int64_t pid = a[0].num, sig = a[1].num;
	const struct siginfo info = {
		.signo = (int)sig, .code = SI_USER, .pid = current->tgid, .uid = current->uid
	};
	struct task *target;
	int error;

	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	if (pid == 0 || pid == -1 || pid == -1L * PROCESS_GROUP)
		return kill_many(current, pid, sig);
	target = pid > 0 ? task_find(current->machine, (int)pid) : NULL;
	if (!target)
		return -ESRCH;
	error = check_kill_permission(current, target, sig);
	if (!error && sig)
		send_signal(target->leader, &info, true);
	return error;
}

static int64_t sys_getpid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->tgid;
}

static int64_t sys_getppid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	touch(current->machine, TOUCH_READ, current->machine, PART_TASKS);
	return current->leader->parent ? current->leader->parent->tgid : 0;
}

static int64_t sys_gettid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->pid;
}

static int64_t sys_getuid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->ruid;
}

static int64_t sys_geteuid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->uid;
}

static int64_t sys_getgid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->rgid;
}

static int64_t sys_getegid(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return current->gid;
}

const struct call_row task_calls[] = {
	{ "fork", "", sys_fork, CALL_NO_FILES | CALL_TRACED, NULL },
	{ "vfork", "", sys_vfork, CALL_MAY_BLOCK | CALL_NO_FILES | CALL_TRACED, NULL },
	{ "clone",
	  "opaque named ptr child_stack=NULL, named cloneflags flags=SIGCHLD, "
	  "opaque inout named tidptr parent_tid=NULL, opaque named ptr tls=NULL, "
	  "opaque named ptr child_tidptr=NULL",
	  sys_clone, CALL_MAY_BLOCK | CALL_NO_FILES | CALL_TRACED, NULL },
	{ "clone3", "clone_args args, opaque size size=88", sys_clone3,
	  CALL_MAY_BLOCK | CALL_NO_FILES | CALL_TRACED, NULL },
	{ "unshare", "unshareflags flags=CLONE_FILES", sys_unshare, CALL_NO_FILES | CALL_TRACED,
	  NULL },
	{ "exit", "int status=0", sys_exit, CALL_NO_FILES | CALL_TRACED | CALL_MAY_CLOSE,
	  RESULT_NONE },
	{ "exit_group", "int status=0", sys_exit_group,
	  CALL_NO_FILES | CALL_TRACED | CALL_MAY_CLOSE, RESULT_NONE },
	{ "wait4", "pid pid=-1, out wstatus wstatus, waitoptions options=0, opaque ptr rusage=NULL",
	  sys_wait4, CALL_MAY_BLOCK | CALL_NO_FILES | CALL_TRACED, NULL },
	{ "kill", "pid pid, dashed signal sig=SIGTERM", sys_kill, CALL_NO_FILES | CALL_TRACED,
	  NULL },
	{ "getpid", "", sys_getpid, CALL_NO_FILES | CALL_TRACED, NULL },
	{ "getppid", "", sys_getppid, CALL_NO_FILES | CALL_TRACED, NULL },
	{ "gettid", "", sys_gettid, CALL_NO_FILES | CALL_TRACED, NULL },
	{ "getuid", "", sys_getuid, CALL_NO_FILES, NULL },
	{ "geteuid", "", sys_geteuid, CALL_NO_FILES, NULL },
	{ "getgid", "", sys_getgid, CALL_NO_FILES, NULL },
	{ "getegid", "", sys_getegid, CALL_NO_FILES, NULL },
	{ 0 },
};
