/*
 * Sends the signals that kill_fasync (vfs/fown.h) has queued. They are not sent at once, since a
 * signal may end a process and close the very object that is being changed.
 */
#include "process/sigio.h"

#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/exit.h"
#include "process/signals.h"
#include "vfs/fown.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>

/* The events of a file that a signal reports by its code, in poll's bits. */
static unsigned band_of(int code)
{
	switch (code) {
	case POLL_IN:
		return EPOLLIN | EPOLLRDNORM;
	case POLL_OUT:
		return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	case POLL_MSG:
		return EPOLLIN | EPOLLRDNORM | EPOLLMSG;
	case POLL_HUP:
		return EPOLLHUP | EPOLLERR;
	default:
		return EPOLLERR;
	}
}

/* Signals whose codes mean something else already. */
#define SPECIFIC_CODES                                                                             \
	(signal_bit(SIGILL) | signal_bit(SIGFPE) | signal_bit(SIGSEGV) | signal_bit(SIGBUS) |      \
	 signal_bit(SIGTRAP) | signal_bit(SIGCHLD) | signal_bit(SIGSYS))

/* The owner's rights are those of the task that made it the owner. */
static bool sigio_perm(const struct task *task, const struct fown_struct *owner)
{
	return owner->uid == 0 || owner->uid == task->uid || owner->uid == task->ruid ||
	       owner->ruid == task->uid || owner->ruid == task->ruid;
}

static void send_sigio_to_task(struct task *task, const struct sigio *due)
{
	struct siginfo info = { .signo = SIGIO, .code = SI_KERNEL };

	if (!sigio_perm(task, &due->owner))
		return;
	if (due->owner.signum) {
		info.signo = due->owner.signum;
		info.code = signal_bit(info.signo) & SPECIFIC_CODES ? SI_SIGIO : due->code;
		info.fd = due->owner.fd;
		info.band = band_of(due->code);
	}
	send_signal(task, &info, due->owner.type != F_OWNER_TID);
}

/* To all processes: there is only one group. */
static void send_to_group(struct fdl_machine *m, const struct sigio *due)
{
	struct task *t;

	for (int next = 1; (t = task_next(m, next)) != NULL; next = t->pid + 1)
		if (t == t->leader)
			send_sigio_to_task(t, due);
}

static void send_sigio(struct fdl_machine *m, const struct sigio *due)
{
	struct task *task = task_find(m, due->owner.pid);

	if (due->owner.type != F_OWNER_PGRP) {
		if (task)
			send_sigio_to_task(task, due);
	} else if (due->owner.pid == PROCESS_GROUP) {
		send_to_group(m, due);
	}
}

void send_sigios(struct fdl_machine *m)
{
	while (!list_empty(&m->sigio)) {
		struct sigio *due = container_of(m->sigio.next, struct sigio, link);

		list_del(&due->link);
		send_sigio(m, due);
		charged_free(m, due, sizeof(*due));
	}
}
