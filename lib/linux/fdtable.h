/*
 * files_struct and fdtable, the Linux kernel's descriptor table, and the accessors by which the
 * rest of this folder reads and changes it.
 *
 * An accessor does three things in one step: it tells an explorer what is read or changed
 * (machine/touch.h), does it, and records the event. So files.c and its neighbours say what the
 * kernel's functions say, and nothing else. An accessor may be used from the point where the kernel
 * takes file_lock up to the point where it drops it: after a preemption point, get the table anew
 * by files_fdtable, as the kernel does.
 *
 * The kernel's arrays are dense. Here one sparse array stands for a table's fd, open_fds and
 * close_on_exec, so that memory follows what is in use. Only this file and fdtable.c know that.
 */
#ifndef LINUX_FDTABLE_H
#define LINUX_FDTABLE_H

#include "base/list.h"
#include "base/sparse.h"
#include "machine/events.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITS_PER_LONG   64u
#define NR_OPEN_DEFAULT BITS_PER_LONG

/* The two bitmaps of a table, and the slots, where a function is told which it shall look at. */
#define OPEN_FDS      SPARSE_MAP0
#define CLOSE_ON_EXEC SPARSE_MAP1
#define FD_SLOTS      SPARSE_SLOT

/* No descriptor: beyond all numbers. */
#define FD_NONE SPARSE_NONE

/* Where a retired table is on its way to being freed. */
enum fdtable_stage {
	FDTABLE_IN_USE,
	FDTABLE_GRACE_PERIOD, /* a reader may still hold it */
	FDTABLE_WORKQUEUE,    /* from vmalloc: deferred to a context that may free that */
};

struct fdtable {
	unsigned max_fds;
	enum fdtable_stage stage;
	struct sparse fd;           /* the slots, and the bitmaps open_fds and close_on_exec */
	struct files_struct *files; /* whose it is, until it is replaced */
	uint32_t files_id;          /* and whose it was */
	struct kmem self, array, bitmaps;
	struct list retired; /* in linux_machine.retired, from publication of the next one on */
	uint64_t retired_at; /* read sections that began before may still read it */
	uint64_t newest;     /* replaced: its slots know no file with a higher id */
};

struct files_struct {
	unsigned count; /* tasks that share it, and temporary holders */
	unsigned next_fd;
	uint32_t id;
	unsigned by_hand; /* descriptors reserved by hand, or lost in a BUG: for the check */
	bool unfinished;  /* stored, or there is a copy: for file_lock */
	/* A descriptor whose new file is in its slot, and whose bits are not set yet: fdt_store. */
	bool stored, stored_cloexec;
	unsigned stored_fd;
	/*
	 * A copy that another call makes of it, in which the slots from copy_fd on may be missing.
	 */
	unsigned copy_fd;
	struct fdtable *copy;
	struct fdtable *fdt;
	struct fdtable fdtab; /* the embedded one */
	struct sparse_leaf fd_array;
	struct kmem self;
};

/* ---- a table's memory (fdtable.c) ---- */

/*
 * An empty table for a highest descriptor nr: three allocations. Where sysctl_nr_open makes it
 * smaller than that, the caller has to look. NULL: ENOMEM.
 */
struct fdtable *alloc_fdtable(struct task *current, struct files_struct *files, unsigned nr);

/* Frees a table that nothing reads any more; the files in its slots stay as they are. */
void __free_fdtable(struct fdl_machine *m, struct fdtable *fdt);

/* Whether one of its arrays came from vmalloc. */
bool is_vmalloc_fdtable(const struct fdtable *fdt);

/* Makes the embedded table of a new files_struct; frees what that table has allocated. */
void fdtab_init(struct fdl_machine *m, struct files_struct *files);
void fdtab_free(struct files_struct *files);

/* ---- looks, which no explorer is told of: for the tree, the check, and tables not yet shared - */

/* A slot; and a bit of one of the maps. fd may be any number. */
static inline struct file *fdt_slot(const struct fdtable *fdt, uint64_t fd)
{
	return sparse_get(&fdt->fd, fd);
}

static inline bool fdt_bit(const struct fdtable *fdt, enum sparse_map map, uint64_t fd)
{
	return sparse_test(&fdt->fd, map, fd);
}

/* The first descriptor from fd on that has its bit set, or its slot in use; or FD_NONE. */
static inline uint64_t fdt_next(const struct fdtable *fdt, enum sparse_map map, uint64_t fd)
{
	return sparse_next(&fdt->fd, map, fd);
}

