/*
 * Setting and taking away locks: a request is granted, refused or waits, and a lock of an owner
 * takes the place of the locks that the owner had there. The lock as such, and the queues of
 * waiters, are in lock_list.c.
 */
#include "vfs/lock.h"

#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/lease.h"
#include "vfs/lock_index.h"
#include "vfs/lock_list.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>

/* A request waits. */
#define FILE_LOCK_DEFERRED 1

const struct file_lock *posix_test_lock(const struct file_lock *request)
{
	const struct inode *inode = locked_inode(request->file);
	const struct file_lock_context *ctx = inode->locks;

	touch(inode->machine, TOUCH_READ, inode, PART_LOCKS);
	if (!ctx)
		return NULL;
	if (request->type == F_UNLCK) {
		/* Asks for the owner's own locks. */
		const struct file_lock *l =
			owner_lock_from(inode->machine, request, request->start);

		return l && locks_overlap(request, l) ? l : NULL;
	}
	return posix_first_conflict(request);
}

/* The touches of a request besides those of waiting requests, which lock_list.c tells. */
static void locks_touch(const struct task *current, const struct file_lock *request)
{
	touch(current->machine, TOUCH_WRITE, locked_inode(request->file), PART_LOCKS);
}

/* ---- POSIX and OFD locks ------------------------------------------------------------------- */

/* A request on its way through the locks that its owner has. */
struct change {
	struct fdl_machine *m;
	struct file_lock *lock;     /* the request, and then the lock that it became */
	struct file_lock *spare[2]; /* for a new lock, and for one that is cut in two */
	struct file_lock *left;     /* a lock of another type that begins before it */
	struct file_lock *right;    /* one that ends after it */
	bool added;
};

/* A spare lock becomes a copy of another, in front of a place of the list. */
static struct file_lock *use_spare(struct change *c, int i, const struct file_lock *of,
				   struct list *before)
{
	struct file_lock *lock = c->spare[i];

	c->spare[i] = NULL;
	locks_copy_lock(lock, of);
	locks_insert_lock(c->m, lock, before);
	return lock;
}

/* Merges the request with a lock of the same type that it touches. False: look no further. */
static bool merge_same_type(struct change *c, struct file_lock *l)
{
	struct file_lock *lock = c->lock;
	off_t start, end;

	if (l->end < lock->start - 1)
		return true;
	if (l->start - 1 > lock->end)
		return false;
	start = l->start > lock->start ? lock->start : l->start;
	end = l->end < lock->end ? lock->end : l->end;
	locks_set_range(l, start, end);
	locks_set_range(lock, start, end);
	if (c->added)
		locks_delete_lock(c->m, l);
	else
		c->lock = l;
	c->added = true;
	return true;
}

/*
 * The request takes the place of a lock of another type, as far as their ranges overlap. 1: look
 * further, 0: look no further, -ENOLCK.
 */
static int replace_other_type(struct change *c, struct file_lock *l)
{
	struct file_lock *lock = c->lock;

	if (l->end < lock->start)
		return 1;
	if (l->start > lock->end)
		return 0;
	if (lock->type == F_UNLCK)
		c->added = true;
	if (l->start < lock->start)
		c->left = l;
	if (l->end > lock->end) {
		c->right = l;
		return 0;
	}
	if (l->start < lock->start)
		return 1;
	if (!c->added) {
		if (!c->spare[0])
			return -ENOLCK;
		c->lock = use_spare(c, 0, lock, &l->place);
		locks_move_blocks(c->lock, lock);
		c->added = true;
	}
	locks_delete_lock(c->m, l);
	return 1;
}

