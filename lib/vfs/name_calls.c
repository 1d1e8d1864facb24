/*
 * Calls on names: mkdir, symlink, unlink, rmdir, rename, readlink, access, stat, chdir and their
 * kin. A call that changes a name walks to the directory, looks the last component up, checks
 * permissions, and changes something only when nothing can fail any more.
 */
#include "vfs/calls.h"

#include "machine/kernel.h"
#include "machine/sched.h"
#include "vfs/component.h"
#include "vfs/dcache.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/namei.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Walks to the directory. */
static int component_begin(struct component *p, struct task *current, int64_t dirfd,
			   const struct fdl_arg *path)
{
	const char *name;
	int error;

	*p = (struct component){ .nd.current = current };
	name = path_arg(current, path, &error);
	if (name)
		error = dirfd_base(current, dirfd, name, 0, &p->base);
	return error ? error : path_parentat(&p->nd, current, p->base, name);
}

/*
 * Looks the name up. For a magic link, and for /proc/self, a name is made, which lives until
 * component_end.
 */
static int component_lookup(struct component *p)
{
	struct nameidata *nd = &p->nd;
	struct file *magic;
	int error = lookup_one(nd, &p->d, &magic);

	if (!error && magic) {
		p->d = nd->made =
			proc_fd_link(nd->dentry, nd->last.name, nd->last.len, magic, &error);
		fput(nd->current, magic);
	}
	/* Calls on names change the link, not the directory that it leads to. */
	if (!error && p->d && p->d->inode->ops->link)
		p->d = nd->made = p->d->inode->ops->link(nd->current, p->d, &error);
	return error;
}

void component_end(struct component *p)
{
	walk_end(&p->nd);
	dput(p->base);
}

/* Whether slashes follow the name: only a directory may have them. */
static bool component_slashes(const struct component *p)
{
	return p->nd.last.name[p->nd.last.len] == '/';
}

static bool is_directory(const struct dentry *d)
{
	return S_ISDIR(d->inode->mode);
}

/* ---- permissions --------------------------------------------------------------------------- */

/* In a directory like /tmp only the owner of the file or of the directory may take a name away. */
static bool check_sticky(const struct task *current, const struct inode *dir,
			 const struct inode *inode)
{
	return (dir->mode & S_ISVTX) && current->uid != 0 && current->uid != inode->uid &&
	       current->uid != dir->uid;
}

/* Whether the task may take the name away, as a directory or as something else. */
static int may_delete(const struct component *p, bool directory)
{
	const struct task *current = p->nd.current;
	int error = inode_permission(current, p->nd.inode, W_OK | X_OK);

	if (error)
		return error;
	if (check_sticky(current, p->nd.inode, p->d->inode))
		return -EPERM;
	if (directory && !is_directory(p->d))
		return -ENOTDIR;
	if (!directory && is_directory(p->d))
		return -EISDIR;
	return p->nd.inode->ops->lookup ? -EPERM : 0;
}

int may_create(const struct component *p)
{
	int error;

	if (p->d)
		return -EEXIST;
	error = inode_permission(p->nd.current, p->nd.inode, W_OK | X_OK);
	if (!error && p->nd.inode->ops->lookup)
		error = -EPERM;
	return error;
}

/* ---- making names -------------------------------------------------------------------------- */

int filename_create(struct component *p, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, bool directory)
{
	int error = component_begin(p, current, dirfd, path);

	if (error)
		return error;
	if (p->nd.last.type != LAST_NORM)
		return -EEXIST;
	error = component_lookup(p);
	if (error)
		return error;
	if (p->d)
		return -EEXIST;
	return component_slashes(p) && !directory ? -ENOENT : 0;
}

int component_add(struct component *p, struct inode *inode)
{
	int error;
	struct dentry *d = d_alloc(p->nd.dentry, p->nd.last.name, p->nd.last.len, inode, &error);

	if (!d)
		return error;
	d_add(d);
	fsnotify_name(inode->machine, p->nd.inode,
		      S_ISDIR(inode->mode) ? IN_CREATE | IN_ISDIR : IN_CREATE, 0, d->name, d->len);
	return 0;
}

