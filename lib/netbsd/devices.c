/*
 * Devices whose open does not open them. /dev/fd/N, /dev/stdin, /dev/stdout and /dev/stderr stand
 * for an open descriptor; a cloning device makes another descriptor at every open. Both fail with
 * an error on which open(2) calls dupfdopen.
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

/* Takes a second descriptor besides that of open(2), which dupfdopen moves the file to. */
static int clone_open(struct task *current, struct inode *inode, struct file *f)
{
	struct file *own;
	int fd, error = falloc(current, &own, &fd);

	return error ? error : fdclone(current, own, fd, f->flags, inode, f->dentry);
}

/* No interface is attached. */
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
