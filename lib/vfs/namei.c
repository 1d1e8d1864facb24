/*
 * Path walking: from a path to a name, component by component, through symbolic links, with the
 * permissions checked on the way. No other call runs during a walk, so it takes no references.
 */
#include "vfs/namei.h"

#include "machine/sched.h"
#include "machine/touch.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#define MAXSYMLINKS 40

const char *path_arg(struct task *current, const struct fdl_arg *arg, int *error)
{
	size_t len = (size_t)arg->num;
	char *name;

	*error = -EFAULT;
	if (!arg->str)
		return NULL;
	*error = -ENOENT;
	if (!len || !*arg->str)
		return NULL;
	*error = -ENAMETOOLONG;
	if (len >= VFS_PATH_MAX)
		len = strnlen(arg->str, len);
	if (len >= VFS_PATH_MAX)
		return NULL;
	/* The copy may have a NUL before its end; its readers stop there. */
	name = arena_copy(&current->call->arena, arg->str, len);
	*error = name ? 0 : -ENOMEM;
	return name;
}

int dirfd_base(struct task *current, int64_t dirfd, const char *path, uint64_t resolve,
	       struct dentry **base)
{
	struct fd fd;
	int error = 0;

	*base = NULL;
	if (dirfd == AT_FDCWD || (*path == '/' && !(resolve & RESOLVE_IN_ROOT)))
		return 0;
	fd = fdget_raw(current, dirfd);
	if (!fd.file)
		return -EBADF;
	if (S_ISDIR(fd.file->inode->mode))
		*base = dget(fd.file->dentry);
	else
		error = -ENOTDIR;
	fdput(current, fd);
	return error;
}

static void walk_to(struct nameidata *nd, struct dentry *d)
{
	nd->dentry = d;
	nd->inode = d->inode;
}

/* A step down or up, which must stay on the file system under RESOLVE_NO_XDEV. */
static int walk_beside(struct nameidata *nd, struct dentry *d)
{
	if ((nd->resolve & RESOLVE_NO_XDEV) && S_ISDIR(d->inode->mode) &&
	    !same_mount(nd->inode, d->inode))
		return -EXDEV;
	walk_to(nd, d);
	return 0;
}