static int vfs_mkdir(struct component *p, mode_t mode)
{
	struct task *current = p->nd.current;
	struct inode *inode;
	int error = may_create(p);

	if (error)
		return error;
	mode = S_IFDIR | (mode & 01777 & ~current->fs->umask);
	inode = inode_new(current->machine, mode, &directory_inode, &error);
	if (!inode)
		return error;
	inode_init_owner(inode, current, p->nd.inode);
	inode->nlink = 2;
	error = component_add(p, inode);
	if (!error)
		p->nd.inode->nlink++;
	iput(inode);
	return error;
}

static int64_t do_mkdirat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			  mode_t mode)
{
	struct component p;
	int error = filename_create(&p, current, dirfd, path, true);

	if (!error)
		error = vfs_mkdir(&p, mode);
	component_end(&p);
	return error;
}

static int64_t sys_mkdir(struct task *current, struct fdl_arg *a)
{
	return do_mkdirat(current, AT_FDCWD, &a[0], (mode_t)a[1].num);
}

static int64_t sys_mkdirat(struct task *current, struct fdl_arg *a)
{
	return do_mkdirat(current, a[0].num, &a[1], (mode_t)a[2].num);
}

static int vfs_symlink(struct component *p, const char *target)
{
	struct task *current = p->nd.current;
	struct inode *inode;
	int error = may_create(p);

	if (error)
		return error;
	inode = symlink_new(current->machine, target, strlen(target), &error);
	if (!inode)
		return error;
	inode_init_owner(inode, current, p->nd.inode);
	error = component_add(p, inode);
	iput(inode);
	return error;
}

static int64_t do_symlinkat(struct task *current, const struct fdl_arg *target, int64_t dirfd,
			    const struct fdl_arg *path)
{
	struct component p;
	int error;
	const char *text = path_arg(current, target, &error);

	if (!text)
		return error;
	error = filename_create(&p, current, dirfd, path, false);
	if (!error)
		error = vfs_symlink(&p, text);
	component_end(&p);
	return error;
}

static int64_t sys_symlink(struct task *current, struct fdl_arg *a)
{
	return do_symlinkat(current, &a[0], AT_FDCWD, &a[1]);
}

static int64_t sys_symlinkat(struct task *current, struct fdl_arg *a)
{
	return do_symlinkat(current, &a[0], a[1].num, &a[2]);
}

/* ---- taking names away --------------------------------------------------------------------- */

/* Takes a name away; descriptions keep the inode. */
static void remove_name(struct inode *dir, struct dentry *d)
{
	if (is_directory(d)) {
		d->inode->nlink = 0;
		dir->nlink--;
	} else {
		d->inode->nlink--;
	}
	d_delete(d);
}

/* A name was taken away. If that freed the inode, fsnotify_inoderemove has reported it before. */
static void notify_delete(const struct component *p, uint32_t isdir)
{
	fsnotify_name(p->nd.inode->machine, p->nd.inode, IN_DELETE | isdir, 0, p->nd.last.name,
		      p->nd.last.len);
}

int vfs_unlink(struct component *p)
{
	int error;

	if (p->nd.last.type != LAST_NORM)
		return -EISDIR;
	error = component_lookup(p);
	if (error)
		return error;
	if (!p->d)
		return -ENOENT;
	if (component_slashes(p))
		return is_directory(p->d) ? -EISDIR : -ENOTDIR;
	error = may_delete(p, false);
	if (error)
		return error;
	fsnotify_inode(p->d->inode->machine, p->d->inode, IN_ATTRIB);
	remove_name(p->nd.inode, p->d);
	notify_delete(p, 0);
	return 0;
}

