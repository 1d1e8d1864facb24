/*
 * stat and its kin by name. fstat is among the calls on descriptions.
 */
#include "vfs/calls.h"

#include "machine/kernel.h"
#include "machine/task.h"
#include "vfs/inode.h"
#include "vfs/namei.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The parts of statx that an inode of a machine has: no times. */
#define STATX_KNOWN                                                                                \
	(STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_UID | STATX_GID | STATX_INO | STATX_SIZE |  \
	 STATX_BLOCKS)

#define STATX_RESERVED INT64_C(0x80000000)

/* Fills in the result of a call: 0 or -ENOMEM. */
typedef int fill_fn(struct task *current, const struct inode *inode, struct fdl_arg *out);

/*
 * A call without a path, on a descriptor: the kernel makes fstat of it, and does not look at flags
 * that it does not know.
 */
static bool is_of_descriptor(int64_t dirfd, const struct fdl_arg *path, int64_t flags)
{
	return flags & AT_EMPTY_PATH && (int)dirfd >= 0 && (path->str ? !path->num : !path->num);
}

/* The path NULL with AT_EMPTY_PATH is an empty one. */
static int vfs_statx(struct task *current, int64_t dirfd, const struct fdl_arg *path, int64_t flags,
		     fill_fn *fill, struct fdl_arg *out)
{
	static const struct fdl_arg empty = { .str = "" };
	const bool is_null = !path->str && !path->num;
	struct nameidata nd;
	int error;

	error = filename_lookup(&nd, current, dirfd,
				is_null && flags & AT_EMPTY_PATH ? &empty : path,
				lookup_flags(flags));
	if (!error)
		error = fill(current, nd.inode, out);
	walk_end(&nd);
	return error;
}

static int64_t sys_stat(struct task *current, struct fdl_arg *a)
{
	return vfs_statx(current, AT_FDCWD, &a[0], 0, copy_stat, &a[1]);
}

static int64_t sys_lstat(struct task *current, struct fdl_arg *a)
{
	return vfs_statx(current, AT_FDCWD, &a[0], AT_SYMLINK_NOFOLLOW, copy_stat, &a[1]);
}

static int64_t sys_newfstatat(struct task *current, struct fdl_arg *a)
{
	if (a[3].num & ~(int64_t)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
				  AT_STATX_SYNC_TYPE) &&
	    !is_of_descriptor(a[0].num, &a[1], a[3].num))
		return -EINVAL;
	return vfs_statx(current, a[0].num, &a[1], a[3].num, copy_stat, &a[2]);
}

static int copy_statx(struct task *current, const struct inode *inode, struct fdl_arg *out)
{
	struct fdl_arg *field = arena_alloc(&current->call->arena, STX_FIELDS * sizeof(*field));
	const off_t size = inode_size(inode);

	if (!field)
		return -ENOMEM;
	if (size < 0)
		return (int)size;
	field[STX_MASK] = (struct fdl_arg){ .num = STATX_KNOWN };
	field[STX_MODE] = (struct fdl_arg){ .num = inode->mode };
	field[STX_SIZE] = (struct fdl_arg){ .num = size };
	field[STX_NLINK] = (struct fdl_arg){ .num = inode->nlink };
	field[STX_UID] = (struct fdl_arg){ .num = inode->uid };
	field[STX_GID] = (struct fdl_arg){ .num = inode->gid };
	field[STX_INO] = (struct fdl_arg){ .num = (int64_t)(inode->common ?: inode)->ino };
	field[STX_BLKSIZE] = (struct fdl_arg){ .num = (int64_t)PAGE_SIZE };
	field[STX_BLOCKS] = (struct fdl_arg){ .num = (int64_t)inode->npages * (PAGE_SIZE / 512) };
	field[STX_RDEV_MAJOR] = (struct fdl_arg){ .num = major(inode->rdev) };
	field[STX_RDEV_MINOR] = (struct fdl_arg){ .num = minor(inode->rdev) };
	*out = (struct fdl_arg){ .num = STX_FIELDS, .sub = field };
	return 0;
}

static int64_t sys_statx(struct task *current, struct fdl_arg *a)
{
	const int64_t flags = a[2].num;
	const int64_t known = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
			      AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC;

	if ((a[3].num & STATX_RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
	    (flags & ~known && !is_of_descriptor(a[0].num, &a[1], flags)))
		return -EINVAL;
	return vfs_statx(current, a[0].num, &a[1], flags, copy_statx, &a[4]);
}

const struct call_row stat_calls[] = {
	{ "stat", "path path, out stat statbuf", sys_stat, CALL_NO_FILES, NULL },
	{ "lstat", "path path, out stat statbuf", sys_lstat, CALL_NO_FILES, NULL },
	{ "newfstatat", "dirfd dirfd, path path, out stat statbuf, atflags flags=0", sys_newfstatat,
	  0, NULL },
	{ "statx",
	  "dirfd dirfd, path path, statxflags flags=0, statxmask mask=STATX_BASIC_STATS, "
	  "out statx statxbuf",
	  sys_statx, 0, NULL },
	{ 0 },
};
