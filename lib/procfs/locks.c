/*
 * Locks as procfs prints them: all of a machine in /proc/locks, each followed by the requests that
 * wait for it; and those of a description in its fdinfo.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "machine/machine.h"
#include "tree/tree.h"
#include "vfs/file.h"
#include "vfs/lock.h"
#include "vfs/vfs.h"

#include <fcntl.h>
#include <inttypes.h>

static const char *type_word(short type)
{
	return type == F_WRLCK ? "WRITE" : type == F_RDLCK ? "READ" : "UNLCK";
}

/* A task that breaks a lease has no file yet. */
static void put_lease(struct text *out, const struct file_lock *l)
{
	text_printf(out, "LEASE  %s%s %d ",
		    l->pending ? "BREAKING  "
		    : l->file  ? "ACTIVE    "
			       : "BREAKER   ",
		    type_word(lease_target(l)), l->pid);
	if (l->file)
		text_printf(out, "00:01:%" PRIu64 " 0 EOF\n", locked_inode(l->file)->ino);
	else
		text_puts(out, "<none>:0 0 EOF\n");
}

/*
 * One line; depth: 0 for a lock, 1 for a request that waits for it, 2 for one that waits for that.
 */
static void put_lock(struct text *out, const struct file_lock *l, uint64_t number, int depth)
{
	static const char *const kinds[] = {
		[LOCK_POSIX] = "POSIX  ADVISORY  ",
		[LOCK_OFD] = "OFDLCK ADVISORY  ",
		[LOCK_FLOCK] = "FLOCK  ADVISORY  ",
	};

	text_printf(out, "%" PRIu64 ": ", number);
	if (depth)
		text_printf(out, "%*s", depth + 2, "-> ");
	if (l->kind == LOCK_LEASE) {
		put_lease(out, l);
		return;
	}
	/* The device is st_dev of stat(2). */
	text_printf(out, "%s%s %d 00:01:%" PRIu64 " ", kinds[l->kind], type_word(l->type), l->pid,
		    locked_inode(l->file)->ino);
	text_int(out, l->start);
	if (l->end == OFFSET_MAX)
		text_puts(out, " EOF\n");
	else
		text_printf(out, " %lld\n", (long long)l->end);
}

static struct file_lock *waiter_at(const struct list *member)
{
	return container_of(member, struct file_lock, member);
}

/* The requests that wait for a lock, and for these, depth first: the next one after l, or NULL. */
static const struct file_lock *next_waiter(const struct file_lock *lock, const struct file_lock *l,
					   int *depth)
{
	if (!list_empty(&l->blocked)) {
		++*depth;
		return waiter_at(l->blocked.next);
	}
	while (l != lock) {
		if (l->member.next != &l->blocker->blocked)
			return waiter_at(l->member.next);
		l = l->blocker;
		--*depth;
	}
	return NULL;
}

int text_locks(const struct node *n, struct text *out)
{
	uint64_t number = 0;

	list_for_each(pos, &n->machine->locks) {
		const struct file_lock *lock = container_of(pos, struct file_lock, all);
		int depth = 0;

		number++;
		for (const struct file_lock *l = lock; l; l = next_waiter(lock, l, &depth)) {
			if (out->error)
				return 0;
			put_lock(out, l, number, depth);
		}
	}
	return 0;
}

static uint64_t show_list(struct text *out, const struct list *locks, const struct file *f,
			  const void *owner, uint64_t number)
{
	list_for_each(pos, locks) {
		const struct file_lock *l = container_of(pos, struct file_lock, place);

		if (l->file != f || (l->owner != owner && l->owner != f))
			continue;
		text_puts(out, "lock:\t");
		put_lock(out, l, ++number, 0);
	}
	return number;
}

void show_fd_locks(struct text *out, const struct file *f, const void *owner)
{
	const struct file_lock_context *ctx = locked_inode(f)->locks;
	uint64_t number;

	if (!ctx)
		return;
	number = show_list(out, &ctx->flock, f, owner, 0);
	number = show_list(out, &ctx->posix, f, owner, number);
	show_list(out, &ctx->lease, f, owner, number);
}