static int do_rmdir(struct component *p)
{
	int error;

	switch (p->nd.last.type) {
	case LAST_DOTDOT:
		return -ENOTEMPTY;
	case LAST_DOT:
		return -EINVAL;
	case LAST_ROOT:
		return -EBUSY;
	default:
		break;
	}
	error = component_lookup(p);
	if (error)
		return error;
	if (!p->d)
		return -ENOENT;
	error = may_delete(p, true);
	if (error)
		return error;
	if (!list_empty(&p->d->children))
		return -ENOTEMPTY;
	remove_name(p->nd.inode, p->d);
	notify_delete(p, IN_ISDIR);
	return 0;
}

static int64_t do_unlinkat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			   int64_t flags)
{
	struct component p;
	int error;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	error = component_begin(&p, current, dirfd, path);
	if (!error)
		error = flags & AT_REMOVEDIR ? do_rmdir(&p) : vfs_unlink(&p);
	component_end(&p);
	return error;
}

static int64_t sys_unlink(struct task *current, struct fdl_arg *a)
{
	return do_unlinkat(current, AT_FDCWD, &a[0], 0);
}

static int64_t sys_rmdir(struct task *current, struct fdl_arg *a)
{
	return do_unlinkat(current, AT_FDCWD, &a[0], AT_REMOVEDIR);
}

static int64_t sys_unlinkat(struct task *current, struct fdl_arg *a)
{
	return do_unlinkat(current, a[0].num, &a[1], a[2].num);
}

/* ---- moving names -------------------------------------------------------------------------- */

/* Looks both names up, and checks whether one may take the other's place at all. */
static int rename_lookup(struct component *old, struct component *new)
{
	int error;

	if (!same_mount(old->nd.inode, new->nd.inode))
		return -EXDEV;
	if (old->nd.last.type != LAST_NORM || new->nd.last.type != LAST_NORM)
		return -EBUSY;
	error = component_lookup(old);
	if (!error && !old->d)
		error = -ENOENT;
	if (!error)
		error = component_lookup(new);
	if (error)
		return error;
	if (!is_directory(old->d) && (component_slashes(old) || component_slashes(new)))
		return -ENOTDIR;
	if (d_is_ancestor(old->d, new->nd.dentry))
		return -EINVAL;
	if (new->d && d_is_ancestor(new->d, old->nd.dentry))
		return -ENOTEMPTY;
	return 0;
}

/* Reports to both directories, to the inode that was replaced, and to the one that was moved. */
static void notify_move(const struct component *old, const struct component *new)
{
	struct inode *inode = old->d->inode;
	struct fdl_machine *m = inode->machine;
	const uint32_t isdir = S_ISDIR(inode->mode) ? IN_ISDIR : 0;
	uint32_t cookie;

	if (!is_watched(m))
		return;
	cookie = ++m->fsnotify_cookie;
	fsnotify_name(m, old->nd.inode, IN_MOVED_FROM | isdir, cookie, old->nd.last.name,
		      old->nd.last.len);
	fsnotify_name(m, new->nd.inode, IN_MOVED_TO | isdir, cookie, new->nd.last.name,
		      new->nd.last.len);
	if (new->d)
		fsnotify_inode(m, new->d->inode, IN_ATTRIB);
	fsnotify_inode(m, inode, IN_MOVE_SELF);
}

/* Also of a link that was made for each of them. */
static bool is_same_name(const struct component *old, const struct component *new)
{
	return old->nd.inode == new->nd.inode && old->d->len == new->d->len &&
	       !memcmp(old->d->name, new->d->name, old->d->len);
}