/* All locks that the request touches have been seen. 0 or -ENOLCK. */
static int finish_change(struct change *c, struct list *before)
{
	struct file_lock *request = c->lock;

	if (c->right && c->left == c->right && !c->spare[1])
		return -ENOLCK;
	if (!c->added) {
		if (request->type == F_UNLCK)
			return 0;
		if (!c->spare[0])
			return -ENOLCK;
		c->lock = use_spare(c, 0, request, before);
		locks_move_blocks(c->lock, request);
		before = &c->lock->place;
	}
	if (c->right) {
		if (c->left == c->right)
			c->left = use_spare(c, 1, c->right, before);
		locks_set_range(c->right, c->lock->end + 1, c->right->end);
		locks_wake_up_blocks(c->m, c->right);
	}
	if (c->left) {
		locks_set_range(c->left, c->left->start, c->lock->start - 1);
		locks_wake_up_blocks(c->m, c->left);
	}
	return 0;
}

/* The request conflicts with no lock, and takes its place. 0 or -ENOLCK. */
static int change_locks(struct change *c, struct list *locks)
{
	/* Locks of the owner that end before the request, and do not touch it, stay as they are. */
	struct file_lock *first = owner_lock_from(c->m, c->lock, c->lock->start - 1);
	struct list *pos = first ? &first->place : owner_end(c->m, c->lock), *next;
	int more = 1;

	for (; pos != locks && lock_at(pos)->owner == c->lock->owner; pos = next) {
		struct file_lock *l = lock_at(pos);

		next = pos->next;
		more = c->lock->type == l->type ? merge_same_type(c, l) : replace_other_type(c, l);
		if (more < 0)
			return more;
		if (!more)
			break;
	}
	return finish_change(c, pos);
}

/*
 * Looks for a lock that the request conflicts with. 0: there is none. Otherwise -EAGAIN; -EDEADLK;
 * or FILE_LOCK_DEFERRED, and the request is queued.
 */
static int posix_find_conflict(struct fdl_machine *m, struct file_lock *request)
{
	struct file_lock *l = posix_first_conflict(request);

	if (!l)
		return 0;
	if (!request->sleep)
		return -EAGAIN;
	/* The search for a deadlock must not find requests that wait for this one. */
	locks_wake_up_blocks(m, request);
	if (posix_locks_deadlock(m, request, l))
		return -EDEADLK;
	locks_insert_block(m, l, request);
	return FILE_LOCK_DEFERRED;
}

static int posix_lock_inode(struct task *current, struct file_lock *request)
{
	struct change c = { .m = current->machine, .lock = request };
	const bool unlock = request->type == F_UNLCK;
	struct file_lock_context *ctx =
		locks_get_lock_context(current, locked_inode(request->file), !unlock);
	int error = 0;

	locks_touch(current, request);
	if (!ctx)
		return unlock ? 0 : -ENOMEM;
	/* Taking away the whole range needs no memory, so it cannot fail. */
	if (!unlock || request->start != 0 || request->end != OFFSET_MAX) {
		c.spare[0] = locks_alloc_lock(current);
		c.spare[1] = locks_alloc_lock(current);
	}
	if (!unlock)
		error = posix_find_conflict(c.m, request);
	if (!error)
		error = change_locks(&c, &ctx->posix);
	locks_free_lock(c.m, c.spare[0]);
	locks_free_lock(c.m, c.spare[1]);
	return error;
}

/* ---- flock --------------------------------------------------------------------------------- */

/* Deletes the lock of the description, if it is of another type. True: it is of the same. */
static bool flock_drop_other(struct fdl_machine *m, const struct file_lock *request)
{
	struct file_lock *l = owner_lock_from(m, request, 0);

	if (l && l->type == request->type)
		return true;
	if (l)
		locks_delete_lock(m, l);
	return false;
}

