/*
 * Files on anonymous inodes: their names are shown, and cannot be looked up. Their operations are
 * the caller's.
 */
#include "vfs/anon_inode.h"

#include "base/text.h"
#include "machine/kernel.h"
#include "machine/sched.h"
#include "machine/task.h"
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
	.dname = show_name,
	.evict = inode_evict_text,
};

struct file *anon_inode_getfile(struct task *current, const char *name, const struct file_ops *ops,
				unsigned flags, int *error)
{
	struct inode *inode =
		inode_new_text(current->machine, 0600, &anon_inode, name, strlen(name), error);
	struct file *f;

	if (!inode)
		return NULL;
	f = alloc_file(current, inode, NULL, flags & (O_ACCMODE | O_NONBLOCK), ops ? ops : &no_fops,
		       error);
	iput(inode);
	return f;
}

int anon_inode_getfd(struct task *current, const char *name, const struct file_ops *ops,
		     void *private, struct file **file, unsigned flags)
{
	const struct kernel *k = current->machine->kernel;
	int error, fd = k->get_unused_fd(current, flags);
	struct file *f;

	if (fd < 0)
		return fd;
	f = anon_inode_getfile(current, name, ops, flags, &error);
	if (!f) {
		k->put_unused_fd(current, (unsigned)fd);
		return error;
	}
	f->private = private;
	if (file)
		*file = f;
	preempt(current, "fd_install");
	k->fd_install(current, (unsigned)fd, f);
	return fd;
}