/* The first descriptor from fd on that is open, reserved, or has a file; or FD_NONE. */
uint64_t fdt_next_used(const struct fdtable *fdt, uint64_t fd);

/*
 * The same from *fd on, with the file in its slot, or NULL, and its close-on-exec bit. False: there
 * is none. Texts and searches walk whole tables by it.
 */
bool fdt_find_used(const struct fdtable *fdt, uint64_t *fd, struct file **file, bool *cloexec);

/* The lowest number whose open bit is clear, and the highest whose open bit is set, or FD_NONE. */
uint64_t fdt_first_free(const struct fdtable *fdt);
uint64_t fdt_last_open(const struct fdtable *fdt);

/* Clears an open bit in a table that no other task has seen yet. */
static inline void __clear_open_fd(struct fdtable *fdt, unsigned fd)
{
	sparse_clear(&fdt->fd, OPEN_FDS, fd);
}

/* 64 descriptors at once: a word of each bitmap, which slots have a file, and the slots. */
struct fdt_word {
	uint64_t next; /* the word to go on with; 0 at first */
	uint64_t first;
	uint64_t open_fds, close_on_exec, has_file;
	struct file *const *fd;
};

/* The next word in which a bit is set or a slot in use. False: there is none. */
bool fdt_next_word(const struct fdtable *fdt, struct fdt_word *w);

/* ---- what accessors tell an explorer (fdtable.c); called under is_explored() ---- */

void fdt_touch_table(const struct task *current, const struct files_struct *files);
void fdt_touch_lock(const struct task *current, enum touch how, const struct files_struct *files);
void fdt_touch_count(const struct task *current, const struct files_struct *files);
void fdt_touch_numbers(const struct task *current, enum touch how,
		       const struct files_struct *files);
void fdt_touch_slot(const struct task *current, enum touch how, const struct fdtable *fdt,
		    unsigned fd);
void fdt_touch_reserved(const struct task *current, const struct fdtable *fdt, unsigned fd);
void fdt_touch_unreserved(const struct task *current, const struct fdtable *fdt, unsigned fd);
void fdt_touch_installed(const struct task *current, const struct fdtable *fdt, unsigned fd,
			 const struct file *file);
void fdt_touch_set_bits(const struct task *current, const struct fdtable *fdt, unsigned fd);
void fdt_touch_cleared(const struct task *current, const struct fdtable *fdt, unsigned fd);
void fdt_touch_marked(const struct task *current, const struct fdtable *fdt, unsigned fd);
void fdt_touch_file(const struct task *current, const struct file *file);

/* ---- the table as a whole ---- */

/* The fdtable in use. */
static inline struct fdtable *files_fdtable(const struct task *current,
					    const struct files_struct *files)
{
	if (is_explored(current->machine))
		fdt_touch_table(current, files);
	return files->fdt;
}

/* Publishes a larger table, which has all that the present one has. */
void files_set_fdtable(struct task *current, struct files_struct *files, struct fdtable *new_fdt);

/* files->count. */
static inline unsigned files_count(const struct task *current, const struct files_struct *files)
{
	if (is_explored(current->machine))
		fdt_touch_count(current, files);
	return files->count;
}

/*
 * files_count_inc: task is one more user. files_count_dec: one less; returns the users that are
 * left.
 */
void files_count_inc(struct task *task, struct files_struct *files);
unsigned files_count_dec(struct task *current, struct files_struct *files);

/* The machine's sys/fs/nr_open. */
uint64_t sysctl_nr_open(const struct task *current);

/* ---- one descriptor ---- */

/* fdt->fd[fd]. */
static inline struct file *fdt_get(const struct task *current, const struct fdtable *fdt,
				   unsigned fd)
{
	if (is_explored(current->machine))
		fdt_touch_slot(current, TOUCH_READ, fdt, fd);
	return fdt_slot(fdt, fd);
}

/* A bit of open_fds; and one of close_on_exec. */
static inline bool fd_is_open(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	if (is_explored(current->machine))
		fdt_touch_slot(current, TOUCH_READ, fdt, fd);
	return fdt_bit(fdt, OPEN_FDS, fd);
}

static inline bool close_on_exec(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	if (is_explored(current->machine))
		fdt_touch_slot(current, TOUCH_READ, fdt, fd);
	return fdt_bit(fdt, CLOSE_ON_EXEC, fd);
}