/* A lock is changed by deleting it and asking for the other: in between there is none. */
static int flock_lock_inode(struct task *current, struct file_lock *request)
{
	struct fdl_machine *m = current->machine;
	const bool unlock = request->type == F_UNLCK;
	struct file_lock_context *ctx =
		locks_get_lock_context(current, locked_inode(request->file), !unlock);
	struct file_lock *new = NULL, *first;
	int error = 0;

	locks_touch(current, request);
	if (!ctx)
		return unlock ? 0 : -ENOMEM;
	if (!unlock) {
		new = locks_alloc_lock(current);
		if (!new)
			return -ENOMEM;
	}
	if (flock_drop_other(m, request) || unlock)
		goto out;
	/*
	 * The first is as good as any: an exclusive lock is alone, and shared ones are all alike.
	 */
	first = list_empty(&ctx->flock) ? NULL : lock_at(ctx->flock.next);
	if (first && flock_locks_conflict(request, first)) {
		error = -EAGAIN;
		if (request->sleep) {
			error = FILE_LOCK_DEFERRED;
			locks_insert_block(m, first, request);
		}
		goto out;
	}
	locks_copy_lock(new, request);
	locks_move_blocks(new, request);
	locks_insert_lock(m, new, &ctx->flock);
	new = NULL;
out:
	locks_free_lock(m, new);
	return error;
}

/* Whether a task could end the wait of a request: it has the table, or the description. */
static bool ends_lock_wait(const struct call *c, const struct task *other)
{
	const struct file_lock *request = c->waits_on, *blocker = request->blocker;
	const struct kernel *k = other->machine->kernel;
	struct slot slot;

	if (!blocker || other->files == blocker->owner || task_is_under_way(other))
		return true;
	for (uint64_t fd = 0; k->slot_next(other, fd, &slot); fd = slot.fd + 1) {
		if (deadlock_gives_up(other->machine))
			return true;
		if (slot.file && slot.file == blocker->owner)
			return true;
	}
	return false;
}

/* ---- requests ------------------------------------------------------------------------------- */

int locks_lock_file_wait(struct task *current, struct file_lock *request)
{
	const bool flock = request->kind == LOCK_FLOCK;
	int error;

	do {
		error = flock ? flock_lock_inode(current, request)
			      : posix_lock_inode(current, request);
		if (error != FILE_LOCK_DEFERRED)
			break;
		error = 0;
		while (request->blocker && !error)
			error = sched_wait_for(current, &request->wait,
					       flock ? "locks_lock_inode_wait" : "fcntl_setlk",
					       false, ends_lock_wait, request);
	} while (!error);
	locks_touch(current, request);
	locks_delete_block(current->machine, request);
	return error;
}

void locks_remove_posix(struct task *current, struct file *f, const void *owner)
{
	const struct file_lock_context *ctx = locked_inode(f)->locks;
	struct file_lock request;

	touch(current->machine, TOUCH_READ, locked_inode(f), PART_LOCKS);
	if (!ctx || list_empty(&ctx->posix))
		return;
	locks_init_lock(&request, current, f);
	request.type = F_UNLCK;
	request.owner = owner;
	/* The whole range: this needs no memory, and does not wait. */
	posix_lock_inode(current, &request);
}

/* Deletes the locks of a kind that a description owns. */
static void remove_owned(struct task *current, struct file *f, enum lock_kind kind)
{
	struct file_lock request, *l;

	locks_init_lock(&request, current, f);
	request.kind = kind;
	while ((l = owner_lock_from(current->machine, &request, 0)) != NULL)
		locks_delete_lock(current->machine, l);
}

void locks_remove_file(struct task *current, struct file *f)
{
	struct file_lock_context *ctx = locked_inode(f)->locks;

	touch(current->machine, TOUCH_WRITE, locked_inode(f), PART_LOCKS);
	if (!ctx)
		return;
	/* A POSIX lock is left only if the slot of its descriptor was cleared by hand. */
	list_for_each_safe(pos, next, &ctx->posix) {
		if (!f->posix_locks)
			break;
		if (lock_at(pos)->file == f)
			locks_delete_lock(current->machine, lock_at(pos));
	}
	remove_owned(current, f, LOCK_OFD);
	remove_owned(current, f, LOCK_FLOCK);
	locks_remove_lease(f);
}

void locks_forget_owner(struct fdl_machine *m, const void *owner)
{
	if (!owner_has_locks(m, owner))
		return;
	list_for_each_safe(pos, next, &m->locks) {
		struct file_lock *l = container_of(pos, struct file_lock, all);

		if (l->owner != owner)
			continue;
		touch_all(m);
		locks_delete_lock(m, l);
	}
}
