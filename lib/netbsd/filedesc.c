/*
 * The descriptor table: finding, allocating, filling, emptying and duplicating descriptors. Read it
 * beside SEMANTICS; the order of the checks is the point of it. Whole tables are table.c's affair,
 * what closing a file waits for is closef.c's.
 */
#include "netbsd/filedesc.h"

#include "vfs/file.h"
#include "process/limits.h"
#include "machine/machine.h"
#include "machine/touch.h"
#include "machine/transcript.h"

#include <errno.h>

#define SLOT_SIZE 9 /* a pointer and a byte of flags */
#define MAP_SIZE  4 /* a word of a map */

void touch_descriptor(const struct task *current, enum touch how, const struct filedesc *fdp,
		      int64_t fd)
{
	touch_part(current->machine, how, fdp, PART(PART_SLOT) | (uint32_t)fd);
}

static TOUCHES void touch_filled(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	const struct file *there = fd_slot(fdp, fd);

	touch_descriptor(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_SLOTS);
	if (there)
		touch(current->machine, TOUCH_WRITE, there, PART_ITSELF);
}

void touch_exclose(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	touch_descriptor(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_CLOEXEC);
}

/* Who has found a file in its slot may use it, and may put it into another one. */
static TOUCHES void touch_found(const struct task *current, const struct filedesc *fdp, int64_t fd,
				const struct file *f)
{
	touch_descriptor(current, TOUCH_READ, fdp, fd);
	if (!f) {
		touch(current->machine, TOUCH_READ, fdp, PART_NUMBERS);
		return;
	}
	touch(current->machine, TOUCH_READ, f, PART_ITSELF);
	touch(current->machine, TOUCH_UPDATE, f, PART_COUNT);
}

/* What is marked only grows by this, and so does lastfile. */
static TOUCHES void touch_marked(const struct task *current, const struct filedesc *fdp, int fd)
{
	touch_descriptor(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_NUMBERS);
	touch(current->machine, fd > fdp->lastfile ? TOUCH_UPDATE : TOUCH_READ, fdp, PART_LAST);
}

/* Only the last one's going looks at what is in front of it. */
static TOUCHES void touch_unmarked(const struct task *current, const struct filedesc *fdp, int fd)
{
	touch_descriptor(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_NUMBERS);
	if (fd != fdp->lastfile) {
		touch(current->machine, TOUCH_READ, fdp, PART_LAST);
		return;
	}
	touch(current->machine, TOUCH_WRITE, fdp, PART_LAST);
	touch(current->machine, TOUCH_READ, fdp, PART_NUMBERS);
	touch(current->machine, TOUCH_READ, fdp, PART_SLOTS);
}

int64_t fd_limit(const struct task *current)
{
	const uint64_t maxfiles = current->machine->file_max;
	const uint64_t limit = rlimit_nofile(current);

	return (int64_t)(limit < maxfiles ? limit : maxfiles);
}

struct file *fd_slot(const struct filedesc *fdp, int64_t fd)
{
	return fd >= 0 && fd < fdp->nfiles ? sparse_get(&fdp->fds, (uint64_t)fd) : NULL;
}

struct file *fd_getfile(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	struct file *f = fd_slot(fdp, fd);

	if (is_explored(current->machine))
		touch_found(current, fdp, fd, f);
	return f && !f->larval && !f->wantclose ? f : NULL;
}

/*
 * The highest slot below last that holds a file. The maps only lead to the word: in it, and below
 * it, files are looked for, and the search stops at 0 whatever is there.
 */
static int find_last_set(const struct filedesc *fdp, int last)
{
	uint64_t word_end, marked, held;

	if (last == 0)
		return -1;
	word_end = (uint64_t)(last - 1) | (NDENTRIES - 1);
	marked = sparse_prev(&fdp->fds, LOMAP, word_end);
	if (marked == SPARSE_NONE)
		return -1;
	word_end = marked | (NDENTRIES - 1);
	held = sparse_prev(&fdp->fds, OFILES,
			   word_end >= (uint64_t)last ? (uint64_t)last - 1 : word_end);
	return held == SPARSE_NONE ? 0 : (int)held;
}

int fd_used(struct task *current, struct filedesc *fdp, int fd)
{
	int error = sparse_reserve(&fdp->fds, (uint64_t)fd);

	if (is_explored(current->machine))
		touch_marked(current, fdp, fd);
	if (error)
		return error;
	sparse_set(&fdp->fds, LOMAP, (uint64_t)fd);
	if (fd > fdp->lastfile)
		fdp->lastfile = fd;
	event_record(current, EVENT_RESERVE, fdp->id, fd,
		     sparse_test(&fdp->fds, FILEFLAGS, (uint64_t)fd));
	return 0;
}

