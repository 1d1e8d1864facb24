/*
 * Files on anonymous inodes: their names are shown, and cannot be looked up. Their operations are
 * the caller's.
 */
#include "vfs/anon_inode.h"

#include "base/text.h"
#include "machine/task.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static void show_name(const struct inode *inode, struct text *out)
{
	text_puts(out, "anon_inode:");
	text_puts(out, inode->private);
}

/* As in the kernel, /proc/self/fd does not open one again. */
static const struct inode_ops anon_inode = {
	.file = &no_fops,
	.open = no_open,
	.chmod_error = -EOPNOTSUPP,
	.chown_error = -EOPNOTSUPP,
	.dname = show_name,
	.evict = inode_evict_text,
};

/* Each object has an inode here, so that two of them can be told apart in a picture. */
static void find_common(struct inode *inode)
{
	struct vfs *vfs = inode_vfs(inode);

	if (vfs->anon_inode)
		inode->common = vfs->anon_inode;
	else
		vfs->anon_inode = iget(inode);
}

struct file *anon_inode_file(struct task *current, struct inode *inode, const struct file_ops *ops,
			     unsigned flags, int *error)
{
	struct file *f = alloc_file(current, inode, NULL, flags & (O_ACCMODE | O_NONBLOCK),
				    ops ? ops : &no_fops, error);

	if (f)
		f->mode |= FMODE_NONOTIFY;
	return f;
}

struct file *anon_inode_getfile(struct task *current, const char *name, const struct file_ops *ops,
				unsigned flags, int *error)
{
	struct inode *inode =
		inode_new_text(current->machine, 0600, &anon_inode, name, strlen(name), error);
	struct file *f;

	if (!inode)
		return NULL;
	if (current->machine->kernel->one_anon_inode)
		find_common(inode);
	f = anon_inode_file(current, inode, ops, flags, error);
	iput(inode);
	return f;
}

int anon_inode_getfd(struct task *current, const char *name, const struct file_ops *ops,
		     void *private, struct file **file, unsigned flags)
{
	struct file *f;
	int fd, error = fd_reserve(current, flags, &fd, 1);

	if (error)
		return error;
	f = anon_inode_getfile(current, name, ops, flags, &error);
	if (f)
		f->private = private;
	if (f && file)
		*file = f;
	return fd_complete(current, fd, f, error);
}
