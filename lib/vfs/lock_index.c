/*
 * Finding locks: a tree of the machine's locks by owner and file, a tree of each file's by range,
 * and a tree of the requests that wait by owner.
 */
#include "vfs/lock_index.h"

#include "machine/machine.h"
#include "vfs/file.h"
#include "vfs/lease.h"
#include "vfs/lock_list.h"
#include "vfs/vfs.h"

#include <fcntl.h>
#include <stdint.h>

/* ---- by owner ------------------------------------------------------------------------------ */

static struct file_lock *by_owner(const struct avl_node *node)
{
	return node ? container_of(node, struct file_lock, by_owner) : NULL;
}

static int compare(uintptr_t a, uintptr_t b)
{
	return (a > b) - (a < b);
}

/* Compares owner, kind and file. The locks of an OFD and of flock may have the same owner. */
static int compare_owner(const struct file_lock *a, const struct file_lock *b)
{
	int order = compare((uintptr_t)a->owner, (uintptr_t)b->owner);

	if (!order)
		order = (a->kind == LOCK_FLOCK) - (b->kind == LOCK_FLOCK);
	if (!order)
		order = compare((uintptr_t)locked_inode(a->file), (uintptr_t)locked_inode(b->file));
	return order;
}

static bool owner_less(const struct avl_node *a, const struct avl_node *b)
{
	const int order = compare_owner(by_owner(a), by_owner(b));

	return order ? order < 0 : by_owner(a)->start < by_owner(b)->start;
}

/* The locks of an owner on a file do not overlap: their ends rise with their starts. */
struct end_key {
	const struct file_lock *request;
	off_t end;
};

static bool ends_before(const struct avl_node *node, const void *key)
{
	const struct end_key *k = key;
	const int order = compare_owner(by_owner(node), k->request);

	return order ? order < 0 : by_owner(node)->end < k->end;
}

struct file_lock *owner_lock_from(struct fdl_machine *m, const struct file_lock *request, off_t end)
{
	const struct end_key key = { request, end };
	struct file_lock *l = by_owner(avl_lower(&m->lock_owners, ends_before, &key));

	return l && compare_owner(l, request) == 0 ? l : NULL;
}

static bool owned_before_end(const struct avl_node *node, const void *key)
{
	return compare_owner(by_owner(node), key) <= 0;
}

/* The last lock of the owner, file and kind of a request, or NULL. */
static struct file_lock *owner_last(struct fdl_machine *m, const struct file_lock *request)
{
	struct avl_node *after = avl_lower(&m->lock_owners, owned_before_end, request);
	struct file_lock *last = by_owner(after ? avl_prev(after) : avl_last(&m->lock_owners));

	return last && compare_owner(last, request) == 0 ? last : NULL;
}

struct list *owner_end(struct fdl_machine *m, const struct file_lock *request)
{
	const struct file_lock *last = owner_last(m, request);

	return last ? last->place.next : &locked_inode(request->file)->locks->posix;
}

static bool owner_before(const struct avl_node *node, const void *owner)
{
	return (uintptr_t)by_owner(node)->owner < (uintptr_t)owner;
}

bool owner_has_locks(const struct fdl_machine *m, const void *owner)
{
	const struct file_lock *l = by_owner(avl_lower(&m->lock_owners, owner_before, owner));

	return l && l->owner == owner;
}

/* ---- by range ------------------------------------------------------------------------------ */

static struct file_lock *by_range(const struct avl_node *node)
{
	return container_of(node, struct file_lock, by_range);
}

static bool range_less(const struct avl_node *a, const struct avl_node *b)
{
	return by_range(a)->start < by_range(b)->start;
}

/* Sums up the ends of a lock and of those below it. */
static void range_update(struct avl_node *node)
{
	struct file_lock *l = by_range(node);

	l->last = l->end;
	l->last_write = l->type == F_WRLCK ? l->end : -1;
	for (int i = 0; i < 2; i++) {
		const struct file_lock *child = node->child[i] ? by_range(node->child[i]) : NULL;

		if (child && child->last > l->last)
			l->last = child->last;
		if (child && child->last_write > l->last_write)
			l->last_write = child->last_write;
	}
}

void locks_context_init(struct file_lock_context *ctx)
{
	leases_init(ctx);
	list_init(&ctx->flock);
	list_init(&ctx->posix);
	ctx->ranges = (struct avl_tree){ .less = range_less, .update = range_update };
}