static int vfs_rename(struct component *old, struct component *new)
{
	struct inode *old_dir = old->nd.inode, *new_dir = new->nd.inode;
	struct dentry *d = old->d, *target = new->d;
	bool directory = is_directory(d);
	int error;

	if (target && (d->inode == target->inode || is_same_name(old, new)))
		return 0;
	error = may_delete(old, directory);
	if (!error)
		error = target ? may_delete(new, directory) : may_create(new);
	if (!error && directory && old_dir != new_dir)
		error = inode_permission(old->nd.current, d->inode, W_OK);
	if (!error && target && !list_empty(&target->children))
		error = -ENOTEMPTY;
	if (!error)
		error = d_move(d, new->nd.dentry, new->nd.last.name, new->nd.last.len, target);
	if (error)
		return error;
	if (directory) {
		old_dir->nlink--;
		new_dir->nlink++;
	}
	/* The inode that is replaced is freed after the reports. */
	dget(target);
	if (target)
		remove_name(new_dir, target);
	notify_move(old, new);
	dput(target);
	return 0;
}

static int64_t do_renameat(struct task *current, int64_t old_fd, const struct fdl_arg *old_path,
			   int64_t new_fd, const struct fdl_arg *new_path)
{
	struct component old, new;
	int error = component_begin(&old, current, old_fd, old_path);

	if (!error) {
		error = component_begin(&new, current, new_fd, new_path);
		if (!error)
			error = rename_lookup(&old, &new);
		if (!error)
			error = vfs_rename(&old, &new);
		component_end(&new);
	}
	component_end(&old);
	return error;
}

static int64_t sys_rename(struct task *current, struct fdl_arg *a)
{
	return do_renameat(current, AT_FDCWD, &a[0], AT_FDCWD, &a[1]);
}

static int64_t sys_renameat(struct task *current, struct fdl_arg *a)
{
	return do_renameat(current, a[0].num, &a[1], a[2].num, &a[3]);
}

/* ---- looking at names ---------------------------------------------------------------------- */

static int64_t do_readlinkat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			     struct fdl_arg *buf, int64_t size)
{
	struct nameidata nd;
	int64_t result;

	if ((int)size <= 0)
		return -EINVAL;
	result = filename_lookup(&nd, current, dirfd, path, LOOKUP_EMPTY);
	if (!result && !S_ISLNK(nd.inode->mode))
		result = is_empty_path(path) ? -ENOENT : -EINVAL;
	if (!result) {
		const int64_t all = (int64_t)strlen(nd.inode->private);
		const int64_t len = all < size ? all : size;
		char *text = arena_copy(&current->call->arena, nd.inode->private, (size_t)len);

		*buf = (struct fdl_arg){ .num = text ? len : 0, .str = text };
		result = text ? len : -ENOMEM;
	}
	walk_end(&nd);
	return result;
}

static int64_t sys_readlink(struct task *current, struct fdl_arg *a)
{
	return do_readlinkat(current, AT_FDCWD, &a[0], &a[1], a[2].num);
}

static int64_t sys_readlinkat(struct task *current, struct fdl_arg *a)
{
	return do_readlinkat(current, a[0].num, &a[1], &a[2], a[3].num);
}

static int64_t do_faccessat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			    int64_t mode, int64_t flags)
{
	const unsigned lookup = lookup_flags(flags);
	struct nameidata nd;
	int error;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	if (flags & ~(int64_t)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = filename_lookup(&nd, current, dirfd, path, lookup);
	if (!error)
		error = inode_permission(current, nd.inode, (int)mode);
	/* Nothing is executed on the file system of pidfds. */
	if (!error && (mode & X_OK) && nd.inode->plain)
		error = -EACCES;
	walk_end(&nd);
	return error;
}

/* access(2) asks about the real ids, not about those of a set-id program. */
static int64_t do_real_faccessat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
				 int64_t mode, int64_t flags)
{
	const uint32_t uid = current->uid, gid = current->gid;
	int64_t result;

	current->uid = current->ruid;
	current->gid = current->rgid;
	result = do_faccessat(current, dirfd, path, mode, flags);
	current->uid = uid;
	current->gid = gid;
	return result;
}

static int64_t sys_access(struct task *current, struct fdl_arg *a)
{
	return do_real_faccessat(current, AT_FDCWD, &a[0], a[1].num, 0);
}