int fd_used_still(struct task *current, struct filedesc *fdp, int fd)
{
	touch_descriptor(current, TOUCH_READ, fdp, fd);
	touch(current->machine, TOUCH_READ, fdp, PART_LAST);
	if (fd <= fdp->lastfile && sparse_test(&fdp->fds, LOMAP, (uint64_t)fd))
		return 0;
	return fd_used(current, fdp, fd);
}

/* The marks of a descriptor whose slot is empty go, and those who wait for that look again. */
static void fd_unmark(struct task *current, struct filedesc *fdp, int fd)
{
	struct netbsd_machine *nm = netbsd_machine(current);

	if (is_explored(current->machine))
		touch_unmarked(current, fdp, fd);
	if (fd < fdp->freefile)
		fdp->freefile = fd;
	sparse_clear(&fdp->fds, LOMAP, (uint64_t)fd);
	if (fd == fdp->lastfile)
		fdp->lastfile = find_last_set(fdp, fd);
	if (__builtin_expect(!list_empty(&nm->changed.waiters), 0))
		wake_up(current->machine, &nm->changed);
}

void fd_unused(struct task *current, struct filedesc *fdp, int fd)
{
	fd_unmark(current, fdp, fd);
	event_record(current, EVENT_UNRESERVE, fdp->id, fd, 0);
}

int fdalloc(struct task *current, int want, int *result)
{
	struct filedesc *fdp = current->files;
	const int64_t lim = fd_limit(current);
	const uint64_t last = fdp->nfiles < lim ? fdp->nfiles : (uint64_t)lim;
	const int from = want > fdp->freefile ? want : fdp->freefile;
	const uint64_t free = sparse_next_clear(&fdp->fds, (uint64_t)from);
	int error;

	touch(current->machine, TOUCH_READ, fdp, PART_TABLE);
	touch(current->machine, TOUCH_WRITE, fdp, PART_NUMBERS);
	if (free >= last)
		return fdp->nfiles >= lim ? -EMFILE : -ENOSPC;
	error = fd_used(current, fdp, (int)free);
	if (error)
		return error;
	/* Not the one behind it: that one is looked at first the next time, and found used. */
	if (want <= fdp->freefile)
		fdp->freefile = (int)free;
	*result = (int)free;
	return 0;
}

/* Bytes of the maps beyond the embedded ones, which serve 1024 descriptors. */
static size_t maps_size(unsigned nfiles)
{
	const size_t hi = ((size_t)nfiles + NDMAP_BITS - 1) / NDMAP_BITS;

	return hi > 1 ? (hi + hi * NDENTRIES) * MAP_SIZE : 0;
}

/* Accounts the arrays of a table of another size; the memory is there or is waited for. */
static void fd_account(struct task *current, struct filedesc *fdp, unsigned nfiles)
{
	const size_t maps = maps_size(nfiles);

	if (nfiles != fdp->nfiles) {
		kvfree(current->machine, &fdp->ofiles);
		kmalloc_wait(current->machine, &fdp->ofiles, (size_t)nfiles * SLOT_SIZE);
	}
	if (maps != maps_size(fdp->nfiles)) {
		kvfree(current->machine, &fdp->maps);
		kmalloc_wait(current->machine, &fdp->maps, maps);
	}
}

void fd_set_size(struct task *current, struct filedesc *fdp, unsigned nfiles)
{
	fd_account(current, fdp, nfiles);
	fdp->nfiles = nfiles;
}

void fdexpand(struct task *current)
{
	struct filedesc *fdp = current->files;
	unsigned old;

	/* Who finds that somebody else has expanded it meanwhile expands it once more. */
	touch(current->machine, TOUCH_READ, fdp, PART_TABLE);
	do {
		old = fdp->nfiles;
		preempt(current, "fdexpand");
		touch(current->machine, TOUCH_READ, fdp, PART_TABLE);
	} while (fdp->nfiles != old);
	touch(current->machine, TOUCH_WRITE, fdp, PART_TABLE);
	fd_set_size(current, fdp, old < NDEXTENT ? NDEXTENT : 2 * old);
	event_record(current, EVENT_EXPAND, fdp->id, (int32_t)old, fdp->nfiles);
}

int fdalloc_expand(struct task *current, int want, int *result)
{
	int error;

	while ((error = fdalloc(current, want, result)) == -ENOSPC)
		fdexpand(current);
	return error;
}

int falloc(struct task *current, struct file **fp, int *fdp_result)
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
	if (is_explored(current->machine))
		touch_filled(current, fdp, fd);
	sparse_put(&fdp->fds, (uint64_t)fd, f);
	*fp = f;
	*fdp_result = fd;
	return 0;
}

