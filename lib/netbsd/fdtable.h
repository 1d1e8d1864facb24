/*
 * A filedesc's arrays, and the counts of a file, an access a function. Each function tells the
 * explorer what the step touches (machine/touch.h), reads or changes the table, and records the
 * event: so the pages of the kernel say nothing of that. Only this file and fdtable.c know that a
 * sparse array stands for ofiles, ofileflags, lomap and himap. When to do what is filedesc.c's
 * affair.
 */
#ifndef NETBSD_FDTABLE_H
#define NETBSD_FDTABLE_H

#include "base/sparse.h"
#include "machine/events.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "netbsd/filedesc.h"
#include "vfs/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The maps of the sparse array. himap is not kept: it follows from lomap. */
#define LOMAP     SPARSE_MAP0
#define FILEFLAGS SPARSE_MAP1 /* UF_EXCLOSE, the one flag */
#define OFILES    SPARSE_SLOT

/* Above every descriptor. A search that finds none returns it. */
#define NO_FD INT64_MAX

/* Looking, for the tree, the checks and calls by hand: no step of a call. */

/* The file in a slot, larval or not, or NULL; fd may be any number. */
static inline struct file *file_at(const struct filedesc *fdp, int64_t fd)
{
	return fd >= 0 && fd < fdp->fd_nfiles ? sparse_get(&fdp->slots, (uint64_t)fd) : NULL;
}

/* Whether a descriptor's bit in lomap is set, and whether it has UF_EXCLOSE. */
bool is_used(const struct filedesc *fdp, int64_t fd);
bool is_exclose(const struct filedesc *fdp, int64_t fd);

/* The first descriptor from fd on: marked; with a file; one of both; with UF_EXCLOSE; or NO_FD. */
int64_t next_used(const struct filedesc *fdp, int64_t fd);
int64_t next_file(const struct filedesc *fdp, int64_t fd);
int64_t next_in_use(const struct filedesc *fdp, int64_t fd);
int64_t next_exclose(const struct filedesc *fdp, int64_t fd);

/* The first descriptor that is not marked; it may be above nfiles. */
int64_t first_free(const struct filedesc *fdp);

/* Descriptors that are marked and have no file. */
unsigned count_reserved(const struct filedesc *fdp);

/* Words of the maps, NDENTRIES bits each; one of the flags has a bit a descriptor. */
uint32_t lomap_word(const struct filedesc *fdp, uint64_t word);
uint32_t himap_word(const struct filedesc *fdp, uint64_t word);
uint32_t exclose_word(const struct filedesc *fdp, uint64_t word);

/* A table's life. */

/* An empty table with the embedded arrays, and one user. NULL: no memory. */
struct filedesc *filedesc_new(struct task *current);
/* Frees it. The files in its slots stay as they are. */
void filedesc_free(struct fdl_machine *m, struct filedesc *fdp);
/*
 * Copies slots, flags, maps, lastfile and freefile into an empty table, which gets nfiles slots,
 * and records that. No file gets a reference. 0, or -ENOMEM: newfdp is empty.
 */
int filedesc_copy(struct task *current, struct filedesc *newfdp, const struct filedesc *fdp,
		  unsigned nfiles);

/* refcnt, nfiles, lastfile, freefile. */

unsigned refcnt_get(const struct task *current, const struct filedesc *fdp);
/* One user more. task is the new user, or the task that has the table. */
void refcnt_inc(struct task *task, struct filedesc *fdp);
/* One user less: the users that are left. */
unsigned refcnt_dec(struct task *current, struct filedesc *fdp);

static inline unsigned nfiles_get(const struct task *current, const struct filedesc *fdp)
{
	touch(current->machine, TOUCH_READ, fdp, PART_TABLE);
	return fdp->fd_nfiles;
}

/* Gives the arrays so many slots and accounts their memory. Records the expansion. */
void nfiles_set(struct task *current, struct filedesc *fdp, unsigned nfiles);

static inline int lastfile_get(const struct task *current, const struct filedesc *fdp)
{
	touch(current->machine, TOUCH_READ, fdp, PART_LAST);
	return fdp->fd_lastfile;
}

static inline void lastfile_set(const struct task *current, struct filedesc *fdp, int fd)
{
	touch(current->machine, TOUCH_WRITE, fdp, PART_LAST);
	fdp->fd_lastfile = fd;
}

