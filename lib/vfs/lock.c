/*
 * Locks on the inodes that they are on: who stands against whom, who waits for whom, and how a new
 * lock of an owner takes the place of what it had there. The orders are the kernel's, since they
 * decide what is found first, who is woken first and what /proc/locks says.
 */
#include "vfs/lock.h"

#include "base/heap.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define LOCK_CONTEXT_SIZE ((size_t)64) /* what the kernel's slab has */

#define MAX_DEADLK_ITERATIONS 10

/* A request that has to wait. */
#define FILE_LOCK_DEFERRED 1

static inline struct file_lock *lock_at(struct list *place)
{
	return container_of(place, struct file_lock, place);
}

/* ---- memory -------------------------------------------------------------------------------- */

static void lists_init(struct file_lock *l)
{
	list_init(&l->place);
	list_init(&l->all);
	list_init(&l->blocked);
	list_init(&l->member);
	list_init(&l->owners);
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

static struct file_lock *locks_alloc_lock(struct task *current)
{
	struct kmem mem;
	struct file_lock *l = locks_alloc(current, &mem, FILE_LOCK_SIZE, sizeof(*l));

	if (l) {
		lists_init(l);
		l->mem = mem;
	}
	return l;
}

static void locks_free_lock(struct fdl_machine *m, struct file_lock *l)
{
	if (!l)
		return;
	kvfree(m, &l->mem);
	m->memory.used -= sizeof(*l);
	free(l);
}

/* The inode's context. NULL: it has none, and create was false or there is no memory. */
static struct file_lock_context *locks_get_lock_context(struct task *current, struct inode *inode,
							bool create)
{
	struct file_lock_context *ctx = inode->locks;
	struct kmem mem;

	if (ctx || !create)
		return ctx;
	ctx = locks_alloc(current, &mem, LOCK_CONTEXT_SIZE, sizeof(*ctx));
	if (!ctx)
		return NULL;
	list_init(&ctx->flock);
	list_init(&ctx->posix);
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

void locks_init_lock(struct file_lock *request, struct task *current, struct file *f)
{
	*request = (struct file_lock){
		.pid = current->tgid, .owner = f, .file = f, .end = OFFSET_MAX
	};
	lists_init(request);
}

/* ---- who stands against whom --------------------------------------------------------------- */

static bool locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->type == F_WRLCK || b->type == F_WRLCK;
}

static bool locks_overlap(const struct file_lock *a, const struct file_lock *b)
{
	return a->end >= b->start && b->end >= a->start;
}

static bool posix_locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->owner != b->owner && locks_overlap(a, b) && locks_conflict(a, b);
}

static bool flock_locks_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->file != b->file && locks_conflict(a, b);
}

typedef bool conflict_fn(const struct file_lock *a, const struct file_lock *b);

static conflict_fn *conflict_of(const struct file_lock *l)
{
	return l->kind == LOCK_FLOCK ? flock_locks_conflict : posix_locks_conflict;
}

const struct file_lock *posix_test_lock(const struct file_lock *request)
{
	const struct file_lock_context *ctx = request->file->inode->locks;

	if (!ctx)
		return NULL;
	list_for_each(pos, &ctx->posix) {
		const struct file_lock *l = lock_at(pos);

		/* To ask about no lock is to ask which ones one has. */
		if (request->type == F_UNLCK
			    ? request->owner == l->owner && locks_overlap(request, l)
			    : posix_locks_conflict(request, l))
			return l;
	}
	return NULL;
}

/* ---- waiting ------------------------------------------------------------------------------- */

static void unblock(struct file_lock *waiter)
{
	list_del(&waiter->owners);
	list_del(&waiter->member);
	waiter->blocker = NULL;
}

static void locks_wake_up_blocks(struct fdl_machine *m, struct file_lock *blocker)
{
	while (!list_empty(&blocker->blocked)) {
		struct file_lock *waiter =
			container_of(blocker->blocked.next, struct file_lock, member);

		unblock(waiter);
		wake_up(m, &waiter->wait);
	}
}

/*
 * Lets a request wait for a lock: behind one that waits for it already, if it stands against that
 * one, so that who came first is woken first and the others are left asleep.
 */
static void locks_insert_block(struct fdl_machine *m, struct file_lock *blocker,
			       struct file_lock *waiter)
{
	conflict_fn *conflict = conflict_of(waiter);
	struct list *pos = blocker->blocked.next;

	while (pos != &blocker->blocked) {
		struct file_lock *l = container_of(pos, struct file_lock, member);

		pos = pos->next;
		if (conflict(l, waiter)) {
			blocker = l;
			pos = l->blocked.next;
		}
	}
	waiter->blocker = blocker;
	list_add_tail(&waiter->member, &blocker->blocked);
	if (blocker->kind == LOCK_POSIX)
		list_add(&waiter->owners, &m->blocked_owners);
	/* Who waits for it may have nothing against what it waits for. */
	locks_wake_up_blocks(m, waiter);
}

