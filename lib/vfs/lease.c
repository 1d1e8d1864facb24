/*
 * Leases. A lease stands in the list of its inode and in the machine's list of locks; a task that
 * breaks it waits in its list of blocked requests. A time that is over is noticed by the next call
 * that looks at the leases of the file. Counts of the leases of a file, and a tree of those that
 * have a time, spare a call the walk over all of them.
 */
#include "vfs/lease.h"

#include "machine/clock.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/inode.h"
#include "vfs/lock.h"
#include "vfs/lock_list.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

static bool leases_conflict(const struct file_lock *a, const struct file_lock *b)
{
	return a->type == F_WRLCK || b->type == F_WRLCK;
}

/* ---- tasks that wait ------------------------------------------------------------------------ */

static void unblock(struct file_lock_context *ctx, struct file_lock *breaker)
{
	if (!breaker->blocker)
		return;
	ctx->changes++;
	list_del(&breaker->member);
	breaker->blocker = NULL;
}

static void wake_up_blocks(struct fdl_machine *m, struct file_lock_context *ctx,
			   struct file_lock *lease)
{
	while (!list_empty(&lease->blocked)) {
		struct file_lock *breaker =
			container_of(lease->blocked.next, struct file_lock, member);

		unblock(ctx, breaker);
		wake_up(m, &breaker->wait);
	}
}

/*
 * The deepest request below a lease that a breaker conflicts with, or the lease. If nothing has
 * changed since the last breaker was queued, one of the same type takes the same way to that one:
 * without this, a queue of breakers would be walked for each.
 */
static struct file_lock *deepest_conflict(const struct file_lock_context *ctx,
					  struct file_lock *lease, const struct file_lock *breaker)
{
	struct file_lock *newest = lease->newest;
	struct list *pos;

	if (newest && lease->newest_at == ctx->changes && newest->type == breaker->type) {
		if (!leases_conflict(newest, breaker))
			return newest->blocker;
		lease = newest;
	}
	pos = lease->blocked.next;
	while (pos != &lease->blocked) {
		struct file_lock *other = container_of(pos, struct file_lock, member);

		pos = pos->next;
		if (leases_conflict(other, breaker)) {
			lease = other;
			pos = lease->blocked.next;
		}
	}
	return lease;
}

/* Queues a breaker after the deepest one that it conflicts with. */
static void insert_block(struct file_lock_context *ctx, struct file_lock *lease,
			 struct file_lock *breaker)
{
	breaker->blocker = deepest_conflict(ctx, lease, breaker);
	list_add_tail(&breaker->member, &breaker->blocker->blocked);
	lease->newest = breaker;
	lease->newest_at = ctx->changes;
}

/* ---- changing a lease ----------------------------------------------------------------------- */

/* The first time when a lease changes by itself; 0: never. */
static int64_t time_of(const struct file_lock *lease)
{
	if (!lease->break_time || !lease->downgrade_time)
		return lease->break_time | lease->downgrade_time;
	return lease->break_time < lease->downgrade_time ? lease->break_time
							 : lease->downgrade_time;
}

static struct file_lock *by_time(const struct avl_node *node)
{
	return node ? container_of(node, struct file_lock, by_time) : NULL;
}

static bool time_less(const struct avl_node *a, const struct avl_node *b)
{
	return time_of(by_time(a)) < time_of(by_time(b));
}

void leases_init(struct file_lock_context *ctx)
{
	list_init(&ctx->lease);
	ctx->lease_times = (struct avl_tree){ .less = time_less };
}

static void set_type(struct file_lock_context *ctx, struct file_lock *lease, short type)
{
	ctx->nwrite -= lease->type == F_WRLCK;
	ctx->nwrite += type == F_WRLCK;
	lease->type = type;
}

/* Takes a lease out of all that it is in, and frees it. */
static void free_lease(struct fdl_machine *m, struct file_lock_context *ctx,
		       struct file_lock *lease)
{
	lease->file->owner->lease = NULL;
	avl_erase(&ctx->lease_times, &lease->by_time);
	list_del(&lease->place);
	list_del(&lease->all);
	ctx->nleases--;
	m->vfs->nleases--;
	locks_free_lock(m, lease);
}

