/*
 * The simulated machine: everything there is, in one place. The rooms keep their own part of it;
 * this one makes it, frees it, and takes calls.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "base/coroutine.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/sparse.h"
#include "base/text.h"
#include "base/trail.h"
#include "fdlab.h"
#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/last_error.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct line;
struct task;
struct vfs;
struct watcher;

/* The range of nr_open: whole words of 64 descriptors that an int can count. */
#define NR_OPEN_MIN 64u
#define NR_OPEN_MAX ((uint64_t)INT32_MAX / 64 * 64)

/* The first row of a name. */
struct call_name {
	struct hash_node hashed;
	const struct fdl_row *row;
};

/* What a line of the machine's control file does, where it is no call. A word NULL ends a table. */
struct control_command {
	const char *word; /* the first of the line */
	/*
	 * Runs the command; args are what follows the word, len bytes. 0, or an error; then why says
	 * what is wrong, or is empty, and the error says it.
	 */
	int (*run)(struct fdl_machine *m, const char *args, size_t len, struct text *why);
};

/* A kernel with its calls compiled; made once for the whole program. */
struct call_table {
	const struct kernel *kernel;
	struct fdl_row *rows; /* rows of one name stand together */
	size_t nrows;
	struct call_row *missing; /* what the rows of calls are that fail with ENOSYS */
	size_t nmissing;
	struct call_name *names; /* an entry for each row, in use where a name begins */
	struct hash by_name;
};

struct fdl_machine {
	struct fdl_options options; /* with the usual values filled in */
	struct fdl_options given;   /* as the maker gave them: what a reset starts from */
	const struct kernel *kernel;
	const struct call_table *table;
	void *kernel_data;

	struct sparse tasks; /* by pid */
	struct sparse_leaf first_tasks;
	struct budget tasks_budget;
	size_t ntasks;
	int last_pid;

	struct list files; /* every struct file, oldest first */
	uint64_t nr_files, next_file_id;
	struct file *spare_files; /* to be used again */
	unsigned nspare_files;
	bool file_max_logged;
	struct list locks;           /* every lock on a file, newest first (lock.c) */
	struct list blocked_owners;  /* requests that wait for a POSIX lock, newest first */
	struct wait_queue drained;   /* who waits for the other users of a file to be gone */
	struct list sockets;         /* every struct sock, oldest first */
	struct list transit, doomed; /* lists of files in messages: scm.c */
	bool collecting, destroying; /* unix_gc, and scm_fp_destroy, are at it */
	struct vfs *vfs;             /* names and inodes: made by vfs_init */

	/* sysctls */
	uint64_t nr_open, file_max, pipe_max_size; /* nr_open: NR_OPEN_MIN to NR_OPEN_MAX */

	struct kmem_stat kmem;
	struct budget memory; /* descriptor tables */

	struct call *spare; /* calls to be used again */
	unsigned nspare;
	struct coroutine_pool coroutines;
	struct list runnable;  /* calls that were woken */
	struct list in_flight; /* calls that blocked or stopped, oldest first */

	struct trail log, events;
	struct text kmsg;
	struct text name;    /* of the description that an event tells of: scratch */
	uint64_t last_call;  /* as task.last_call */
	struct trail errors; /* the lines that failed (control/errors.h) */
	struct last_error last_error;
	uint32_t last_share;      /* numbers given out to what tasks share */
	struct call *c_call;      /* of fdl_call: what it filled in stays until the next */
	uint64_t generation;      /* counts what may have changed a text of the tree */
	uint64_t epoch;           /* counts resets: handles of an older one are stale */
	uint32_t fsnotify_cookie; /* of the last move that was reported */
	unsigned inotify_instances;
	size_t fsnotify_marks;   /* on all inodes */
	struct list eventfds;    /* by their ids */
	uint64_t epoll_searches; /* counts them */
	struct clock clock;      /* what calls see of time */
	int64_t boot_ns, now_ns; /* what is put on what happens */
	struct list handles;     /* open handles of the tree */
	bool time_matters;       /* the kernel waits for time to pass: tell it at the next call */
	struct task *dead;       /* tasks that are gone, until the call that ended them is over */
	struct task *running;    /* whose call is on the stack: for signalfd, which polls for him */
	struct call *exiting;    /* what a task is in while it is made to exit outside of a call */
	uint64_t bugs; /* counts what should not have happened, and is in the kernel log */
	struct watcher *watcher; /* who is told what calls touch (touch.h); or NULL */
	char *links_root;        /* where readers of the tree find rootfs/; NULL: links are bare */
	struct tree *tree;       /* the numbers of its rows (tree_init) */
	struct texts *texts;     /* of the tree's files, the last ones made (tree_init) */
	const struct control_command *commands; /* of the machine's control file */
};

/* The task with this pid (a thread's too), or NULL. */
static inline struct task *task_find(const struct fdl_machine *machine, int pid)
{
	return pid > 0 ? sparse_get(&machine->tasks, (uint64_t)pid) : NULL;
}

/*
 * The compiled calls of a kernel, and rows that fail with ENOSYS for the system calls that only
 * others of all have (NULL ends them). NULL: no memory.
 */
const struct call_table *call_table_get(const struct kernel *k, const struct kernel *const *all);

/* Whether a kernel lacks a call that is in its tables. */
bool call_table_lacks(const struct kernel *k, const char *name);

/* The first row of a name, or NULL. */
const struct fdl_row *call_table_find(const struct call_table *t, const char *name, size_t len);

/* The same, other spellings included. */
const struct fdl_row *call_table_named(const struct call_table *t, const char *name, size_t len);

/*
 * The row that a line of this machine means. 0, or -EINVAL with a message that knows the nearest
 * call in why.
 */
int line_row(const struct fdl_machine *m, const struct line *line, const struct fdl_row **row,
	     struct text *why);

#define KMSG_MAX ((size_t)1 << 20) /* bytes of the kernel log; beyond, the older half goes */

/* One line for the kernel log, without its newline. */
void printk(struct fdl_machine *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * BUG: the kernel log gets the line and the task dies as in an oops, when its call is over; the
 * rest of the machine goes on.
 */
void kernel_bug(struct task *current, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
