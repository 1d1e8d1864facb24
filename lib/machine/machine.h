/*
 * The simulated machine: all of its state, in one struct. Each layer keeps its own part of it;
 * lib/fdlab.c makes it and frees it.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "base/avl.h"
#include "base/coroutine.h"
#include "base/heap.h"
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

#define SOCK_TYPES 11 /* of sockets: the kernel's SOCK_MAX */

struct call;
struct call_table;
struct census;
struct file;
struct task;
struct texts;
struct tree;
struct undone;
struct vfs;
struct watcher;

/* The range of nr_open: whole words of 64 descriptors that an int can count. */
#define NR_OPEN_MIN 64u
#define NR_OPEN_MAX ((uint64_t)INT32_MAX / 64 * 64)

/* A command of the machine's control file. A table of them ends with a row without a name. */
struct control_command {
	struct fdl_command shown; /* its name is the first word of the line */
	/*
	 * Runs the command; args are the len bytes that follow the word. 0, or an error; then why
	 * says what is wrong, or stays empty where the error says it.
	 */
	int (*run)(struct fdl_machine *m, const char *args, size_t len, struct text *why);
};

/* A history of the machine (lib/history/), which is told when its past changes. */
struct past {
	/* The machine has started over, and its transcript begins anew. */
	void (*restarted)(struct past *p);
	/* The lines of the transcript after the first n are undone. */
	void (*undone)(struct past *p, uint64_t n);
	/* The transcript has come to line due; no call runs. */
	void (*came)(struct past *p);
	uint64_t due;
	/*
	 * Finds the last place up to line n that the machine can be put back to; and puts it back,
	 * but leaves the transcript and the users' handles as they are. False: there is no such
	 * place.
	 */
	bool (*find)(struct past *p, uint64_t n, uint64_t *line);
	void (*put_back)(struct past *p, uint64_t line);
};

struct fdl_machine {
	struct fdl_options options; /* with the usual values filled in */
	struct fdl_options given;   /* as the maker gave them; a reset starts from these */
	/*
	 * The heap of the machine's objects, which can be put back. This struct, the records, and
	 * objects that users hold, such as handles, are in libc's heap. NULL: all is in one heap.
	 */
	struct heap *heap;
	const struct kernel *kernel;
	const struct call_table *table; /* the kernel's calls, compiled */
	void *kernel_data;              /* the kernel's own */

	struct sparse tasks; /* by pid */
	struct sparse_leaf first_tasks;
	struct budget tasks_budget;
	size_t ntasks;
	int last_pid;
	uint64_t next_birth; /* numbers children */

	struct list files; /* every struct file, oldest first */
	uint64_t nr_files, next_file_id;
	struct file *spare_files; /* freed, kept for the next open */
	unsigned nspare_files;
	bool file_max_logged;              /* the kernel log has the line about file_max */
	struct list locks;                 /* every lock on a file, newest first */
	struct avl_tree lock_owners;       /* the same, by owner: vfs/lock_index.c */
	struct avl_tree blocked;           /* requests for locks that wait, by owner */
	uint64_t next_blocked;             /* numbers them */
	struct wait_queue drained;         /* calls that wait until no other call uses a file */
	struct list sockets;               /* every struct sock, oldest first */
	uint64_t next_sock;                /* numbers them */
	struct avl_tree inet_ports[2];     /* those with a port, of TCP and of UDP: inet_ports.c */
	struct avl_tree inet_shares[2][2]; /* the same, by how they share it: inet_conflict.c */
	struct avl_tree inet_syns;         /* those that have sent a SYN */
	bool inet_retry;                   /* any of them may have an answer now */
	struct avl_tree unix_abstract, unix_bound; /* those with a name: unix.c */
	unsigned unix_ordinal[SOCK_TYPES];         /* autobind has given all lower names, by type */
	struct list transit, doomed;               /* lists of files in messages: scm.c */
	bool collecting, destroying;               /* unix_gc, scm_fp_destroy run now */
	struct list suspects; /* sockets that only messages may hold: unix_gc.c */
	uint64_t next_transit, gc_searches;
	struct vfs *vfs; /* names and inodes: made by vfs_init */

	/* sysctls */
	uint64_t nr_open, file_max, pipe_max_size; /* nr_open: NR_OPEN_MIN to NR_OPEN_MAX */
	uint64_t lease_break_time, leases_enable;  /* lease_break_time: seconds */

	struct kmem_stat kmem; /* what the simulated kernel holds */
	struct budget memory;  /* real memory, bounded by the option memory */

	struct call *spare; /* calls to be used again */
	unsigned nspare;
	struct coroutine_pool coroutines;
	struct list runnable;  /* calls that were woken */
	struct list sigio;     /* signals to owners of files that are due (vfs/fown.h) */
	struct list in_flight; /* calls that blocked or stopped, oldest first */

