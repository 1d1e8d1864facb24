/*
 * The kernel's own functions as calls, so that a lesson can do by hand what a system call does in
 * one go. Where a function takes a struct file, the call takes a name (the file is opened), a
 * number (the file of that descriptor) or NULL. A reference that a caller in the kernel would hold
 * in a variable is held by the task, until the task gives it back or exits.
 */
#include "linux/calls.h"
#include "linux/expand.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/limits.h"
#include "vfs/anon_inode.h"
#include "vfs/file.h"
#include "vfs/namei.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>

/*
 * The file that an argument means, with a reference for the caller; NULL for NULL. A name is opened
 * read-write, or read-only where it cannot be written.
 */
static int file_argument(struct task *current, const struct fdl_arg *a, struct file **f)
{
	const char *path;
	int error;

	*f = NULL;
	if (!a->str) {
		if (a->num < 0)
			return 0;
		*f = current->files ? fget_raw(current, (unsigned)a->num) : NULL;
		return *f ? 0 : -EBADF;
	}
	path = path_arg(current, a, &error);
	if (!path)
		return error;
	error = do_filp_open(current, NULL, path, O_RDWR, 0, 0, f);
	if (error == -EISDIR || error == -EACCES)
		error = do_filp_open(current, NULL, path, O_RDONLY, 0, 0, f);
	return error;
}

/* A descriptor stays reserved after the call, until it is installed or put by hand. */
static int64_t reserved(struct task *current, int fd)
{
	struct files_struct *files = current->files;

	if (fd >= 0)
		files->by_hand++;
	return fd;
}

static void no_longer_reserved(struct task *current, unsigned fd)
{
	struct files_struct *files = current->files;
	const struct fdtable *fdt = files_fdtable(current, files);

	if (files->by_hand && fd_is_open(current, fdt, fd) && !fdt_get(current, fdt, fd))
		files->by_hand--;
}

static int64_t call_get_unused_fd_flags(struct task *current, struct fdl_arg *a)
{
	return reserved(current, get_unused_fd_flags(current, (unsigned)a[0].num));
}

static int64_t call_alloc_fd(struct task *current, struct fdl_arg *a)
{
	return reserved(current, alloc_fd(current, (unsigned)a[0].num, (unsigned)a[1].num));
}

static int64_t call_put_unused_fd(struct task *current, struct fdl_arg *a)
{
	unsigned fd = (unsigned)a[0].num;

	/* The kernel trusts its callers; a call by hand may be wrong. */
	if (fd >= files_fdtable(current, current->files)->max_fds)
		return -EBADF;
	no_longer_reserved(current, fd);
	put_unused_fd(current, fd);
	return 0;
}

static int64_t call_fd_install(struct task *current, struct fdl_arg *a)
{
	struct file *file;
	int error = file_argument(current, &a[1], &file);

	if (error)
		return error;
	if (!file)
		return -EINVAL;
	no_longer_reserved(current, (unsigned)a[0].num);
	fd_install(current, (unsigned)a[0].num, file);
	return 0;
}

static int64_t call___close_fd(struct task *current, struct fdl_arg *a)
{
	return __close_fd(current, current->files, (unsigned)a[0].num);
}

static int64_t call_replace_fd(struct task *current, struct fdl_arg *a)
{
	struct file *file;
	int result = file_argument(current, &a[1], &file);

	if (result)
		return result;
	result = replace_fd(current, (unsigned)a[0].num, file, (unsigned)a[2].num);
	if (file)
		fput(current, file);
	return result;
}

static int64_t call_do_dup2(struct task *current, struct fdl_arg *a)
{
	struct files_struct *files;
	struct file *file;
	int result = file_argument(current, &a[0], &file);

	if (result)
		return result;
	if (!file)
		return -EINVAL;
	files = current->files;
	/* Its callers have the lock, and have made room. */
	file_lock(current, files);
	result = (unsigned)a[1].num < files_fdtable(current, files)->max_fds
			 ? do_dup2(current, files, file, (unsigned)a[1].num, (unsigned)a[2].num)
			 : -EBADF;
	fput(current, file);
	return result;
}

static int64_t call_f_dupfd(struct task *current, struct fdl_arg *a)
{
	struct file *file;
	int result = file_argument(current, &a[1], &file);

	if (result)
		return result;
	if (!file)
		return -EINVAL;
	result = f_dupfd(current, (unsigned)a[0].num, file, (unsigned)a[2].num);
	fput(current, file);
	return result;
}

static int64_t call_expand_files(struct task *current, struct fdl_arg *a)
{
	return expand_files(current, current->files, (unsigned)a[0].num);
}