void file_mature(struct task *current, struct file *f, int fd)
{
	struct filedesc *fdp = current->files;
	struct netbsd_machine *nm = netbsd_machine(current);

	touch(current->machine, TOUCH_WRITE, f, PART_ITSELF);
	f->larval = false;
	/* Somebody may have taken the slot for another file. */
	if (__builtin_expect(fd_slot(fdp, fd) == f, 1))
		event_record(current, EVENT_INSTALL, fdp->id, fd, f->id);
	if (__builtin_expect(!list_empty(&nm->changed.waiters), 0))
		wake_up(current->machine, &nm->changed);
	file_unuse(current, f);
}

/*
 * Takes the file out of a slot without a look at what it is. f: the one that the caller believes
 * to be there. Another one loses a reference that nobody will drop.
 */
static void clear_slot(struct task *current, struct filedesc *fdp, int fd, struct file *f)
{
	struct file *there = fd_slot(fdp, fd);

	if (is_explored(current->machine))
		touch_filled(current, fdp, fd);
	if (!there)
		return;
	touch(current->machine, TOUCH_WRITE, there, PART_COUNT);
	sparse_put(&fdp->fds, (uint64_t)fd, NULL);
	if (there == f)
		f->count--;
	else
		there->leaked++;
}

void falloc_undo(struct task *current, struct file *f, int fd)
{
	clear_slot(current, current->files, fd, f);
	ffree(current, f);
}

void ffree(struct task *current, struct file *f)
{
	struct netbsd_machine *nm = netbsd_machine(current);

	touch(current->machine, TOUCH_WRITE, f, PART_ITSELF);
	touch(current->machine, TOUCH_WRITE, f, PART_COUNT);
	f->uses--;
	/*
	 * The kernel frees it all the same, and a table that was copied meanwhile points to what is
	 * no more. Here it stays there as it is, for ever being opened.
	 */
	if (f->count)
		nm->odd = true;
	else if (f->uses)
		file_drained(current, f);
	else
		file_release(current, f);
}

void fd_fill(struct task *current, struct filedesc *fdp, int fd, struct file *f)
{
	if (is_explored(current->machine))
		touch_filled(current, fdp, fd);
	sparse_put(&fdp->fds, (uint64_t)fd, f);
	event_record(current, EVENT_INSTALL, fdp->id, fd, f->id);
}

struct file *fdremove(struct task *current, struct filedesc *fdp, int fd)
{
	struct file *f = fd_slot(fdp, fd);

	if (is_explored(current->machine))
		touch_filled(current, fdp, fd);
	if (!f) {
		fd_unused(current, fdp, fd);
		return NULL;
	}
	sparse_put(&fdp->fds, (uint64_t)fd, NULL);
	fd_unmark(current, fdp, fd);
	event_record(current, EVENT_CLEAR, fdp->id, fd, f->id);
	return f;
}

int fdrelease(struct task *current, int64_t fd)
{
	struct filedesc *fdp = current->files;
	struct file *f;

	touch(current->machine, TOUCH_READ, fdp, PART_LAST);
	if (fd < 0 || fd > fdp->lastfile)
		return -EBADF;
	f = fd_getfile(current, fdp, fd);
	if (!f)
		return -EBADF;
	file_use(f);
	touch_exclose(current, fdp, fd);
	sparse_clear(&fdp->fds, FILEFLAGS, (uint64_t)fd);
	fdremove(current, fdp, (int)fd);
	preempt(current, "closef");
	return closef(current, f);
}

int finishdup(struct task *current, struct file *f, int old, int new)
{
	struct filedesc *fdp = current->files;
	struct file *there = fd_slot(fdp, new);
	/* Not f: the lock was dropped, and it is the slot that the kernel copies. */
	struct file *now = fd_slot(fdp, old);
	int error;

	if (is_explored(current->machine)) {
		touch_found(current, fdp, old, now);
		touch_exclose(current, fdp, new);
	}
	/* Closed meanwhile. The kernel does not look, and would fall over an empty slot. */
	if (__builtin_expect(!now || now->wantclose, 0)) {
		if (!there)
			fd_unused(current, fdp, new);
		file_unuse(current, f);
		return -EBADF;
	}
	error = fd_used_still(current, fdp, new);
	if (error) {
		file_unuse(current, f);
		return error;
	}
	get_file(now);
	fd_fill(current, fdp, new, now);
	if (sparse_test(&fdp->fds, FILEFLAGS, (uint64_t) new)) {
		sparse_clear(&fdp->fds, FILEFLAGS, (uint64_t) new);
		event_record(current, EVENT_CLOEXEC, fdp->id, new, 0);
	}
	file_unuse(current, f);
	if (there) {
		file_use(there);
		closef(current, there);
	}
	return new;
}
