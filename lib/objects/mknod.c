/*
 * mknod, mknodat and mkfifo: names for new regular files, FIFOs, sockets and whiteouts, character
 * devices 0:0 that overlayfs(5) takes for names that are not there. No call makes other devices; a
 * machine has those that it started with.
 */
#include "objects/mknod.h"

#include "machine/task.h"
#include "objects/calls.h"
#include "objects/pipe.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

/* No driver answers to the numbers of a whiteout. */
static const struct inode_ops whiteout_inode = { .file = &no_fops, .open = no_open };

static const struct inode_ops *ops_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFIFO:
		return &fifo_inode;
	case S_IFSOCK:
		return &socket_name_inode;
	case S_IFCHR:
		return &whiteout_inode;
	default:
		return &regular_inode;
	}
}

int vfs_mknod(struct component *p, mode_t mode, struct inode **made)
{
	struct task *current = p->nd.current;
	struct inode *inode;
	int error = may_create(p);

	if (error)
		return error;
	mode &= ~current->fs->umask;
	inode = inode_new(current->machine, mode, ops_of(mode), &error);
	if (!inode)
		return error;
	inode_init_owner(inode, current, p->nd.inode);
	error = component_add(p, inode);
	if (!error && made)
		*made = inode;
	iput(inode);
	return error;
}

static int may_mknod(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
	case 0:
		return 0;
	case S_IFCHR:
	case S_IFBLK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

static bool is_device(mode_t mode, unsigned dev)
{
	return S_ISBLK(mode) || (S_ISCHR(mode) && dev);
}

static int64_t do_mknodat(struct task *current, int64_t dirfd, const struct fdl_arg *path,
			  mode_t mode, unsigned dev)
{
	struct component p;
	int error = may_mknod(mode);

	if (error)
		return error;
	if (!(mode & S_IFMT))
		mode |= S_IFREG;
	error = filename_create(&p, current, dirfd, path, false);
	if (!error && is_device(mode, dev))
		error = may_create(&p) ?: -EPERM;
	else if (!error)
		error = vfs_mknod(&p, mode & (S_IFMT | 07777), NULL);
	component_end(&p);
	return error;
}

static int64_t sys_mknod(struct task *current, struct fdl_arg *a)
{
	return do_mknodat(current, AT_FDCWD, &a[0], (mode_t)a[1].num, (unsigned)a[2].num);
}

static int64_t sys_mknodat(struct task *current, struct fdl_arg *a)
{
	return do_mknodat(current, a[0].num, &a[1], (mode_t)a[2].num, (unsigned)a[3].num);
}

/* A function of libc on Linux, a system call on NetBSD. */
static int64_t sys_mkfifo(struct task *current, struct fdl_arg *a)
{
	return do_mknodat(current, AT_FDCWD, &a[0], S_IFIFO | ((mode_t)a[1].num & 07777), 0);
}

const struct call_row mknod_calls[] = {
	{ "mknod", "path path, filemode mode=S_IFREG|0666, opaque dev dev=0", sys_mknod,
	  CALL_NO_FILES, NULL },
	{ "mknodat", "dirfd dirfd, path path, filemode mode=S_IFREG|0666, opaque dev dev=0",
	  sys_mknodat, 0, NULL },
	{ "mkfifo", "path path, mode mode=0666", sys_mkfifo, CALL_NO_FILES, NULL },
	{ 0 },
};
