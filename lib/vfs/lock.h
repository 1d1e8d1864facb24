/*
 * Advisory locks on files, in their three kinds: POSIX record locks, which belong to a descriptor
 * table; locks of an open file description (F_OFD_SETLK); and flock's, which belong to a
 * description too. This room keeps them with the inode that they are on, lets requests wait for
 * each other, and knows neither how they are asked for nor how they are shown.
 */
#ifndef LOCK_H
#define LOCK_H

#include "base/list.h"
#include "machine/kmem.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fdl_machine;
struct file;
struct inode;
struct node;
struct task;
struct text;

enum lock_kind { LOCK_POSIX, LOCK_OFD, LOCK_FLOCK };

#define OFFSET_MAX INT64_MAX

#define FILE_LOCK_SIZE ((size_t)192) /* what the kernel's slab has for one */

/* A lock, or a request for one. */
struct file_lock {
	struct list place;   /* a lock: among those of its inode */
	struct list all;     /* and among those of the machine, newest first */
	struct list blocked; /* the requests that wait for this one, longest first */
	struct list member;  /* a request that waits: its place there */
	struct list owners;  /* and in the machine's blocked_owners, when a POSIX lock blocks it */
	struct file_lock *blocker;
	struct wait_queue wait; /* its task, until nothing blocks it any more */
	enum lock_kind kind;
	short type;        /* F_RDLCK, F_WRLCK, F_UNLCK */
	bool sleep;        /* a request: may wait */
	int pid;           /* of the process that asked, or -1 */
	const void *owner; /* a table, or a description: compared, and nothing else */
	struct file *file; /* that it was asked for by; a lock goes before its file does */
	off_t start, end;  /* both belong to it */
	struct kmem mem;   /* a lock's */
};

/* What an inode has that was ever locked. */
struct file_lock_context {
	struct list flock, posix; /* posix: those of an owner stand together, in ascending order */
	struct kmem mem;
};

/* A request without kind, type and range yet, for a file; owner is the file. */
void locks_init_lock(struct file_lock *request, struct task *current, struct file *f);

/*
 * Sets or takes away the lock that is asked for, waiting for others if the request may. Only in
 * calls that may block, if so. 0; -EAGAIN; -EDEADLK; -EINTR; -ENOMEM, -ENOLCK where there is no
 * memory. The range of a POSIX request may have grown by what it was merged with.
 */
int locks_lock_file_wait(struct task *current, struct file_lock *request);

/* The first POSIX or OFD lock that stands against the request, or NULL. */
const struct file_lock *posix_test_lock(const struct file_lock *request);

/* A description is closed by a table (its owner): all POSIX locks of that on the inode go. */
void locks_remove_posix(struct task *current, struct file *f, const void *owner);

/* A description goes: so do its locks. */
void locks_remove_file(struct task *current, struct file *f);

/* A table goes: nothing may be mistaken for its locks later, not even after misuse by hand. */
void locks_forget_owner(struct fdl_machine *m, const void *owner);

/* An inode goes, and nobody has it open. */
void locks_free_context(struct inode *inode);

/*
 * The locks of a machine, as /proc/locks shows them; and the lines of fdinfo: those that this
 * table or the description itself has by this description. lock_show.c.
 */
int text_locks(const struct node *n, struct text *out);
void show_fd_locks(struct text *out, const struct file *f, const void *owner);

/*
 * fcntl's F_SETLK and the like, and F_GETLK, as calls of a kernel's table: fd, command, lock, and
 * for the latter what was found. kind and sleep say which of them. lock_calls.c.
 */
int64_t fcntl_setlk(struct task *current, struct fdl_arg *a, enum lock_kind kind, bool sleep);
int64_t fcntl_getlk(struct task *current, struct fdl_arg *a, enum lock_kind kind);

#endif