static int64_t sys_faccessat(struct task *current, struct fdl_arg *a)
{
	return do_real_faccessat(current, a[0].num, &a[1], a[2].num, 0);
}

static int64_t sys_faccessat2(struct task *current, struct fdl_arg *a)
{
	if (a[3].num & AT_EACCESS)
		return do_faccessat(current, a[0].num, &a[1], a[2].num, a[3].num);
	return do_real_faccessat(current, a[0].num, &a[1], a[2].num, a[3].num);
}

/* ---- a task's directory and umask ---------------------------------------------------------- */

static int set_fs_pwd(struct task *current, struct inode *inode, struct dentry *d)
{
	int error;

	if (!S_ISDIR(inode->mode))
		return -ENOTDIR;
	error = inode_permission(current, inode, X_OK);
	if (!error) {
		struct dentry *old = current->fs->cwd;

		current->fs->cwd = dget(d);
		dput(old);
	}
	return error;
}

static int64_t sys_chdir(struct task *current, struct fdl_arg *a)
{
	struct nameidata nd;
	int error = filename_lookup(&nd, current, AT_FDCWD, &a[0], LOOKUP_FOLLOW);

	if (!error)
		error = set_fs_pwd(current, nd.inode, nd.dentry);
	walk_end(&nd);
	return error;
}

static int64_t sys_fchdir(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget_raw(current, a[0].num);
	int64_t result = -EBADF;

	if (fd.file)
		result = set_fs_pwd(current, fd.file->inode, fd.file->dentry);
	fdput(current, fd);
	return result;
}

static int64_t sys_umask(struct task *current, struct fdl_arg *a)
{
	mode_t old = current->fs->umask;

	current->fs->umask = (mode_t)a[0].num & 0777;
	return old;
}

/* CALL_NO_FILES: a task without a table still has its paths. */
const struct call_row name_calls[] = {
	{ "mkdir", "path path, mode mode=0777", sys_mkdir, CALL_NO_FILES, NULL },
	{ "mkdirat", "dirfd dirfd, path path, mode mode=0777", sys_mkdirat, 0, NULL },
	{ "symlink", "path target, path linkpath", sys_symlink, CALL_NO_FILES, NULL },
	{ "symlinkat", "path target, dirfd newdirfd, path linkpath", sys_symlinkat, 0, NULL },
	{ "unlink", "path path", sys_unlink, CALL_NO_FILES, NULL },
	{ "rmdir", "path path", sys_rmdir, CALL_NO_FILES, NULL },
	{ "unlinkat", "dirfd dirfd, path path, atflags flags=0", sys_unlinkat, 0, NULL },
	{ "rename", "path oldpath, path newpath", sys_rename, CALL_NO_FILES, NULL },
	{ "renameat", "dirfd olddirfd, path oldpath, dirfd newdirfd, path newpath", sys_renameat, 0,
	  NULL },
	{ "readlink", "path path, out buf buf, size bufsiz=4096", sys_readlink, CALL_NO_FILES,
	  NULL },
	{ "readlinkat", "dirfd dirfd, path path, out buf buf, size bufsiz=4096", sys_readlinkat, 0,
	  NULL },
	{ "access", "path path, accessmode mode=F_OK", sys_access, CALL_NO_FILES, NULL },
	{ "faccessat", "dirfd dirfd, path path, accessmode mode=F_OK", sys_faccessat, 0, NULL },
	{ "faccessat2",
	  "dirfd dirfd, path path, accessmode mode=F_OK, accessflags flags=AT_EMPTY_PATH",
	  sys_faccessat2, 0, NULL },
	{ "chdir", "path path", sys_chdir, CALL_NO_FILES, NULL },
	{ "fchdir", "fd fd", sys_fchdir, 0, NULL },
	{ "umask", "mode mask", sys_umask, CALL_NO_FILES, "mode" },
	{ 0 },
};
