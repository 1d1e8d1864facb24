/*
 * /proc/self/fd: a directory whose names are the descriptors of the calling task. Each name is a
 * magic link, which leads straight to the open file, even if that was deleted or never had a name.
 */
#include "vfs/inode.h"

#include "base/number.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/task.h"
#include "vfs/dcache.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <errno.h>

/* The descriptor that a name means; -1: none. A leading zero is no number here. */
static int64_t name_to_fd(const char *name, size_t len)
{
	uint64_t fd;

	return number_is_name(name, len, &fd) && fd <= INT32_MAX ? (int64_t)fd : -1;
}

static struct file *proc_fd_lookup(struct task *current, const char *name, size_t len, int *error)
{
	int64_t number = name_to_fd(name, len);
	struct fd fd = { NULL, FD_BORROWED };

	if (number >= 0 && current->files)
		fd = fdget_raw(current, number);
	if (!fd.file) {
		*error = -ENOENT;
		return NULL;
	}
	get_file(fd.file);
	fdput(current, fd);
	return fd.file;
}

/* The other directories of /proc: a name that the dcache lacks does not exist. */
static struct file *proc_lookup(struct task *current, const char *name, size_t len, int *error)
{
	(void)current, (void)name, (void)len;
	*error = -ENOENT;
	return NULL;
}

struct dentry *proc_fd_link(struct dentry *dir, const char *name, size_t len, const struct file *f,
			    int *error)
{
	struct fdl_machine *m = dir->inode->machine;
	struct text target = TEXT_EMPTY;
	struct inode *inode = NULL;
	struct dentry *d = NULL;

	file_name(f, &target);
	*error = target.error;
	if (!*error)
		inode = symlink_new(m, target.s, target.len, error);
	if (inode) {
		inode->mode = S_IFLNK | fd_link_mode(f);
		d = d_alloc(dir, name, len, inode, error);
		iput(inode);
	}
	text_free(&target);
	return d;
}

const struct inode_ops proc_inode = { .file = &directory_file, .lookup = proc_lookup };
const struct inode_ops proc_fd_inode = { .file = &directory_file, .lookup = proc_fd_lookup };
