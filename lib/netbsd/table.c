/*
 * Whole tables: made, copied, shared and freed; and what exec does to a table.
 */
#include "netbsd/fdtable.h"
#include "netbsd/filedesc.h"
#include "vfs/file.h"
#include "vfs/open.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>

struct filedesc *fdinit(struct task *current)
{
	return filedesc_new(current);
}

/* The slots of a copy: a table is halved as long as twice its lastfile fits. */
static unsigned copy_size(const struct task *current, const struct filedesc *fdp)
{
	const int lastfile = lastfile_get(current, fdp);
	unsigned n = nfiles_get(current, fdp);

	if (lastfile < (int)NDFILE)
		return NDFILE;
	while (n >= 2 * NDEXTENT && n > 2 * (unsigned)lastfile)
		n /= 2;
	return n;
}

/* Every file of a copy gets a reference, larval ones too. kqueues are not copied. */
static void copy_references(struct task *current, struct filedesc *newfdp)
{
	struct ofile_walk walk = OFILE_WALK(newfdp);
	struct file *f;

	while ((f = ofile_next(&walk)) != NULL) {
		if (__builtin_expect(is_kqueue(f), 0))
			fdremove(current, newfdp, walk.fd);
		else
			get_file(f);
	}
}

struct filedesc *fdcopy(struct task *current)
{
	const struct filedesc *fdp = current->files;
	struct filedesc *newfdp = fdinit(current);

	if (!newfdp)
		return NULL;
	if (filedesc_copy(current, newfdp, fdp, copy_size(current, fdp)) < 0) {
		filedesc_free(current->machine, newfdp);
		return NULL;
	}
	/* The calls that marked these fill them in the old table, and never here. */
	newfdp->by_hand = count_reserved(newfdp);
	if (newfdp->by_hand)
		netbsd_machine(current)->odd = true;
	copy_references(current, newfdp);
	return newfdp;
}

struct filedesc *fdshare(struct task *task)
{
	struct filedesc *fdp = task->files;

	if (fdp)
		refcnt_inc(task, fdp);
	return fdp;
}

int fdunshare(struct task *current)
{
	struct filedesc *old = current->files, *new;

	if (refcnt_get(current, old) == 1)
		return 0;
	new = fdcopy(current);
	if (!new)
		return -ENOMEM;
	current->files = new;
	fdfree(current, old);
	return 0;
}

int fdclear(struct task *current)
{
	struct filedesc *old = current->files, *new = fdinit(current);

	if (!new)
		return -ENOMEM;
	current->files = new;
	fdfree(current, old);
	return 0;
}

void fdfree(struct task *current, struct filedesc *fdp)
{
	struct ofile_walk walk = OFILE_WALK(fdp);
	struct file *f;

	if (refcnt_dec(current, fdp))
		return;
	/* Nothing refers to the table any more, so its slots are left as they are. */
	while ((f = ofile_next(&walk)) != NULL) {
		/* A call by hand put it above lastfile, where the kernel does not look. */
		if (walk.fd > fdp->fd_lastfile) {
			f_leak(f);
			continue;
		}
		file_use(f);
		closef(current, f);
	}
	filedesc_free(current->machine, fdp);
}

int fdcloseexec(struct task *current)
{
	int error = fdunshare(current);
	const struct filedesc *fdp = current->files;
	int64_t fd = 0;

	if (error)
		return error;
	for (; (fd = ofileflags_next(current, fdp, fd)) <= lastfile_get(current, fdp); fd++)
		fdrelease(current, fd);
	return 0;
}

static void log_setid(struct task *current, const char *which)
{
	static const struct task nobody = { .comm = "" };
	const struct task *parent = current->leader->parent;

	if (!parent)
		parent = &nobody;
	printk(current->machine,
	       "set{u,g}id pid %d (%s) was invoked by uid %u ppid %d (%s) with fd %s closed",
	       current->tgid, current->comm, current->uid, parent->pid, parent->comm, which);
}

/* Opens /dev/null. The lowest free descriptor, or an error. */
static int open_devnull(struct task *current)
{
	struct file *f;
	int fd, error = falloc(current, &f, &fd);

	if (error)
		return error;
	error = do_file_open(current, "/dev/null", O_RDWR, 0, f);
	if (error) {
		falloc_fail(current, f, fd);
		return error;
	}
	file_mature(current, f, fd);
	return fd;
}

/* dup(devnull). The lowest free descriptor, or an error. */
static int dup_devnull(struct task *current, int devnull)
{
	struct file *f = fd_getfile(current, current->files, devnull);
	int fd, error;

	if (!f)
		return -EBADF;
	file_use(f);
	error = fdalloc_expand(current, 0, &fd);
	if (error) {
		file_unuse(current, f);
		return error;
	}
	return finishdup(current, f, devnull, fd);
}

int fdcheckstd(struct task *current)
{
	int devnull = -1, error = 0;
	char which[8] = "";
	size_t len = 0;

	for (int fd = 0; fd < 3 && error >= 0; fd++) {
		if (fd_getfile(current, current->files, fd))
			continue;
		if (len)
			which[len++] = ',';
		which[len++] = (char)('0' + fd);
		error = devnull < 0 ? open_devnull(current) : dup_devnull(current, devnull);
		if (devnull < 0)
			devnull = error;
	}
	if (error < 0)
		return error;
	if (len)
		log_setid(current, which);
	return 0;
}
