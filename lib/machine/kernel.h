/*
 * The interface that a kernel provides. All other layers are shared by all kernels, and reach a
 * task's descriptor table only through struct kernel; a kernel knows no other kernel. A new kernel
 * is a folder and a row of all_kernels in fdlab.c. It has:
 *
 * - the table that task->files points to, and the functions of struct kernel on it;
 * - its list of tables of calls: the shared ones that fit (each layer's calls.h), and its own for
 *   calls that change the table (open, dup, close, fcntl, pipe …) and for its internal functions
 *   (CALL_INTERNAL). `lacks` names the system calls of shared tables that it never had. These fail
 *   with ENOSYS, and so do the system calls that only other kernels have: every scenario can be
 *   played on every kernel;
 * - the files of <pid>/files, and the files at the root that only it has;
 * - the names that a machine starts with (first_names.h);
 * - its preemption points: preempt() with a name of `points` wherever its table's lock is not held;
 * - a check of all that must hold between any two steps.
 *
 * A kernel that counts the users of a file (file_use) may make a call wait that closes it: the rows
 * of such calls have CALL_MAY_CLOSE.
 *
 * Its tests are scenarios in tests/scenarios/NAME, unit tests that begin with "reset kernel=NAME",
 * and a list tests/semantics/NAME of what it does and which test shows it.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "notation/args.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fd;
struct fdl_machine;
struct file;
struct first_name;
struct refs;
struct task;
struct text;
struct tree_row;

/* Properties of a call in its row: call_row.flags. */
enum {
	CALL_MAY_BLOCK = 1,  /* runs on a coroutine from the start */
	CALL_INTERNAL = 2,   /* a function of the kernel, not a system call */
	CALL_NO_FILES = 4,   /* runs in a task without a table, too */
	CALL_TRACED = 8,     /* reports all that it touches (touch.h) */
	CALL_MAY_CLOSE = 16, /* closes a file: may wait for the calls that use it */
	CALL_MAY_OPEN = 32,  /* opens a file: may wait for a FIFO's other side, or for a lease */
	CALL_KNOWS_IDS =
		64, /* takes or gives ids of descriptions and tables: their order matters */
	CALL_NO_RESTART = 128, /* EINTR after a handler, in spite of SA_RESTART */
};

/* A descriptor in use, as the tree shows it. */
struct slot {
	uint64_t fd;
	struct file *file; /* NULL: reserved */
	bool cloexec;
};

/*
 * A word of a table's maps: a bit for each descriptor in use, and for each that is close-on-exec.
 */
struct table_word {
	uint64_t first; /* descriptor */
	unsigned bits;  /* of a word */
	uint64_t open, cloexec;
};

#define RETIRED_READERS 16

/* A table that was replaced and is not freed yet, because tasks may still read it. */
struct retired_table {
	uint64_t id; /* of the table that it was of */
	uint64_t max_fds;
	const char *stage;
	bool held;                   /* grace periods are kept from ending by hand */
	int reader[RETIRED_READERS]; /* the first of the tasks that read it */
	size_t nreaders;             /* all of them */
};

/* The table of the child of a fork. */
enum table_fork {
	TABLE_COPY,
	TABLE_SHARE,
	TABLE_EMPTY, /* the child starts with a new one */
};

struct kernel {
	const char *name;
	const char *ostype, *osrelease; /* as uname(2) says */
	/* For stack: the prefix of a system call's function, and its callers; NULL ends them. */
	const char *syscall_prefix;
	const char *const *syscall_entry;
	/* Tables of calls, each ended by a row without a name; NULL ends the list. */
	const struct call_row *const *calls;
	const struct call_alias *aliases;
	/* The names among them that it does not have: ENOSYS. NULL ends the list; NULL: none. */
	const char *const *lacks;
	/* The flags that clone knows; EINVAL for others. */
	uint64_t clone_flags;
	/* Usual values of the options of these names; nofile_hard 0: as file_max. */
	uint64_t nofile, nofile_hard, nr_open, file_max;
	/*
	 * Reads and writes of a pipe wait as wait_event_interruptible_exclusive does: an arrival
	 * wakes the first one only, and a signal does not end a wait whose condition holds.
	 */
	bool pipe_wait_event;
	uint64_t least_bytes; /* of the option bytes, so that its names have room; 0: as for all */
	bool no_empty_iov;    /* readv and writev of no pieces are EINVAL, not 0 */
	unsigned open_flags;  /* added to the flags of every open: O_LARGEFILE, or none */
	/* The names that a machine starts with, ended by a row without a name. */
	const struct first_name *names;

	/* Makes and frees m->kernel_data. 0 or -ENOMEM. */
	int (*machine_init)(struct fdl_machine *m);
	void (*machine_free)(struct fdl_machine *m);

	/* The names of the preemption points that its calls can stop at; NULL ends them. */
	const char *const *points;

	/* Writes to the kernel log that no more files can be open. */
	void (*file_max_reached)(struct fdl_machine *m);
	/* Checks new values of RLIMIT_NOFILE, cur <= max, and may change them. 0 or an error. */
	int (*limit_nofile)(const struct fdl_machine *m, uint64_t *cur, uint64_t *max);
	/* Whether a call that closes a file may have to wait now. NULL: never. */
	bool (*close_waits)(const struct fdl_machine *m);

	/* Does what is due when time passes: before a call, where m->time_matters is set. */
	void (*advance)(struct fdl_machine *m);

	/* Keeps grace periods from ending, or lets them end again. NULL: it has none. */
	void (*hold_grace_period)(struct fdl_machine *m, bool hold);

