/*
 * F_NOTIFY. All requests for a directory hang on one mark of its inode; a request ends with its
 * first signal, unless it has DN_MULTISHOT.
 */
#include "vfs/dnotify.h"

#include "machine/kernel.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

/* As kmalloc has a request, and the mark of a directory. */
#define REQUEST_SIZE ((size_t)64)
#define MARK_SIZE    ((size_t)128)

struct dnotify_struct {
	struct list link; /* of the mark */
	struct file *file;
	const void *table;
	int fd;         /* that the last F_NOTIFY was called with */
	unsigned flags; /* DN_* */
};

struct dnotify_mark {
	struct fsnotify_mark mark;
	struct list requests; /* the newest first */
	uint32_t moved;       /* the cookie of the name that was moved away last */
};

_Static_assert(sizeof(struct dnotify_struct) <= REQUEST_SIZE,
	       "a request is charged for too little");
_Static_assert(sizeof(struct dnotify_mark) <= MARK_SIZE, "a mark is charged for too little");

static struct dnotify_mark *of_mark(struct fsnotify_mark *mark)
{
	return container_of(mark, struct dnotify_mark, mark);
}

static void drop_request(struct fdl_machine *m, struct dnotify_struct *r)
{
	list_del(&r->link);
	object_free(m, r, REQUEST_SIZE);
}

/* A mark without requests goes. */
static void put_mark(struct fdl_machine *m, struct dnotify_mark *dn)
{
	if (!list_empty(&dn->requests))
		return;
	fsnotify_detach_mark(&dn->mark);
	object_free(m, dn, MARK_SIZE);
}

/* The flags of an event in DN_*: a name moved within the directory is a rename, too. */
static unsigned flags_of(struct dnotify_mark *dn, uint32_t mask, uint32_t cookie)
{
	static const struct {
		uint32_t mask;
		unsigned flag;
	} events[] = {
		{ IN_ACCESS, DN_ACCESS },
		{ IN_MODIFY, DN_MODIFY },
		{ IN_ATTRIB, DN_ATTRIB },
		{ IN_CREATE | IN_MOVED_TO, DN_CREATE },
		{ IN_DELETE | IN_MOVED_FROM, DN_DELETE },
	};
	unsigned flags = 0;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		flags |= mask & events[i].mask ? events[i].flag : 0;
	if (mask & IN_MOVED_TO && cookie == dn->moved)
		flags |= DN_RENAME;
	if (mask & IN_MOVED_FROM)
		dn->moved = cookie;
	return flags;
}

static void dnotify_event(struct fsnotify_mark *mark, uint32_t mask, uint32_t cookie,
			  const char *name, size_t len)
{
	struct fdl_machine *m = mark->inode->machine;
	struct dnotify_mark *dn = of_mark(mark);
	const unsigned flags = flags_of(dn, mask, cookie);

	(void)name, (void)len;
	list_for_each_safe(pos, next, &dn->requests) {
		struct dnotify_struct *r = container_of(pos, struct dnotify_struct, link);

		if (!(r->flags & flags))
			continue;
		fown_signal(r->file, r->fd, POLL_MSG);
		if (!(r->flags & DN_MULTISHOT))
			drop_request(m, r);
	}
	put_mark(m, dn);
}

static void dnotify_gone(struct fsnotify_mark *mark)
{
	struct fdl_machine *m = mark->inode->machine;
	struct dnotify_mark *dn = of_mark(mark);

	while (!list_empty(&dn->requests))
		drop_request(m, container_of(dn->requests.next, struct dnotify_struct, link));
	put_mark(m, dn);
}

static const struct fsnotify_ops dnotify_ops = { .event = dnotify_event, .gone = dnotify_gone };

static struct dnotify_mark *find_mark(struct inode *inode)
{
	list_for_each(pos, &inode->marks) {
		struct fsnotify_mark *mark = container_of(pos, struct fsnotify_mark, of_inode);

		if (mark->ops == &dnotify_ops)
			return of_mark(mark);
	}
	return NULL;
}

static struct dnotify_struct *find_request(const struct dnotify_mark *dn, const struct file *f,
					   const void *table)
{
	if (!dn)
		return NULL;
	list_for_each(pos, &dn->requests) {
		struct dnotify_struct *r = container_of(pos, struct dnotify_struct, link);

		if (r->file == f && r->table == table)
			return r;
	}
	return NULL;
}

static struct dnotify_mark *new_mark(struct task *current, struct inode *inode)
{
	struct dnotify_mark *dn = object_alloc(current, MARK_SIZE);

	if (!dn)
		return NULL;
	dn->mark.ops = &dnotify_ops;
	dn->mark.mask = IN_ACCESS | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE;
	list_init(&dn->requests);
	fsnotify_add_mark(&dn->mark, inode, false);
	return dn;
}

int dnotify_flush(struct task *current, struct file *f, void *owner)
{
	struct dnotify_mark *dn = find_mark(f->inode);
	struct dnotify_struct *r = find_request(dn, f, owner);

	(void)current;
	if (r) {
		drop_request(f->machine, r);
		put_mark(f->machine, dn);
	}
	return 0;
}

int fcntl_dirnotify(struct task *current, struct file *f, int fd, unsigned flags)
{
	const void *table = current->machine->kernel->lock_owner(current);
	struct dnotify_mark *dn;
	struct dnotify_struct *r;

	if (!(flags & ~(unsigned)DN_MULTISHOT))
		return dnotify_flush(current, f, (void *)(uintptr_t)table);
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	dn = find_mark(f->inode);
	if (!dn)
		dn = new_mark(current, f->inode);
	if (!dn)
		return -ENOMEM;
	r = find_request(dn, f, table);
	if (!r)
		r = object_alloc(current, REQUEST_SIZE);
	if (!r || fown_default(current, f)) {
		if (r && !r->file)
			object_free(f->machine, r, REQUEST_SIZE);
		put_mark(f->machine, dn);
		return -ENOMEM;
	}
	if (!r->file)
		list_add(&r->link, &dn->requests);
	r->file = f;
	r->table = table;
	r->fd = fd;
	r->flags |= flags;
	return 0;
}