/* Gives a lease another type; F_UNLCK ends it, and nothing more is signalled to its owner. */
static void lease_modify(struct fdl_machine *m, struct file_lock *lease, short type)
{
	struct file_lock_context *ctx = lease->file->inode->locks;

	set_type(ctx, lease, type);
	if (type == F_UNLCK) {
		ctx->nbreaking -= (lease->pending & LEASE_UNLOCK_PENDING) != 0;
		lease->pending = 0;
	} else if (type == F_RDLCK) {
		lease->pending &= ~(unsigned)LEASE_DOWNGRADE_PENDING;
	}
	wake_up_blocks(m, ctx, lease);
	if (type != F_UNLCK)
		return;
	fown_forget(lease->file);
	lease->file->flags &= ~(unsigned)O_ASYNC;
	free_lease(m, ctx, lease);
}

static bool is_over(const struct fdl_machine *m, int64_t time)
{
	return time && time <= m->clock.now;
}

static void time_out_leases(struct fdl_machine *m, struct file_lock_context *ctx)
{
	struct file_lock *lease = by_time(avl_first(&ctx->lease_times)), *next;

	for (; lease && is_over(m, time_of(lease)); lease = next) {
		const bool ends = is_over(m, lease->break_time);

		next = by_time(avl_next(&lease->by_time));
		if (is_over(m, lease->downgrade_time))
			lease_modify(m, lease, F_RDLCK);
		if (ends)
			lease_modify(m, lease, F_UNLCK);
	}
}

static struct file_lock *lease_of(const struct file *f)
{
	return f->owner ? f->owner->lease : NULL;
}

/* ---- asking for a lease --------------------------------------------------------------------- */

/* Whether the descriptions of a file allow a lease of this type: 0 or -EAGAIN. */
static int check_conflicting_open(const struct file *f, short type)
{
	const struct inode *inode = f->inode;

	if (type == F_RDLCK)
		return inode->writers ? -EAGAIN : 0;
	/* f may be the only one, and no program may run it. */
	return inode->readers == !!(f->mode & FMODE_READ) &&
			       inode->writers == !!(f->mode & FMODE_WRITE) && !inode->runners
		       ? 0
		       : -EAGAIN;
}

/* Whether the leases of other descriptions allow one of this type: 0 or -EAGAIN. */
static int check_other_leases(const struct file_lock_context *ctx, const struct file *f, short type)
{
	const struct file_lock *own = lease_of(f);
	const size_t nbreaking = own && own->pending & LEASE_UNLOCK_PENDING;

	if (type == F_WRLCK)
		return ctx->nleases > !!own ? -EAGAIN : 0;
	return ctx->nbreaking > nbreaking ? -EAGAIN : 0;
}

/* Puts a lease of this type into the lists, or gives the one that is there the type. */
static void set_lease(struct fdl_machine *m, struct file_lock_context *ctx,
		      struct file_lock **lease, short type)
{
	struct file_lock *had = lease_of((*lease)->file);

	if (had) {
		had->fd = (*lease)->fd;
		lease_modify(m, had, type);
		return;
	}
	set_type(ctx, *lease, type);
	(*lease)->file->owner->lease = *lease;
	ctx->nleases++;
	list_add_tail(&(*lease)->place, &ctx->lease);
	list_add(&(*lease)->all, &m->locks);
	m->vfs->nleases++;
	*lease = NULL;
}

static int add_lease(struct task *current, struct file *f, int fd, short type)
{
	struct fdl_machine *m = current->machine;
	struct file_lock *lease = locks_alloc_lock(current);
	struct file_lock_context *ctx = locks_get_lock_context(current, f->inode, true);
	int error = -ENOMEM;

	if (!lease || !ctx)
		goto out;
	locks_fill_lock(lease, current, f);
	lease->kind = LOCK_LEASE;
	lease->fd = fd;
	time_out_leases(m, ctx);
	error = check_conflicting_open(f, type);
	if (!error)
		error = check_other_leases(ctx, f, type);
	if (!error && !m->leases_enable && !lease_of(f))
		error = -EINVAL;
	if (!error)
		error = fown_default(current, f);
	if (!error) {
		set_lease(m, ctx, &lease, type);
		f->flags |= O_ASYNC;
	}
out:
	locks_free_lock(m, lease);
	return error;
}

static int delete_lease(struct file *f)
{
	struct file_lock *lease = lease_of(f);

	if (!lease)
		return -EAGAIN;
	lease_modify(f->machine, lease, F_UNLCK);
	return 0;
}