/* The file in a slot, or NULL; fd may be any number. */
static inline struct file *fcheck_files(const struct task *current,
					const struct files_struct *files, unsigned fd)
{
	const struct fdtable *fdt = files_fdtable(current, files);

	return fd < fdt->max_fds ? fdt_get(current, fdt, fd) : NULL;
}

/*
 * Sets the open bit, sets or clears close-on-exec, and leaves the slot empty. 0, or -ENOMEM: there
 * is no room in the sparse array.
 */
static inline int fdt_reserve(struct task *current, struct fdtable *fdt, unsigned fd, bool cloexec)
{
	int error = sparse_reserve(&fdt->fd, fd);

	if (error)
		return error;
	if (is_explored(current->machine))
		fdt_touch_reserved(current, fdt, fd);
	sparse_set_both(&fdt->fd, fd, cloexec);
	event_record(current, EVENT_RESERVE, fdt->files_id, (int)fd, cloexec);
	return 0;
}

/* The number is free: next_fd is not above it. Part of the two accessors below. */
static inline void free_number(struct fdtable *fdt, unsigned fd)
{
	sparse_clear(&fdt->fd, OPEN_FDS, fd);
	if (fd < fdt->files->next_fd)
		fdt->files->next_fd = fd;
}

/* Clears the open bit of a reserved descriptor, and lowers next_fd to it. */
static inline void fdt_unreserve(struct task *current, struct fdtable *fdt, unsigned fd)
{
	if (is_explored(current->machine))
		fdt_touch_unreserved(current, fdt, fd);
	free_number(fdt, fd);
	event_record(current, EVENT_UNRESERVE, fdt->files_id, (int)fd, 0);
}

/* Empties a slot, clears close-on-exec and the open bit, and lowers next_fd to it. */
static inline void fdt_clear(struct task *current, struct fdtable *fdt, unsigned fd,
			     const struct file *file)
{
	if (is_explored(current->machine))
		fdt_touch_cleared(current, fdt, fd);
	sparse_clear(&fdt->fd, CLOSE_ON_EXEC, fd);
	sparse_put(&fdt->fd, fd, NULL);
	free_number(fdt, fd);
	event_record(current, EVENT_CLEAR, fdt->files_id, (int)fd, file->id);
}

/* fdt->fd[fd] = file. 0, or -ENOMEM, which a reserved descriptor cannot meet. */
static inline int fdt_install(struct task *current, struct fdtable *fdt, unsigned fd,
			      struct file *file)
{
	int error = sparse_reserve(&fdt->fd, fd);

	if (error)
		return error;
	if (is_explored(current->machine))
		fdt_touch_installed(current, fdt, fd, file);
	sparse_put(&fdt->fd, fd, file);
	event_record(current, EVENT_INSTALL, fdt->files_id, (int)fd, file->id);
	return 0;
}

/* Empties a slot and leaves its bits: of a file that a misuse by hand has lost. */
void fdt_lose(struct task *current, struct fdtable *fdt, unsigned fd);

/* Sets or clears close-on-exec. Without room for a number that is not open, nothing happens. */
void fdt_mark(struct task *current, struct fdtable *fdt, unsigned fd, bool flag);

/*
 * The two steps of do_dup2 under file_lock: fdt->fd[fd] = file; and then the open bit is set,
 * and close-on-exec set or cleared. A reader without the lock sees the table between them. Other
 * tasks that take the lock find both done: file_lock does the second step if the first was done.
 * fdt_store: 0 or -ENOMEM.
 */
int fdt_store(struct task *current, struct fdtable *fdt, unsigned fd, struct file *file,
	      bool cloexec);
void fdt_set_bits(struct task *current, struct files_struct *files);

/* Both steps at once, for a call that does not stop between them. 0 or -ENOMEM. */
static inline int fdt_replace(struct task *current, struct fdtable *fdt, unsigned fd,
			      struct file *file, bool cloexec)
{
	int error = sparse_reserve(&fdt->fd, fd);
	bool changes;

	if (error)
		return error;
	if (is_explored(current->machine)) {
		fdt_touch_installed(current, fdt, fd, file);
		fdt_touch_set_bits(current, fdt, fd);
	}
	changes = fdt_bit(fdt, CLOSE_ON_EXEC, fd) != cloexec;
	sparse_put(&fdt->fd, fd, file);
	sparse_set_both(&fdt->fd, fd, cloexec);
	event_record(current, EVENT_INSTALL, fdt->files_id, (int)fd, file->id);
	if (changes)
		event_record(current, EVENT_CLOEXEC, fdt->files_id, (int)fd, cloexec);
	return 0;
}