/* The way eventfd and the like are made: a descriptor is reserved, then its file is made. */
static int64_t call_anon_inode_getfd(struct task *current, struct fdl_arg *a)
{
	unsigned flags = (unsigned)a[1].num;
	int fd, error;
	struct file *file;
	const char *name = path_arg(current, &a[0], &error);

	if (!name)
		return error;
	fd = get_unused_fd_flags(current, flags);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile(current, name, NULL, flags, &error);
	if (!file) {
		put_unused_fd(current, (unsigned)fd);
		return error;
	}
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, file);
	return fd;
}

static int64_t call_get_files_struct(struct task *current, struct fdl_arg *a)
{
	struct task *task = task_find(current->machine, (int)a[0].num);
	struct files_struct *files;
	int error;

	if (!task)
		return -ESRCH;
	files = get_files_struct(task);
	if (!files)
		return -ESRCH;
	error = task_hold(current, NULL, files, task->pid);
	if (error)
		put_files_struct(current, files);
	return error;
}

/* Where current holds the table of the task with this pid by hand, or NULL. */
static struct held **find_held_table(struct task *current, int pid)
{
	for (struct held **h = &current->held; *h; h = &(*h)->next) {
		if ((*h)->table && (*h)->pid == pid)
			return h;
	}
	return NULL;
}

/* Ends that: the count that was taken is the caller's to give back. */
static struct files_struct *take_held_table(struct task *current, struct held **h)
{
	struct files_struct *files = (*h)->table;

	task_unhold(current, h);
	return files;
}

static int64_t call_put_files_struct(struct task *current, struct fdl_arg *a)
{
	struct held **h = find_held_table(current, (int)a[0].num);

	if (!h)
		return -ESRCH;
	put_files_struct(current, take_held_table(current, h));
	return 0;
}

/*
 * Whether another task is in the middle of a call with this table. That call may have counted on
 * having the table to itself (fget_light), so no task may begin to share it now.
 */
static bool is_busy(struct task *current, const struct files_struct *files)
{
	struct task *t;

	for (int pid = 1; (t = task_next(current->machine, pid)) != NULL; pid = t->pid + 1) {
		if (t != current && t->call && t->files == files)
			return true;
	}
	return false;
}

static int64_t call_reset_files_struct(struct task *current, struct fdl_arg *a)
{
	struct held **h = find_held_table(current, (int)a[0].num);

	if (!h)
		return -ESRCH;
	if (is_busy(current, (*h)->table))
		return -EBUSY;
	reset_files_struct(current, take_held_table(current, h));
	return 0;
}

static int64_t call_exit_files(struct task *current, struct fdl_arg *a)
{
	(void)a;
	exit_files(current);
	return 0;
}

static int64_t call_do_close_on_exec(struct task *current, struct fdl_arg *a)
{
	(void)a;
	do_close_on_exec(current, current->files);
	return 0;
}

static int64_t call_set_close_on_exec(struct task *current, struct fdl_arg *a)
{
	set_close_on_exec(current, (unsigned)a[0].num, a[1].num);
	return 0;
}

static int64_t call_get_close_on_exec(struct task *current, struct fdl_arg *a)
{
	return get_close_on_exec(current, (unsigned)a[0].num);
}

/* The argument of iterate_fd's function: the file to stop at, and the descriptors seen. */
struct visit {
	const struct file *stop;
	struct arena *arena;
	struct fdl_arg *seen;
	size_t n, room;
};

static int visit(const void *arg, struct file *f, unsigned fd)
{
	struct visit *v = *(struct visit *const *)arg;

	if (v->n == v->room) {
		size_t room = 2 * v->room;
		struct fdl_arg *seen = arena_alloc(v->arena, room * sizeof(*seen));

		if (!seen)
			return -ENOMEM;
		for (size_t i = 0; i < v->n; i++)
			seen[i] = v->seen[i];
		v->seen = seen;
		v->room = room;
	}
	v->seen[v->n++] = (struct fdl_arg){ .num = fd };
	return f == v->stop ? (int)fd + 1 : 0;
}

/* As SELinux uses it: the function returns descriptor + 1 at the file that it was given. */
static int64_t call_iterate_fd(struct task *current, struct fdl_arg *a)
{
	struct file *stop;
	int result = file_argument(current, &a[1], &stop);
	struct visit v = { .stop = stop, .arena = &current->call->arena, .room = 16 };
	struct visit *vp = &v;

	if (result)
		return result;
	v.seen = arena_alloc(v.arena, v.room * sizeof(*v.seen));
	result = v.seen ? iterate_fd(current, current->files, (unsigned)a[0].num, visit, &vp)
			: -ENOMEM;
	a[2] = (struct fdl_arg){ .num = (int64_t)v.n, .sub = v.seen };
	if (stop)
		fput(current, stop);
	return result;
}

