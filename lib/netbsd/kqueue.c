/*
 * kqueue(2), as far as descriptors go: a file that belongs to its process, so no copy of a table
 * gets it. The model has no kevent(2).
 */
#include "netbsd/calls.h"

#include "netbsd/filedesc.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>

static ssize_t kqueue_read(struct task *current, struct file *f, char *buf, size_t count,
			   off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -ENXIO;
}

static ssize_t kqueue_write(struct task *current, struct file *f, const char *buf, size_t count,
			    off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -ENXIO;
}

static const struct file_ops kqueue_file = { .read = kqueue_read, .write = kqueue_write };
static const struct inode_ops kqueue_inode = { .name = "kqueue", .file = &kqueue_file };

bool is_kqueue(const struct file *f)
{
	return f->ops == &kqueue_file;
}

int64_t netbsd_kqueue(struct task *current, struct fdl_arg *a)
{
	struct inode *inode;
	struct file *f;
	int fd, error = falloc(current, &f, &fd);

	(void)a;
	if (error)
		return error;
	inode = inode_new(current->machine, 0600, &kqueue_inode, &error);
	if (!inode) {
		falloc_fail(current, f, fd);
		return error;
	}
	file_set_flags(f, O_RDWR);
	file_attach(f, inode, NULL, &kqueue_file);
	iput(inode);
	file_publish(current, f);
	file_mature(current, f, fd);
	return fd;
}
