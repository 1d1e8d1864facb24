/*
 * open(2) without the descriptor: the last step of the walk, which may make the file; the checks,
 * in the kernel's order; and a description, published.
 */
#include "vfs/open.h"

#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/lease.h"
#include "vfs/namei.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The kernel's __O_TMPFILE, which libc only has together with O_DIRECTORY. */
#define KERNEL_O_TMPFILE ((unsigned)(O_TMPFILE & ~O_DIRECTORY))

struct open_how {
	struct file *file;
	unsigned flags;
	mode_t mode;
	bool created;
};

/* The permissions that the access mode needs; the fourth, O_ACCMODE, needs both. */
static int access_needed(unsigned flags)
{
	static const unsigned char access[] = { R_OK, W_OK, R_OK | W_OK, R_OK | W_OK };

	return access[flags & O_ACCMODE] | (flags & O_TRUNC ? W_OK : 0);
}

/* Makes the inode of a regular file in the directory where the walk is. */
static int create_inode(struct nameidata *nd, const struct open_how *how, struct inode **inode)
{
	struct task *current = nd->current;
	mode_t mode = S_IFREG | (how->mode & 07777 & ~current->fs->umask);
	int error = inode_permission(current, nd->inode, W_OK | X_OK);

	if (error)
		return error;
	*inode = inode_new(current->machine, mode, &regular_inode, &error);
	if (*inode)
		inode_init_owner(*inode, current, nd->inode);
	return error;
}

static int create_file(struct nameidata *nd, struct open_how *how, struct dentry **d)
{
	struct inode *inode;
	int error = create_inode(nd, how, &inode);

	if (error)
		return error;
	*d = d_alloc(nd->dentry, nd->last.name, nd->last.len, inode, &error);
	iput(inode);
	if (!*d)
		return error;
	d_add(*d);
	fsnotify_name((*d)->inode->machine, nd->inode, IN_CREATE, 0, (*d)->name, (*d)->len);
	how->created = true;
	return 0;
}

/* Finds or makes the last component. *link as in step_into. */
static int open_last_lookups(struct nameidata *nd, struct open_how *how, const char **link)
{
	bool slashes = nd->last.type == LAST_NORM && nd->last.name[nd->last.len];
	struct dentry *d;
	struct file *magic;
	int error;

	*link = NULL;
	if (nd->last.type != LAST_NORM)
		return handle_dots(nd);
	if (slashes && (how->flags & O_CREAT))
		return -EISDIR;
	if (slashes)
		nd->follow = nd->directory = true;
	error = lookup_one(nd, &d, &magic);
	if (!error && !d && !magic && (how->flags & O_CREAT))
		error = create_file(nd, how, &d);
	return error ? error : step_into(nd, d, magic, nd->follow, link);
}

/* Whether the task may open the inode with these flags. */
static int may_open(struct nameidata *nd, unsigned flags)
{
	const struct inode *inode = nd->inode;
	int access = access_needed(flags), error;

	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (S_ISDIR(inode->mode) && (access & W_OK))
		return -EISDIR;
	error = inode_permission(nd->current, inode, access);
	if (error)
		return error;
	if ((flags & O_NOATIME) && nd->current->uid != 0 && nd->current->uid != inode->uid)
		return -EPERM;
	return 0;
}

