/*
 * Marks on inodes: passes what happens to an inode, or to a name in a directory, on to the marks
 * that ask for it. The purpose of a mark is known to its owner alone (inotify).
 */
#include "vfs/fsnotify.h"

#include "vfs/inode.h"

void fsnotify_add_mark(struct fsnotify_mark *mark, struct inode *inode, bool nameless)
{
	inode = inode_common(inode);
	mark->inode = inode;
	/* The name of a directory of /proc/PID goes with its process, and the inode stays. */
	mark->holds = (nameless || inode->ops->lookup) && inode->nlink;
	if (mark->holds)
		iget(inode);
	list_add_tail(&mark->of_inode, &inode->marks);
	inode->machine->fsnotify_marks++;
}

void fsnotify_detach_mark(struct fsnotify_mark *mark)
{
	list_del(&mark->of_inode);
	mark->inode->machine->fsnotify_marks--;
	if (mark->holds)
		iput(mark->inode);
}

/* unlinked: the name that the event is about has been taken away. */
static void fsnotify(struct inode *inode, uint32_t mask, uint32_t cookie, const char *name,
		     size_t len, bool unlinked)
{
	list_for_each_safe(pos, next, &inode_common(inode)->marks) {
		struct fsnotify_mark *mark = container_of(pos, struct fsnotify_mark, of_inode);

		if ((mark->mask & mask & IN_ALL_EVENTS) &&
		    !(unlinked && (mark->mask & IN_EXCL_UNLINK)))
			mark->ops->event(mark, mask, cookie, name, len);
	}
}

static uint32_t with_isdir(const struct inode *inode, uint32_t mask)
{
	return S_ISDIR(inode->mode) ? mask | IN_ISDIR : mask;
}

void fsnotify_inode_slow(struct inode *inode, uint32_t mask)
{
	/* The kernel leaves IN_ISDIR out when a directory itself is moved or deleted. */
	fsnotify(inode, mask & IN_MOVE_SELF ? mask : with_isdir(inode, mask), 0, NULL, 0, false);
}

void fsnotify_name_slow(struct inode *dir, uint32_t mask, uint32_t cookie, const char *name,
			size_t len)
{
	fsnotify(dir, mask, cookie, name, len, false);
}

/* A watch on a directory is not told of reads and writes of devices, FIFOs and sockets in it. */
static bool is_hidden(const struct inode *inode, uint32_t mask)
{
	return (mask & (IN_ACCESS | IN_MODIFY)) && !S_ISREG(inode->mode) && !S_ISDIR(inode->mode);
}

void fsnotify_dentry_slow(struct dentry *d, struct inode *inode, uint32_t mask)
{
	mask = with_isdir(inode, mask);
	if (d && d->parent != d && !is_hidden(inode, mask))
		fsnotify(d->parent->inode, mask, 0, d->name, d->len, d->unhashed);
	fsnotify(inode, mask, 0, NULL, 0, false);
}

void fsnotify_inoderemove(struct inode *inode)
{
	fsnotify(inode, IN_DELETE_SELF, 0, NULL, 0, false);
	while (!list_empty(&inode->marks)) {
		struct fsnotify_mark *mark =
			container_of(inode->marks.next, struct fsnotify_mark, of_inode);

		mark->ops->gone(mark);
	}
}