/* Those who wait for a request wait for the lock that it became. */
static void locks_move_blocks(struct file_lock *lock, struct file_lock *request)
{
	list_for_each_safe(pos, next, &request->blocked) {
		list_del(pos);
		list_add_tail(pos, &lock->blocked);
		container_of(pos, struct file_lock, member)->blocker = lock;
	}
}

/* A request is over, granted or given up. */
static void locks_delete_block(struct fdl_machine *m, struct file_lock *request)
{
	locks_wake_up_blocks(m, request);
	unblock(request);
}

/* What the owner of this lock is itself waiting for: the lock at the end of the line, or NULL. */
static struct file_lock *what_owner_is_waiting_for(struct fdl_machine *m, const struct file_lock *l)
{
	list_for_each(pos, &m->blocked_owners) {
		struct file_lock *waiter = container_of(pos, struct file_lock, owners);

		if (waiter->owner != l->owner)
			continue;
		while (waiter->blocker)
			waiter = waiter->blocker;
		return waiter;
	}
	return NULL;
}

/*
 * Would the request wait for its own owner? A description has no task that waits, so that for its
 * locks the question cannot be asked; and the kernel gives up after a few steps.
 */
static bool posix_locks_deadlock(struct fdl_machine *m, const struct file_lock *request,
				 const struct file_lock *blocker)
{
	if (request->kind == LOCK_OFD)
		return false;
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

/* A new lock takes its place in front of another, or at the end of a list. */
static void locks_insert_lock(struct fdl_machine *m, struct file_lock *lock, struct list *before)
{
	list_add_tail(&lock->place, before);
	list_add(&lock->all, &m->locks);
}

static void locks_delete_lock(struct fdl_machine *m, struct file_lock *lock)
{
	list_del(&lock->place);
	list_del(&lock->all);
	locks_wake_up_blocks(m, lock);
	locks_free_lock(m, lock);
}

static void locks_copy_lock(struct file_lock *to, const struct file_lock *from)
{
	to->kind = from->kind;
	to->type = from->type;
	to->pid = from->pid;
	to->owner = from->owner;
	to->file = from->file;
	to->start = from->start;
	to->end = from->end;
}

/* ---- POSIX and OFD locks ------------------------------------------------------------------- */

/* A request as it makes its way through the locks that its owner has. */
struct change {
	struct fdl_machine *m;
	struct file_lock *lock;         /* the request, and then the lock that it became */
	struct file_lock *spare[2];     /* for a new lock, and for one that is cut in two */
	struct file_lock *left, *right; /* locks of another type that reach beyond it */
	bool added;
};

/* One spare lock that becomes a copy of another, in front of a place of the list. */
static struct file_lock *use_spare(struct change *c, int i, const struct file_lock *of,
				   struct list *before)
{
	struct file_lock *lock = c->spare[i];

	c->spare[i] = NULL;
	locks_copy_lock(lock, of);
	locks_insert_lock(c->m, lock, before);
	return lock;
}

/* A lock of the same type: one that touches the request becomes one with it. False: go no further. */
static bool merge_same_type(struct change *c, struct file_lock *l)
{
	struct file_lock *lock = c->lock;

	if (l->end < lock->start - 1)
		return true;
	if (l->start - 1 > lock->end)
		return false;
	if (l->start > lock->start)
		l->start = lock->start;
	else
		lock->start = l->start;
	if (l->end < lock->end)
		l->end = lock->end;
	else
		lock->end = l->end;
	if (c->added)
		locks_delete_lock(c->m, l);
	else
		c->lock = l;
	c->added = true;
	return true;
}

/*
 * A lock of another type: what of it lies under the request gives way to that. 1: look further, 0:
 * look no further, -ENOLCK.
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

/* What is left to do when all locks that the request touches have been seen. */
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
		c->right->start = c->lock->end + 1;
		locks_wake_up_blocks(c->m, c->right);
	}
	if (c->left) {
		c->left->end = c->lock->start - 1;
		locks_wake_up_blocks(c->m, c->left);
	}
	return 0;
}

