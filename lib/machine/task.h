/*
 * Tasks: struct task, and what it points to. A task knows its descriptor table only as the kernel's
 * pointer. Their lives are in process/.
 */
#ifndef TASK_H
#define TASK_H

#include "base/avl.h"
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
struct sighand_struct;
struct text;

#define PID_MAX 4194304

#define PROCESS_GROUP 1 /* the only process group: init's */

enum task_state {
	TASK_RUNNING, /* or blocked: task.call says so */
	TASK_STOPPED, /* by SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU */
	TASK_ZOMBIE,  /* has exited, and nothing has waited for it */
};

/* Pending signals: a bit for each, and a queue of what came with them, oldest first. */
struct sigpending {
	uint64_t set;
	struct list queue;
};

/* The bit of a signal in a set. */
static inline uint64_t signal_bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

/* The program that a task runs: fork shares it, exec replaces it. */
struct image {
	unsigned refs;
	struct dentry *exe; /* NULL: none */
	char *cmdline;      /* NUL-separated and -terminated, as procfs shows it */
	size_t cmdline_len;
	char *environ;
	size_t environ_len;
};

/* Resource limits: fork shares them until a process sets one. */
struct limits {
	unsigned refs;
	struct {
		uint64_t cur, max;
	} of[16];
};

/* A reference that a task took by an internal function (fget, get_files_struct): exit drops it. */
struct held {
	struct held *next;
	struct file *file; /* one of file and table is set */
	void *table;
	int pid;  /* of the task that the table was taken from */
	bool use; /* a use of the file (file_use), not a reference */
};

struct task {
	struct fdl_machine *machine;
	struct call *call;     /* in flight, or running now */
	struct call *returned; /* is over, and kept by a control file for its outcome */
	void *files;           /* the kernel's table; NULL after exit_files */
	struct signal_struct *signal;
	struct dentry *proc; /* of a process that has walked through /proc/self: /proc/PID; NULL */
	struct pid *pid_struct; /* what its pidfds refer to; NULL: it never had one */
	uint64_t blocked;       /* a set of signals */
	uint64_t saved_sigmask; /* blocked, as it was before a call with a mask of its own */
	struct sigpending pending;
	struct limits *limits;
	struct fs *fs;
	struct image *image;
	struct held *held;
	struct sighand_struct *actions; /* of signals; NULL: all are the default ones */
	int pid, tgid;
	struct task *parent; /* of the thread group; NULL: none, as init has */
	struct task *leader; /* of the thread group; the task itself where it leads */
	struct list threads; /* of the leader: the group's other tasks, linked by the same field */
	struct list children, sibling;     /* of leaders: process/children.c */
	uint64_t birth;                    /* its place among its siblings */
	struct avl_tree reports;           /* its children that have something to report */
	struct avl_node report;            /* its place in its parent's */
	unsigned nchildren[2], nexited[2]; /* its children, and those that exited; [1]: of clone */
	struct wait_queue wait_child;      /* calls that wait in wait4, and in vfork */
	struct task *vforker;              /* waits in vfork for this task to exec or exit */
	struct task *next_dead;
	unsigned nthreads; /* of the leader: tasks of the group that have not exited */
	enum task_state state : 8;
	uint8_t stop_signal;      /* the signal that stopped it; 0: it is not stopped */
	bool stop_told : 1;       /* of wait4: its stop was reported; */
	bool continued : 1;       /* its going on was not yet */
	bool reports_exit : 1;    /* report stands among the exits, not among the stops */
	bool restore_sigmask : 1; /* saved_sigmask is set */
	bool group_exit : 1;      /* exits with group_status when its call is over */
	bool oopsed : 1;          /* and alone, without its group: by a BUG */
	bool fail_armed : 1;      /* fail_nth counts during the present or the next call */
	int group_status;         /* as wait4 reports it */
	uint32_t fail_nth;        /* allocations left until one fails; 0: none fails */
	uint32_t vm, sighand;     /* tasks with the same number share these */
	uint32_t parent_vm;       /* its parent's when it began: an exec of the parent changes it */
	int exit_signal;
	int exit_status;     /* as wait4 reports it */
	uint32_t uid, gid;   /* effective, and saved */
	uint32_t ruid, rgid; /* real: they differ after a set-id program */
	int dupfd;           /* the descriptor that an open with EDUPFD or EMOVEFD stands for */
	uint64_t last_call;  /* its last record in the transcript (trail_mark); UINT64_MAX: none */
	struct last_error last_error;
	struct kmem kmem;    /* its task_struct */
	int64_t start_ns;    /* machine.now_ns when it began, */
	int64_t start_clock; /* and clock.now */
	char comm[16];
};

/*
 * Raises a signal in the task of the running call. It is sent when the call has returned, as on the
 * way back from a system call.
 */
void raise_signal(struct task *current, int sig);

/* The task with the lowest pid from pid on, threads and zombies included; NULL: none. */
struct task *task_next(const struct fdl_machine *m, int pid);

/* Writes the pids of the tasks that use a table, runs of them as "2-4", with commas between. */
void put_table_tasks(struct text *out, const struct fdl_machine *m, const void *files);

/*
 * Notes that a task took a reference by an internal function: 0 or -ENOMEM. task_unhold forgets the
 * note that *h, in task->held, points to.
 */
int task_hold(struct task *task, struct file *file, void *table, int pid);
void task_unhold(struct task *task, struct held **h);

/* Gives task->returned back, if there is one. */
void task_forget_returned(struct task *task);

#endif