/* A description that was opened, but not published, ends as one that is closed. */
static int open_fails(struct nameidata *nd, struct file *f, int error)
{
	if (f->mode & FMODE_PATH)
		return error;
	fsnotify_dentry(f->machine, nd->dentry, nd->inode,
			f->mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	if (f->ops->release)
		f->ops->release(nd->current, f);
	return error;
}

/* Attaches the description to the inode where the walk is. */
static int do_dentry_open(struct nameidata *nd, struct file *f)
{
	static const struct file_ops path_file = { .traced = true };
	const struct inode_ops *ops = nd->inode->ops;
	bool path = f->mode & FMODE_PATH;
	int error = 0;

	file_attach(f, nd->inode, nd->dentry, path ? &path_file : ops->file);
	if (!path)
		error = break_lease(nd->current, nd->inode, f->mode & FMODE_WRITE,
				    f->flags & O_NONBLOCK);
	if (!path && ops->open) {
		touch_all(nd->current->machine);
		if (!error)
			error = ops->open(nd->current, nd->inode, f);
	}
	if (error)
		return error;
	/* A FIFO checks that itself, after it has waited. */
	if ((f->flags & O_DIRECT) && !S_ISREG(nd->inode->mode) && !S_ISFIFO(nd->inode->mode))
		return open_fails(nd, f, -EINVAL);
	return 0;
}

/*
 * The same, and publishes it. O_TRUNC, of flags, fails where there is a length that nothing can
 * change.
 */
static int vfs_open(struct nameidata *nd, struct file *f, unsigned flags)
{
	int error = do_dentry_open(nd, f);

	if (error)
		return error;
	if (!(f->mode & FMODE_PATH))
		fsnotify_dentry(f->machine, nd->dentry, nd->inode, IN_OPEN);
	if ((flags & O_TRUNC) && nd->inode->plain)
		return open_fails(nd, f, -EOPNOTSUPP);
	file_publish(nd->current, f);
	return 0;
}

static bool is_running(const struct nameidata *nd)
{
	touch(nd->current->machine, TOUCH_READ, nd->inode, PART_COUNT);
	return nd->inode->runners;
}

static int do_open(struct nameidata *nd, struct open_how *how)
{
	int error;

	if (how->flags & O_CREAT) {
		if ((how->flags & O_EXCL) && !how->created)
			return -EEXIST;
		if (S_ISDIR(nd->inode->mode))
			return -EISDIR;
	}
	if (nd->directory && !S_ISDIR(nd->inode->mode))
		return -ENOTDIR;
	if (!how->created) {
		error = may_open(nd, how->flags);
		if (error)
			return error;
	}
	/* A running program may not be written to. */
	if (((how->file->mode & FMODE_WRITE) || (how->flags & O_TRUNC)) && is_running(nd))
		return -ETXTBSY;
	if (how->created)
		how->file->mode |= FMODE_CREATED;
	error = vfs_open(nd, how->file, how->flags);
	if (error || !(how->flags & O_TRUNC) || !inode_is_regular(nd->inode))
		return error;
	touch(nd->current->machine, TOUCH_WRITE, nd->inode, PART_ITSELF);
	regular_truncate(nd->inode, 0);
	if (!how->created)
		fsnotify_dentry(nd->inode->machine, nd->dentry, nd->inode, IN_MODIFY);
	return 0;
}

static int do_plain_open(struct nameidata *nd, struct dentry *base, const char *path,
			 struct open_how *how)
{
	const char *rest = path;
	int error = path_init(nd, base, path);

	while (!error && rest) {
		error = link_path_walk(nd, rest);
		if (!error)
			error = open_last_lookups(nd, how, &rest);
	}
	return error ? error : do_open(nd, how);
}

static int do_o_path(struct nameidata *nd, struct dentry *base, const char *path,
		     struct open_how *how)
{
	int error = path_walk(nd, base, path);

	return error ? error : vfs_open(nd, how->file, 0);
}

/* A file on the file system of a directory, without a name. */
static int do_tmpfile(struct nameidata *nd, struct dentry *base, const char *path,
		      struct open_how *how)
{
	struct inode *inode;
	char name[24];
	int len, error = path_walk(nd, base, path);

	if (!error)
		error = inode_permission(nd->current, nd->inode, W_OK | X_OK);
	if (!error && nd->inode->ops->lookup)
		error = -EOPNOTSUPP;
	if (!error)
		error = create_inode(nd, how, &inode);
	if (error)
		return error;
	inode->nlink = 0;
	inode->linkable = !(how->flags & O_EXCL);
	len = snprintf(name, sizeof(name), "#%llu", (unsigned long long)inode->ino);
	nd->made = d_alloc(nd->dentry, name, (size_t)len, inode, &error);
	iput(inode);
	if (!nd->made)
		return error;
	nd->made->unhashed = true;
	nd->dentry = nd->made;
	nd->inode = inode;
	return vfs_open(nd, how->file, 0);
}

/* Walks to a name and opens it. After an error how->file may be attached all the same. */
static int path_openat(struct task *current, struct dentry *base, const char *path,
		       struct open_how *how, uint64_t resolve)
{
	struct nameidata nd = { .current = current, .resolve = resolve };
	const unsigned flags = how->flags;
	int error;

	nd.follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	nd.directory = flags & O_DIRECTORY;
	if (flags & O_PATH)
		error = do_o_path(&nd, base, path, how);
	else if (flags & KERNEL_O_TMPFILE)
		error = do_tmpfile(&nd, base, path, how);
	else
		error = do_plain_open(&nd, base, path, how);
	walk_end(&nd);
	return error;
}

static TOUCHES void touch_names(const struct task *current, unsigned flags)
{
	const bool changes = flags & (O_CREAT | O_TRUNC | KERNEL_O_TMPFILE);

	touch(current->machine, changes ? TOUCH_WRITE : TOUCH_READ, current->machine, PART_NAMES);
}

int do_filp_open(struct task *current, struct dentry *base, const char *path, unsigned flags,
		 mode_t mode, uint64_t resolve, struct file **f)
{
	struct open_how how = { .flags = flags, .mode = mode };
	int error;

	if (!(flags & O_PATH))
		flags |= current->machine->kernel->open_flags;
	how.file = alloc_empty_file(current, flags, &error);
	if (!how.file)
		return error;
	if (is_explored(current->machine))
		touch_names(current, flags);
	error = path_openat(current, base, path, &how, resolve);
	if (!error) {
		*f = how.file;
		return 0;
	}
	call_drops(current, how.file);
	free_file(how.file);
	return error;
}

int do_file_open(struct task *current, const char *path, unsigned flags, mode_t mode,
		 struct file *f)
{
	struct open_how how = { .file = f, .flags = flags, .mode = mode };
	int error;

	if (is_explored(current->machine))
		touch_names(current, flags);
	file_set_flags(f, flags);
	error = path_openat(current, NULL, path, &how, 0);
	if (error && f->inode)
		file_detach(f);
	return error;
}
