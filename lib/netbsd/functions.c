/*
 * The kernel's own functions as calls, so that a lesson can do by hand what a system call does at
 * once. A thing that a caller in the kernel keeps in a variable, the task holds until it gives it
 * back or
 * exits: the use of a file that falloc made, the reference of a file that fdremove took out of its
 * slot, and tables.
 */
#include "machine/machine.h"
#include "netbsd/calls.h"
#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "notation/abi.h"
#include "process/fork.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/namei.h"
#include "vfs/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>

/* From now on a close may have to wait for the end of a use by hand. */
static void by_hand(struct task *current)
{
	netbsd_machine(current)->odd = true;
}

static int64_t call_fdalloc(struct task *current, struct fdl_arg *a)
{
	struct filedesc *fdp = current->files;
	int fd, error = a[0].num < 0 ? -EBADF : fdalloc(current, (int)a[0].num, &fd);

	if (error)
		return error;
	fdp->by_hand++;
	by_hand(current);
	return fd;
}

static int64_t call_fdexpand(struct task *current, struct fdl_arg *a)
{
	const struct filedesc *fdp = current->files;

	(void)a;
	/* The kernel would wait for ever for memory that no machine has. */
	if (fdp->fd_nfiles > INT_MAX / 2)
		return -ENOMEM;
	fdexpand(current);
	return 0;
}

/* Whether a descriptor is one of the table, as every caller in the kernel has made sure. */
static bool is_inside(const struct filedesc *fdp, int64_t fd)
{
	return fd >= 0 && fd < fdp->fd_nfiles;
}

/* A descriptor is about to lose its mark or to get a file: if it is reserved, it no longer is. */
static void no_longer_reserved(struct filedesc *fdp, int64_t fd)
{
	if (fdp->by_hand && is_used(fdp, fd) && !file_at(fdp, fd))
		fdp->by_hand--;
}

static int64_t call_fdremove(struct task *current, struct fdl_arg *a)
{
	struct filedesc *fdp = current->files;
	struct file *f = file_at(fdp, a[0].num);

	if (!is_inside(fdp, a[0].num))
		return -EBADF;
	if (f) {
		int error = task_hold(current, f, NULL, 0);

		if (error)
			return error;
		by_hand(current);
	}
	no_longer_reserved(fdp, a[0].num);
	fdremove(current, fdp, (int)a[0].num);
	return 0;
}

static int64_t call_fdrelease(struct task *current, struct fdl_arg *a)
{
	return fdrelease(current, a[0].num);
}

static int64_t call_dupfdopen(struct task *current, struct fdl_arg *a)
{
	struct filedesc *fdp = current->files;
	const int64_t indx = a[0].num;
	struct file *there = file_at(fdp, indx);
	int error;

	if (!is_inside(fdp, indx) || !is_used(fdp, indx))
		return -EBADF;
	error = dupfdopen(current, (int)indx, a[1].num, (unsigned)a[2].num, (int)-a[3].num);
	if (error)
		return error;
	if (there)
		f_leak(there);
	else if (fdp->by_hand)
		fdp->by_hand--;
	return 0;
}

/* The id of the descriptor's open file description, or 0. Takes no reference. */
static int64_t call_fd_getfile(struct task *current, struct fdl_arg *a)
{
	const struct file *f = fd_getfile(current, current->files, a[0].num);

	return f ? (int64_t)f->id : 0;
}

static int64_t call_falloc(struct task *current, struct fdl_arg *a)
{
	struct file *f;
	int fd, error = falloc(current, &f, &fd);

	(void)a;
	if (error)
		return error;
	error = task_hold(current, f, NULL, 0);
	if (error) {
		falloc_fail(current, f, fd);
		return error;
	}
	current->held->use = true;
	by_hand(current);
	return fd;
}

/*
 * Where current holds a use, or a reference, of f, or if f is NULL of the file with this id; or
 * NULL.
 */
