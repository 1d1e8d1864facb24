/*
 * Advisory locks on files, in three kinds: POSIX record locks, which belong to a descriptor table;
 * locks of an open file description (F_OFD_SETLK); and flock's, which belong to a description too.
 * They are kept with the inode that they are on, and requests wait for each other.
 */
#ifndef LOCK_H
#define LOCK_H

#include "base/avl.h"
#include "base/list.h"
#include "machine/kmem.h"
#include "machine/sched.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fdl_machine;
struct file;
struct inode;
struct task;

enum lock_kind { LOCK_POSIX, LOCK_OFD, LOCK_FLOCK, LOCK_LEASE };

#define OFFSET_MAX INT64_MAX

#define FILE_LOCK_SIZE ((size_t)192) /* the size of its slab object in the kernel */

/* A lock, or a request for one. */
struct file_lock {
	struct list place;   /* of a lock: in its inode's list */
	struct list all;     /* of a lock: in the machine's list, the newest first */
	struct list blocked; /* the requests that wait for this one, the oldest first */
	struct list member;  /* of a request that waits: in its blocker's list */
	bool deadlocks;      /* and a POSIX lock blocks it: posix_locks_deadlock finds it */
	struct avl_node by_owner, by_range; /* lock_index.c */
	struct avl_node by_time;            /* of a lease that changes by itself: lease.c */
	uint64_t group;         /* of a lock: its owner's among the owners; of a request: its age */
	off_t last, last_write; /* the greatest end of the locks below it in the tree of ranges */
	struct file_lock *blocker;
	/* The request that was queued last below this lock or lease, if ctx.changes is the same. */
	struct file_lock *newest;
	uint64_t newest_at;
	struct wait_queue wait; /* its task waits here while there is a blocker */
	enum lock_kind kind;
	short type;        /* F_RDLCK, F_WRLCK, F_UNLCK */
	bool sleep;        /* of a request: it may wait */
	int pid;           /* of the process that asked, or -1 */
	const void *owner; /* a table or a description: only compared */
	/* By which it was asked for; it outlives the lock. NULL: of a task that breaks a lease. */
	struct file *file;
	off_t start, end; /* the first and the last byte */
	struct kmem mem;  /* of a lock */
	/*
	 * A lease: the type that it is to become, the time when that happens by itself (0: never),
	 * and the descriptor that its signal names.
	 */
	unsigned pending; /* LEASE_*_PENDING */
	int64_t break_time, downgrade_time;
	int fd; /* that it was asked for by */
};

/* A lease is to be given up, or to be one for reading alone. */
enum { LEASE_UNLOCK_PENDING = 1, LEASE_DOWNGRADE_PENDING = 2 };

/* The type that a lease has, or will have when it has been broken: lease.c. */
short lease_target(const struct file_lock *lease);

/* The locks of an inode, from the first one on. */
struct file_lock_context {
	struct list lease;
	size_t nleases, nwrite, nbreaking; /* all of them, those of F_WRLCK, those to be given up */
	struct avl_tree lease_times;       /* those that change by themselves, by time */
	struct list flock, posix; /* posix: the locks of an owner follow each other, ascending */
	struct avl_tree ranges;   /* of posix: by range */
	uint64_t next_group;      /* numbers owners of posix */
	uint64_t changes;         /* counts requests that wait no more, or for another lock */
	struct kmem mem;
};

/*
 * A request for a lock on all of a file, without kind and type yet; its owner is the description.
 */
void locks_init_lock(struct file_lock *request, struct task *current, struct file *f);

/*
 * Sets or takes away a lock. request->sleep: waits for locks that it conflicts with; only for calls
 * that may block. 0; -EAGAIN; -EDEADLK; -EINTR; -ENOMEM, -ENOLCK where there is no memory. The
 * range of a POSIX request may have grown by the locks that it was merged with.
 */
int locks_lock_file_wait(struct task *current, struct file_lock *request);

/* The inode that keeps the locks of a description. */
static inline struct inode *locked_inode(const struct file *f)
{
	return inode_common(f->inode);
}

/* The first POSIX or OFD lock that a request conflicts with, or NULL. */
const struct file_lock *posix_test_lock(const struct file_lock *request);

/* A table (the owner) closes a description: deletes all its POSIX locks on the inode. */
void locks_remove_posix(struct task *current, struct file *f, const void *owner);

/* A description is released: deletes its locks. */
void locks_remove_file(struct task *current, struct file *f);

/*
 * A table is freed: deletes locks that misuse by hand has left it, so that a table which gets the
 * same address does not inherit them.
 */
void locks_forget_owner(struct fdl_machine *m, const void *owner);

/* lock_index.c: no file is locked. */
void locks_machine_init(struct fdl_machine *m);

/* An inode that no description refers to is freed. */
void locks_free_context(struct inode *inode);

/* flock(2) by a type of fcntl(2): F_RDLCK, F_WRLCK or F_UNLCK. 0, -EAGAIN, -EINTR or -ENOMEM. */
int flock_lock(struct task *current, struct file *f, short type, bool sleep);

/*
 * lock_calls.c: F_SETLK, F_SETLKW, F_GETLK and their OFD kin, for the rows of a kernel's fcntl: "fd
 * fd, =CMD, flock lock", and of the last "out flock found". Results as in fcntl(2).
 */
int64_t fcntl_setlk(struct task *current, struct fdl_arg *a, enum lock_kind kind, bool sleep);
int64_t fcntl_getlk(struct task *current, struct fdl_arg *a, enum lock_kind kind);

#endif
