/*
 * /proc/PID/fd: a directory whose names are the descriptors of a process. Each name is a magic
 * link, which leads straight to the open file, even if that was deleted or never had a name. The
 * directory of a process is made when a walk first comes to it through /proc/self, of which /proc
 * shows no more.
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
#include "vfs/proc_names.h"
#include "vfs/readdir.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define LINK_SIZE 64 /* what stat(2) says of every magic link */

/* The descriptor that a name means; -1: none. A leading zero is no number here. */
static int64_t name_to_fd(const char *name, size_t len)
{
	uint64_t fd;

	return number_is_name(name, len, &fd) && fd <= INT32_MAX ? (int64_t)fd : -1;
}

/* The process that a directory is of; NULL: it is gone. */
static struct task *proc_task(const struct inode *dir)
{
	touch(dir->machine, TOUCH_READ, dir->machine, PART_TASKS);
	return task_find(dir->machine, (int)(uintptr_t)dir->private);
}

bool proc_is_alive(const struct inode *dir)
{
	return proc_task(dir) != NULL;
}

int proc_fd_permission(const struct task *current, const struct inode *inode)
{
	const bool own =
		inode->ops == &proc_fd_inode && (int)(uintptr_t)inode->private == current->tgid;

	return own ? 0 : -EACCES;
}

/* The file of another process's descriptor: a reference, or NULL. */
static struct file *file_of_other(const struct task *task, int64_t number)
{
	struct slot slot;

	if (!task->files || !task->machine->kernel->slot_next(task, (uint64_t)number, &slot) ||
	    slot.fd != (uint64_t)number || !slot.file)
		return NULL;
	return get_file(slot.file);
}

static struct file *proc_fd_lookup(struct task *current, const struct inode *dir, const char *name,
				   size_t len, int *error)
{
	const int64_t number = name_to_fd(name, len);
	const struct task *task = proc_task(dir);
	struct fd fd = { NULL, FD_BORROWED };
	struct file *f = NULL;

	if (number >= 0 && task && task->files != current->files) {
		f = file_of_other(task, number);
	} else if (number >= 0 && task && current->files) {
		fd = fdget_raw(current, number);
		f = fd.file ? get_file(fd.file) : NULL;
	}
	*error = f ? 0 : -ENOENT;
	if (f)
		call_holds(current, f);
	if (fd.file)
		fdput(current, fd);
	return f;
}

/* /proc: a directory that no walk has come to through /proc/self is not modelled. */
static struct file *proc_root_lookup(struct task *current, const struct inode *dir,
				     const char *name, size_t len, int *error)
{
	const int64_t pid = name_to_fd(name, len);

	(void)current;
	if (pid > 0)
		touch(dir->machine, TOUCH_READ, dir->machine, PART_TASKS);
	*error = proc_root_has(name, len) || (pid > 0 && task_find(dir->machine, (int)pid))
			 ? -ENOSYS
			 : -ENOENT;
	return NULL;
}

/* The directory of a process, of which the model has the descriptors alone. */
static struct file *proc_pid_lookup(struct task *current, const struct inode *dir, const char *name,
				    size_t len, int *error)
{
	(void)current;
	*error = proc_pid_has(name, len) && proc_task(dir) ? -ENOSYS : -ENOENT;
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
		inode->size = LINK_SIZE;
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

/* An inode of a directory of the process, which has the number of /proc/self or of its fd. */
static struct inode *proc_inode_of(const struct task *task, const struct inode *self, int *error)
{
	struct inode *inode = inode_new(task->machine, self->mode, self->ops, error);

	if (!inode)
		return NULL;
	task->machine->vfs->next_ino--;
	inode->ino = self->ino;
	inode->uid = self->uid;
	inode->gid = self->gid;
	inode->immutable = self->immutable;
	inode->nlink = 2;
	inode->private = (void *)(uintptr_t)task->tgid;
	return inode;
}

static struct dentry *proc_dir_of(const struct task *task, struct dentry *dir, const char *name,
				  const struct dentry *self, int *error)
{
	struct inode *inode = proc_inode_of(task, self->inode, error);
	struct dentry *d;

	if (!inode)
		return NULL;
	d = d_alloc(dir, name, strlen(name), inode, error);
	iput(inode);
	return d;
}

struct dentry *proc_pid_dir(struct task *current, const struct dentry *self, int *error)
{
	static const char fd[] = "fd";
	struct task *task = task_find(current->machine, current->tgid);
	const struct dentry *self_fd = d_lookup(current->machine->vfs, self, fd, sizeof(fd) - 1,
						name_hash(fd, sizeof(fd) - 1));
	struct dentry *of_fd;
	char name[16];

	*error = task ? 0 : -ENOENT;
	if (!task || task->proc)
		return task ? task->proc : NULL;
	snprintf(name, sizeof(name), "%d", task->tgid);
	task->proc = proc_dir_of(task, self->parent, name, self, error);
	of_fd = task->proc ? proc_dir_of(task, task->proc, fd, self_fd, error) : NULL;
	if (of_fd)
		d_add(of_fd);
	else
		proc_flush(task);
	return task->proc;
}

void proc_flush(struct task *task)
{
	struct dentry *d = task->proc;

	if (!d)
		return;
	touch(task->machine, TOUCH_WRITE, task->machine, PART_NAMES);
	task->proc = NULL;
	/* Another process may get the number. */
	d->inode->private = NULL;
	if (!list_empty(&d->children)) {
		struct dentry *of_fd = dget(container_of(d->children.next, struct dentry, sibling));

		of_fd->inode->private = NULL;
		/* Only the directory above it is shown as deleted. */
		d_delete(of_fd);
		of_fd->unhashed = false;
		dput(of_fd);
	}
	d->unhashed = true;
	dput(d);
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
	task = proc_task(f->inode);
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
		task = proc_task(f->inode);
		if (!task)
			return 0;
	}
}

/* The bits that are set in open_fds; -ENOENT: the process is gone. */
static off_t proc_fd_size(const struct inode *inode)
{
	const struct task *task = proc_task(inode);
	struct slot slot = { .fd = 0, .file = NULL };
	off_t n = 0;

	if (!task)
		return -ENOENT;
	if (!task->files)
		return 0;
	for (; inode->machine->kernel->slot_next(task, slot.fd, &slot); slot.fd++)
		n++;
	return n;
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
	.lookup = proc_root_lookup,
};
const struct inode_ops proc_self_inode = {
	.file = &proc_directory_file,
	.chmod_error = -EPERM,
	.chown_error = -EPERM,
	.lookup = proc_pid_lookup,
	.link = proc_self_link,
};
const struct inode_ops proc_fd_inode = {
	.file = &proc_fd_file,
	.chmod_error = -EPERM,
	.lookup = proc_fd_lookup,
	.size = proc_fd_size,
};