	struct trail log, events;
	struct text kmsg;    /* the kernel log */
	struct text name;    /* scratch: the name in an event */
	uint64_t last_call;  /* as task.last_call */
	struct trail errors; /* the lines that failed (control/errors.h) */
	struct last_error last_error;
	uint32_t last_share; /* the last number given to what tasks share (task.vm, sighand) */
	struct call *c_call; /* of fdl_call; its buffers stay until the next fdl_call */
	/*
	 * The same where the next fdl_call may run at once; NULL: time has to pass before it, the
	 * transcript needs memory, the machine has a heap of its own, or there is no c_call.
	 */
	struct call *ready;
	uint64_t generation; /* grows with every change that a text of the tree may show */
	uint64_t numbered;   /* files that have got numbers, which an earlier copy does not know */
	uint64_t epoch;      /* counts resets: handles of an older one are stale */
	uint64_t turns;      /* counts what took lines of the transcript away: resets, undo, redo */
	uint32_t fsnotify_cookie; /* of the last move that was reported */
	unsigned inotify_instances;
	size_t fsnotify_marks;   /* on all inodes */
	struct list eventfds;    /* by their ids */
	uint64_t epoll_searches; /* counts them */
	struct clock clock;      /* the time that calls see */
	int64_t boot_ns, now_ns; /* real time, put on what happens: fdl_machine_stamp */
	struct list handles;     /* open handles of the tree */
	bool time_matters;       /* kernel->advance is due before the next call */
	struct task *dead;       /* released tasks, freed when the present call is over */
	struct list handled;     /* signals that tasks handled, for the log after the call's line */
	bool chores;             /* dead, handled, sigio, runnable or raise_signal has some */
	struct task *running;    /* whose call is on the stack: signalfd's poll asks about it */
	struct call *exiting;    /* the call of a task that exits outside of a call of its own */
	uint64_t bugs;           /* counts kernel_bug */
	struct watcher *watcher; /* is told what calls touch (touch.h); or NULL */
	char *links_root;        /* where readers of the tree find rootfs/; NULL: links are bare */
	struct tree *tree;       /* the numbers of its rows: tree_init */
	struct texts *texts;     /* the last texts of the tree's files: tree_init */
	struct census *census;   /* the last one, or NULL: procfs/census.h */
	uint64_t censuses;       /* counts them */
	uint64_t looks;          /* that a search for deadlocks has left: machine/deadlock.h */
	const struct control_command *commands; /* of the machine's control file */
	/*
	 * Notes that the text of a file, by its path, is longer than the option text_limit allows.
	 */
	void (*text_too_long)(struct fdl_machine *m, const char *path, size_t len);
	struct undone *undone; /* lines that can be run again (undo.c); NULL: none */
	struct past *past;     /* NULL: the machine has no history */
	/*
	 * Of a machine that shows a moment of another one's history: that one, which has the
	 * records. Such a machine cannot be changed by its users.
	 */
	struct fdl_machine *original;
};

/*
 * Whether a reset found no memory: there are no names and no tasks, and the kernel has no state,
 * until a reset succeeds.
 */
static inline bool machine_is_empty(const struct fdl_machine *m)
{
	return !m->vfs;
}

/*
 * Makes the heap of a machine the current one, before the machine is changed. Returns the heap that
 * was, for heap_current.
 */
static inline struct heap *machine_enter(const struct fdl_machine *m)
{
	struct heap *before = heap_current;

	if (m->heap)
		heap_current = m->heap;
	return before;
}

/* The same for what a user of the machine keeps of it. */
static inline struct heap *machine_leave(const struct fdl_machine *m)
{
	struct heap *before = heap_current;

	if (m->heap)
		heap_current = NULL;
	return before;
}

/* Tells the machine's history that a line is over. */
static inline void machine_line_over(struct fdl_machine *m)
{
	if (__builtin_expect(m->past && m->log.records >= m->past->due, 0))
		m->past->came(m->past);
}

/* From now on time matters: a call changes what happens when it passes. */
static inline void machine_time_matters(struct fdl_machine *m)
{
	m->time_matters = true;
	m->ready = NULL;
}

/* The task with this pid (a thread's too), or NULL. */
static inline struct task *task_find(const struct fdl_machine *machine, int pid)
{
	return pid > 0 ? sparse_get(&machine->tasks, (uint64_t)pid) : NULL;
}

/*
 * Called after the struct of a machine, which is not in the machine's heap, was replaced by an
 * older one. The machine keeps its options, its records, and its users' handles as they are now. It
 * counts on, so that texts and numbers of the time before are not taken for present ones.
 */
void machine_keep_outside(struct fdl_machine *m, const struct fdl_machine *now);

#define KMSG_MAX ((size_t)1 << 20) /* bytes of the kernel log; beyond, the older half goes */

/* Writes a line to the kernel log, without its newline. */
void printk(struct fdl_machine *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * BUG(): the kernel log gets the line, and the task is ended by SIGSEGV when its call is over, as
 * by an oops. The rest of the machine goes on.
 */
void kernel_bug(struct task *current, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
