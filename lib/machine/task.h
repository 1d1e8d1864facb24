/*
 * Processes and threads: who there is, who is whose child, what they share. A task knows its
 * descriptor table only as the kernel's pointer.
 */
#ifndef TASK_H
#define TASK_H

#include "machine/kernel.h"
#include "machine/kmem.h"
#include "base/list.h"
#include "machine/sched.h"
#include "process/signals.h"

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
	struct kmem kmem;    /* its task_struct */
	int64_t start_ns;    /* the time stamp of its birth, */
	int64_t start_clock; /* and what the clock said */
	int dupfd;           /* what an open that failed with EDUPFD or EMOVEFD says of */
	char comm[16];
};

/* The first task of any kind with a pid of at least pid, or NULL: for listing. */
struct task *task_next(const struct fdl_machine *m, int pid);

/* Task 1. 0 or an error. */
int task_init(struct fdl_machine *m);

/* A task that nobody can see yet, its references all unset; the caller's. NULL: no memory. */
struct task *task_new(struct fdl_machine *m);

/* Gives a task its pid: from now on it is one of the machine's. 0, -EAGAIN, -ENOMEM. */
int task_publish(struct task *task);

/* Takes a task out of the machine's table; its memory goes when the present call is over. */
void task_release(struct task *task);
/* Frees the ones that were released. */
void task_free_dead(struct fdl_machine *m);

/*
 * A new image with refs 1: copies of the strings, NUL-separated and -terminated, charged to the
 * machine's memory. NULL: none left. And one user less.
 */
struct image *image_new(struct fdl_machine *m, struct dentry *exe, const struct text *cmdline,
			const struct text *env);
void image_put(struct fdl_machine *m, struct image *image);

/*
 * Notes a reference that a task takes by hand, and lets one go that was noted: *h is its place in
 * the list. 0, or -ENOMEM where the machine's memory is used up.
 */
int task_hold(struct task *task, struct file *file, void *table, int pid);
void task_unhold(struct task *task, struct held **h);

/* Reports to a vfork that waits for this task that it may go on. */
void task_vfork_done(struct task *task);

/*
 * What fork and its kin have in common: CLONE_* flags, the signal that the parent gets at the exit,
 * and what becomes of the table. The child's pid, or an error.
 */
int64_t kernel_clone(struct task *current, uint64_t flags, int exit_signal, enum table_fork how);

/* Everybody else of its thread group ends at once, and it is the leader then: what exec does. */
void de_thread(struct task *current);

/*
 * Ends a task: its table, its references; zombie or gone. status as wait4 gives it. The whole
 * group when group is true.
 */
void do_exit(struct task *task, int status, bool group);

/* Frees every task of a machine that is being freed, calls in flight and all. */
void task_free_all(struct fdl_machine *m);

/* What a signal that is delivered does to a process. */
void task_default_action(struct task *leader, int sig);

/* signals.c: a signal from nowhere to a process. */
void task_signal(struct task *leader, int sig);

/* The signal that a call earns its own task; one that is being killed has had its signal. */
void task_signal_self(struct task *current, int sig);

/* There is such a signal (or none, 0), and current may send it: 0, -EINVAL, -EPERM. */
int check_kill_permission(const struct task *current, const struct task *target, int64_t sig);

#endif
