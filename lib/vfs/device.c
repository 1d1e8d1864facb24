/*
 * The devices of /dev: null, zero, full; a console that is always at its end and discards its
 * output; and tty, which cannot be opened, because the tasks have no terminal.
 */
#include "vfs/inode.h"

#include "machine/poll.h"
#include "vfs/file.h"
#include "vfs/read_write.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

static ssize_t read_null(struct task *current, struct file *f, char *buf, size_t count, off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return 0;
}

static size_t readable_null(const struct file *f, off_t pos)
{
	(void)f, (void)pos;
	return 0;
}

static ssize_t read_zero(struct task *current, struct file *f, char *buf, size_t count, off_t *pos)
{
	(void)current, (void)f, (void)pos;
	memset(buf, 0, count);
	return (ssize_t)count;
}

static ssize_t write_null(struct task *current, struct file *f, const char *buf, size_t count,
			  off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)pos;
	return (ssize_t)count;
}

static ssize_t write_full(struct task *current, struct file *f, const char *buf, size_t count,
			  off_t *pos)
{
	(void)current, (void)f, (void)buf, (void)count, (void)pos;
	return -ENOSPC;
}

/* Every seek leads to the start. */
static off_t null_llseek(struct file *f, off_t offset, int whence)
{
	(void)offset, (void)whence;
	return f->pos = 0;
}

/* A terminal can be polled; a reader of this one never waits. */
static unsigned console_poll(struct file *f, struct poll_table *pt)
{
	(void)f, (void)pt;
	return DEFAULT_POLLMASK;
}

static const struct file_ops null_file = {
	.traced = true,
	.nowait = true,
	.read = read_null,
	.write = write_null,
	.splice_write = true,
	.readable = readable_null,
	.llseek = null_llseek,
};

static const struct file_ops zero_file = {
	.traced = true,
	.nowait = true,
	.read = read_zero,
	.write = write_null,
	.splice_read = copy_splice_read,
	.splice_write = true,
	.llseek = null_llseek,
};

static const struct file_ops full_file = {
	.traced = true,
	.by_pieces = FMODE_WRITE,
	.read = read_zero,
	.write = write_full,
	.splice_read = copy_splice_read,
	.llseek = null_llseek,
};

/* There is no input at the console. */
static ssize_t console_available(const struct file *f)
{
	(void)f;
	return 0;
}

/* The requests of terminals, but for those of the caller's own terminal: it has none. */
static int console_ioctl(const struct file *f, unsigned request)
{
	(void)f;
	switch (request) {
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
	case TIOCNOTTY:
	case TIOCGPTN:
		return -ENOTTY;
	default:
		return _IOC_TYPE(request) == _IOC_TYPE(TCGETS) ? -ENOSYS : -ENOTTY;
	}
}

static const struct file_ops console_file = {
	.traced = true,
	.available = console_available,
	.ioctl = console_ioctl,
	.read = read_null,
	.write = write_null,
	.splice_read = copy_splice_read,
	.splice_write = true,
	.readable = readable_null,
	.poll = console_poll,
};

const struct inode_ops null_inode = { .file = &null_file };
const struct inode_ops zero_inode = { .file = &zero_file };
const struct inode_ops full_inode = { .file = &full_file };
const struct inode_ops console_inode = { .file = &console_file };
const struct inode_ops tty_inode = { .file = &console_file, .open = no_open };
