/*
 * The system calls that make descriptors: open, creat and pipe. The new file is in its slot,
 * larval, before the name is looked up, and other tasks meet it there. An open may turn out to mean
 * an open descriptor (EDUPFD), or one that a device has just made (EMOVEFD).
 */
#include "netbsd/calls.h"

#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "notation/abi.h"
#include "objects/pipe.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/namei.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>

/* O_CLOEXEC, O_DIRECTORY, O_PATH and the like do not exist yet. */
#define VALID_FLAGS                                                                                \
	((unsigned)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK |    \
		    O_SYNC | O_DSYNC | O_ASYNC | O_DIRECT | O_NOFOLLOW))

/* The permissions that a new file may have: no sticky bit. */
#define MODE_BITS 06777

/* Whether an open asks for access that the open file does not have. */
static bool asks_for_more(const struct file *f, unsigned flags)
{
	const unsigned mode = flags & O_ACCMODE;

	if ((mode == O_RDONLY || mode == O_RDWR) && !(f->mode & FMODE_READ))
		return true;
	return (mode == O_WRONLY || mode == O_RDWR) && !(f->mode & FMODE_WRITE);
}

/* The slot of indx gets a file, whose reference is the caller's, and the flags of dfd. */
static int fill_slot(struct task *current, int indx, int64_t dfd, struct file *f)
{
	struct filedesc *fdp = current->files;
	const unsigned flags = ofileflags_get(current, fdp, dfd);
	const int error = fd_used_still(current, fdp, indx);

	if (error)
		return error;
	ofile_set(current, fdp, indx, f);
	if (flags != ofileflags_get(current, fdp, indx))
		ofileflags_set(current, fdp, indx, flags);
	return 0;
}

int dupfdopen(struct task *current, int indx, int64_t dfd, unsigned flags, int error)
{
	struct filedesc *fdp = current->files;
	struct file *f = fd_getfile(current, fdp, dfd);

	if (!f || indx == dfd)
		return -EBADF;
	switch (error) {
	case -EDUPFD:
		if (asks_for_more(f, flags))
			return -EACCES;
		error = fill_slot(current, indx, dfd, f);
		if (!error)
			get_file(f);
		return error;
	case -EMOVEFD:
		error = fill_slot(current, indx, dfd, f);
		if (error)
			return error;
		fdremove(current, fdp, (int)dfd);
		ofileflags_clear(current, fdp, dfd);
		return 0;
	default:
		return error;
	}
}

int fdclone(struct task *current, struct file *f, int fd, unsigned flags, struct inode *inode,
	    struct dentry *dentry)
{
	file_set_flags(f, flags);
	file_attach(f, inode, dentry, inode->ops->file);
	file_publish(current, f);
	current->dupfd = fd;
	file_mature(current, f, fd);
	return -EMOVEFD;
}

static int vn_open(struct task *current, const struct fdl_arg *name, unsigned flags, mode_t mode,
		   struct file *f)
{
	int error;
	const char *path = path_arg(current, name, &error);

	return path ? do_file_open(current, path, flags, mode, f) : error;
}

static int64_t sys_open(struct task *current, const struct fdl_arg *name, unsigned flags,
			mode_t mode)
{
	struct file *f;
	int fd, error;

	if ((flags & ~VALID_FLAGS) || (flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	error = falloc(current, &f, &fd);
	if (error)
		return error;
	preempt(current, "vn_open");
	error = vn_open(current, name, flags, mode & MODE_BITS, f);
	if (!error) {
		file_mature(current, f, fd);
		return fd;
	}
	falloc_undo(current, f, fd);
	if (error == -EDUPFD || error == -EMOVEFD)
		error = dupfdopen(current, fd, current->dupfd, flags, error);
	if (!error)
		return fd;
	fd_unused(current, current->files, fd);
	return error;
}

int64_t netbsd_open(struct task *current, struct fdl_arg *a)
{
	return sys_open(current, &a[0], (unsigned)a[1].num, (mode_t)a[2].num);
}

int64_t netbsd_creat(struct task *current, struct fdl_arg *a)
{
	return sys_open(current, &a[0], O_WRONLY | O_CREAT | O_TRUNC, (mode_t)a[1].num);
}

int64_t netbsd_pipe(struct task *current, struct fdl_arg *a)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, 2 * sizeof(*out));
	struct file *f[2];
	int fd[2], error;

	if (!out)
		return -ENOMEM;
	error = falloc(current, &f[0], &fd[0]);
	if (error)
		return error;
	error = falloc(current, &f[1], &fd[1]);
	if (error)
		goto out_first;
	error = create_pipe(current, f);
	if (error)
		goto out_both;
	for (int end = 0; end < 2; end++) {
		file_mature(current, f[end], fd[end]);
		out[end] = (struct fdl_arg){ .num = fd[end] };
	}
	a[0] = (struct fdl_arg){ .num = 2, .sub = out };
	return 0;

out_both:
	falloc_fail(current, f[1], fd[1]);
out_first:
	falloc_fail(current, f[0], fd[0]);
	return error;
}
