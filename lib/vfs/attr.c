/*
 * chmod and chown: permissions to change the mode and the owner of a file, and the set-id bits that
 * such a change clears.
 */
#include "vfs/calls.h"

#include "machine/kernel.h"
#include "machine/task.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"
#include "vfs/namei.h"
#include "vfs/seals.h"

#include <errno.h>
#include <fcntl.h>

#define UNCHANGED UINT32_MAX /* an id that chown leaves as it is */

static bool owns(const struct task *current, const struct inode *inode)
{
	return current->uid == 0 || current->uid == inode->uid;
}

/* Only a member of the file's group may make it set-gid. */
static int chmod_inode(struct task *current, struct inode *inode, int64_t mode)
{
	if (S_ISLNK(inode->mode))
		return -EOPNOTSUPP;
	if (inode->ops->chmod_error)
		return inode->ops->chmod_error;
	if (!owns(current, inode))
		return -EPERM;
	if ((inode->seals & F_SEAL_EXEC) && (((mode_t)mode ^ inode->mode) & 0111))
		return -EPERM;
	if (current->uid != 0 && current->gid != inode->gid)
		mode &= ~(int64_t)S_ISGID;
	inode->mode = (inode->mode & S_IFMT) | ((mode_t)mode & 07777);
	return 0;
}

/* A change of the owner clears the set-id bits. */
static int chown_inode(struct task *current, struct inode *inode, uint32_t uid, uint32_t gid)
{
	if (inode->ops->chown_error)
		return inode->ops->chown_error;
	if (current->uid != 0) {
		if (uid != UNCHANGED && (current->uid != inode->uid || uid != inode->uid))
			return -EPERM;
		if (gid != UNCHANGED &&
		    (current->uid != inode->uid || (gid != inode->gid && gid != current->gid)))
			return -EPERM;
	}
	if (!S_ISDIR(inode->mode)) {
		inode->mode &= ~(mode_t)S_ISUID;
		if (inode->mode & S_IXGRP)
			inode->mode &= ~(mode_t)S_ISGID;
	}
	if (uid != UNCHANGED)
		inode->uid = uid;
	if (gid != UNCHANGED)
		inode->gid = gid;
	if (inode->ops->chowned)
		inode->ops->chowned(inode);
	return 0;
}

/* Tells of attributes that the call gave or cleared, and not of the time of a change of nothing. */
static int chown_common(struct task *current, struct dentry *d, struct inode *inode,
			const struct fdl_arg *ids)
{
	const uint32_t uid = (uint32_t)ids[0].num, gid = (uint32_t)ids[1].num;
	const mode_t mode = inode->mode;
	int error = chown_inode(current, inode, uid, gid);

	if (!error && (uid != UNCHANGED || gid != UNCHANGED || inode->mode != mode))
		fsnotify_dentry(current->machine, d, inode, IN_ATTRIB);
	return error;
}

static int64_t do_fchmodat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			   int64_t mode)
{
	struct nameidata nd;
	int error = filename_lookup(&nd, current, dirfd, path, LOOKUP_FOLLOW);

	if (!error)
		error = chmod_inode(current, nd.inode, mode);
	if (!error)
		fsnotify_dentry(current->machine, nd.dentry, nd.inode, IN_ATTRIB);
	walk_end(&nd);
	return error;
}

static int64_t sys_chmod(struct task *current, struct fdl_arg *a)
{
	return do_fchmodat(current, AT_FDCWD, &a[0], a[1].num);
}

static int64_t sys_fchmodat(struct task *current, struct fdl_arg *a)
{
	return do_fchmodat(current, a[0].num, &a[1], a[2].num);
}

static int64_t sys_fchmod(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int error = -EBADF;

	if (fd.file)
		error = chmod_inode(current, fd.file->inode, a[1].num);
	if (fd.file && !error)
		fsnotify_dentry(current->machine, fd.file->dentry, fd.file->inode, IN_ATTRIB);
	fdput(current, fd);
	return error;
}

static int64_t do_fchownat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			   const struct fdl_arg *ids, int64_t flags)
{
	const unsigned lookup = lookup_flags(flags);
	struct nameidata nd;
	int error;

	if (flags & ~(int64_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = filename_lookup(&nd, current, dirfd, path, lookup);
	if (!error)
		error = chown_common(current, nd.dentry, nd.inode, ids);
	walk_end(&nd);
	return error;
}

static int64_t sys_chown(struct task *current, struct fdl_arg *a)
{
	return do_fchownat(current, AT_FDCWD, &a[0], &a[1], 0);
}

static int64_t sys_lchown(struct task *current, struct fdl_arg *a)
{
	return do_fchownat(current, AT_FDCWD, &a[0], &a[1], AT_SYMLINK_NOFOLLOW);
}

static int64_t sys_fchownat(struct task *current, struct fdl_arg *a)
{
	return do_fchownat(current, a[0].num, &a[1], &a[2], a[4].num);
}

static int64_t sys_fchown(struct task *current, struct fdl_arg *a)
{
	struct fd fd = fdget(current, a[0].num);
	int error = -EBADF;

	if (fd.file)
		error = chown_common(current, fd.file->dentry, fd.file->inode, &a[1]);
	fdput(current, fd);
	return error;
}

const struct call_row attr_calls[] = {
	{ "chmod", "path path, mode mode=0644", sys_chmod, CALL_NO_FILES, NULL },
	{ "fchmod", "fd fd, mode mode=0644", sys_fchmod, 0, NULL },
	{ "fchmodat", "dirfd dirfd, path path, mode mode=0644", sys_fchmodat, 0, NULL },
	{ "chown", "path path, id owner=-1, id group=-1", sys_chown, CALL_NO_FILES, NULL },
	{ "lchown", "path path, id owner=-1, id group=-1", sys_lchown, CALL_NO_FILES, NULL },
	{ "fchown", "fd fd, id owner=-1, id group=-1", sys_fchown, 0, NULL },
	{ "fchownat", "dirfd dirfd, path path, id owner=-1, id group=-1, atflags flags=0",
	  sys_fchownat, 0, NULL },
	{ 0 },
};
