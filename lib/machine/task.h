/*
 * Processes and threads: who there is, who is whose child, what they share. A task knows its
 * descriptor table only as the kernel's pointer.
 */
#ifndef TASK_H
#define TASK_H

#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/last_error.h"
#include "base/list.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dentry;
struct file;
struct fs;
struct text;

#define PID_MAX 4194304

enum task_state {
	TASK_RUNNING, /* or blocked: its call says so */
	TASK_STOPPED, /* by SIGSTOP and its kin */
	TASK_ZOMBIE,  /* gone, not waited for */
};

/* Signals that wait: a bit for each, and what came with them, the oldest first. */
struct sigpending {
	uint64_t set;
	struct list queue;
};

static inline uint64_t signal_bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

/* What exec replaces: shared by fork until then. */
struct image {
	unsigned refs;
	struct dentry *exe; /* NULL: none */
	char *cmdline;      /* NUL-separated and -terminated, as procfs shows it */
	size_t cmdline_len;
	char *environ;
	size_t environ_len;
};

/* Resource limits, shared by fork until one is set. */
struct limits {
	unsigned refs;
	struct {
		uint64_t cur, max;
	} of[16];
};

/* A reference that a task took by hand: fget, get_files_struct. Given back at exit. */
struct held {
	struct held *next;
	struct file *file; /* one of the two */
	void *table;
	int pid;  /* whose table it was */
	bool use; /* not a reference to the file but a use of it */
};

struct task {
	struct fdl_machine *machine;
	struct call *call;     /* in flight, or running now */
	struct call *returned; /* one that is over and was not looked at yet: control.c's */
	void *files;           /* the kernel's table; NULL after exit_files */
	struct signal_struct *signal;
	struct pid *pid_struct; /* pidfd.c: what its pidfds refer to; NULL: it never had one */
	uint64_t blocked;       /* signals, by bits */
	uint64_t saved_sigmask; /* what it was before a call with a mask of its own */
	bool restore_sigmask;   /* there is one */
	struct sigpending pending;
	struct limits *limits;
	struct fs *fs;
	struct image *image;
	struct held *held;
	int pid, tgid;
	struct task *parent; /* of the thread group; NULL: init's */
	struct task *leader; /* of its thread group; itself */
	struct list threads; /* the leader's: all others of the group; theirs: their place in it */
	unsigned nthreads;   /* the leader's: tasks in the group that still run */
	struct list children, sibling; /* the leaders' */
	struct wait_queue wait_child;  /* who waits in wait4 */
	struct task *vforker;          /* who waits in vfork for this task to exec or exit */
	struct task *next_dead;
	enum task_state state;
	uint8_t stop_signal;       /* TASK_STOPPED: by which */
	bool stop_told, continued; /* for wait4: WUNTRACED, WCONTINUED */
	uint32_t vm, sighand;      /* tasks with the same number share these */
	int exit_signal;
	int exit_status; /* as wait4 gives it */
	bool group_exit; /* killed: leaves when its call is over */
	bool oopsed;     /* and leaves alone: it was a BUG */
	int group_status;
	uint32_t uid, gid;   /* effective and saved: what it may do */
	uint32_t ruid, rgid; /* who it is: they differ after a set-id program */
	uint32_t fail_nth;   /* allocations left until one fails; 0: none fails */
	bool fail_armed;     /* counts in the next call */
	uint64_t last_call;  /* trail_mark of the transcript; UINT64_MAX: none */
	struct last_error last_error;
	struct kmem kmem;    /* its task_struct */
	int64_t start_ns;    /* the time stamp of its birth, */
	int64_t start_clock; /* and what the clock said */
	int dupfd;           /* what an open that failed with EDUPFD or EMOVEFD says of */
	char comm[16];
};

/*
 * The call of current raises a signal in its own task, which gets it when the call has returned, as
 * on the way back from a system call.
 */
static inline void raise_signal(struct task *current, int sig)
{
	current->call->raised |= signal_bit(sig);
}

/* The first task of any kind with a pid of at least pid, or NULL: for listing. */
struct task *task_next(const struct fdl_machine *m, int pid);

/*
 * Notes a reference that a task takes by hand, and lets one go that was noted: *h is its place in
 * the list. 0, or -ENOMEM where the machine's memory is used up.
 */
int task_hold(struct task *task, struct file *file, void *table, int pid);
void task_unhold(struct task *task, struct held **h);

/* Gives the call back whose outcome is kept for somebody to look at (task->returned). */
void task_forget_returned(struct task *task);

#endif
