/*
 * Locks and requests: their memory, the lists that they are in, which of them conflict, and the
 * requests that wait. The orders are the kernel's: they decide which lock is found first, which
 * request is woken first, and what /proc/locks says.
 */
#include "vfs/lock_list.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/lock_index.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define LOCK_CONTEXT_SIZE ((size_t)64) /* of the kernel's slab */

/* posix_locks_deadlock looks no further. */
#define MAX_DEADLK_ITERATIONS 10

/* ---- memory -------------------------------------------------------------------------------- */

static void lists_init(struct file_lock *l)
{
	list_init(&l->place);
	list_init(&l->all);
	list_init(&l->blocked);
	list_init(&l->member);
	wait_queue_init(&l->wait);
}

static void *locks_alloc(struct task *current, struct kmem *mem, size_t account, size_t size)
{
	struct fdl_machine *m = current->machine;
	void *p;

	if (kmalloc(current, mem, account))
		return NULL;
	if (!budget_take(&m->memory, size)) {
		kvfree(m, mem);
		return NULL;
	}
	p = calloc(1, size);
	if (!p) {
		m->memory.used -= size;
		kvfree(m, mem);
	}
	return p;
}

struct file_lock *locks_alloc_lock(struct task *current)
{
	struct kmem mem;
	struct file_lock *l = locks_alloc(current, &mem, FILE_LOCK_SIZE, sizeof(*l));

	if (l) {
		lists_init(l);
		l->mem = mem;
	}
	return l;
}

void locks_free_lock(struct fdl_machine *m, struct file_lock *l)
{
	if (!l)
		return;
	kvfree(m, &l->mem);
	m->memory.used -= sizeof(*l);
	free(l);
}

struct file_lock_context *locks_get_lock_context(struct task *current, struct inode *inode,
						 bool create)
{
	struct file_lock_context *ctx = inode->locks;
	struct kmem mem;

	if (ctx || !create)
		return ctx;
	ctx = locks_alloc(current, &mem, LOCK_CONTEXT_SIZE, sizeof(*ctx));
	if (!ctx)
		return NULL;
	locks_context_init(ctx);
	ctx->mem = mem;
	inode->locks = ctx;
	return ctx;
}

void locks_free_context(struct inode *inode)
{
	struct file_lock_context *ctx = inode->locks;

	if (!ctx)
		return;
	kvfree(inode->machine, &ctx->mem);
	inode->machine->memory.used -= sizeof(*ctx);
	free(ctx);
}

void locks_fill_lock(struct file_lock *l, const struct task *current, struct file *f)
{
	const struct kmem mem = l->mem;

	*l = (struct file_lock){
		.pid = current->tgid, .owner = f, .file = f, .end = OFFSET_MAX, .mem = mem
	};
	lists_init(l);
}

void locks_init_lock(struct file_lock *request, struct task *current, struct file *f)
{
	request->mem = (struct kmem){ 0 };
	locks_fill_lock(request, current, f);
}

/* ---- conflicts ------------------------------------------------------------------------------ */

static bool locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->type == F_WRLCK || b->type == F_WRLCK;
}

bool locks_overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->end >= b->start && b->end >= a->start;
}

bool posix_locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->owner != b->owner && locks_overlap(a, b) && locks_conflict(a, b);
}

bool flock_locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->file != b->file && locks_conflict(a, b);
}

typedef bool conflict_fn(const struct file_lock *a, const struct file_lock *b);