static int nd_jump_root(struct nameidata *nd)
{
	if (nd->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	walk_to(nd, nd->root);
	return 0;
}

/* A step to the file of a magic link, forbidden to a path that must stay below a root. */
static int nd_jump_link(struct nameidata *nd, const struct file *f)
{
	if (nd->resolve & RESOLVE_NO_MAGICLINKS)
		return -ELOOP;
	if (nd->resolve & (RESOLVE_NO_XDEV | RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EXDEV;
	nd->dentry = f->dentry;
	nd->inode = f->inode;
	return 0;
}

int path_init(struct nameidata *nd, struct dentry *base, const char *path)
{
	struct fs *fs = nd->current->fs;

	nd->root = fs->root;
	walk_to(nd, base ? base : fs->cwd);
	if (nd->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		nd->root = nd->dentry;
	if (*path == '/' && !(nd->resolve & RESOLVE_IN_ROOT))
		return nd_jump_root(nd);
	return S_ISDIR(nd->inode->mode) ? 0 : -ENOTDIR;
}

int handle_dots(struct nameidata *nd)
{
	if (nd->last.type != LAST_DOTDOT)
		return 0;
	if (nd->dentry != nd->root)
		return walk_beside(nd, nd->dentry->parent);
	return nd->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
}

int lookup_slow(struct nameidata *nd, struct file **magic)
{
	int error = 0;

	if (!nd->inode->nlink)
		return -ENOENT;
	if (nd->last.len > VFS_NAME_MAX)
		return -ENAMETOOLONG;
	if (nd->inode->ops->lookup)
		touch_all(nd->current->machine);
	if (nd->inode->ops->lookup)
		*magic = nd->inode->ops->lookup(nd->current, nd->inode, nd->last.name, nd->last.len,
						&error);
	return error;
}

/* Whether the walk may follow another symbolic link. */
static int count_link(struct nameidata *nd)
{
	if (nd->links++ >= MAXSYMLINKS || (nd->resolve & RESOLVE_NO_SYMLINKS))
		return -ELOOP;
	return 0;
}

/* Follows a symbolic link: *link is the path to walk on; NULL: the walk is there already. */
static int pick_link(struct nameidata *nd, const struct inode *inode, const char **link)
{
	const char *target = inode->private;
	int error = count_link(nd);

	if (!error && *target == '/') {
		error = nd_jump_root(nd);
		while (*target == '/')
			target++;
	}
	*link = *target ? target : NULL;
	return error;
}

static int follow_magic(struct nameidata *nd, struct file *magic, bool follow)
{
	int error = 0;

	if (follow) {
		error = count_link(nd);
		if (!error)
			error = nd_jump_link(nd, magic);
	} else {
		nd->made = proc_fd_link(nd->dentry, nd->last.name, nd->last.len, magic, &error);
		if (nd->made)
			walk_to(nd, nd->made);
	}
	fput(nd->current, magic);
	return error;
}

/* A directory that a link of its name leads to: follow leads there, and else to the link. */
static int step_to_linked(struct nameidata *nd, struct dentry *d, bool follow)
{
	int error = 0;

	touch_all(nd->current->machine);
	if (follow) {
		error = count_link(nd);
		d = error ? NULL : proc_pid_dir(nd->current, d, &error);
		return d ? walk_beside(nd, d) : error;
	}
	nd->made = d->inode->ops->link(nd->current, d, &error);
	if (nd->made)
		walk_to(nd, nd->made);
	return error;
}

int step_into(struct nameidata *nd, struct dentry *d, struct file *magic, bool follow,
	      const char **link)
{
	*link = NULL;
	if (magic)
		return follow_magic(nd, magic, follow);
	if (!d)
		return -ENOENT;
	if (d->inode->ops->link)
		return step_to_linked(nd, d, follow);
	if (S_ISLNK(d->inode->mode) && follow)
		return pick_link(nd, d->inode, link);
	return walk_beside(nd, d);
}

static int walk_component(struct nameidata *nd, bool follow, const char **link)
{
	struct dentry *d;
	struct file *magic;
	int error;

	*link = NULL;
	if (nd->last.type != LAST_NORM)
		return handle_dots(nd);
	error = lookup_one(nd, &d, &magic);
	return error ? error : step_into(nd, d, magic, follow, link);
}

/* Takes the first component of name into nd->last. Returns what follows it and its slashes. */
static const char *next_component(struct nameidata *nd, const char *name)
{
	struct qstr *last = &nd->last;
	uint32_t hash = 0;
	const char *end = name;

	while (*end && *end != '/')
		hash = name_hash_byte(hash, *end++);
	last->name = name;
	last->len = (size_t)(end - name);
	last->hash = hash;
	last->type = LAST_NORM;
	if (*name == '.' && last->len == 1)
		last->type = LAST_DOT;
	else if (*name == '.' && name[1] == '.' && last->len == 2)
		last->type = LAST_DOTDOT;
	while (*end == '/')
		end++;
	return end;
}

/*
 * Walks all components of name but the last, which is left in nd->last. While the walk follows a
 * symbolic link, the rest of the path waits on a stack. A link at the end of another's target
 * leaves no rest, so the stack never holds more than the links that were followed.
 */
int link_path_walk(struct nameidata *nd, const char *name)
{
	const char *stack[MAXSYMLINKS];
	size_t depth = 0;

	nd->last.type = LAST_ROOT;
	while (*name == '/')
		name++;
	if (!*name)
		return 0;
	for (;;) {
		const char *link;
		int error = inode_permission(nd->current, nd->inode, X_OK);

		if (error)
			return error;
		name = next_component(nd, name);
		if (!*name) {
			if (!depth)
				return 0;
			name = stack[--depth];
		}
		error = walk_component(nd, true, &link);
		if (error)
			return error;
		if (link) {
			stack[depth++] = name;
			name = link;
		} else if (!S_ISDIR(nd->inode->mode)) {
			return -ENOTDIR;
		}
	}
}

/* The last component. If slashes follow it, it must be a directory, or a link to one. */
static int lookup_last(struct nameidata *nd, const char **link)
{
	if (nd->last.type == LAST_NORM && nd->last.name[nd->last.len])
		nd->follow = nd->directory = true;
	return walk_component(nd, nd->follow, link);
}

int path_parentat(struct nameidata *nd, struct task *current, struct dentry *base, const char *path)
{
	int error;

	*nd = (struct nameidata){ .current = current };
	error = path_init(nd, base, path);
	return error ? error : link_path_walk(nd, path);
}

int path_walk(struct nameidata *nd, struct dentry *base, const char *path)
{
	const char *rest = path;
	int error = path_init(nd, base, path);

	while (!error && rest) {
		error = link_path_walk(nd, rest);
		if (!error)
			error = lookup_last(nd, &rest);
	}
	if (!error && nd->directory && !S_ISDIR(nd->inode->mode))
		error = -ENOTDIR;
	return error;
}

int path_lookupat(struct nameidata *nd, struct task *current, struct dentry *base, const char *path,
		  bool follow)
{
	*nd = (struct nameidata){ .current = current, .follow = follow };
	return path_walk(nd, base, path);
}

/* The walk ends at the file of a descriptor, O_PATH or not, or at the cwd. */
static int descriptor_lookup(struct nameidata *nd, struct task *current, int64_t dirfd)
{
	struct fd fd;

	*nd = (struct nameidata){ .current = current };
	if (dirfd == AT_FDCWD) {
		walk_to(nd, current->fs->cwd);
		return 0;
	}
	fd = fdget_raw(current, dirfd);
	if (!fd.file)
		return -EBADF;
	nd->dentry = fd.file->dentry;
	nd->inode = fd.file->inode;
	/* The descriptor holds the references that the walk needs. */
	fdput(current, fd);
	return 0;
}

int filename_lookup(struct nameidata *nd, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, unsigned flags)
{
	struct dentry *base = NULL;
	const char *name;
	int error;

	if ((flags & LOOKUP_EMPTY) && is_empty_path(path))
		return descriptor_lookup(nd, current, dirfd);
	*nd = (struct nameidata){ 0 };
	name = path_arg(current, path, &error);
	if (name)
		error = dirfd_base(current, dirfd, name, 0, &base);
	if (!error)
		error = path_lookupat(nd, current, base, name, flags & LOOKUP_FOLLOW);
	/* The descriptor, or the cwd, holds a reference for the length of the call. */
	dput(base);
	return error;
}

void walk_end(struct nameidata *nd)
{
	dput(nd->made);
}

int path_lookup(struct task *current, struct dentry *base, const char *path, bool follow,
		struct dentry **d)
{
	struct nameidata nd;
	int error = path_lookupat(&nd, current, base, path, follow);

	if (!error && !nd.dentry)
		error = -EACCES;
	if (!error)
		*d = dget(nd.dentry);
	walk_end(&nd);
	return error;
}
