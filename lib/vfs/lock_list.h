/*
 * Locks and requests as they are linked, for lock.c alone: the lists of an inode and of the
 * machine, and the requests that wait for a lock.
 */
#ifndef LOCK_LIST_H
#define LOCK_LIST_H

#include "vfs/lock.h"

/* The lock at a place of its inode's list. */
static inline struct file_lock *lock_at(struct list *place)
{
	return container_of(place, struct file_lock, place);
}

/* A lock of the kernel's memory. NULL: there is none. Freeing NULL is allowed. */
struct file_lock *locks_alloc_lock(struct task *current);
void locks_free_lock(struct fdl_machine *m, struct file_lock *l);

/* The inode's context. NULL: it has none, and create was false or there is no memory. */
struct file_lock_context *locks_get_lock_context(struct task *current, struct inode *inode,
						 bool create);

/* Makes a lock of memory that was not one: on all of a file, by its process and description. */
void locks_fill_lock(struct file_lock *l, const struct task *current, struct file *f);

/* Kind, type, range and owner of a lock. */
void locks_copy_lock(struct file_lock *to, const struct file_lock *from);

bool locks_overlap(const struct file_lock *a, const struct file_lock *b);
bool posix_locks_conflict(const struct file_lock *a, const struct file_lock *b);
bool flock_locks_conflict(const struct file_lock *a, const struct file_lock *b);

/* Lets the requests that wait for a lock, or for a request, try again. */
void locks_wake_up_blocks(struct fdl_machine *m, struct file_lock *blocker);

/*
 * Queues a request for a lock (root) after the deepest waiter that it conflicts with, so that
 * requests wake in order of arrival.
 */
void locks_insert_block(struct fdl_machine *m, struct file_lock *root, struct file_lock *waiter);

/* The waiters of a request wait for the lock that it became. */
void locks_move_blocks(struct file_lock *lock, struct file_lock *request);

/* A request is over, granted or given up. */
void locks_delete_block(struct fdl_machine *m, struct file_lock *request);

/* Whether a request would wait for its own owner, were it to wait for blocker. */
bool posix_locks_deadlock(struct fdl_machine *m, const struct file_lock *request,
			  const struct file_lock *blocker);

/* Links a lock in front of another place of its inode's list, or at the list's end. */
void locks_insert_lock(struct fdl_machine *m, struct file_lock *lock, struct list *before);

/* Unlinks and frees a lock, and lets its waiters try again. */
void locks_delete_lock(struct fdl_machine *m, struct file_lock *lock);

#endif