int fcntl_setlease(struct task *current, struct file *f, int fd, int64_t type)
{
	const int arg = (int)type;

	touch_all(f->machine);
	if (S_ISDIR(f->inode->mode) || (arg != F_RDLCK && arg != F_WRLCK && arg != F_UNLCK))
		return -EINVAL;
	if (current->uid != 0 && current->uid != f->inode->uid)
		return -EACCES;
	if (!inode_is_regular(f->inode))
		return -EINVAL;
	return arg == F_UNLCK ? delete_lease(f) : add_lease(current, f, fd, (short)arg);
}

short lease_target(const struct file_lock *lease)
{
	if (lease->pending & LEASE_UNLOCK_PENDING)
		return F_UNLCK;
	return lease->pending & LEASE_DOWNGRADE_PENDING ? F_RDLCK : lease->type;
}

int fcntl_getlease(struct file *f)
{
	const struct file_lock *lease;

	touch_all(f->machine);
	if (f->inode->locks)
		time_out_leases(f->machine, f->inode->locks);
	lease = lease_of(f);
	return lease ? lease_target(lease) : F_UNLCK;
}

void locks_remove_lease(struct file *f)
{
	if (!f->machine->vfs->nleases)
		return;
	touch_all(f->machine);
	delete_lease(f);
}

/* ---- breaking ------------------------------------------------------------------------------- */

static bool any_leases_conflict(const struct file_lock_context *ctx,
				const struct file_lock *breaker)
{
	return breaker->type == F_WRLCK ? ctx->nleases : ctx->nwrite;
}

/* Asks the holders of conflicting leases to give them up, or to keep them for reading alone. */
static void ask_holders(struct fdl_machine *m, struct file_lock_context *ctx,
			const struct file_lock *breaker)
{
	const int64_t time = m->lease_break_time;
	const int64_t until = time ? clock_after(m, ktime_set(time, 0)) : 0;
	const bool write = breaker->type == F_WRLCK;

	/* No lease comes while one is to be given up: most often all are. */
	if (ctx->nbreaking == ctx->nleases)
		return;
	list_for_each(pos, &ctx->lease) {
		struct file_lock *lease = lock_at(pos);

		if (!leases_conflict(lease, breaker))
			continue;
		if (write ? lease->pending & LEASE_UNLOCK_PENDING : lease->pending)
			continue;
		lease->pending |= write ? LEASE_UNLOCK_PENDING : LEASE_DOWNGRADE_PENDING;
		ctx->nbreaking += write;
		avl_erase(&ctx->lease_times, &lease->by_time);
		*(write ? &lease->break_time : &lease->downgrade_time) = until;
		if (time_of(lease))
			avl_insert(&ctx->lease_times, &lease->by_time);
		fown_signal(lease->file, lease->fd, POLL_MSG);
	}
}

/* When a lease that is to change does so by itself, or KTIME_MAX. */
static int64_t end_of(const struct file_lock *lease)
{
	int64_t first = KTIME_MAX;

	if (lease->pending & LEASE_UNLOCK_PENDING && lease->break_time)
		first = lease->break_time;
	if (lease->pending & LEASE_DOWNGRADE_PENDING && lease->downgrade_time &&
	    lease->downgrade_time < first)
		first = lease->downgrade_time;
	return first;
}

int break_lease_slow(struct task *current, struct inode *inode, bool write, bool nonblock)
{
	struct fdl_machine *m = current->machine;
	struct file_lock_context *ctx = inode->locks;
	struct file_lock breaker;
	int error = 0;

	if (list_empty(&ctx->lease))
		return 0;
	touch_all(m);
	locks_init_lock(&breaker, current, NULL);
	breaker.kind = LOCK_LEASE;
	breaker.type = write ? F_WRLCK : F_RDLCK;
	time_out_leases(m, ctx);
	if (!any_leases_conflict(ctx, &breaker))
		return 0;
	ask_holders(m, ctx, &breaker);
	if (nonblock)
		return -EAGAIN;
	while (any_leases_conflict(ctx, &breaker) && !error) {
		struct file_lock *lease = lock_at(ctx->lease.next);

		insert_block(ctx, lease, &breaker);
		error = sched_wait_until(current, &breaker.wait, "__break_lease", end_of(lease));
		touch_all(m);
		unblock(ctx, &breaker);
		if (error != -ETIMEDOUT)
			continue;
		error = 0;
		time_out_leases(m, ctx);
	}
	wake_up_blocks(m, ctx, &breaker);
	return error;
}
