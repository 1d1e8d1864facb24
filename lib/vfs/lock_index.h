/*
 * Finding locks and requests without a walk over all of them: by owner, and by range. For lock.c
 * and lock_list.c alone. Addresses of owners order what is found by owner alone, so that no order
 * that can be seen depends on them.
 */
#ifndef LOCK_INDEX_H
#define LOCK_INDEX_H

#include "vfs/lock.h"

/* The locks of a file that has none. */
void locks_context_init(struct file_lock_context *ctx);

/* Enters a lock whose owner and range are set, in its list or about to be; and takes it out. */
void lock_index_add(struct fdl_machine *m, struct file_lock *lock);
void lock_index_remove(struct fdl_machine *m, struct file_lock *lock);

/* Changes the range of a lock or of a request. */
void locks_set_range(struct file_lock *lock, off_t start, off_t end);

/*
 * The first lock of its file that a POSIX or OFD request conflicts with, in the list's order; or
 * NULL.
 */
struct file_lock *posix_first_conflict(const struct file_lock *request);

/* The lock of the owner, file and kind of a request that ends at `end` or later, or NULL. */
struct file_lock *owner_lock_from(struct fdl_machine *m, const struct file_lock *request,
				  off_t end);

/* Where the list goes on after the last lock of the owner of a POSIX or OFD request. */
struct list *owner_end(struct fdl_machine *m, const struct file_lock *request);

/* Whether an owner has any lock at all. */
bool owner_has_locks(const struct fdl_machine *m, const void *owner);

/*
 * Enters a request that waits, and takes it out. The newest request of an owner that waits, and the
 * next newest; NULL: there is none.
 */
void blocked_add(struct fdl_machine *m, struct file_lock *waiter);
void blocked_remove(struct fdl_machine *m, struct file_lock *waiter);
struct file_lock *blocked_newest(const struct fdl_machine *m, const void *owner);
struct file_lock *blocked_next(const struct file_lock *waiter);

#endif
