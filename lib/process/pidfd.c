/*
 * pidfds: a process as a descriptor. It is readable when the process can be waited for; its calls
 * send signals to the process, and copy the process's descriptors.
 */
#include "process/pidfd.h"

#include "base/text.h"
#include "machine/machine.h"
#include "machine/poll.h"
#include "machine/task.h"
#include "process/calls.h"
#include "process/exit.h"
#include "process/pid.h"
#include "process/signals.h"
#include "vfs/anon_inode.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fsnotify.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

/* pidfd_send_signal's flags: to the thread, the process, the process group. */
#define SIGNAL_THREAD        1
#define SIGNAL_THREAD_GROUP  2
#define SIGNAL_PROCESS_GROUP 4

/* ---- the file ------------------------------------------------------------------------------- */

static unsigned pidfd_poll(struct file *f, struct poll_table *pt)
{
	struct pid *pid = f->private;

	poll_wait(f, &pid->polls, pt);
	if (!pid->task)
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return pid->task->state == TASK_ZOMBIE && pid->task->leader->nthreads == 0
		       ? EPOLLIN | EPOLLRDNORM
		       : 0;
}

static void pidfd_release(struct task *current, struct file *f)
{
	(void)current;
	put_pid(f->private);
}

static void pidfd_show_fdinfo(const struct file *f, struct text *out)
{
	const struct pid *pid = f->private;
	const int number = pid->task ? pid->task->pid : -1;

	text_printf(out, "Pid:\t%d\nNSpid:\t%d\n", number, number);
}

#define PIDFS_IOCTL_MAGIC 0xff
#define GET_INFO_NR       11

/* Namespaces and PIDFD_GET_INFO, which takes structures of any size; and FS_IOC_GETVERSION. */
static int pidfd_ioctl(const struct file *f, unsigned request)
{
	const bool is_namespace = request > _IO(PIDFS_IOCTL_MAGIC, 0) &&
				  request < _IO(PIDFS_IOCTL_MAGIC, GET_INFO_NR);
	const bool is_info = (request & ~(unsigned)IOCSIZE_MASK) ==
			     _IOWR(PIDFS_IOCTL_MAGIC, GET_INFO_NR, char[0]);

	(void)f;
	return is_namespace || is_info || request == _IOR('v', 1, long) ? -ENOSYS : -ENOTTY;
}

static const struct file_ops pidfs_file_operations = {
	.ioctl = pidfd_ioctl,
	.poll = pidfd_poll,
	.release = pidfd_release,
	.fdinfo = pidfd_show_fdinfo,
};

struct pid *pidfd_pid(const struct file *f)
{
	return f->ops == &pidfs_file_operations ? f->private : NULL;
}

static struct task *pidfd_task(const struct file *f, bool *is_pidfd)
{
	*is_pidfd = f->ops == &pidfs_file_operations;
	return *is_pidfd ? ((const struct pid *)f->private)->task : NULL;
}

/* ---- the calls ------------------------------------------------------------------------------ */

static void pidfs_dname(const struct inode *inode, struct text *out)
{
	(void)inode;
	text_puts(out, "anon_inode:[pidfd]");
}

static void pidfs_evict_inode(struct inode *inode)
{
	struct pid *pid = inode->private;

	pid->inode = NULL;
	put_pid(pid);
}

/* A pidfd may be opened anew through /proc/self/fd. */
static int pidfs_open(struct task *current, struct inode *inode, struct file *f)
{
	struct pid *pid = inode->private;

	(void)current;
	pid->refs++;
	f->private = pid;
	f->mode |= FMODE_PREAD;
	return 0;
}

static const struct inode_ops pidfs_inode_operations = {
	.file = &pidfs_file_operations,
	.open = pidfs_open,
	.chmod_error = -EOPNOTSUPP,
	.chown_error = -EOPNOTSUPP,
	.dname = pidfs_dname,
	.evict = pidfs_evict_inode,
};

/*
 * The inode of all pidfds of a process; a reference for the caller. NULL and *error: -ENOSPC,
 * -ENOMEM.
 */
static struct inode *pidfs_inode(struct fdl_machine *m, struct pid *pid, int *error)
{
	if (pid->inode)
		return iget(pid->inode);
	pid->inode = inode_new(m, 0700, &pidfs_inode_operations, error);
	if (!pid->inode)
		return NULL;
	pid->inode->plain = true;
	pid->inode->private = pid;
	pid->refs++;
	return pid->inode;
}