/* Nobody stands against the request: it takes its place. */
static int change_locks(struct change *c, struct list *locks)
{
	struct list *pos = locks->next, *next;
	int more = 1;

	while (pos != locks && lock_at(pos)->owner != c->lock->owner)
		pos = pos->next;
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

/* The first lock that stands against the request. -EAGAIN, -EDEADLK, or it waits; 0: there is none. */
static int posix_find_conflict(struct fdl_machine *m, struct list *locks, struct file_lock *request)
{
	list_for_each(pos, locks) {
		struct file_lock *l = lock_at(pos);

		if (!posix_locks_conflict(request, l))
			continue;
		if (!request->sleep)
			return -EAGAIN;
		/* They shall not be found waiting for a request that is not granted. */
		locks_wake_up_blocks(m, request);
		if (posix_locks_deadlock(m, request, l))
			return -EDEADLK;
		locks_insert_block(m, l, request);
		return FILE_LOCK_DEFERRED;
	}
	return 0;
}

static int posix_lock_inode(struct task *current, struct file_lock *request)
{
	struct change c = { .m = current->machine, .lock = request };
	const bool unlock = request->type == F_UNLCK;
	struct file_lock_context *ctx =
		locks_get_lock_context(current, request->file->inode, !unlock);
	int error = 0;

	if (!ctx)
		return unlock ? 0 : -ENOMEM;
	/* To take away everything needs no memory, so that it cannot fail. */
	if (!unlock || request->start != 0 || request->end != OFFSET_MAX) {
		c.spare[0] = locks_alloc_lock(current);
		c.spare[1] = locks_alloc_lock(current);
	}
	if (!unlock)
		error = posix_find_conflict(c.m, &ctx->posix, request);
	if (!error)
		error = change_locks(&c, &ctx->posix);
	locks_free_lock(c.m, c.spare[0]);
	locks_free_lock(c.m, c.spare[1]);
	return error;
}

/* ---- flock --------------------------------------------------------------------------------- */

/* The lock that the description has; it goes, if it is of another type. True: it is of this one. */
static bool flock_drop_other(struct fdl_machine *m, struct file_lock_context *ctx,
			     const struct file_lock *request)
{
	list_for_each(pos, &ctx->flock) {
		struct file_lock *l = lock_at(pos);

		if (l->file != request->file)
			continue;
		if (l->type == request->type)
			return true;
		locks_delete_lock(m, l);
		break;
	}
	return false;
}

/* A lock is changed by giving it up and asking for the other, so that in between there is none. */
static int flock_lock_inode(struct task *current, struct file_lock *request)
{
	struct fdl_machine *m = current->machine;
	const bool unlock = request->type == F_UNLCK;
	struct file_lock_context *ctx =
		locks_get_lock_context(current, request->file->inode, !unlock);
	struct file_lock *new = NULL;
	int error = 0;

	if (!ctx)
		return unlock ? 0 : -ENOMEM;
	if (!unlock) {
		new = locks_alloc_lock(current);
		if (!new)
			return -ENOMEM;
	}
	if (flock_drop_other(m, ctx, request) || unlock)
		goto out;
	list_for_each(pos, &ctx->flock) {
		struct file_lock *l = lock_at(pos);

		if (!flock_locks_conflict(request, l))
			continue;
		error = -EAGAIN;
		if (request->sleep) {
			error = FILE_LOCK_DEFERRED;
			locks_insert_block(m, l, request);
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

/* Whether a task could let go of what a request waits for: it has the table, or the description. */
static bool ends_lock_wait(const struct call *c, const struct task *other)
{
	const struct file_lock *request = c->waits_on, *blocker = request->blocker;
	const struct kernel *k = other->machine->kernel;
	struct slot slot;

	if (!blocker || other->files == blocker->owner || task_is_under_way(other))
		return true;
	for (uint64_t fd = 0; k->slot_next(other, fd, &slot); fd = slot.fd + 1) {
		if (slot.file && slot.file == blocker->owner)
			return true;
	}
	return false;
}

/* ---- from outside -------------------------------------------------------------------------- */

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
	locks_delete_block(current->machine, request);
	return error;
}

void locks_remove_posix(struct task *current, struct file *f, const void *owner)
{
	const struct file_lock_context *ctx = f->inode->locks;
	struct file_lock request;

	if (!ctx || list_empty(&ctx->posix))
		return;
	locks_init_lock(&request, current, f);
	request.type = F_UNLCK;
	request.owner = owner;
	/* This needs no memory and waits for nobody. */
	posix_lock_inode(current, &request);
}

static void remove_from(struct fdl_machine *m, struct list *locks, const struct file *f)
{
	list_for_each_safe(pos, next, locks) {
		if (lock_at(pos)->file == f)
			locks_delete_lock(m, lock_at(pos));
	}
}

void locks_remove_file(struct task *current, struct file *f)
{
	struct file_lock_context *ctx = f->inode->locks;

	if (!ctx)
		return;
	/* Of POSIX locks there is none left, unless somebody has lost a slot by hand. */
	remove_from(current->machine, &ctx->posix, f);
	remove_from(current->machine, &ctx->flock, f);
}

void locks_forget_owner(struct fdl_machine *m, const void *owner)
{
	list_for_each_safe(pos, next, &m->locks) {
		struct file_lock *l = container_of(pos, struct file_lock, all);

		if (l->owner == owner)
			locks_delete_lock(m, l);
	}
}
