/*
 * files_struct and fdtable, the Linux kernel's descriptor table (fs/file.c of Linux 3.7 to 3.9).
 * The functions are the kernel's, by its names; `current` is the task that calls, explicitly.
 * SEMANTICS: expand_files to iterate_fd. file_lock is not there as an object: the model gives way
 * only at preemption points, and those are where the kernel does not hold it.
 */
#ifndef LINUX_FILES_H
#define LINUX_FILES_H

#include "machine/kmem.h"
#include "base/list.h"
#include "base/sparse.h"
#include "machine/task.h"
#include "machine/touch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct file;
struct files_struct;
struct refs;
struct text;

#define BITS_PER_LONG   64u
#define NR_OPEN_DEFAULT BITS_PER_LONG

/* The bitmaps of fdtable.fds; its slots are the array fd. */
#define OPEN_FDS       SPARSE_MAP0
#define CLOSE_ON_EXEC  SPARSE_MAP1
#define SPARSE_OPEN    OPEN_FDS
#define SPARSE_CLOEXEC CLOSE_ON_EXEC

/* Where a retired table is on its way to being freed. */
enum fdtable_stage {
	FDTABLE_IN_USE,
	FDTABLE_GRACE_PERIOD, /* somebody may still read it */
	FDTABLE_WORKQUEUE,    /* from vmalloc: deferred to a context that may free that */
};

struct fdtable {
	unsigned max_fds;
	enum fdtable_stage stage;
	struct sparse fds; /* SPARSE_OPEN: open_fds; SPARSE_CLOEXEC: close_on_exec; slots: fd */
	struct kmem self, array, bitmaps;
	struct list retired; /* in linux_machine.retired, from publication of the next one on */
	uint64_t retired_at; /* read sections that began before may still read it */
	uint64_t newest;     /* replaced: its slots know no file with a higher id */
	uint32_t files_id;   /* whose table it was */
};

struct files_struct {
	unsigned count; /* tasks that share it, and temporary holders */
	unsigned next_fd;
	uint32_t id;
	unsigned by_hand; /* descriptors reserved by a person, or lost in a BUG: for the check */
	struct fdtable *fdt;
	struct fdtable fdtab; /* the embedded one */
	struct sparse_leaf fd_array;
	struct kmem self;
};

/* A read section of RCU; only calls that can stop inside it need to be known. */
struct rcu_reader {
	struct list readers;
	struct task *task; /* NULL: not registered */
	uint64_t began;
};

/* What a machine with this kernel has. */
struct linux_machine {
	uint32_t next_files_id; /* starts over after four billion: ids are for people */
	struct list retired;    /* fdtables, oldest first */
	struct list readers;    /* rcu_readers, oldest first */
	bool rcu_held;          /* by hand: no grace period ends */
	uint64_t rcu_now;       /* counts retirements and read sections */
};

/* The file in a slot, or NULL; fd may be any number. */
struct file *fcheck_files(const struct files_struct *files, unsigned fd);
bool fd_is_open(unsigned fd, const struct fdtable *fdt);

/* A step looks at one descriptor, or changes it, where somebody explores. */
void touch_fd(const struct task *current, enum touch how, const struct files_struct *files,
	      unsigned fd);

/* The first table of a machine. NULL: -ENOMEM. */
struct files_struct *files_new(struct task *current);

int __alloc_fd(struct task *current, struct files_struct *files, unsigned start, unsigned end,
	       unsigned flags);
int alloc_fd(struct task *current, unsigned start, unsigned flags);
int get_unused_fd_flags(struct task *current, unsigned flags);
void put_unused_fd(struct task *current, unsigned fd);
/* Takes the caller's reference of file. */
void fd_install(struct task *current, unsigned fd, struct file *file);

int __close_fd(struct task *current, struct files_struct *files, unsigned fd);
/* The kernel's __range_close: every file from first to last. */
void close_fds(struct task *current, struct files_struct *files, unsigned first, unsigned last);
void do_close_on_exec(struct task *current, struct files_struct *files);

/* *put says whether fput is owed. */
struct file *fget(struct task *current, unsigned fd);
struct file *fget_raw(struct task *current, unsigned fd);
struct file *fget_light(struct task *current, unsigned fd, int *fput_needed);
struct file *fget_raw_light(struct task *current, unsigned fd, int *fput_needed);

void set_close_on_exec(struct task *current, unsigned fd, bool flag);
bool get_close_on_exec(struct task *current, unsigned fd);

/* The file gets a reference of its own in each of these; the caller's stays the caller's. */
int do_dup2(struct task *current, struct files_struct *files, struct file *file, unsigned fd,
	    unsigned flags);
int replace_fd(struct task *current, unsigned fd, struct file *file, unsigned flags);
int f_dupfd(struct task *current, unsigned from, struct file *file, unsigned flags);

/* A range of descriptors that a copy need not have room for; from > to: none. */
struct fd_range {
	unsigned from, to;
};

/* A copy with count 1, or NULL and *error. */
struct files_struct *dup_fd(struct task *current, struct files_struct *oldf, struct fd_range hole,
			    int *error);
struct files_struct *get_files_struct(struct task *task);
void put_files_struct(struct task *current, struct files_struct *files);
void reset_files_struct(struct task *current, struct files_struct *files);
void exit_files(struct task *tsk);

/* Calls fn on every file from n up until it returns non-zero, and returns that; 0 for no files. */
int iterate_fd(struct files_struct *files, unsigned n,
	       int (*fn)(const void *arg, struct file *f, unsigned fd), const void *arg);

/* RCU. */
void rcu_reader_begin(struct task *current, struct rcu_reader *r);

/* A call that runs straight through is out of its section before anybody else runs. */
static inline void rcu_read_lock(struct task *current, struct rcu_reader *r)
{
	r->task = NULL;
	if (__builtin_expect(current->call->stepped, 0))
		rcu_reader_begin(current, r);
}

static inline void rcu_read_unlock(struct rcu_reader *r)
{
	if (__builtin_expect(r->task != NULL, 0))
		list_del(&r->readers);
}

/* Time passes: grace periods end where nobody reads any more, and the workqueue frees. */
void rcu_advance(struct fdl_machine *m);

/* As if somebody were always reading, from now on; or no longer so. */
void rcu_hold(struct fdl_machine *m, bool hold);

/* The tables' invariants (SEMANTICS, last section). 0 or -EUCLEAN. */
int linux_check(const struct fdl_machine *m, const void *table, size_t users, struct refs *files,
		struct text *why);

#endif
