/*
 * Whole tables: the first one, copies, sharing, and the end of one; and what exec does to one.
 */
#include "netbsd/filedesc.h"

#include "vfs/file.h"
#include "machine/machine.h"
#include "base/text.h"
#include "machine/touch.h"
#include "machine/transcript.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define FILEDESC_SIZE 480 /* filedesc0, with what is embedded, on a 64-bit machine */

struct filedesc *fdinit(struct task *current)
{
	struct fdl_machine *m = current->machine;
	struct filedesc *fdp;

	if (!budget_take(&m->memory, sizeof(*fdp)))
		return NULL;
	fdp = calloc(1, sizeof(*fdp));
	if (!fdp) {
		m->memory.used -= sizeof(*fdp);
		return NULL;
	}
	kmalloc_wait(m, &fdp->self, FILEDESC_SIZE);
	fdp->refcnt = 1;
	fdp->nfiles = NDFILE;
	fdp->lastfile = -1;
	fdp->id = netbsd_machine(current)->next_id++;
	sparse_init(&fdp->fds, &fdp->first, &m->memory);
	return fdp;
}

static void filedesc_free(struct fdl_machine *m, struct filedesc *fdp)
{
	sparse_free(&fdp->fds);
	kvfree(m, &fdp->maps);
	kvfree(m, &fdp->ofiles);
	kvfree(m, &fdp->self);
	free(fdp);
	m->memory.used -= sizeof(*fdp);
}

/* The slots of a copy: it may shrink, by halves, as long as twice what is in use fits. */
static unsigned copy_size(const struct filedesc *fdp)
{
	unsigned n = fdp->nfiles;

	if (fdp->lastfile < (int)NDFILE)
		return NDFILE;
	while (n >= 2 * NDEXTENT && n > 2 * (unsigned)fdp->lastfile)
		n /= 2;
	return n;
}

/* Every file that a copy has gets a reference, larval ones too; kqueues do not go along. */
static void copy_references(struct task *current, struct filedesc *newfdp)
{
	uint64_t fd = 0;

	for (; (fd = sparse_next(&newfdp->fds, OFILES, fd)) != SPARSE_NONE; fd = (fd | 63) + 1) {
		const struct sparse_leaf *leaf = sparse_leaf(&newfdp->fds, fd / 64);
		uint64_t kqueues = 0;

		for (uint64_t set = leaf->map[OFILES]; set; set &= set - 1) {
			struct file *f = leaf->slot[__builtin_ctzll(set)];

			if (__builtin_expect(is_kqueue(f), 0))
				kqueues |= set & -set;
			else
				get_file(f);
		}
		for (; kqueues; kqueues &= kqueues - 1)
			fdremove(current, newfdp,
				 (int)(fd & ~UINT64_C(63)) + __builtin_ctzll(kqueues));
	}
}

/* A descriptor that is marked and empty is so in the copy for ever: nobody there will fill it. */
static unsigned count_reserved(const struct filedesc *fdp)
{
	unsigned n = 0;

	for (uint64_t fd = 0; (fd = sparse_next(&fdp->fds, LOMAP, fd)) != SPARSE_NONE;
	     fd = (fd | 63) + 1) {
		const struct sparse_leaf *leaf = sparse_leaf(&fdp->fds, fd / 64);

		n += (unsigned)__builtin_popcountll(leaf->map[LOMAP] & ~leaf->map[OFILES]);
	}
	return n;
}

static TOUCHES void touch_whole(const struct fdl_machine *m, const struct filedesc *fdp)
{
	touch(m, TOUCH_READ, fdp, PART_TABLE);
	touch(m, TOUCH_READ, fdp, PART_LAST);
	touch(m, TOUCH_READ, fdp, PART_NUMBERS);
	touch(m, TOUCH_READ, fdp, PART_SLOTS);
	touch(m, TOUCH_READ, fdp, PART_CLOEXEC);
}

struct filedesc *fdcopy(struct task *current)
{
	const struct filedesc *fdp = current->files;
	struct filedesc *newfdp = fdinit(current);

	if (!newfdp)
		return NULL;
	if (is_explored(current->machine))
		touch_whole(current->machine, fdp);
	if (sparse_copy(&newfdp->fds, &fdp->fds, UINT64_MAX) < 0) {
		filedesc_free(current->machine, newfdp);
		return NULL;
	}
	newfdp->lastfile = fdp->lastfile;
	newfdp->freefile = fdp->freefile;
	fd_set_size(current, newfdp, copy_size(fdp));
	newfdp->by_hand = count_reserved(newfdp);
	if (newfdp->by_hand)
		netbsd_machine(current)->odd = true;
	event_record(current, EVENT_COPY, newfdp->id, (int32_t)newfdp->nfiles, fdp->id);
	copy_references(current, newfdp);
	return newfdp;
}

struct filedesc *fdshare(struct task *task)
{
	struct filedesc *fdp = task->files;

	if (fdp) {
		touch(task->machine, TOUCH_WRITE, fdp, PART_COUNT);
		fdp->refcnt++;
		event_record(task, EVENT_SHARE, fdp->id, -1, fdp->refcnt);
	}
	return fdp;
}

int fdunshare(struct task *current)
{
	struct filedesc *old = current->files, *new;

	touch(current->machine, TOUCH_READ, old, PART_COUNT);
	if (old->refcnt == 1)
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
	uint64_t fd = 0;

	touch(current->machine, TOUCH_WRITE, fdp, PART_COUNT);
	fdp->refcnt--;
	event_record(current, EVENT_UNSHARE, fdp->id, -1, fdp->refcnt);
	if (fdp->refcnt)
		return;
	/* Nobody can see the table any more, so its slots are left as they are. */
	for (; (fd = sparse_next(&fdp->fds, OFILES, fd)) != SPARSE_NONE; fd |= 63, fd++) {
		const struct sparse_leaf *leaf = sparse_leaf(&fdp->fds, fd / 64);

		for (uint64_t set = leaf->map[OFILES]; set; set &= set - 1) {
			unsigned i = (unsigned)__builtin_ctzll(set);
			struct file *f = leaf->slot[i];

			/* What was put there by hand, behind the last one in use, is lost. */
			if ((int64_t)((fd & ~UINT64_C(63)) + i) > fdp->lastfile) {
				f->leaked++;
				continue;
			}
			file_use(f);
			closef(current, f);
		}
	}
	filedesc_free(current->machine, fdp);
}

int fdcloseexec(struct task *current)
{
	int error = fdunshare(current);
	const struct filedesc *fdp = current->files;

	if (error)
		return error;
	for (int64_t fd = 0;; fd++) {
		touch(current->machine, TOUCH_READ, fdp, PART_LAST);
		touch(current->machine, TOUCH_READ, fdp, PART_CLOEXEC);
		const uint64_t next = sparse_next(&fdp->fds, FILEFLAGS, (uint64_t)fd);

		if (fdp->lastfile < 0 || next > (uint64_t)fdp->lastfile)
			return 0;
		fd = (int64_t)next;
		fdrelease(current, fd);
	}
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

/* /dev/null in the lowest free descriptor. The number, or an error. */
static int open_devnull(struct task *current)
{
	struct file *f;
	int fd, error = falloc(current, &f, &fd);

	if (error)
		return error;
	touch(current->machine, TOUCH_READ, current->machine, PART_NAMES);
	error = do_file_open(current, "/dev/null", O_RDWR, 0, f);
	if (error) {
		falloc_undo(current, f, fd);
		fd_unused(current, current->files, fd);
		return error;
	}
	file_mature(current, f, fd);
	return fd;
}

/* The lowest free descriptor becomes another one of devnull's. */
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
