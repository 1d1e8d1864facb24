/*
 * Signals that tell that a file is ready: the owner and the signal of a description (F_SETOWN,
 * F_SETSIG), and the lists on which objects keep the descriptions that have O_ASYNC. Knows nothing
 * of how a signal is sent: it queues notices, and process/sigio.c sends them.
 */
#ifndef FOWN_H
#define FOWN_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct fdl_machine;
struct file;
struct file_lock;
struct task;

/* The sender of notices: a description has one from its first owner, signal or O_ASYNC on. */
struct fown_struct {
	struct list link; /* in the list of its object, while O_ASYNC is set */
	struct file *file;
	int fd;   /* the descriptor that set O_ASYNC */
	int type; /* F_OWNER_* */
	int pid;  /* 0: none */
	int signum;
	uint32_t uid, ruid;      /* of the task that set the owner */
	struct file_lock *lease; /* of the description; NULL: it has none */
};

/* A signal that is due: sent when the call that caused it is over, or waits. */
struct sigio {
	struct list link; /* in the machine's list */
	struct fown_struct owner;
	int code; /* POLL_IN, POLL_OUT … */
};

/*
 * F_SETOWN_EX: makes a task, a process or a process group the owner (pid 0: none). 0, -EINVAL for a
 * type that there is not, -ESRCH, -ENOMEM.
 */
int f_setown_ex(struct task *current, struct file *f, int64_t type, int64_t pid);

/* F_SETOWN: a process, or with a negative number a group. The same errors. */
int f_setown(struct task *current, struct file *f, int64_t who);

/* F_GETOWN_EX: the type of the owner, and its number; 0: there is none, or it is gone. */
void f_getown_ex(const struct file *f, int *type, int *pid);

/*
 * F_GETOWNER_UIDS: the real and the effective user of the task that set the owner; 0: none was set.
 */
void f_getowner_uids(const struct file *f, uint32_t *ruid, uint32_t *uid);

/* F_SETSIG: the signal to send; 0: SIGIO. 0, -EINVAL, -ENOMEM. */
int f_setsig(struct task *current, struct file *f, int64_t sig);
int f_getsig(const struct file *f);

/*
 * Sets or clears O_ASYNC: f enters the list of its object, newest first, or leaves it. 0 or
 * -ENOMEM.
 */
int fasync_helper(struct task *current, int fd, struct file *f, bool on, struct list *entries);

/* Queues notices to the owners of those descriptions of a list that have any bit of mode. */
void kill_fasync(struct fdl_machine *m, struct list *entries, unsigned mode, int code);

/* Makes the caller's process the owner, if there is none. 0 or -ENOMEM. */
int fown_default(struct task *current, struct file *f);

/* Queues a notice to the owner of a description, about a descriptor. */
void fown_signal(const struct file *f, int fd, int code);

/* Takes the owner and the signal away; the description sends no more. */
void fown_forget(struct file *f);

/* The description goes: it leaves the list of its object. */
void fown_release(struct file *f);

/* Frees what the description has of its owner, which may be nothing. */
void fown_free(struct file *f);

#endif
