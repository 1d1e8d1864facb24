/*
 * Files on anonymous inodes: they have a name to be shown by, and none to be found by. What can be
 * done with one is left to the file_ops that its maker brings.
 */
#include "vfs/anon_inode.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void show_name(const struct inode *inode, struct text *out)
{
	text_puts(out, "anon_inode:");
	text_puts(out, inode->private);
}

static void free_name(struct inode *inode)
{
	vfs_uncharge(inode->machine, strlen(inode->private) + 1);
	free(inode->private);
}

static const struct file_ops nothing;

/* As in the kernel, /proc/self/fd does not open one again. */
static const struct inode_ops anon_inode = {
	.file = &nothing,
	.open = no_open,
	.dname = show_name,
	.evict = free_name,
};

struct file *anon_inode_getfile(struct task *current, const char *name, const struct file_ops *ops,
				unsigned flags, int *error)
{
	struct fdl_machine *m = current->machine;
	size_t size = strlen(name) + 1;
	struct inode *inode = NULL;
	struct file *f = NULL;
	char *copy;

	*error = vfs_charge(m, size);
	if (*error)
		return NULL;
	copy = malloc(size);
	if (copy)
		inode = inode_new(m, 0600, &anon_inode, error);
	else
		*error = -ENOMEM;
	if (!inode) {
		free(copy);
		vfs_uncharge(m, size);
		return NULL;
	}
	inode->private = memcpy(copy, name, size);
	f = alloc_file(current, inode, NULL, flags & (O_ACCMODE | O_NONBLOCK), ops ? ops : &nothing,
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
