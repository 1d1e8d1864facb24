/*
 * link and linkat: another name for a file, or, by a descriptor, a name for a file that has lost
 * its last one or never had one.
 */
#include "vfs/calls.h"

#include "machine/kernel.h"
#include "machine/task.h"
#include "vfs/component.h"
#include "vfs/dcache.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>

/* A deleted file stays deleted; a file that O_TMPFILE made may get its first name. */
static int may_link(const struct inode *inode)
{
	if (S_ISDIR(inode->mode))
		return -EPERM;
	return inode->nlink || inode->linkable ? 0 : -ENOENT;
}

/* old is NULL for a file that never had a name (a pipe): it is on a mount of its own. */
static int vfs_link(struct component *p, struct inode *inode, const struct dentry *old)
{
	int error;

	if (!old || !same_mount(p->nd.inode, old->parent->inode))
		return -EXDEV;
	error = may_create(p);
	if (!error)
		error = may_link(inode);
	if (error)
		return error;
	fsnotify_inode(inode->machine, inode, IN_ATTRIB);
	error = component_add(p, inode);
	if (error)
		return error;
	inode->nlink++;
	inode->linkable = false;
	return 0;
}

static int64_t do_linkat(struct task *current, int64_t old_fd, const struct fdl_arg *old,
			 int64_t new_fd, const struct fdl_arg *new, int64_t flags)
{
	const unsigned lookup = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
				(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct nameidata nd;
	struct component p;
	int error;

	if (flags & ~(int64_t)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = filename_lookup(&nd, current, old_fd, old, lookup);
	if (!error) {
		/* The look-up of the other descriptor may give way to other calls. */
		struct inode *inode = iget(nd.inode);
		struct dentry *d = dget(nd.dentry);

		error = filename_create(&p, current, new_fd, new, false);
		if (!error)
			error = vfs_link(&p, inode, d);
		component_end(&p);
		dput(d);
		iput(inode);
	}
	walk_end(&nd);
	return error;
}

static int64_t sys_link(struct task *current, struct fdl_arg *a)
{
	return do_linkat(current, AT_FDCWD, &a[0], AT_FDCWD, &a[1], 0);
}

static int64_t sys_linkat(struct task *current, struct fdl_arg *a)
{
	return do_linkat(current, a[0].num, &a[1], a[2].num, &a[3], a[4].num);
}

const struct call_row link_calls[] = {
	{ "link", "path oldpath, path newpath", sys_link, CALL_NO_FILES, NULL },
	{ "linkat", "dirfd olddirfd, path oldpath, dirfd newdirfd, path newpath, atflags flags=0",
	  sys_linkat, 0, NULL },
	{ 0 },
};
