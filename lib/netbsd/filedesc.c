/*
 * Descriptors: finding, allocating, filling, emptying and duplicating them. Whole tables are in
 * table.c, the end of a file is in closef.c.
 */
#include "netbsd/filedesc.h"

#include "netbsd/fdtable.h"
#include "process/limits.h"
#include "vfs/file.h"

#include <errno.h>

int64_t fd_limit(const struct task *current)
{
	const uint64_t maxfiles = current->machine->file_max;
	const uint64_t limit = rlimit_nofile(current);

	return (int64_t)(limit < maxfiles ? limit : maxfiles);
}

struct file *fd_getfile(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	struct file *f = ofile_get(current, fdp, fd);

	return f && !f->larval && !f->wantclose ? f : NULL;
}

/*
 * The highest slot below last that holds a file. lomap only leads to the last word in use; from its
 * end on, files are looked for, and that search stops at 0 whatever is there.
 */
static int find_last_set(const struct task *current, const struct filedesc *fdp, int last)
{
	int64_t fd;

	if (last == 0)
		return -1;
	fd = lomap_prev(current, fdp, (last - 1) | (int)(NDENTRIES - 1));
	if (fd == NO_FD)
		return -1;
	fd |= NDENTRIES - 1;
	fd = ofile_prev(current, fdp, fd >= last ? last - 1 : fd);
	return fd == NO_FD ? 0 : (int)fd;
}

int fd_used(struct task *current, struct filedesc *fdp, int fd)
{
	int error = lomap_set(current, fdp, fd);

	if (!error)
		lastfile_raise(current, fdp, fd);
	return error;
}

int fd_used_still(struct task *current, struct filedesc *fdp, int fd)
{
	if (fd <= lastfile_get(current, fdp) && lomap_test(current, fdp, fd))
		return 0;
	return fd_used(current, fdp, fd);
}

void tell_changed(struct task *current)
{
	struct netbsd_machine *nm = netbsd_machine(current);

	if (__builtin_expect(!list_empty(&nm->changed.waiters), 0))
		wake_up(current->machine, &nm->changed);
}

void fd_unused(struct task *current, struct filedesc *fdp, int fd)
{
	freefile_lower(current, fdp, fd);
	lomap_clear(current, fdp, fd);
	if (fd == lastfile_get(current, fdp))
		lastfile_set(current, fdp, find_last_set(current, fdp, fd));
	tell_changed(current);
}

int fdalloc(struct task *current, int want, int *result)
{
	struct filedesc *fdp = current->files;
	const int64_t lim = fd_limit(current);
	const int64_t nfiles = nfiles_get(current, fdp);
	const int freefile = freefile_get(current, fdp);
	const int64_t i = lomap_next_zero(current, fdp, want > freefile ? want : freefile);
	int error;

	if (i >= (nfiles < lim ? nfiles : lim))
		return nfiles >= lim ? -EMFILE : -ENOSPC;
	error = fd_used(current, fdp, (int)i);
	if (error)
		return error;
	/* Not i + 1: the next search starts at i, and finds it used. */
	if (want <= freefile)
		freefile_set(current, fdp, (int)i);
	*result = (int)i;
	return 0;
}

void fdexpand(struct task *current)
{
	struct filedesc *fdp = current->files;
	unsigned nfiles;

	/* Starts over if another task has expanded it meanwhile, and so expands it once more. */
	do {
		nfiles = nfiles_get(current, fdp);
		preempt(current, "fdexpand");
	} while (nfiles_get(current, fdp) != nfiles);
	nfiles_set(current, fdp, nfiles < NDEXTENT ? NDEXTENT : 2 * nfiles);
}

int fdalloc_expand(struct task *current, int want, int *result)
{
	int error;

	while ((error = fdalloc(current, want, result)) == -ENOSPC)
		fdexpand(current);
	return error;
}

int falloc(struct task *current, struct file **resultfp, int *resultfd)
{
	struct filedesc *fdp = current->files;
	struct file *f;
	int fd, error = fdalloc_expand(current, 0, &fd);

	if (error)
		return error;
	f = alloc_empty_file(current, 0, &error);
	if (!f) {
		fd_unused(current, fdp, fd);
		return error;
	}
	f->larval = true;
	file_use(f);
	file_enlist(f);
	ofile_set_larval(current, fdp, fd, f);
	*resultfp = f;
	*resultfd = fd;
	return 0;
}

void file_mature(struct task *current, struct file *f, int fd)
{
	f_mature(current, f, current->files, fd);
	tell_changed(current);
	file_unuse(current, f);
}

void falloc_undo(struct task *current, struct file *f, int fd)
{
	struct file *there = ofile_clear(current, current->files, fd);

	/* The kernel does not look: a file that dup2 has put there loses its reference. */
	if (there == f)
		f_count_dec(f);
	else if (there)
		f_leak(there);
	ffree(current, f);
}

void falloc_fail(struct task *current, struct file *f, int fd)
{
	falloc_undo(current, f, fd);
	fd_unused(current, current->files, fd);
}

void ffree(struct task *current, struct file *f)
{
	const uint32_t users = f_usecount_dec(f);

	/*
	 * The kernel frees it all the same, and a copied table keeps a pointer to freed memory.
	 * Here the copy keeps the file, larval for ever.
	 */
	if (f->count)
		netbsd_machine(current)->odd = true;
	else if (users)
		file_drained(current, f);
	else
		file_release(current, f);
}

struct file *fdremove(struct task *current, struct filedesc *fdp, int fd)
{
	fd_unused(current, fdp, fd);
	return ofile_clear(current, fdp, fd);
}

int fdrelease(struct task *current, int64_t fd)
{
	struct filedesc *fdp = current->files;
	struct file *f;

	if (fd < 0 || fd > lastfile_get(current, fdp))
		return -EBADF;
	f = fd_getfile(current, fdp, fd);
	if (!f)
		return -EBADF;
	file_use(f);
	fdremove(current, fdp, (int)fd);
	ofileflags_clear(current, fdp, fd);
	preempt(current, "closef");
	return closef(current, f);
}

int finishdup(struct task *current, struct file *f, int old, int new)
{
	struct filedesc *fdp = current->files;
	struct file *delfp = ofile_peek(current, fdp, new);
	/* Not f: the lock was dropped, and the kernel copies the slot. */
	struct file *fp = ofile_get(current, fdp, old);
	int error;

	/* Closed meanwhile. The kernel does not look, and would follow a null pointer. */
	if (__builtin_expect(!fp || fp->wantclose, 0)) {
		if (!delfp)
			fd_unused(current, fdp, new);
		file_unuse(current, f);
		return -EBADF;
	}
	error = fd_used_still(current, fdp, new);
	if (error) {
		file_unuse(current, f);
		return error;
	}
	get_file(fp);
	ofile_set(current, fdp, new, fp);
	tell_changed(current);
	/* old's flags without UF_EXCLOSE, which is the one flag that there is. */
	if (ofileflags_get(current, fdp, new))
		ofileflags_set(current, fdp, new, 0);
	file_unuse(current, f);
	if (delfp) {
		file_use(delfp);
		closef(current, delfp);
	}
	return new;
}
