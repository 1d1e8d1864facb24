/*
 * The devices of /dev that are no devices: /dev/fd/N and /dev/stdin and its kin, whose open means
 * a descriptor that there is already; and cloning ones, whose every open is one of their own. Both
 * end in an error that open(2) knows what to do with.
 */
#include "netbsd/calls.h"
#include "netbsd/filedesc.h"

#include "notation/abi.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <sys/sysmacros.h>

static int fdesc_open(struct task *current, struct inode *inode, struct file *f)
{
	(void)f;
	current->dupfd = (int)minor(inode->rdev);
	return -EDUPFD;
}

/* A second descriptor, besides the one that open(2) has: it is moved onto that. */
static int clone_open(struct task *current, struct inode *inode, struct file *f)
{
	struct file *own;
	int fd, error = falloc(current, &own, &fd);

	return error ? error : fdclone(current, own, fd, f->flags, inode, f->dentry);
}

/* No interface is attached to it, and nobody is at the other side. */
static ssize_t clone_read(struct task *current, struct file *f, char *buf, size_t count, off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -ENXIO;
}

static ssize_t clone_write(struct task *current, struct file *f, const char *buf, size_t count,
			   off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -ENXIO;
}

static const struct file_ops fdesc_file;
static const struct file_ops clone_file = { .read = clone_read, .write = clone_write };

const struct inode_ops fdesc_inode = { .file = &fdesc_file, .open = fdesc_open };
const struct inode_ops clone_inode = { .file = &clone_file, .open = clone_open };