/* lastfile becomes fd if that is higher. Two such steps commute. */
static inline void lastfile_raise(const struct task *current, struct filedesc *fdp, int fd)
{
	touch(current->machine, fd > fdp->fd_lastfile ? TOUCH_UPDATE : TOUCH_READ, fdp, PART_LAST);
	if (fd > fdp->fd_lastfile)
		fdp->fd_lastfile = fd;
}

static inline int freefile_get(const struct task *current, const struct filedesc *fdp)
{
	touch(current->machine, TOUCH_READ, fdp, PART_NUMBERS);
	return fdp->fd_freefile;
}

static inline void freefile_set(const struct task *current, struct filedesc *fdp, int fd)
{
	touch(current->machine, TOUCH_WRITE, fdp, PART_NUMBERS);
	fdp->fd_freefile = fd;
}

/* freefile becomes fd if that is lower. Two such steps commute. */
static inline void freefile_lower(const struct task *current, struct filedesc *fdp, int fd)
{
	touch(current->machine, TOUCH_UPDATE, fdp, PART_NUMBERS);
	if (fd < fdp->fd_freefile)
		fdp->fd_freefile = fd;
}

/* These only report touches: call them under is_explored(). */

/* A descriptor's bits and slot. */
static inline void touch_slot(const struct task *current, enum touch how,
			      const struct filedesc *fdp, int64_t fd)
{
	touch_part(current->machine, how, fdp, PART(PART_SLOT) | (uint32_t)fd);
}

void touch_mark(const struct task *current, const struct filedesc *fdp, int fd);
void touch_lookup(const struct task *current, const struct filedesc *fdp, int64_t fd,
		  const struct file *f);
void touch_replace(const struct task *current, const struct filedesc *fdp, int64_t fd,
		   const struct file *f);
