/*
 * The accesses to a filedesc that are too long, or too rare, to stand in fdtable.h; and what the
 * accesses touch, which is asked for only while races are explored.
 */
#include "netbsd/fdtable.h"

#include "base/heap.h"
#include "machine/kmem.h"

#include <errno.h>
#include <stdlib.h>

#define FILEDESC_SIZE 480 /* filedesc0, with what is embedded, on a 64-bit machine */
#define SLOT_SIZE     9   /* a pointer and a byte of flags */
#define MAP_SIZE      4   /* a word of a map */

static int64_t as_fd(uint64_t found)
{
	return found == SPARSE_NONE ? NO_FD : (int64_t)found;
}

static int64_t lower(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool is_used(const struct filedesc *fdp, int64_t fd)
{
	return sparse_test(&fdp->slots, LOMAP, (uint64_t)fd);
}

bool is_exclose(const struct filedesc *fdp, int64_t fd)
{
	return sparse_test(&fdp->slots, FILEFLAGS, (uint64_t)fd);
}

int64_t next_used(const struct filedesc *fdp, int64_t fd)
{
	return as_fd(sparse_next(&fdp->slots, LOMAP, (uint64_t)fd));
}

int64_t next_file(const struct filedesc *fdp, int64_t fd)
{
	return as_fd(sparse_next(&fdp->slots, OFILES, (uint64_t)fd));
}

int64_t next_in_use(const struct filedesc *fdp, int64_t fd)
{
	return lower(next_used(fdp, fd), next_file(fdp, fd));
}

int64_t next_exclose(const struct filedesc *fdp, int64_t fd)
{
	return as_fd(sparse_next(&fdp->slots, FILEFLAGS, (uint64_t)fd));
}

int64_t first_free(const struct filedesc *fdp)
{
	return (int64_t)sparse_next_clear(&fdp->slots, 0);
}

unsigned count_reserved(const struct filedesc *fdp)
{
	unsigned n = 0;

	for (uint64_t fd = 0; (fd = sparse_next(&fdp->slots, LOMAP, fd)) != SPARSE_NONE;
	     fd = (fd | 63) + 1) {
		const struct sparse_leaf *leaf = sparse_leaf(&fdp->slots, fd / 64);

		n += (unsigned)__builtin_popcountll(leaf->map[LOMAP] & ~leaf->map[OFILES]);
	}
	return n;
}

/* A word of the sparse array is two of the kernel's. */
static uint32_t half_word(const struct filedesc *fdp, enum sparse_map map, uint64_t word)
{
	const uint64_t two = sparse_word(&fdp->slots, map, word / 2);

	return (uint32_t)(word % 2 ? two >> NDENTRIES : two);
}

uint32_t lomap_word(const struct filedesc *fdp, uint64_t word)
{
	return half_word(fdp, LOMAP, word);
}

uint32_t himap_word(const struct filedesc *fdp, uint64_t word)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < NDENTRIES; i++)
		bits |= (uint32_t)(lomap_word(fdp, word * NDENTRIES + i) == UINT32_MAX) << i;
	return bits;
}

uint32_t exclose_word(const struct filedesc *fdp, uint64_t word)
{
	return half_word(fdp, FILEFLAGS, word);
}

TOUCHES void touch_mark(const struct task *current, const struct filedesc *fdp, int fd)
{
	touch_slot(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_NUMBERS);
}

/*
 * A step that finds a file may use it, or put it into another slot. A step that finds none depends
 * on which numbers are free: an allocation that could give out this one may give out another.
 */
TOUCHES void touch_lookup(const struct task *current, const struct filedesc *fdp, int64_t fd,
			  const struct file *f)
{
	touch_slot(current, TOUCH_READ, fdp, fd);
	if (!f) {
		touch(current->machine, TOUCH_READ, fdp, PART_NUMBERS);
		return;
	}
	touch(current->machine, TOUCH_READ, f, PART_ITSELF);
	touch(current->machine, TOUCH_UPDATE, f, PART_COUNT);
}

/* A file that leaves its slot is written: a step that finds and uses it does not commute. */
TOUCHES void touch_replace(const struct task *current, const struct filedesc *fdp, int64_t fd,
			   const struct file *f)
{
	touch_slot(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_SLOTS);
	if (f)
		touch(current->machine, TOUCH_WRITE, f, PART_ITSELF);
}

/* A step that goes over all flags sees it, too. */
TOUCHES void touch_flags(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	touch_slot(current, TOUCH_WRITE, fdp, fd);
	touch(current->machine, TOUCH_UPDATE, fdp, PART_CLOEXEC);
}

static TOUCHES void touch_table(const struct fdl_machine *m, const struct filedesc *fdp)
{
	touch(m, TOUCH_READ, fdp, PART_TABLE);
	touch(m, TOUCH_READ, fdp, PART_LAST);
	touch(m, TOUCH_READ, fdp, PART_NUMBERS);
	touch(m, TOUCH_READ, fdp, PART_SLOTS);
	touch(m, TOUCH_READ, fdp, PART_CLOEXEC);
}

struct filedesc *filedesc_new(struct task *current)
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
	fdp->fd_refcnt = 1;
	fdp->fd_nfiles = NDFILE;
	fdp->fd_lastfile = -1;
	fdp->id = netbsd_machine(current)->next_id++;
	sparse_init(&fdp->slots, &fdp->first, &m->memory);
	return fdp;
}

void filedesc_free(struct fdl_machine *m, struct filedesc *fdp)
{
	sparse_free(&fdp->slots);
	kvfree(m, &fdp->maps);
	kvfree(m, &fdp->ofiles);
	kvfree(m, &fdp->self);
	free(fdp);
	m->memory.used -= sizeof(*fdp);
}