static struct held **find_held(struct task *current, const struct file *f, int64_t id, bool use)
{
	for (struct held **h = &current->held; *h; h = &(*h)->next) {
		const struct file *held = (*h)->file;

		if (held && (*h)->use == use && (f ? held == f : held->id == (uint64_t)id))
			return h;
	}
	return NULL;
}

/* Where current holds the use of the larval file in a slot, or NULL. */
static struct held **find_larval(struct task *current, int64_t fd)
{
	const struct file *f = file_at(current->files, fd);

	return f && f->larval ? find_held(current, f, 0, true) : NULL;
}

static int64_t call_file_set_mature(struct task *current, struct fdl_arg *a)
{
	struct held **h = find_larval(current, a[0].num);
	struct file *f;
	int error;
	const char *path = path_arg(current, &a[1], &error);

	if (!h)
		return -EBADF;
	if (!path)
		return error;
	f = (*h)->file;
	error = do_file_open(current, path, (unsigned)a[2].num, 0, f);
	if (error)
		return error;
	/* Not h: the open may have held something more, or given something back. */
	task_unhold(current, find_held(current, f, 0, true));
	file_mature(current, f, (int)a[0].num);
	return 0;
}

static int64_t call_fdclone(struct task *current, struct fdl_arg *a)
{
	struct held **h = find_larval(current, a[0].num);
	struct dentry *d;
	struct file *f;
	int error;
	const char *path = path_arg(current, &a[2], &error);

	if (!h)
		return -EBADF;
	if (path)
		error = path_lookup(current, NULL, path, true, &d);
	if (error)
		return error;
	if (d->inode->ops == &clone_inode) {
		f = (*h)->file;
		task_unhold(current, h);
		error = fdclone(current, f, (int)a[0].num, (unsigned)a[1].num, d->inode, d);
	} else {
		error = -ENXIO;
	}
	dput(d);
	return error;
}

static int64_t call_ffree(struct task *current, struct fdl_arg *a)
{
	struct held **use = find_held(current, NULL, a[0].num, true), **reference;
	struct file *f;

	if (!use)
		return -EBADF;
	f = (*use)->file;
	task_unhold(current, use);
	reference = find_held(current, f, 0, false);
	if (reference) {
		task_unhold(current, reference);
		f_count_dec(f);
	}
	ffree(current, f);
	return 0;
}

static int64_t call_closef(struct task *current, struct fdl_arg *a)
{
	struct held **h = find_held(current, NULL, a[0].num, false);
	struct file *f;

	if (!h)
		return -EBADF;
	f = (*h)->file;
	task_unhold(current, h);
	file_use(f);
	return closef(current, f);
}

/* Lets the task hold a table: the table's id, or an error, and then the table has a user less. */
static int64_t hold_table(struct task *current, struct filedesc *fdp, int pid)
{
	int error;

	if (!fdp)
		return -ENOMEM;
	error = task_hold(current, NULL, fdp, pid);
	if (error) {
		fdfree(current, fdp);
		return error;
	}
	by_hand(current);
	return fdp->id;
}

static int64_t call_fdinit(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return hold_table(current, fdinit(current), current->pid);
}

static int64_t call_fdcopy(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return hold_table(current, fdcopy(current), current->pid);
}

static int64_t call_fdshare(struct task *current, struct fdl_arg *a)
{
	struct task *task = task_find(current->machine, (int)a[0].num);

	if (!task || !task->files)
		return -ESRCH;
	return hold_table(current, fdshare(task), task->pid);
}

static int64_t call_fdfree(struct task *current, struct fdl_arg *a)
{
	struct filedesc *fdp = current->files;

	if (!a[0].num) {
		if (!fdp)
			return -EBADF;
		current->files = NULL;
		fdfree(current, fdp);
		return 0;
	}
	for (struct held **h = &current->held; *h; h = &(*h)->next) {
		fdp = (*h)->table;
		if (!fdp || fdp->id != (uint64_t)a[0].num)
			continue;
		task_unhold(current, h);
		fdfree(current, fdp);
		return 0;
	}
	return -EBADF;
}