static conflict_fn *conflict_of(const struct file_lock *l)
{
	return l->kind == LOCK_FLOCK ? flock_locks_conflict : posix_locks_conflict;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static void unblock(struct file_lock *waiter)
{
	if (!waiter->blocker)
		return;
	locked_inode(waiter->file)->locks->changes++;
	blocked_remove(waiter->file->machine, waiter);
	list_del(&waiter->member);
	waiter->blocker = NULL;
}

void locks_wake_up_blocks(struct fdl_machine *m, struct file_lock *blocker)
{
	if (!list_empty(&blocker->blocked))
		touch(m, TOUCH_WRITE, m, PART_LOCKS);
	while (!list_empty(&blocker->blocked)) {
		struct file_lock *waiter =
			container_of(blocker->blocked.next, struct file_lock, member);

		unblock(waiter);
		wake_up(m, &waiter->wait);
	}
}

/* Whether no other request of the owner of a request waits. */
static bool waits_alone(const struct fdl_machine *m, const struct file_lock *request)
{
	const struct file_lock *newest = blocked_newest(m, request->owner);

	return !newest || (newest == request && !blocked_next(newest));
}

/*
 * The request that was queued last below a lock, if what is queued has not changed since, and a new
 * request conflicts with the same ones: it takes the same way as far as that one. NULL: there is
 * none. Without this, a queue of requests for the same bytes would be walked for each.
 */
static struct file_lock *same_request(const struct fdl_machine *m, const struct file_lock *lock,
				      const struct file_lock *waiter)
{
	struct file_lock *newest = lock->newest;

	if (!newest || lock->newest_at != locked_inode(waiter->file)->locks->changes ||
	    newest->type != waiter->type || newest->kind != waiter->kind ||
	    newest->start != waiter->start || newest->end != waiter->end ||
	    !waits_alone(m, newest) || !waits_alone(m, waiter))
		return NULL;
	return newest;
}

/* The deepest request below a lock that a request conflicts with, or the lock. */
static struct file_lock *deepest_blocker(const struct fdl_machine *m, struct file_lock *blocker,
					 const struct file_lock *waiter)
{
	conflict_fn *conflict = conflict_of(waiter);
	struct file_lock *same = same_request(m, blocker, waiter);
	struct list *pos;

	if (same && !conflict(same, waiter))
		return same->blocker;
	if (same)
		blocker = same;
	pos = blocker->blocked.next;
	while (pos != &blocker->blocked) {
		struct file_lock *l = container_of(pos, struct file_lock, member);

		pos = pos->next;
		if (conflict(l, waiter)) {
			blocker = l;
			pos = l->blocked.next;
		}
	}
	return blocker;
}

void locks_insert_block(struct fdl_machine *m, struct file_lock *root, struct file_lock *waiter)
{
	struct file_lock *blocker = deepest_blocker(m, root, waiter);

	touch(m, TOUCH_WRITE, m, PART_LOCKS);
	waiter->blocker = blocker;
	list_add_tail(&waiter->member, &blocker->blocked);
	waiter->deadlocks = blocker->kind == LOCK_POSIX;
	blocked_add(m, waiter);
	root->newest = waiter;
	root->newest_at = locked_inode(waiter->file)->locks->changes;
	/* The waiters of this request may not conflict with its blocker: let them try again. */
	locks_wake_up_blocks(m, waiter);
}

void locks_move_blocks(struct file_lock *lock, struct file_lock *request)
{
	if (!list_empty(&request->blocked))
		locked_inode(request->file)->locks->changes++;
	list_for_each_safe(pos, next, &request->blocked) {
		list_del(pos);
		list_add_tail(pos, &lock->blocked);
		container_of(pos, struct file_lock, member)->blocker = lock;
	}
}

void locks_delete_block(struct fdl_machine *m, struct file_lock *request)
{
	locks_wake_up_blocks(m, request);
	if (request->blocker)
		touch(m, TOUCH_WRITE, m, PART_LOCKS);
	unblock(request);
}

/* The lock that the owner of this one waits for, at the end of the chain of waiters; or NULL. */
static struct file_lock *what_owner_is_waiting_for(struct fdl_machine *m, const struct file_lock *l)
{
	struct file_lock *waiter = blocked_newest(m, l->owner);

	while (waiter && !waiter->deadlocks)
		waiter = blocked_next(waiter);
	while (waiter && waiter->blocker)
		waiter = waiter->blocker;
	return waiter;
}

/*
 * The lock of a description has no owner that waits, so OFD locks are not asked. As the kernel, it
 * gives up after a few steps.
 */
bool posix_locks_deadlock(struct fdl_machine *m, const struct file_lock *request,
			  const struct file_lock *blocker)
{
	if (request->kind == LOCK_OFD)
		return false;
	touch(m, TOUCH_READ, m, PART_LOCKS);
	for (int i = 0; i <= MAX_DEADLK_ITERATIONS; i++) {
		blocker = what_owner_is_waiting_for(m, blocker);
		if (!blocker)
			return false;
		if (blocker->owner == request->owner)
			return true;
	}
	return false;
}

/* ---- the lists ----------------------------------------------------------------------------- */

void locks_insert_lock(struct fdl_machine *m, struct file_lock *lock, struct list *before)
{
	lock_index_add(m, lock);
	list_add_tail(&lock->place, before);
	list_add(&lock->all, &m->locks);
}

void locks_delete_lock(struct fdl_machine *m, struct file_lock *lock)
{
	lock_index_remove(m, lock);
	list_del(&lock->place);
	list_del(&lock->all);
	locks_wake_up_blocks(m, lock);
	locks_free_lock(m, lock);
}

void locks_copy_lock(struct file_lock *to, const struct file_lock *from)
{
	to->kind = from->kind;
	to->type = from->type;
	to->pid = from->pid;
	to->owner = from->owner;
	to->file = from->file;
	to->start = from->start;
	to->end = from->end;
}