/* Takes the caller's reference to a pid; NULL: there was no memory for one. */
static struct file *pidfs_alloc_file(struct task *current, struct pid *pid, unsigned flags,
				     int *error)
{
	struct inode *inode;
	struct file *f = NULL;

	*error = -ENOMEM;
	if (!pid)
		return NULL;
	inode = pidfs_inode(current->machine, pid, error);
	if (inode) {
		f = anon_inode_file(current, inode, &pidfs_file_operations,
				    O_RDWR | (flags & O_NONBLOCK), error);
		iput(inode);
	}
	if (!f) {
		put_pid(pid);
		return NULL;
	}
	f->private = pid;
	f->flags |= flags & PIDFD_THREAD;
	/* The kernel opens the inode as any file: its watches are told. */
	f->mode = (f->mode & ~(unsigned)FMODE_NONOTIFY) | FMODE_PREAD;
	fsnotify_file(f, IN_OPEN);
	return f;
}

struct file *pidfd_file(struct task *current, struct task *task, unsigned flags, int *error)
{
	return pidfs_alloc_file(current, get_task_pid(current, task), flags, error);
}

struct file *pidfd_file_by_number(struct task *current, int number, int *error)
{
	return pidfs_alloc_file(current, get_pid_by_number(current, number), 0, error);
}

static int64_t sys_pidfd_open(struct task *current, struct fdl_arg *a)
{
	const int64_t flags = a[1].num;
	struct task *task;
	struct file *f;
	int fd, error;

	if ((flags & ~(int64_t)(O_NONBLOCK | PIDFD_THREAD)) || a[0].num <= 0)
		return -EINVAL;
	task = task_find(current->machine, (int)a[0].num);
	if (!task)
		return -ESRCH;
	if (!(flags & PIDFD_THREAD) && task->leader != task)
		return -ENOENT;
	error = fd_reserve(current, O_CLOEXEC, &fd, 1);
	if (error)
		return error;
	f = pidfd_file(current, task, (unsigned)flags, &error);
	return fd_complete(current, fd, f, error);
}

/* The task of a pidfd. NULL and *error: -EBADF (another kind of file), -ESRCH (it is gone). */
static struct task *fd_task(struct task *current, int64_t pidfd, bool *thread, int *error)
{
	struct fd fd = fdget(current, pidfd);
	struct task *task = NULL;
	bool is_pidfd = false;

	if (fd.file) {
		task = pidfd_task(fd.file, &is_pidfd);
		*thread = fd.file->flags & PIDFD_THREAD;
	}
	fdput(current, fd);
	*error = is_pidfd ? -ESRCH : -EBADF;
	return task;
}

static int64_t sys_pidfd_getfd(struct task *current, struct fdl_arg *a)
{
	const struct kernel *k = current->machine->kernel;
	struct task *task;
	struct slot slot;
	bool thread;
	int error, fd;

	if (a[2].num)
		return -EINVAL;
	task = fd_task(current, a[0].num, &thread, &error);
	if (!task)
		return error;
	if (task->state == TASK_ZOMBIE)
		return -ESRCH;
	if (current->uid != 0 && current->uid != task->uid)
		return -EPERM;
	if (a[1].num < 0 || !k->slot_next(task, (uint64_t)a[1].num, &slot) ||
	    slot.fd != (uint64_t)a[1].num || !slot.file)
		return -EBADF;
	call_holds(current, get_file(slot.file));
	fd = k->fd_new(current, slot.file, O_CLOEXEC);
	if (fd < 0)
		fput(current, slot.file);
	return fd;
}

static int64_t sys_pidfd_send_signal(struct task *current, struct fdl_arg *a)
{
	const int64_t sig = a[1].num, flags = a[3].num;
	struct siginfo info = {
		.signo = (int)sig, .code = SI_USER, .pid = current->tgid, .uid = current->uid
	};
	struct task *task;
	bool thread;
	int error;

	if (flags & ~(int64_t)(SIGNAL_THREAD | SIGNAL_THREAD_GROUP | SIGNAL_PROCESS_GROUP) ||
	    (flags & (flags - 1)))
		return -EINVAL;
	task = fd_task(current, a[0].num, &thread, &error);
	if (!task)
		return error;
	if (flags == SIGNAL_PROCESS_GROUP)
		return task->pid == PROCESS_GROUP ? kill_many(current, -1L * PROCESS_GROUP, sig)
						  : -ESRCH;
	error = check_kill_permission(current, task, sig);
	if (error || !sig)
		return error;
	if (flags)
		thread = flags == SIGNAL_THREAD;
	if (thread)
		info.code = SI_TKILL;
	send_signal(task, &info, !thread);
	return 0;
}

const struct call_row pidfd_calls[] = {
	{ "pidfd_open", "pid pid, pidfdflags flags=0", sys_pidfd_open, 0, NULL },
	{ "pidfd_getfd", "fd pidfd, fd targetfd, uint flags=0", sys_pidfd_getfd, 0, NULL },
	{ "pidfd_send_signal",
	  "fd pidfd, signal sig=SIGTERM, opaque ptr info=NULL, pidfdsignalflags flags=0",
	  sys_pidfd_send_signal, 0, NULL },
	{ 0 },
};