	/* Gives task 1 an empty table. 0 or -ENOMEM. */
	int (*table_new)(struct task *task);
	/*
	 * fork: gives child a copy of current's table, a share of it, or an empty one. 0; or
	 * -ENOMEM, -EMFILE, and child has none.
	 */
	int (*table_copy)(struct task *current, struct task *child, enum table_fork how);
	/* exit: the table loses a user, and goes with the last one. */
	void (*table_exit)(struct task *task);
	/* Drops a reference to a table that a task took by hand. */
	void (*table_put)(struct task *current, void *table);
	/* unshare(CLONE_FILES): 0 or an error. */
	int (*table_unshare)(struct task *current);
	/*
	 * exec, in three steps. exec_begin gives the task a table of its own; *displaced is the
	 * table that it shared, or NULL. When the exec fails, exec_fail gives that back; when it
	 * succeeds, exec_commit drops it and closes on exec. An error of exec_commit ends the task.
	 * exec_setid prepares for a set-uid or set-gid program, before the ids change; NULL:
	 * nothing to do.
	 */
	int (*exec_begin)(struct task *current, void **displaced);
	void (*exec_fail)(struct task *current, void *displaced);
	int (*exec_commit)(struct task *current, void *displaced);
	int (*exec_setid)(struct task *current);

	/*
	 * The file of a descriptor, for the length of a call; fdput gives it back. raw: O_PATH
	 * files too. .file is NULL where there is none.
	 */
	struct fd (*fdget)(struct task *current, int64_t fd, bool raw);
	/*
	 * A new descriptor for a file, and on success it takes the caller's reference. Stops at the
	 * kernel's preemption points on the way. The descriptor, or an error.
	 */
	int (*fd_new)(struct task *current, struct file *f, unsigned oflags);
	/*
	 * The same in steps: reserves a descriptor (the descriptor, or an error); installs a file
	 * in it, and takes the reference; or gives it back.
	 */
	int (*get_unused_fd)(struct task *current, unsigned oflags);
	void (*fd_install)(struct task *current, unsigned fd, struct file *f);
	void (*put_unused_fd)(struct task *current, unsigned fd);
	/*
	 * Descriptors for the n files of a message, each with a reference of its own: all, in fds,
	 * or none and an error. Descriptors beyond room are closed again: the receiver does not
	 * learn their numbers. NULL: fd_new for each in turn, while there is room.
	 */
	int (*fds_new)(struct task *current, struct file *const *files, size_t n, size_t room,
		       int *fds);

	/* accept reserves its descriptor after it has waited for a connection, not before. */
	bool accept_reserves_late;
	/* The socket that accept makes inherits the listener's status flags (O_NONBLOCK …). */
	bool accept_inherits;

	/*
	 * SO_RCVTIMEO and SO_SNDTIMEO count ticks of 1/hz seconds. bsd_timeouts: they do not limit
	 * accept and connect, each wait of a call has the whole time, and a call that a handler
	 * with SA_RESTART interrupts is made again all the same.
	 */
	unsigned hz;
	bool bsd_timeouts;

	/*
	 * Sockets as in BSD: AF_UNIX has no data out of band (EOPNOTSUPP), FIONREAD of a listener
	 * is 0, and the name of an option is looked up before its length is checked.
	 */
	bool bsd_sockets;

	/* The children that a process had before an exec send SIGCHLD when they exit. */
	bool exec_resets_exit_signals;

	bool has_leases; /* fcntl has F_SETLEASE */

	/* A write whose bytes cannot be read makes a regular file reach up to its position. */
	bool fault_extends;

	bool one_anon_inode; /* for all anonymous files but pidfds */

	bool has_creds; /* messages carry credentials as Linux has them */
	/*
	 * Whether it has an option for sockets of a family, by Linux's number. NULL: all that Linux
	 * has. local_options: the number of options at level 0 of AF_UNIX, from 1.
	 */
	bool (*has_option)(int family, int64_t level, int64_t name);
	int local_options;

	/* The first descriptor in use (with a file, or reserved) from fd on. False: none. */
	bool (*slot_next)(const struct task *task, uint64_t fd, struct slot *slot);
	/* The owner of POSIX locks that a task sets: an address to compare, nothing else. */
	const void *(*lock_owner)(const struct task *task);
	/* The size of the table, as FDSize in status shows it. */
	uint64_t (*max_fds)(const struct task *task);
	/* Where the search for a free descriptor begins; 0 without a table. */
	uint64_t (*next_fd)(const struct task *task);
	/* The first word that ends after fd and has a bit set in a map. False: none. */
	bool (*word_next)(const struct task *task, uint64_t fd, struct table_word *word);
	/* Tells of each retired table, the oldest first. NULL: it has none. */
	void (*retired)(const struct fdl_machine *m,
			void (*tell)(void *ctx, const struct retired_table *t), void *ctx);
	/* The id of a task's table in events, state.json and dot; 0: it has none. */
	uint64_t (*table_id)(const struct task *task);
	/*
	 * <pid>/files, and the files at the root that only it has; a row without a name ends each.
	 */
	const struct tree_row *files, *root;
	/*
	 * Checks every invariant of a table with this many users, of which this many are in a call
	 * in flight, and adds each file in it to files. 0, -ENOMEM, or -EUCLEAN with the first
	 * violation in why.
	 */
	int (*check)(const struct fdl_machine *m, const void *table, size_t users, size_t calls,
		     struct refs *files, struct text *why);
};

#endif