/* The id of a file that was looked up, or 0. put: current holds its reference from now on. */
static int64_t looked_up(struct task *current, struct file *file, bool put)
{
	if (!file)
		return 0;
	if (put) {
		int error = task_hold(current, file, NULL, 0);

		if (error) {
			fput(current, file);
			return error;
		}
	}
	return (int64_t)file->id;
}

static int64_t call_fget(struct task *current, struct fdl_arg *a)
{
	return looked_up(current, fget(current, (unsigned)a[0].num), true);
}

static int64_t call_fget_raw(struct task *current, struct fdl_arg *a)
{
	return looked_up(current, fget_raw(current, (unsigned)a[0].num), true);
}

static int64_t light(struct task *current, struct fdl_arg *a,
		     struct file *(*get)(struct task *, unsigned, int *))
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, sizeof(*out));
	struct file *file;
	int needed;

	if (!out)
		return -ENOMEM;
	file = get(current, (unsigned)a[0].num, &needed);
	*out = (struct fdl_arg){ .num = needed };
	a[1] = (struct fdl_arg){ .num = 1, .sub = out };
	return looked_up(current, file, needed);
}

static int64_t call_fget_light(struct task *current, struct fdl_arg *a)
{
	return light(current, a, fget_light);
}

static int64_t call_fget_raw_light(struct task *current, struct fdl_arg *a)
{
	return light(current, a, fget_raw_light);
}

static int64_t call_fput(struct task *current, struct fdl_arg *a)
{
	for (struct held **h = &current->held; *h; h = &(*h)->next) {
		struct file *file = (*h)->file;

		if (!file || file->id != (uint64_t)a[0].num)
			continue;
		task_unhold(current, h);
		fput(current, file);
		return 0;
	}
	return -EBADF;
}

#define TELLING (CALL_INTERNAL | CALL_KNOWS_IDS)

const struct call_row linux_functions[] = {
	{ "get_unused_fd_flags", "dupflags flags=0", call_get_unused_fd_flags, CALL_INTERNAL,
	  NULL },
	{ "alloc_fd", "uint start=0, dupflags flags=0", call_alloc_fd, CALL_INTERNAL, NULL },
	{ "put_unused_fd", "fd fd", call_put_unused_fd, CALL_INTERNAL, NULL },
	{ "fd_install", "fd fd, file file", call_fd_install, CALL_INTERNAL | CALL_MAY_OPEN, NULL },
	{ "__close_fd", "fd fd", call___close_fd, CALL_INTERNAL, NULL },
	{ "replace_fd", "fd fd, file file, dupflags flags=0", call_replace_fd,
	  CALL_INTERNAL | CALL_MAY_OPEN, NULL },
	{ "do_dup2", "file file, fd fd, dupflags flags=0", call_do_dup2,
	  CALL_INTERNAL | CALL_MAY_OPEN, NULL },
	{ "f_dupfd", "uint from, file file, dupflags flags=0", call_f_dupfd,
	  CALL_INTERNAL | CALL_MAY_OPEN, NULL },
	{ "anon_inode_getfd", "path name, oflags flags=O_RDWR", call_anon_inode_getfd,
	  CALL_INTERNAL, NULL },
	{ "expand_files", "uint nr", call_expand_files, CALL_INTERNAL, NULL },
	{ "get_files_struct", "pid pid", call_get_files_struct, CALL_INTERNAL, NULL },
	{ "put_files_struct", "pid pid", call_put_files_struct, CALL_INTERNAL, NULL },
	{ "reset_files_struct", "pid pid", call_reset_files_struct, CALL_INTERNAL, NULL },
	{ "exit_files", "", call_exit_files, CALL_INTERNAL | CALL_NO_FILES, NULL },
	{ "do_close_on_exec", "", call_do_close_on_exec, CALL_INTERNAL, NULL },
	{ "set_close_on_exec", "fd fd, int flag=1", call_set_close_on_exec, CALL_INTERNAL, NULL },
	{ "get_close_on_exec", "fd fd", call_get_close_on_exec, CALL_INTERNAL, NULL },
	{ "iterate_fd", "uint n=0, file file=NULL, out intlist visited", call_iterate_fd,
	  CALL_INTERNAL | CALL_MAY_OPEN | CALL_NO_FILES, NULL },
	{ "fget", "fd fd", call_fget, TELLING, NULL },
	{ "fget_raw", "fd fd", call_fget_raw, TELLING, NULL },
	{ "fget_light", "fd fd, out int fput_needed", call_fget_light, TELLING, NULL },
	{ "fget_raw_light", "fd fd, out int fput_needed", call_fget_raw_light, TELLING, NULL },
	{ "fput", "long file", call_fput, TELLING, NULL },
	{ 0 },
};