/* files->copy, and a new value for it. */
struct fdtable *files_copy(const struct task *current, const struct files_struct *files);
void files_set_copy(const struct task *current, struct files_struct *files, struct fdtable *copy);

/*
 * The slot of a reserved descriptor, from fdt_copy's table to the copy: its file, with a reference,
 * if it was installed since; else the copy's open bit is cleared.
 */
void fdt_copy_slot(struct task *current, const struct fdtable *ofdt, struct fdtable *nfdt,
		   unsigned fd);

/* A call has stopped with the lock held: does for it what is left to do under the lock. */
void fdt_finish_locked(struct task *current, struct files_struct *files);

/*
 * Stands where the kernel takes file_lock. There is no lock in the model, since a call gives way
 * only where the kernel does not hold it. Two points are exceptions, at which tasks without the
 * lock can see the change or install a file: between the steps of do_dup2, and between two slots
 * that dup_fd copies. The call that stopped there must be over with the lock before another call
 * can have it.
 */
static inline void file_lock(struct task *current, struct files_struct *files)
{
	if (is_explored(current->machine))
		fdt_touch_lock(current, TOUCH_READ, files);
	if (__builtin_expect(files->unfinished, 0))
		fdt_finish_locked(current, files);
}

/* ---- searches ---- */

/* files->next_fd, and a new value for it. */
static inline unsigned files_next_fd(const struct task *current, const struct files_struct *files)
{
	if (is_explored(current->machine))
		fdt_touch_numbers(current, TOUCH_READ, files);
	return files->next_fd;
}

static inline void files_set_next_fd(const struct task *current, struct files_struct *files,
				     unsigned fd)
{
	if (is_explored(current->machine))
		fdt_touch_numbers(current, TOUCH_UPDATE, files);
	files->next_fd = fd;
}

/* The first clear bit of open_fds from fd on, or max_fds. */
static inline unsigned find_next_zero_bit(const struct task *current, const struct fdtable *fdt,
					  unsigned fd)
{
	uint64_t zero;

	if (is_explored(current->machine))
		fdt_touch_numbers(current, TOUCH_READ, fdt->files);
	zero = sparse_next_clear(&fdt->fd, fd);
	return zero < fdt->max_fds ? (unsigned)zero : fdt->max_fds;
}

/* The last descriptor up to fd whose open bit is set; the first from fd on; or FD_NONE. */
uint64_t find_last_open(const struct task *current, const struct fdtable *fdt, uint64_t fd);
uint64_t find_next_open(const struct task *current, const struct fdtable *fdt, uint64_t fd);

/* The first descriptor from fd on that has a file, or FD_NONE. */
uint64_t find_next_file(const struct task *current, const struct fdtable *fdt, uint64_t fd);

/* The first word of close_on_exec from i on that is not 0, or one beyond the table. */
uint64_t find_next_cloexec_word(const struct task *current, const struct fdtable *fdt, uint64_t i);

/* Reads that word, and zeroes it. */
uint64_t fdt_take_cloexec_word(const struct task *current, struct fdtable *fdt, uint64_t i);

/*
 * Copies the slots and both bitmaps of the first nr descriptors into an empty table; references are
 * the caller's affair. 0 or -ENOMEM, and then nothing was copied.
 */
int fdt_copy(const struct task *current, struct fdtable *nfdt, const struct fdtable *ofdt,
	     uint64_t nr);

/* ---- the status flags of a description, O_APPEND and the like: for fcntl ---- */

unsigned f_flags_get(const struct file *file);
void f_flags_set(struct file *file, unsigned flags);

/* ---- under RCU, where other tasks may run between any two of these (fget.c) ---- */

/*
 * The file in a slot of a table that may have been replaced since it was read, and which the read
 * section keeps.
 */
struct file *fdt_get_rcu(const struct task *current, const struct files_struct *files,
			 const struct fdtable *fdt, unsigned fd);

/*
 * RCU keeps the memory of a released file for those that still look at it, and they find its count
 * at 0. The model frees that memory at once, and asks here, without looking at it: is this pointer
 * still one of the files that there were when newest was the highest id?
 */
bool file_is_there(const struct task *current, const struct file *file, uint64_t newest);

/* Takes a reference unless the count is 0 already. */
static inline bool get_file_not_zero(const struct task *current, struct file *file)
{
	if (is_explored(current->machine))
		fdt_touch_file(current, file);
	if (file->count == 0)
		return false;
	get_file(file);
	return true;
}

#endif
