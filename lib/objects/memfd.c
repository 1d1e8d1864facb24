/*
 * memfd_create: a regular file that never had a name. Its seals are those of vfs/seals.h.
 */
#include "objects/calls.h"

#include "base/text.h"
#include "machine/task.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/seals.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <string.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#define MFD_EXEC        16U
#endif

#define MFD_NAME_MAX_LEN (VFS_NAME_MAX - strlen("memfd:"))

static void memfd_name(const struct inode *inode, struct text *out)
{
	text_puts(out, "/memfd:");
	text_puts(out, inode->private);
	text_puts(out, " (deleted)");
}

static void memfd_free(struct inode *inode)
{
	regular_inode.evict(inode);
	inode_evict_text(inode);
}

static const struct inode_ops memfd_inode = {
	.file = &regular_file,
	.dname = memfd_name,
	.evict = memfd_free,
};

static struct inode *memfd_inode_new(struct task *current, const char *name, unsigned flags,
				     int *error)
{
	const mode_t mode = S_IFREG | (flags & MFD_NOEXEC_SEAL ? 0666 : 0777);
	struct inode *inode =
		inode_new_text(current->machine, mode, &memfd_inode, name, strlen(name), error);

	if (!inode)
		return NULL;
	inode->nlink = 0;
	inode->uid = current->uid;
	inode->gid = current->gid;
	if (flags & MFD_NOEXEC_SEAL)
		inode->seals = F_SEAL_EXEC;
	else if (flags & MFD_ALLOW_SEALING)
		inode->seals = 0;
	return inode;
}

static int64_t sys_memfd_create(struct task *current, struct fdl_arg *a)
{
	const struct kernel *k = current->machine->kernel;
	const unsigned flags = (unsigned)a[1].num;
	struct inode *inode;
	struct file *f = NULL;
	int error, fd;

	if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC))
		return -EINVAL;
	if ((flags & MFD_EXEC) && (flags & MFD_NOEXEC_SEAL))
		return -EINVAL;
	if (!a[0].str)
		return -EFAULT;
	if ((size_t)a[0].num > MFD_NAME_MAX_LEN)
		return -EINVAL;
	error = fd_reserve(current, flags & MFD_CLOEXEC ? O_CLOEXEC : 0, &fd, 1);
	if (error)
		return error;
	inode = memfd_inode_new(current, a[0].str, flags, &error);
	if (inode) {
		f = alloc_file(current, inode, NULL, O_RDWR | k->open_flags, &regular_file, &error);
		iput(inode);
	}
	if (f) {
		file_uncount(f);
		f->mode |= FMODE_NONOTIFY;
	}
	return fd_complete(current, fd, f, error);
}

const struct call_row memfd_calls[] = {
	{ "memfd_create", "string name, mfdflags flags=0", sys_memfd_create, 0, NULL },
	{ 0 },
};