void touch_flags(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* lomap. */

static inline bool lomap_test(const struct task *current, const struct filedesc *fdp, int fd)
{
	touch_slot(current, TOUCH_READ, fdp, fd);
	return is_used(fdp, fd);
}

/*
 * The first clear bit from a descriptor on; it may be above nfiles. The caller takes it, so two
 * such steps do not commute.
 */
static inline int64_t lomap_next_zero(const struct task *current, const struct filedesc *fdp,
				      int from)
{
	touch(current->machine, TOUCH_WRITE, fdp, PART_NUMBERS);
	return (int64_t)sparse_next_clear(&fdp->slots, (uint64_t)from);
}

/* The last set bit up to a descriptor, or NO_FD. */
int64_t lomap_prev(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* Records that the descriptor is reserved. 0 or -ENOMEM. */
static inline int lomap_set(struct task *current, struct filedesc *fdp, int fd)
{
	int error = sparse_reserve(&fdp->slots, (uint64_t)fd);

	if (is_explored(current->machine))
		touch_mark(current, fdp, fd);
	if (error)
		return error;
	sparse_set(&fdp->slots, LOMAP, (uint64_t)fd);
	event_record(current, EVENT_RESERVE, fdp->id, fd,
		     sparse_test(&fdp->slots, FILEFLAGS, (uint64_t)fd));
	return 0;
}

/* Records that the descriptor is free, and which file, if any, is about to leave its slot. */
static inline void lomap_clear(struct task *current, struct filedesc *fdp, int fd)
{
	const struct file *f = file_at(fdp, fd);

	if (is_explored(current->machine))
		touch_mark(current, fdp, fd);
	sparse_clear(&fdp->slots, LOMAP, (uint64_t)fd);
	event_record(current, f ? EVENT_CLEAR : EVENT_UNRESERVE, fdp->id, fd, f ? f->id : 0);
}

/* ofiles. */

/*
 * The file in a slot, larval or not, or NULL, for a caller that may use the file; fd may be any
 * number.
 */
static inline struct file *ofile_get(const struct task *current, const struct filedesc *fdp,
				     int64_t fd)
{
	struct file *f = file_at(fdp, fd);

	if (is_explored(current->machine))
		touch_lookup(current, fdp, fd, f);
	return f;
}

/* The same for a caller that is about to replace what is there. */
static inline struct file *ofile_peek(const struct task *current, const struct filedesc *fdp,
				      int64_t fd)
{
	touch_slot(current, TOUCH_READ, fdp, fd);
	return file_at(fdp, fd);
}

/* Puts a larval file into the slot of a marked descriptor. The reference is the caller's. */
static inline void ofile_set_larval(struct task *current, struct filedesc *fdp, int fd,
				    struct file *f)
{
	if (is_explored(current->machine))
		touch_replace(current, fdp, fd, file_at(fdp, fd));
	sparse_put(&fdp->slots, (uint64_t)fd, f);
}

/* The same of any file, and records it. */
static inline void ofile_set(struct task *current, struct filedesc *fdp, int fd, struct file *f)
{
	ofile_set_larval(current, fdp, fd, f);
	event_record(current, EVENT_INSTALL, fdp->id, fd, f->id);
}

/*
 * Empties a slot. The file that was there and its reference are the caller's. NULL: there was none.
 */
static inline struct file *ofile_clear(const struct task *current, struct filedesc *fdp, int fd)
{
	struct file *f = file_at(fdp, fd);

	if (is_explored(current->machine))
		touch_replace(current, fdp, fd, f);
	if (f)
		sparse_put(&fdp->slots, (uint64_t)fd, NULL);
	return f;
}

/* The last slot up to a descriptor that holds a file, or NO_FD. */
int64_t ofile_prev(const struct task *current, const struct filedesc *fdp, int64_t fd);

/*
 * The files of a table that nothing but the caller refers to, in ascending order: a step that no
 * other one can meet. The file that came last may be taken out of its slot on the way.
 */
struct ofile_walk {
	const struct filedesc *fdp;
	const struct sparse_leaf *leaf;
	uint64_t base, left; /* the leaf's first descriptor, and a bit for each slot to come */
	int fd;              /* the descriptor of the file that came last */
};

#define OFILE_WALK(table)                                                                          \
	{                                                                                          \
		.fdp = (table)                                                                     \
	}

/* Goes to the next leaf, or the first. False: there is none. */
bool ofile_walk_on(struct ofile_walk *w);

/* The next file, or NULL. */
static inline struct file *ofile_next(struct ofile_walk *w)
{
	unsigned i;

	if (!w->left && !ofile_walk_on(w))
		return NULL;
	i = (unsigned)__builtin_ctzll(w->left);
	w->left &= w->left - 1;
	w->fd = (int)(w->base + i);
	return w->leaf->slot[i];
}

/* ofileflags. */

static inline unsigned ofileflags_get(const struct task *current, const struct filedesc *fdp,
				      int64_t fd)
{
	touch_slot(current, TOUCH_READ, fdp, fd);
	return sparse_test(&fdp->slots, FILEFLAGS, (uint64_t)fd) ? UF_EXCLOSE : 0;
}

/* Sets the flags of a descriptor whose slot holds a file, and records it. */
void ofileflags_set(struct task *current, struct filedesc *fdp, int64_t fd, unsigned flags);

/* Takes the flags of a descriptor that is closed: the event of its slot tells of that. */
static inline void ofileflags_clear(const struct task *current, struct filedesc *fdp, int64_t fd)
{
	if (is_explored(current->machine))
		touch_flags(current, fdp, fd);
	sparse_clear(&fdp->slots, FILEFLAGS, (uint64_t)fd);
}

/* The first descriptor from fd on with UF_EXCLOSE, or NO_FD. */
int64_t ofileflags_next(const struct task *current, const struct filedesc *fdp, int64_t fd);

/* f_count, f_usecount and the flags of a file. */

/* One reference less: the references that are left. */
uint64_t f_count_dec(struct file *f);
/* The caller's use ends, and no waiting closer is woken: the uses that are left. */
uint32_t f_usecount_dec(struct file *f);
/* The uses, for a caller that waits until they are fewer. */
uint32_t f_usecount_await(const struct file *f);
/* A reference is lost: nothing will ever drop it. */
void f_leak(struct file *f);
/* The file can be used from now on. Records it if the file is in the slot of fd still. */
void f_mature(struct task *current, struct file *f, const struct filedesc *fdp, int fd);
/* Other status flags (O_APPEND, O_NONBLOCK …). */
void f_flag_set(struct file *f, unsigned flags);

#endif
