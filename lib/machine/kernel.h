/*
 * What a kernel has to provide. Tasks, objects, notation and tree are shared by all kernels and
 * reach a task's descriptor table only through here; a kernel knows no other kernel. Adding one is
 * adding a folder and a row of all_kernels in fdlab.c:
 *
 * - the table that task->files points to, and the functions of struct kernel on it;
 * - its tables of calls: those of the rooms that kernels share (their calls.h) as far as they fit, and its
 *   own for what touches the table (open, dup, close, fcntl, pipe …) and for its own functions
 *   (CALL_INTERNAL). A system call that a shared table has, and this kernel never had, it names in
 *   `lacks`: it is there, and fails with ENOSYS, as do all system calls that other kernels alone
 *   have. So every scenario can be played on every kernel;
 * - the files of <pid>/files, and those of the root that only it has;
 * - the names that a machine starts with (first_names.h);
 * - its preemption points: preempt() with a name of `points` wherever its table's lock is not held;
 * - a check of everything that must hold between any two steps.
 *
 * Who closes a file in a table of a kernel that counts the users of a file (file_use) may have to
 * wait for them: the rows of its calls that close say so by CALL_MAY_CLOSE.
 *
 * It is tested by scenarios of its own in tests/scenarios/NAME, by unit tests that begin with
 * "reset kernel=NAME", and by a list tests/semantics/NAME of what it does and the tests of that.
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

/* What a row of a table of calls says of the call: call_row.flags. */
enum {
	CALL_MAY_BLOCK = 1,  /* runs on a coroutine from the start */
	CALL_INTERNAL = 2,   /* a function of the kernel, not a system call */
	CALL_NO_FILES = 4,   /* makes sense for a task that has no table any more */
	CALL_TRACED = 8,     /* reports all that it touches (touch.h) */
	CALL_MAY_CLOSE = 16, /* closes a file: may wait for the calls that use it */
	CALL_MAY_OPEN = 32,  /* opens a file: may wait for the other side of a FIFO */
	CALL_KNOWS_IDS =
		64, /* takes or gives ids of descriptions and tables: their order matters */
};

/* A descriptor in use, as the tree shows it. */
struct slot {
	uint64_t fd;
	struct file *file; /* NULL: reserved */
	bool cloexec;
};

/* What becomes of the table at a fork. */
enum table_fork {
	TABLE_COPY,
	TABLE_SHARE,
	TABLE_EMPTY, /* the child starts with a new one */
};

struct kernel {
	const char *name;
	const char *ostype, *osrelease; /* what it calls itself */
	/* What the function of a system call is called, and through what it was called; NULL ends it. */
	const char *syscall_prefix;
	const char *const *syscall_entry;
	/* Tables of calls, each ended by a row without a name; and the list ended by NULL. */
	const struct call_row *const *calls;
	const struct call_alias *aliases;
	/* The names among them that it has not: ENOSYS. NULL ends the list; NULL: none. */
	const char *const *lacks;
	/* The flags that clone has meanings for; EINVAL for others. */
	uint64_t clone_flags;
	/* Usual limits; nofile_hard 0: as file_max. */
	uint64_t nofile, nofile_hard, nr_open, file_max;
	unsigned open_flags; /* that every open has besides: O_LARGEFILE, or none */
	/* The names that a machine starts with, ended by a row without a name. */
	const struct first_name *names;

	/* The machine's own data of this kernel: m->kernel_data. */
	int (*machine_init)(struct fdl_machine *m);
	void (*machine_free)(struct fdl_machine *m);

	/* The names of its preemption points, and of the shared rooms' that it reaches; NULL ends it. */
	const char *const *points;

	/* Says in the kernel log that no more files can be open. */
	void (*file_max_reached)(struct fdl_machine *m);
	/* New values of RLIMIT_NOFILE, soft below hard, which it may change. 0 or an error. */
	int (*limit_nofile)(const struct fdl_machine *m, uint64_t *cur, uint64_t *max);
	/* Whether closing a file may have to wait now (CALL_MAY_CLOSE). NULL: never. */
	bool (*close_waits)(const struct fdl_machine *m);

