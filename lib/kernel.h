/*
 * What a kernel has to provide. Tasks, objects, notation and tree are shared by all kernels and
 * reach a task's descriptor table only through here; a kernel knows no other kernel. Adding one is
 * adding a folder and a row of `kernels` in options.c.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "args.h"
#include "file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;
struct text;
struct tree_row;

/* A descriptor in use, as the tree shows it. */
struct slot {
	uint64_t fd;
	struct file *file; /* NULL: reserved */
	bool cloexec;
};

/* A file held by a call: fdput gives it back as it was taken. */
struct fd {
	struct file *file;
	bool put; /* a reference was taken */
};

struct kernel {
	const char *name;
	/* Tables of calls, each ended by a row without a name; and the list ended by NULL. */
	const struct call_row *const *calls;
	const struct call_alias *aliases;
	/* Usual limits. */
	uint64_t nofile, nofile_hard, nr_open;

	/* The machine's own data of this kernel: m->kernel_data. */
	int (*machine_init)(struct fdl_machine *m);
	void (*machine_free)(struct fdl_machine *m);

	/* The names of its preemption points, and of the shared rooms' that it reaches; NULL ends it. */
	const char *const *points;

	/* A call begins, and m->time_matters is set: what waits for time to pass. */
	void (*advance)(struct fdl_machine *m);

	/* Task 1's table, empty. 0 or -ENOMEM. */
	int (*table_new)(struct task *task);
	/* fork: child gets a copy, or shares. 0, -ENOMEM, -EMFILE; then the child has none. */
	int (*table_copy)(struct task *current, struct task *child, bool share);
	/* exit: the table goes, or loses one user. */
	void (*table_exit)(struct task *task);
	/* A reference to a table that a task held by hand goes back. */
	void (*table_put)(struct task *current, void *table);
	/* unshare(CLONE_FILES). */
	int (*table_unshare)(struct task *current);
	/*
	 * exec, in three: a table of its own (*displaced: what it had shared, or NULL); back to
	 * what it had when the exec fails; close on exec and forget what was displaced when it
	 * succeeds.
	 */
	int (*exec_begin)(struct task *current, void **displaced);
	void (*exec_fail)(struct task *current, void *displaced);
	void (*exec_commit)(struct task *current, void *displaced);

	/*
	 * The file of a descriptor for the length of a call; raw: O_PATH files too. No file: .file
	 * NULL.
	 */
	struct fd (*fdget)(struct task *current, int64_t fd, bool raw);
	/*
	 * A descriptor for a file of the caller's, whose reference it takes on success. The number,
	 * or an error.
	 */
	int (*fd_new)(struct task *current, struct file *f, unsigned oflags);
	/* The same in steps, of kernels that reserve: a number, or an error; what it is for; back. */
	int (*get_unused_fd)(struct task *current, unsigned oflags);
	void (*fd_install)(struct task *current, unsigned fd, struct file *f);
	void (*put_unused_fd)(struct task *current, unsigned fd);

	/*
	 * For the tree: the first descriptor in use (with a file or reserved) from fd on; false:
	 * none.
	 */
	bool (*slot_next)(const struct task *task, uint64_t fd, struct slot *slot);
	/* FDSize. */
	uint64_t (*max_fds)(const struct task *task);
	/* A number by which people know a table (in events, state.json and dot); 0: it has none. */
	uint64_t (*table_id)(const struct task *task);
	/*
	 * The files of <pid>/files, and those at the root that only this kernel has; each ended by
	 * a row without a name.
	 */
	const struct tree_row *files, *root;
	/* Every invariant. 0 or -EUCLEAN with the first violation in why. */
	int (*check)(const struct fdl_machine *m, struct text *why);
};

static inline void fdput(struct task *current, struct fd fd)
{
	if (fd.put)
		fput(current, fd.file);
}

extern const struct kernel linux_kernel;

/* Calls that kernels may share: whole tables, each ended by a row without a name. */
extern const struct call_row io_calls[];    /* read, write, lseek, ftruncate, fstat … */
extern const struct call_row name_calls[];  /* unlink, mkdir, rename, chdir … */
extern const struct call_row mknod_calls[]; /* mknod, mknodat, mkfifo */
extern const struct call_row link_calls[];  /* link, linkat */
extern const struct call_row attr_calls[];  /* chmod, chown … */
extern const struct call_row exec_calls[];  /* execve, execveat */
extern const struct call_row task_calls[];  /* fork, clone, execve, exit, wait4, kill, getpid … */
extern const struct call_row lock_calls[];  /* flock */
extern const struct call_row limit_calls[]; /* getrlimit, setrlimit, prlimit64 */
extern const struct call_row poll_calls[];  /* poll, ppoll, select, pselect6 */
extern const struct call_row eventfd_calls[], timerfd_calls[], clock_calls[];
extern const struct call_row epoll_calls[]; /* epoll_create, epoll_ctl, epoll_wait … */

#endif