/* Bytes of the maps beyond the embedded ones, which serve 1024 descriptors. */
static size_t maps_size(unsigned nfiles)
{
	const size_t hi = ((size_t)nfiles + NDMAP_BITS - 1) / NDMAP_BITS;

	return hi > 1 ? (hi + hi * NDENTRIES) * MAP_SIZE : 0;
}

/* The memory is there, or is waited for. */
static void resize(struct task *current, struct filedesc *fdp, unsigned nfiles)
{
	const size_t maps = maps_size(nfiles);

	if (nfiles != fdp->fd_nfiles) {
		kvfree(current->machine, &fdp->ofiles);
		kmalloc_wait(current->machine, &fdp->ofiles, (size_t)nfiles * SLOT_SIZE);
	}
	if (maps != maps_size(fdp->fd_nfiles)) {
		kvfree(current->machine, &fdp->maps);
		kmalloc_wait(current->machine, &fdp->maps, maps);
	}
	fdp->fd_nfiles = nfiles;
}

int filedesc_copy(struct task *current, struct filedesc *newfdp, const struct filedesc *fdp,
		  unsigned nfiles)
{
	int error;

	if (is_explored(current->machine))
		touch_table(current->machine, fdp);
	error = sparse_copy(&newfdp->slots, &fdp->slots, UINT64_MAX);
	if (error)
		return error;
	newfdp->fd_lastfile = fdp->fd_lastfile;
	newfdp->fd_freefile = fdp->fd_freefile;
	resize(current, newfdp, nfiles);
	event_record(current, EVENT_COPY, newfdp->id, (int32_t)nfiles, fdp->id);
	return 0;
}

unsigned refcnt_get(const struct task *current, const struct filedesc *fdp)
{
	touch(current->machine, TOUCH_READ, fdp, PART_COUNT);
	return fdp->fd_refcnt;
}

void refcnt_inc(struct task *task, struct filedesc *fdp)
{
	touch(task->machine, TOUCH_WRITE, fdp, PART_COUNT);
	fdp->fd_refcnt++;
	event_record(task, EVENT_SHARE, fdp->id, -1, fdp->fd_refcnt);
}

unsigned refcnt_dec(struct task *current, struct filedesc *fdp)
{
	touch(current->machine, TOUCH_WRITE, fdp, PART_COUNT);
	fdp->fd_refcnt--;
	event_record(current, EVENT_UNSHARE, fdp->id, -1, fdp->fd_refcnt);
	return fdp->fd_refcnt;
}

void nfiles_set(struct task *current, struct filedesc *fdp, unsigned nfiles)
{
	const unsigned old = fdp->fd_nfiles;

	touch(current->machine, TOUCH_WRITE, fdp, PART_TABLE);
	resize(current, fdp, nfiles);
	event_record(current, EVENT_EXPAND, fdp->id, (int32_t)old, nfiles);
}

int64_t lomap_prev(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	touch(current->machine, TOUCH_READ, fdp, PART_NUMBERS);
	return as_fd(sparse_prev(&fdp->slots, LOMAP, (uint64_t)fd));
}

int64_t ofile_prev(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	touch(current->machine, TOUCH_READ, fdp, PART_SLOTS);
	return as_fd(sparse_prev(&fdp->slots, OFILES, (uint64_t)fd));
}

bool ofile_walk_on(struct ofile_walk *w)
{
	const uint64_t fd = sparse_next(&w->fdp->slots, OFILES, w->leaf ? w->base + 64 : 0);

	if (fd == SPARSE_NONE)
		return false;
	w->base = fd & ~UINT64_C(63);
	w->leaf = sparse_leaf(&w->fdp->slots, fd / 64);
	w->left = w->leaf->map[OFILES];
	return true;
}

void ofileflags_set(struct task *current, struct filedesc *fdp, int64_t fd, unsigned flags)
{
	if (is_explored(current->machine))
		touch_flags(current, fdp, fd);
	if (flags & UF_EXCLOSE)
		sparse_set(&fdp->slots, FILEFLAGS, (uint64_t)fd);
	else
		sparse_clear(&fdp->slots, FILEFLAGS, (uint64_t)fd);
	event_record(current, EVENT_CLOEXEC, fdp->id, (int32_t)fd, !!(flags & UF_EXCLOSE));
}

int64_t ofileflags_next(const struct task *current, const struct filedesc *fdp, int64_t fd)
{
	touch(current->machine, TOUCH_READ, fdp, PART_CLOEXEC);
	return next_exclose(fdp, fd);
}

uint64_t f_count_dec(struct file *f)
{
	if (is_explored(f->machine))
		touch_dropped(f);
	file_drop(f);
	return f->count;
}

uint32_t f_usecount_dec(struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	touch(f->machine, TOUCH_WRITE, f, PART_COUNT);
	return --f->uses;
}

uint32_t f_usecount_await(const struct file *f)
{
	/* Any step may be the one that is waited for. */
	touch_all(f->machine);
	return f->uses;
}

void f_leak(struct file *f)
{
	touch(f->machine, TOUCH_WRITE, f, PART_COUNT);
	f->leaked++;
}

void f_mature(struct task *current, struct file *f, const struct filedesc *fdp, int fd)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	f->larval = false;
	if (__builtin_expect(file_at(fdp, fd) == f, 1))
		event_record(current, EVENT_INSTALL, fdp->id, fd, f->id);
}

void f_flag_set(struct file *f, unsigned flags)
{
	touch(f->machine, TOUCH_WRITE, f, PART_ITSELF);
	f->flags = flags;
}