static int64_t call_fdunshare(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return fdunshare(current);
}

static int64_t call_fdclear(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return fdclear(current);
}

static int64_t call_fdcloseexec(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return fdcloseexec(current);
}

static int64_t call_fdcheckstd(struct task *current, struct fdl_arg *a)
{
	(void)a;
	return fdcheckstd(current);
}

/* fork1, by its own flags (sys/proc.h). */
static int64_t call_fork1(struct task *current, struct fdl_arg *a)
{
	static const struct {
		int64_t fork, clone;
	} flags[] = {
		{ FORK_PPWAIT, CLONE_VFORK },
		{ FORK_SHAREVM, CLONE_VM },
		{ FORK_SHARECWD, CLONE_FS },
		{ FORK_SHARESIGS, CLONE_SIGHAND },
	};
	enum table_fork table = TABLE_COPY;
	int64_t clone = 0;

	if (a[0].num & ~(int64_t)FORK_ALL)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		clone |= a[0].num & flags[i].fork ? flags[i].clone : 0;
	if (a[0].num & FORK_CLEANFILES)
		table = TABLE_EMPTY;
	else if (a[0].num & FORK_SHAREFILES)
		table = TABLE_SHARE;
	return kernel_clone(current, (uint64_t)clone, SIGCHLD, table, NULL);
}

#define CLOSING  (CALL_INTERNAL | CALL_MAY_CLOSE)
#define NO_FILES (CALL_INTERNAL | CALL_NO_FILES)
#define TELLING  (CALL_INTERNAL | CALL_KNOWS_IDS)

const struct call_row netbsd_functions[] = {
	{ "fdalloc", "int want=0", call_fdalloc, CALL_INTERNAL, NULL },
	{ "fdexpand", "", call_fdexpand, CALL_INTERNAL, NULL },
	{ "fdremove", "fd fd", call_fdremove, CALL_INTERNAL, NULL },
	{ "fdrelease", "fd fd", call_fdrelease, CLOSING, NULL },
	{ "dupfdopen", "fd indx, fd dfd, oflags mode=O_RDONLY, errno error=EDUPFD", call_dupfdopen,
	  CALL_INTERNAL, NULL },
	{ "fd_getfile", "fd fd", call_fd_getfile, TELLING, NULL },
	{ "falloc", "", call_falloc, CALL_INTERNAL, NULL },
	{ "FILE_SET_MATURE", "fd fd, path path, oflags flag=O_RDWR", call_file_set_mature,
	  CALL_INTERNAL, NULL },
	{ "fdclone", "fd fd, oflags flag=O_RDWR, path device=\"/dev/bpf\"", call_fdclone,
	  CALL_INTERNAL, NULL },
	{ "ffree", "long file", call_ffree, TELLING, NULL },
	{ "closef", "long file", call_closef, CLOSING | CALL_KNOWS_IDS, NULL },
	{ "fdinit", "", call_fdinit, NO_FILES | CALL_KNOWS_IDS, NULL },
	{ "fdcopy", "", call_fdcopy, TELLING, NULL },
	{ "fdshare", "pid pid", call_fdshare, NO_FILES | CALL_KNOWS_IDS, NULL },
	{ "fdfree", "long table=0", call_fdfree, CLOSING | CALL_NO_FILES | CALL_KNOWS_IDS, NULL },
	{ "fdunshare", "", call_fdunshare, CLOSING, NULL },
	{ "fdclear", "", call_fdclear, CLOSING, NULL },
	{ "fdcloseexec", "", call_fdcloseexec, CLOSING, NULL },
	{ "fdcheckstd", "", call_fdcheckstd, CALL_INTERNAL, NULL },
	{ "fork1", "forkflags flags=0", call_fork1, NO_FILES | CALL_MAY_BLOCK, NULL },
	{ 0 },
};
