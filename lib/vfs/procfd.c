/*
 * /proc/self/fd: a directory whose names are the descriptors of the calling task. Each name is a
 * magic link, which leads straight to the open file, even if that was deleted or never had a name.
 */
#include "vfs/inode.h"

#include "base/number.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/dcache.h"
#include "vfs/dnotify.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/readdir.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

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
	call_holds(current, get_file(fd.file));
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

/* /proc/self is a link to the directory of the caller's process, of which /proc shows no more. */
static struct dentry *proc_self_link(struct task *current, struct dentry *d, int *error)
{
	struct inode *inode;
	struct dentry *link;
	char target[16];
	const int len = snprintf(target, sizeof(target), "%d", current->tgid);

	inode = symlink_new(current->machine, target, (size_t)len, error);
	if (!inode)
		return NULL;
	inode->size = 0;
	link = d_alloc(d->parent, d->name, d->len, inode, error);
	iput(inode);
	return link;
}

/* ---- reading the directories ---------------------------------------------------------------- */

/* The positions of names in /proc, whose files end below 2 GiB: descriptor n is at n plus this. */
#define FIRST_FD      2
#define PROC_MAXBYTES INT32_MAX

static off_t proc_llseek(struct file *f, off_t offset, int whence)
{
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return -ENXIO;
	if (whence == SEEK_CUR && __builtin_add_overflow(offset, f->pos, &offset))
		return -EINVAL;
	return offset < 0 || offset > PROC_MAXBYTES ? -EINVAL : (f->pos = offset);
}

/* The directory is that of the process that opens it, for whatever task reads it later. */
static void proc_attach(const struct task *current, struct file *f)
{
	f->private = (void *)(uintptr_t)current->tgid;
}

static void proc_self_name(const struct file *f, struct text *out)
{
	text_puts(out, "/proc/");
	text_uint(out, (uintptr_t)f->private);
}

static void proc_fd_name(const struct file *f, struct text *out)
{
	proc_self_name(f, out);
	text_puts(out, "/fd");
}

/* The first descriptor from *fd on that has a file: false: none, and *fd is the table's size. */
static bool fget_task_next(const struct task *task, uint64_t *fd)
{
	const struct kernel *k = task->machine->kernel;
	struct slot slot = { .fd = *fd, .file = NULL };
	const uint64_t max = task->files ? k->max_fds(task) : 0;

	while (task->files && k->slot_next(task, slot.fd, &slot)) {
		*fd = slot.fd++;
		if (slot.file)
			return true;
	}
	if (*fd < max)
		*fd = max;
	return false;
}

/*
 * Looks up one descriptor after the other, while other tasks change the table. The kernel lets one
 * reader of a description wait for the other; here both go on.
 */
static int proc_fd_iterate(struct task *current, struct file *f, struct dir_context *ctx)
{
	const struct task *task;
	char name[24];
	uint64_t fd;

	touch_all(current->machine);
	touch(current->machine, TOUCH_WRITE, current->machine, PART_INO);
	task = task_find(current->machine, (int)(uintptr_t)f->private);
	if (!task)
		return -ENOENT;
	if (!dir_emit_dots(f, ctx))
		return 0;
	for (fd = (uint64_t)ctx->pos - FIRST_FD;; fd++) {
		const bool found = fget_task_next(task, &fd);
		int len;

		ctx->pos = (off_t)fd + FIRST_FD;
		if (!found)
			return 0;
		len = snprintf(name, sizeof(name), "%llu", (unsigned long long)fd);
		if (!dir_emit(ctx, name, (size_t)len, current->machine->vfs->next_ino + 1, S_IFLNK))
			return 0;
		current->machine->vfs->next_ino++;
		preempt(current, "fget_task_next");
		task = task_find(current->machine, (int)(uintptr_t)f->private);
		if (!task)
			return 0;
	}
}

static const struct file_ops proc_directory_file = {
	.traced = true,
	.by_pieces = FMODE_READ,
	.read = directory_read,
	.readable = directory_readable,
	.llseek = proc_llseek,
	.iterate = dcache_iterate,
	.flush = dnotify_flush,
};

static const struct file_ops proc_fd_file = {
	.traced = true,
	.by_pieces = FMODE_READ,
	.read = directory_read,
	.readable = directory_readable,
	.llseek = proc_llseek,
	.iterate = proc_fd_iterate,
	.flush = dnotify_flush,
};

const struct inode_ops proc_inode = {
	.file = &proc_directory_file,
	.chmod_error = -EPERM,
	.lookup = proc_lookup,
};
const struct inode_ops proc_self_inode = {
	.fname = proc_self_name,
	.file = &proc_directory_file,
	.attach = proc_attach,
	.chmod_error = -EPERM,
	.lookup = proc_lookup,
	.link = proc_self_link,
};
const struct inode_ops proc_fd_inode = {
	.fname = proc_fd_name,
	.file = &proc_fd_file,
	.attach = proc_attach,
	.chmod_error = -EPERM,
	.lookup = proc_fd_lookup,
};
