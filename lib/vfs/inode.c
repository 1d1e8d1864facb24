/*
 * Inodes: makes and frees them, accounts for the bytes that they take, and has the kinds without
 * contents, which are directories, symbolic links and names of sockets.
 */
#include "vfs/inode.h"

#include "base/heap.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "notation/args.h"
#include "vfs/dnotify.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/lock.h"
#include "vfs/readdir.h"
#include "vfs/seals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define INODE_COST ((size_t)256)

int vfs_charge(struct fdl_machine *m, size_t size)
{
	struct budget *b = &m->vfs->bytes;

	if (b->limit - b->used < size)
		return -ENOSPC;
	b->used += size;
	return 0;
}

void vfs_uncharge(struct fdl_machine *m, size_t size)
{
	m->vfs->bytes.used -= size;
}

struct inode *inode_new(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops, int *error)
{
	struct inode *inode;

	*error = vfs_charge(m, INODE_COST);
	if (*error)
		return NULL;
	inode = calloc(1, sizeof(*inode));
	if (!inode) {
		vfs_uncharge(m, INODE_COST);
		*error = -ENOMEM;
		return NULL;
	}
	touch(m, TOUCH_WRITE, m, PART_INO);
	inode->machine = m;
	inode->ino = ++m->vfs->next_ino;
	inode->refs = 1;
	inode->nlink = 1;
	inode->mode = mode;
	inode->seals = S_ISREG(mode) ? F_SEAL_NONE : 0;
	inode->ops = ops;
	if (ops == &directory_inode)
		inode->size = 2 * DIRECTORY_NAME_SIZE; /* "." and ".." */
	list_init(&inode->marks);
	m->vfs->nfifos += S_ISFIFO(mode);
	sparse_init(&inode->pages, NULL, &m->vfs->bytes);
	return inode;
}

void inode_free(struct inode *inode)
{
	if (!list_empty(&inode->marks))
		fsnotify_inoderemove(inode);
	if (inode->ops->evict)
		inode->ops->evict(inode);
	locks_free_context(inode);
	inode->machine->vfs->nfifos -= S_ISFIFO(inode->mode);
	vfs_uncharge(inode->machine, INODE_COST);
	free(inode);
}

struct inode *inode_new_text(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			     const char *text, size_t len, int *error)
{
	struct inode *inode;
	char *copy;

	*error = vfs_charge(m, len + 1);
	if (*error)
		return NULL;
	*error = -ENOMEM;
	copy = malloc(len + 1);
	if (!copy)
		goto no_copy;
	inode = inode_new(m, mode, ops, error);
	if (!inode)
		goto no_inode;
	memcpy(copy, text, len);
	copy[len] = '\0';
	inode->private = copy;
	return inode;

no_inode:
	free(copy);
no_copy:
	vfs_uncharge(m, len + 1);
	return NULL;
}

void inode_evict_text(struct inode *inode)
{
	vfs_uncharge(inode->machine, strlen(inode->private) + 1);
	free(inode->private);
}

void inode_init_owner(struct inode *inode, const struct task *current, const struct inode *dir)
{
	inode->uid = current->uid;
	inode->gid = current->gid;
	if (dir->mode & S_ISGID) {
		inode->gid = dir->gid;
		if (S_ISDIR(inode->mode))
			inode->mode |= S_ISGID;
	}
}

int copy_stat(struct task *current, const struct inode *inode, struct fdl_arg *out)
{
	struct fdl_arg *field = arena_alloc(&current->call->arena, STAT_FIELDS * sizeof(*field));
	const off_t size = inode_size(inode);

	if (!field)
		return -ENOMEM;
	if (size < 0)
		return (int)size;
	field[STAT_DEV] = (struct fdl_arg){ .num = (int64_t)makedev(0, 1) };
	field[STAT_INO] = (struct fdl_arg){ .num = (int64_t)(inode->common ?: inode)->ino };
	field[STAT_MODE] = (struct fdl_arg){ .num = inode->mode };
	field[STAT_NLINK] = (struct fdl_arg){ .num = inode->nlink };
	field[STAT_UID] = (struct fdl_arg){ .num = inode->uid };
	field[STAT_GID] = (struct fdl_arg){ .num = inode->gid };
	field[STAT_RDEV] = (struct fdl_arg){ .num = (int64_t)inode->rdev };
	field[STAT_SIZE] = (struct fdl_arg){ .num = size };
	field[STAT_BLKSIZE] = (struct fdl_arg){ .num = (int64_t)PAGE_SIZE };
	field[STAT_BLOCKS] =
		(struct fdl_arg){ .num = (int64_t)(inode->npages * (PAGE_SIZE / 512)) };
	*out = (struct fdl_arg){ .num = STAT_FIELDS, .sub = field };
	return 0;
}

const struct file_ops no_fops;

int no_open(struct task *current, struct inode *inode, struct file *f)
{
	(void)current, (void)inode, (void)f;
	return -ENXIO;
}

/* Only bind makes such a name, and only connect and send look it up. */
const struct inode_ops socket_name_inode = { .file = &no_fops, .open = no_open };

/* ---- directories --------------------------------------------------------------------------- */

ssize_t directory_read(struct task *current, struct file *f, char *buf, size_t count, off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -EISDIR;
}

size_t directory_readable(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return 0;
}

/* The position is the offset of an entry, so SEEK_END has no meaning. */
static off_t directory_llseek(struct file *f, off_t offset, int whence)
{
	if (whence == SEEK_CUR && __builtin_add_overflow(offset, f->pos, &offset))
		return -EINVAL;
	if ((whence != SEEK_CUR && whence != SEEK_SET) || offset < 0)
		return -EINVAL;
	return f->pos = offset;
}

const struct file_ops directory_file = {
	.by_pieces = FMODE_READ,
	.read = directory_read,
	.readable = directory_readable,
	.llseek = directory_llseek,
	.iterate = dcache_iterate,
	.flush = dnotify_flush,
	.traced = true,
};

const struct inode_ops directory_inode = { .file = &directory_file };

/* ---- symbolic links ------------------------------------------------------------------------ */

const struct inode_ops symlink_inode = { .file = &no_fops, .evict = inode_evict_text };

struct inode *symlink_new(struct fdl_machine *m, const char *target, size_t len, int *error)
{
	struct inode *inode = inode_new_text(m, S_IFLNK | 0777, &symlink_inode, target, len, error);

	if (inode)
		inode->size = (off_t)len;
	return inode;
}
