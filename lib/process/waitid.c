/*
 * waitid: waits for a child that a number or a pidfd names, and tells its end or its stop.
 */
#include "process/calls.h"

#include "machine/sched.h"
#include "machine/task.h"
#include "notation/args.h"
#include "process/pid.h"
#include "process/pidfd.h"
#include "process/wait.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#define WAITID_OPTIONS                                                                             \
	((int64_t)(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | __WNOTHREAD | __WCLONE |  \
		   __WALL))

/* The process of a pidfd; a process that is gone has a number that no child has. 0 or -EBADF. */
static int choose_by_pidfd(struct task *current, struct wait_opts *wo, bool *nonblock)
{
	struct fd fd = fdget(current, wo->id);
	const struct pid *pid = fd.file ? pidfd_pid(fd.file) : NULL;
	int error = pid ? 0 : -EBADF;

	if (pid) {
		wo->idtype = P_PID;
		wo->id = pid->task ? pid->task->pid : 0;
		*nonblock = fd.file->flags & O_NONBLOCK;
	}
	fdput(current, fd);
	return error;
}

/* Checks idtype and id. 0, -EINVAL, -EBADF. */
static int choose_children(struct task *current, struct wait_opts *wo, bool *nonblock)
{
	switch (wo->idtype) {
	case P_ALL:
		return 0;
	case P_PID:
		return wo->id <= 0 ? -EINVAL : 0;
	case P_PGID:
		if (!wo->id)
			wo->id = PROCESS_GROUP;
		return wo->id < 0 ? -EINVAL : 0;
	case P_PIDFD:
		return wo->id < 0 ? -EINVAL : choose_by_pidfd(current, wo, nonblock);
	default:
		return -EINVAL;
	}
}

/* The fate of a child: a code, and its exit status or a signal. */
static void put_status(struct fdl_arg *info, int status)
{
	int code, value;

	if (WIFEXITED(status)) {
		code = CLD_EXITED;
		value = WEXITSTATUS(status);
	} else if (WIFSTOPPED(status)) {
		code = CLD_STOPPED;
		value = WSTOPSIG(status);
	} else if (WIFCONTINUED(status)) {
		code = CLD_CONTINUED;
		value = SIGCONT;
	} else {
		code = WCOREDUMP(status) ? CLD_DUMPED : CLD_KILLED;
		value = WTERMSIG(status);
	}
	info[SIGINFO_CODE].num = code;
	info[SIGINFO_STATUS].num = value;
}

/* The caller's siginfo; without a child all of it is 0. 0 or -ENOMEM. */
static int put_siginfo(struct task *current, struct fdl_arg *arg, int64_t pid,
		       const struct wait_opts *wo)
{
	struct fdl_arg *info = arena_alloc(&current->call->arena, SIGINFO_FIELDS * sizeof(*info));

	if (!info)
		return -ENOMEM;
	for (size_t i = 0; i < SIGINFO_FIELDS; i++)
		info[i] = (struct fdl_arg){ 0 };
	if (pid) {
		info[SIGINFO_SIGNO].num = SIGCHLD;
		info[SIGINFO_PID].num = pid;
		info[SIGINFO_UID].num = wo->uid;
		put_status(info, wo->status);
	}
	*arg = (struct fdl_arg){ .num = SIGINFO_FIELDS, .sub = info };
	return 0;
}

static int64_t sys_waitid(struct task *current, struct fdl_arg *a)
{
	struct wait_opts wo = { .idtype = (int)a[0].num, .id = (int)a[1].num, .options = a[3].num };
	bool nonblock = false;
	int64_t pid;
	int error;

	if ((wo.options & ~WAITID_OPTIONS) || !(wo.options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	error = choose_children(current, &wo, &nonblock);
	if (error)
		return error;
	if (nonblock)
		wo.options |= WNOHANG;
	pid = do_wait(current, &wo);
	if (pid < 0)
		return pid;
	/* The caller asked to wait, and the pidfd says not to. */
	if (!pid && nonblock && !(a[3].num & WNOHANG))
		return -EAGAIN;
	return put_siginfo(current, &a[2], pid, &wo);
}

const struct call_row waitid_calls[] = {
	{ "waitid",
	  "idtype idtype, pid id, out siginfo infop, waitoptions options=WEXITED, "
	  "opaque ptr rusage=NULL",
	  sys_waitid, CALL_MAY_BLOCK | CALL_TRACED, NULL },
	{ 0 },
};