	/* A call begins, and m->time_matters is set: what waits for time to pass. */
	void (*advance)(struct fdl_machine *m);

	/* Keeps grace periods from ending, or lets them end again; NULL: it has none. */
	void (*hold_grace_period)(struct fdl_machine *m, bool hold);

	/* Task 1's table, empty. 0 or -ENOMEM. */
	int (*table_new)(struct task *task);
	/*
	 * fork: child gets a copy, or shares, or has a new one. 0, -ENOMEM, -EMFILE; then the child
	 * has none.
	 */
	int (*table_copy)(struct task *current, struct task *child, enum table_fork how);
	/* exit: the table goes, or loses one user. */
	void (*table_exit)(struct task *task);
	/* A reference to a table that a task held by hand goes back. */
	void (*table_put)(struct task *current, void *table);
	/* unshare(CLONE_FILES). */
	int (*table_unshare)(struct task *current);
	/*
	 * exec, in three: a table of its own (*displaced: what it had shared, or NULL); back to
	 * what it had when the exec fails; close on exec and forget what was displaced when it
	 * succeeds. An error of the last ends the task. And what is done for a program that changes
	 * who the task is (set-uid, set-gid), while it still is who it was; NULL: nothing.
	 */
	int (*exec_begin)(struct task *current, void **displaced);
	void (*exec_fail)(struct task *current, void *displaced);
	int (*exec_commit)(struct task *current, void *displaced);
	int (*exec_setid)(struct task *current);

	/*
	 * The file of a descriptor for the length of a call; raw: O_PATH files too. No file: .file
	 * NULL.
	 */
	struct fd (*fdget)(struct task *current, int64_t fd, bool raw);
	/*
	 * A descriptor for a file of the caller's, whose reference it takes on success, with the
	 * preemption points that the kernel has on the way. The number, or an error.
	 */
	int (*fd_new)(struct task *current, struct file *f, unsigned oflags);
	/* The same in steps, of kernels that reserve: a number, or an error; what it is for; back. */
	int (*get_unused_fd)(struct task *current, unsigned oflags);
	void (*fd_install)(struct task *current, unsigned fd, struct file *f);
	void (*put_unused_fd)(struct task *current, unsigned fd);
	/*
	 * Descriptors for the n files of a message, which get a reference each: all, in fds, or an
	 * error and none. Those beyond room, whose numbers the receiver is not told, are closed
	 * again. NULL: fd_new for one after the other, as long as there are descriptors and room.
	 */
	int (*fds_new)(struct task *current, struct file *const *files, size_t n, size_t room,
		       int *fds);

	/* accept reserves its descriptor when there is a connection, and not before it waits. */
	bool accept_reserves_late;
	/* The socket that accept makes gets the listener's status flags (O_NONBLOCK …). */
	bool accept_inherits;

	/*
	 * For the tree: the first descriptor in use (with a file or reserved) from fd on; false:
	 * none.
	 */
	bool (*slot_next)(const struct task *task, uint64_t fd, struct slot *slot);
	/* Whose a POSIX lock is that a task sets: what has it for an address, and nothing else. */
	const void *(*lock_owner)(const struct task *task);
	/* FDSize. */
	uint64_t (*max_fds)(const struct task *task);
	/* A number by which people know a table (in events, state.json and dot); 0: it has none. */
	uint64_t (*table_id)(const struct task *task);
	/*
	 * The files of <pid>/files, and those at the root that only this kernel has; each ended by
	 * a row without a name.
	 */
	const struct tree_row *files, *root;
	/*
	 * Checks every invariant of a table that has so many users, and adds to files each file in
	 * it. 0, -ENOMEM, or -EUCLEAN with the first violation in why.
	 */
	int (*check)(const struct fdl_machine *m, const void *table, size_t users,
		     struct refs *files, struct text *why);
};

#endif