static bool comes_before(const struct file_lock *a, const struct file_lock *b)
{
	return a->group != b->group ? a->group < b->group : a->start < b->start;
}

/* The first of a subtree that the request conflicts with, if it comes before found; else found. */
static struct file_lock *first_below(const struct avl_node *node, const struct file_lock *request,
				     struct file_lock *found)
{
	struct file_lock *l;

	if (!node)
		return found;
	l = by_range(node);
	if ((request->type == F_WRLCK ? l->last : l->last_write) < request->start)
		return found;
	found = first_below(node->child[0], request, found);
	if (l->start > request->end)
		return found;
	if (posix_locks_conflict(request, l) && (!found || comes_before(l, found)))
		found = l;
	return first_below(node->child[1], request, found);
}

/* Where many locks overlap, one of the first in the list is mostly one of them. */
#define FIRST_LOOK 8

struct file_lock *posix_first_conflict(const struct file_lock *request)
{
	const struct file_lock_context *ctx = locked_inode(request->file)->locks;
	unsigned looks = 0;

	list_for_each(pos, &ctx->posix) {
		if (posix_locks_conflict(request, lock_at(pos)))
			return lock_at(pos);
		if (++looks == FIRST_LOOK)
			return first_below(ctx->ranges.root, request, NULL);
	}
	return NULL;
}

/* ---- both ---------------------------------------------------------------------------------- */

void lock_index_add(struct fdl_machine *m, struct file_lock *lock)
{
	struct file_lock_context *ctx = locked_inode(lock->file)->locks;

	if (lock->kind != LOCK_FLOCK) {
		const struct file_lock *same = owner_last(m, lock);

		/* The list has the owners in the order in which they came. */
		lock->group = same ? same->group : ctx->next_group++;
		avl_insert(&ctx->ranges, &lock->by_range);
	}
	avl_insert(&m->lock_owners, &lock->by_owner);
	lock->file->posix_locks += lock->kind == LOCK_POSIX;
}

void lock_index_remove(struct fdl_machine *m, struct file_lock *lock)
{
	lock->file->posix_locks -= lock->kind == LOCK_POSIX;
	avl_erase(&m->lock_owners, &lock->by_owner);
	avl_erase(&locked_inode(lock->file)->locks->ranges, &lock->by_range);
}

void locks_set_range(struct file_lock *lock, off_t start, off_t end)
{
	struct fdl_machine *m = lock->file->machine;
	struct avl_tree *ranges = &locked_inode(lock->file)->locks->ranges;

	if (!avl_in_tree(&lock->by_owner)) {
		lock->start = start;
		lock->end = end;
		return;
	}
	avl_erase(&m->lock_owners, &lock->by_owner);
	avl_erase(ranges, &lock->by_range);
	lock->start = start;
	lock->end = end;
	avl_insert(ranges, &lock->by_range);
	avl_insert(&m->lock_owners, &lock->by_owner);
}

/* ---- requests that wait -------------------------------------------------------------------- */

static struct file_lock *blocked(const struct avl_node *node)
{
	return node ? container_of(node, struct file_lock, by_owner) : NULL;
}

/* Of an owner, the newest first. */
static bool blocked_less(const struct avl_node *a, const struct avl_node *b)
{
	const int order = compare((uintptr_t)blocked(a)->owner, (uintptr_t)blocked(b)->owner);

	return order ? order < 0 : blocked(a)->group > blocked(b)->group;
}

void blocked_add(struct fdl_machine *m, struct file_lock *waiter)
{
	waiter->group = m->next_blocked++;
	avl_insert(&m->blocked, &waiter->by_owner);
}

void blocked_remove(struct fdl_machine *m, struct file_lock *waiter)
{
	avl_erase(&m->blocked, &waiter->by_owner);
}

struct file_lock *blocked_newest(const struct fdl_machine *m, const void *owner)
{
	struct file_lock *waiter = blocked(avl_lower(&m->blocked, owner_before, owner));

	return waiter && waiter->owner == owner ? waiter : NULL;
}

struct file_lock *blocked_next(const struct file_lock *waiter)
{
	struct file_lock *next = blocked(avl_next(&waiter->by_owner));

	return next && next->owner == waiter->owner ? next : NULL;
}

void locks_machine_init(struct fdl_machine *m)
{
	list_init(&m->locks);
	m->lock_owners = (struct avl_tree){ .less = owner_less };
	m->blocked = (struct avl_tree){ .less = blocked_less };
	m->next_blocked = 0;
}
