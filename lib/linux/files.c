/*
 * The descriptor table: allocating, installing, closing and duplicating descriptors, copying and
 * releasing whole tables. Read it beside SEMANTICS; the order of the checks is the point of it.
 * Growing a table is expand.c's affair, reading one under RCU is fget.c's.
 */
#include "linux/files.h"
#include "linux/expand.h"

#include "base/heap.h"
#include "vfs/file.h"
#include "process/limits.h"
#include "vfs/lock.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "machine/transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define FILES_STRUCT_SIZE 704 /* sizeof(struct files_struct) on a 64-bit machine */

struct file *fcheck_files(const struct files_struct *files, unsigned fd)
{
	const struct fdtable *fdt = files->fdt;

	return fd < fdt->max_fds ? sparse_get(&fdt->fds, fd) : NULL;
}

bool fd_is_open(unsigned fd, const struct fdtable *fdt)
{
	return sparse_test(&fdt->fds, SPARSE_OPEN, fd);
}

TOUCHES void touch_fd(const struct task *current, enum touch how, const struct files_struct *files,
		      unsigned fd)
{
	const struct fdl_machine *m = current->machine;

	touch(m, TOUCH_READ, files, PART_TABLE);
	touch_part(m, how, files, PART(PART_SLOT) | fd);
	if (!fd_is_open(fd, files->fdt))
		touch(m, TOUCH_READ, files, PART_NUMBERS);
}

/* What is in use, for who goes over all of it; and what is reserved, besides. */
static void touch_slots(const struct task *current, const struct files_struct *files)
{
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	touch(current->machine, TOUCH_READ, files, PART_SLOTS);
}

static void touch_whole(const struct task *current, const struct files_struct *files)
{
	touch_slots(current, files);
	touch(current->machine, TOUCH_READ, files, PART_NUMBERS);
	touch(current->machine, TOUCH_READ, files, PART_CLOEXEC);
}

static TOUCHES void touch_numbers(const struct task *current, const struct files_struct *files)
{
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	touch(current->machine, TOUCH_WRITE, files, PART_NUMBERS);
}

static TOUCHES void touch_reserved(const struct task *current, const struct files_struct *files,
				   unsigned fd)
{
	touch_fd(current, TOUCH_WRITE, files, fd);
	touch(current->machine, TOUCH_UPDATE, files, PART_CLOEXEC);
}

static TOUCHES void touch_unreserved(const struct task *current, const struct files_struct *files,
				     unsigned fd)
{
	touch_fd(current, TOUCH_WRITE, files, fd);
	touch(current->machine, TOUCH_UPDATE, files, PART_NUMBERS);
}

static TOUCHES void touch_installed(const struct task *current, const struct files_struct *files,
				    unsigned fd, const struct file *file)
{
	touch_fd(current, TOUCH_WRITE, files, fd);
	touch(current->machine, TOUCH_UPDATE, files, PART_SLOTS);
	touch(current->machine, TOUCH_READ, file, PART_ITSELF);
}

static TOUCHES void touch_cleared(const struct task *current, const struct files_struct *files,
				  unsigned fd)
{
	touch_unreserved(current, files, fd);
	touch(current->machine, TOUCH_UPDATE, files, PART_SLOTS);
	touch(current->machine, TOUCH_UPDATE, files, PART_CLOEXEC);
}

/* dup2 onto a descriptor whose slot has a file, or has none. */
static TOUCHES void touch_replaced(const struct task *current, const struct files_struct *files,
				   unsigned fd, const struct file *file, bool had)
{
	touch_installed(current, files, fd, file);
	touch(current->machine, TOUCH_UPDATE, files, PART_CLOEXEC);
	if (!had)
		touch(current->machine, TOUCH_UPDATE, files, PART_NUMBERS);
}

/* Sets or clears close-on-exec of a descriptor that was reserved or is being replaced. */
static void __set_close_on_exec(struct fdtable *fdt, unsigned fd, bool flag)
{
	if (flag)
		sparse_set(&fdt->fds, SPARSE_CLOEXEC, fd);
	else
		sparse_clear(&fdt->fds, SPARSE_CLOEXEC, fd);
}

/* A slot that is given out although it has a file, which nobody will close any more. */
static __attribute__((noinline, cold)) void lose_file(struct task *current, struct fdtable *fdt,
						      unsigned fd)
{
	struct file *lost = sparse_get(&fdt->fds, fd);

	printk(current->machine, "alloc_fd: slot %u not NULL!", fd);
	current->machine->bugs++;
	lost->leaked++;
	sparse_put(&fdt->fds, fd, NULL);
}

/* __alloc_fd, for this file's own: part of its callers. */
static inline __attribute__((always_inline)) int alloc(struct task *current,
						       struct files_struct *files, unsigned start,
						       unsigned end, unsigned flags)
{
	struct fdtable *fdt;
	unsigned fd;
	int error;

	do {
		if (is_explored(current->machine))
			touch_numbers(current, files);
		fdt = files->fdt;
		fd = start > files->next_fd ? start : files->next_fd;
		if (fd < fdt->max_fds) {
			uint64_t free = sparse_next_clear(&fdt->fds, fd);

			fd = free < fdt->max_fds ? (unsigned)free : fdt->max_fds;
		}
		if (fd >= end)
			return -EMFILE;
		error = expand_files(current, files, fd);
		if (error < 0)
			return error;
	} while (error);

	error = sparse_reserve(&fdt->fds, fd);
	if (error)
		return error;
	if (is_explored(current->machine))
		touch_reserved(current, files, fd);
	if (start <= files->next_fd)
		files->next_fd = fd + 1;
	sparse_set_both(&fdt->fds, fd, flags & O_CLOEXEC);
	if (__builtin_expect(sparse_get(&fdt->fds, fd) != NULL, 0))
		lose_file(current, fdt, fd);
	event_record(current, EVENT_RESERVE, files->id, fd, !!(flags & O_CLOEXEC));
	return (int)fd;
}

int __alloc_fd(struct task *current, struct files_struct *files, unsigned start, unsigned end,
	       unsigned flags)
{
	return alloc(current, files, start, end, flags);
}

int alloc_fd(struct task *current, unsigned start, unsigned flags)
{
	return __alloc_fd(current, current->files, start, rlimit_nofile(current), flags);
}

int get_unused_fd_flags(struct task *current, unsigned flags)
{
	return alloc(current, current->files, 0, rlimit_nofile(current), flags);
}

void put_unused_fd(struct task *current, unsigned fd)
{
	struct files_struct *files = current->files;

	if (is_explored(current->machine))
		touch_unreserved(current, files, fd);
	sparse_clear(&files->fdt->fds, SPARSE_OPEN, fd);
	if (fd < files->next_fd)
		files->next_fd = fd;
	event_record(current, EVENT_UNRESERVE, files->id, fd, 0);
}

void fd_install(struct task *current, unsigned fd, struct file *file)
{
	struct files_struct *files = current->files;
	struct fdtable *fdt = files->fdt;

	if (is_explored(current->machine))
		touch_installed(current, files, fd, file);
	/* The call has died of a BUG already: what it had reserved and opened is lost. */
	if (__builtin_expect(current->oopsed, 0)) {
		file->leaked++;
		files->by_hand++;
		return;
	}
	/* Out of memory can only come of a descriptor that nobody had reserved. */
	if (fd >= fdt->max_fds || sparse_get(&fdt->fds, fd) || sparse_reserve(&fdt->fds, fd) < 0) {
		file->leaked++;
		kernel_bug(current, "fd_install: slot %u is in use", fd);
		return;
	}
	sparse_put(&fdt->fds, fd, file);
	event_record(current, EVENT_INSTALL, files->id, fd, file->id);
}

/* Takes the file out of a slot that has one, and frees the descriptor with its bits. */
static inline __attribute__((always_inline)) void
clear_slot(struct task *current, struct files_struct *files, unsigned fd, struct file *file)
{
	struct sparse *fds = &files->fdt->fds;

	if (is_explored(current->machine))
		touch_cleared(current, files, fd);
	sparse_clear(fds, SPARSE_CLOEXEC, fd);
	sparse_put(fds, fd, NULL);
	sparse_clear(fds, SPARSE_OPEN, fd);
	if (fd < files->next_fd)
		files->next_fd = fd;
	event_record(current, EVENT_CLEAR, files->id, fd, file->id);
}

int __close_fd(struct task *current, struct files_struct *files, unsigned fd)
{
	struct file *file = fcheck_files(files, fd);

	if (!file) {
		if (is_explored(current->machine))
			touch_fd(current, TOUCH_READ, files, fd);
		return -EBADF;
	}
	clear_slot(current, files, fd, file);
	preempt(current, "filp_close");
	return filp_close(current, file, files);
}

void close_fds(struct task *current, struct files_struct *files, unsigned first, unsigned last)
{
	uint64_t fd = first;

	touch_slots(current, files);
	while ((fd = sparse_next(&files->fdt->fds, SPARSE_SLOT, fd)) <= last) {
		__close_fd(current, files, (unsigned)fd);
		fd++;
		touch_slots(current, files);
	}
}

void do_close_on_exec(struct task *current, struct files_struct *files)
{
	uint64_t fd = 0;

	touch_slots(current, files);
	touch(current->machine, TOUCH_WRITE, files, PART_CLOEXEC);
	/* The kernel goes over all words; the ones that are zero need no look. */
	while ((fd = sparse_next(&files->fdt->fds, SPARSE_CLOEXEC, fd)) < files->fdt->max_fds) {
		unsigned word = (unsigned)fd & ~(BITS_PER_LONG - 1);
		uint64_t set = sparse_word(&files->fdt->fds, SPARSE_CLOEXEC, word / BITS_PER_LONG);

		for (uint64_t bits = set; bits; bits &= bits - 1)
			sparse_clear(&files->fdt->fds, SPARSE_CLOEXEC,
				     word + (unsigned)__builtin_ctzll(bits));
		for (; set; set &= set - 1) {
			unsigned n = word + (unsigned)__builtin_ctzll(set);
			struct file *file = fcheck_files(files, n);

			if (is_explored(current->machine))
				touch_fd(current, TOUCH_WRITE, files, n);
			if (!file)
				continue;
			clear_slot(current, files, n, file);
			filp_close(current, file, files);
			preempt(current, "do_close_on_exec");
			touch_slots(current, files);
			touch(current->machine, TOUCH_WRITE, files, PART_CLOEXEC);
		}
		fd = (uint64_t)word + BITS_PER_LONG;
	}
}

void set_close_on_exec(struct task *current, unsigned fd, bool flag)
{
	struct files_struct *files = current->files;
	struct fdtable *fdt = files->fdt;

	if (is_explored(current->machine))
		touch_reserved(current, files, fd);
	/* Beyond the table the kernel would write into somebody else's memory. */
	if (fd >= fdt->max_fds) {
		kernel_bug(current, "set_close_on_exec: %u is beyond the table", fd);
		return;
	}
	if (sparse_reserve(&fdt->fds, fd) < 0)
		return;
	__set_close_on_exec(fdt, fd, flag);
	event_record(current, EVENT_CLOEXEC, files->id, fd, flag);
}

bool get_close_on_exec(struct task *current, unsigned fd)
{
	struct files_struct *files = current->files;

	if (is_explored(current->machine))
		touch_fd(current, TOUCH_READ, files, fd);
	return fd < files->fdt->max_fds && sparse_test(&files->fdt->fds, SPARSE_CLOEXEC, fd);
}

int do_dup2(struct task *current, struct files_struct *files, struct file *file, unsigned fd,
	    unsigned flags)
{
	const bool cloexec = flags & O_CLOEXEC;
	struct fdtable *fdt = files->fdt;
	struct file *tofree = sparse_get(&fdt->fds, fd);

	if (is_explored(current->machine))
		touch_replaced(current, files, fd, file, tofree != NULL);
	/*
	 * The bit without a file: somebody has reserved the number and is about to install. Taking
	 * it would put a second file into the slot that fd_install believes to be empty.
	 */
	if (!tofree && fd_is_open(fd, fdt))
		return -EBUSY;
	if (sparse_reserve(&fdt->fds, fd) < 0)
		return -ENOMEM;
	get_file(file);
	sparse_put(&fdt->fds, fd, file);
	sparse_set(&fdt->fds, SPARSE_OPEN, fd);
	event_record(current, EVENT_INSTALL, files->id, fd, file->id);
	if (sparse_test(&fdt->fds, SPARSE_CLOEXEC, fd) != cloexec) {
		__set_close_on_exec(fdt, fd, cloexec);
		event_record(current, EVENT_CLOEXEC, files->id, (int)fd, cloexec);
	}
	if (tofree) {
		preempt(current, "filp_close");
		filp_close(current, tofree, files);
	}
	return (int)fd;
}

int replace_fd(struct task *current, unsigned fd, struct file *file, unsigned flags)
{
	struct files_struct *files = current->files;
	int error;

	if (!file)
		return __close_fd(current, files, fd);
	if (fd >= rlimit_nofile(current))
		return -EBADF;
	error = expand_files(current, files, fd);
	if (error < 0)
		return error;
	return do_dup2(current, files, file, fd, flags);
}

int f_dupfd(struct task *current, unsigned from, struct file *file, unsigned flags)
{
	int fd;

	if (from >= rlimit_nofile(current))
		return -EINVAL;
	fd = alloc_fd(current, from, flags);
	if (fd < 0)
		return fd;
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, get_file(file));
	return fd;
}

static struct files_struct *files_alloc(struct task *current)
{
	struct linux_machine *lm = current->machine->kernel_data;
	struct files_struct *files = calloc(1, sizeof(*files));

	if (!files)
		return NULL;
	if (kmalloc(current, &files->self, FILES_STRUCT_SIZE) < 0) {
		free(files);
		return NULL;
	}
	files->count = 1;
	files->id = lm->next_files_id++;
	files->fdt = &files->fdtab;
	files->fdtab.max_fds = NR_OPEN_DEFAULT;
	files->fdtab.files_id = files->id;
	sparse_init(&files->fdtab.fds, &files->fd_array, &current->machine->memory);
	return files;
}

/* Gives the table's memory back; the slots are empty or somebody else's. */
static void files_free(struct fdl_machine *m, struct files_struct *files)
{
	locks_forget_owner(m, files);
	if (files->fdt != &files->fdtab)
		__free_fdtable(m, files->fdt);
	sparse_free(&files->fdtab.fds);
	kvfree(m, &files->self);
	free(files);
}

struct files_struct *files_new(struct task *current)
{
	return files_alloc(current);
}

/* How many slots a copy needs: whole words, up to the last descriptor in use outside the hole. */
static unsigned count_open_files(const struct fdtable *fdt, struct fd_range hole)
{
	uint64_t last = sparse_last(&fdt->fds, SPARSE_OPEN);

	if (last != SPARSE_NONE && hole.from <= last && last <= hole.to) {
		uint64_t fd = SPARSE_NONE, next = 0;

		while ((next = sparse_next(&fdt->fds, SPARSE_OPEN, next)) < hole.from)
			fd = next++;
		last = fd;
	}
	if (last == SPARSE_NONE || last >= fdt->max_fds)
		return NR_OPEN_DEFAULT;
	return ((unsigned)last / BITS_PER_LONG + 1) * BITS_PER_LONG;
}

/*
 * Fills a copy's table with the first n descriptors of another: each file gets a reference; an
 * open bit without a file belongs to a call that is still in flight, and is not copied. The
 * close-on-exec bits are, all of them. 0 or -ENOMEM, and then nothing was copied.
 */
static int copy_slots(struct fdtable *new, const struct fdtable *old, unsigned n)
{
	int error = sparse_copy(&new->fds, &old->fds, n / BITS_PER_LONG);
	uint64_t fd = 0;

	if (error)
		return error;
	while ((fd = sparse_next(&new->fds, SPARSE_SLOT, fd)) != SPARSE_NONE) {
		const struct sparse_leaf *leaf = sparse_leaf(&new->fds, fd / BITS_PER_LONG);

		for (uint64_t set = leaf->map[SPARSE_SLOT]; set; set &= set - 1)
			get_file(leaf->slot[__builtin_ctzll(set)]);
		fd = (fd | (BITS_PER_LONG - 1)) + 1;
	}
	fd = 0;
	while ((fd = sparse_next(&new->fds, SPARSE_OPEN, fd)) != SPARSE_NONE) {
		const struct sparse_leaf *leaf = sparse_leaf(&new->fds, fd / BITS_PER_LONG);
		uint64_t first = fd & ~UINT64_C(63);
		uint64_t reserved = leaf->map[SPARSE_OPEN] & ~leaf->map[SPARSE_SLOT];

		for (; reserved; reserved &= reserved - 1)
			sparse_clear(&new->fds, SPARSE_OPEN,
				     first + (unsigned)__builtin_ctzll(reserved));
		fd = first + BITS_PER_LONG;
	}
	return 0;
}

struct files_struct *dup_fd(struct task *current, struct files_struct *oldf, struct fd_range hole,
			    int *error)
{
	struct files_struct *newf = files_alloc(current);
	unsigned open_files;

	*error = -ENOMEM;
	if (!newf)
		return NULL;
	touch_whole(current, oldf);
	open_files = count_open_files(oldf->fdt, hole);
	while (open_files > newf->fdt->max_fds) {
		if (newf->fdt != &newf->fdtab)
			__free_fdtable(current->machine, newf->fdt);
		newf->fdt = &newf->fdtab;
		preempt(current, "dup_fd");
		struct fdtable *fdt = alloc_fdtable(current, newf, open_files - 1);

		if (!fdt)
			goto out_release;
		newf->fdt = fdt;
		if (fdt->max_fds < open_files) {
			*error = -EMFILE;
			goto out_release;
		}
		/* The lock was dropped: the old table may have changed. */
		touch_whole(current, oldf);
		open_files = count_open_files(oldf->fdt, hole);
	}
	if (copy_slots(newf->fdt, oldf->fdt, open_files) < 0)
		goto out_release;
	*error = 0;
	event_record(current, EVENT_COPY, newf->id, open_files, oldf->id);
	return newf;

out_release:
	files_free(current->machine, newf);
	return NULL;
}

struct files_struct *get_files_struct(struct task *task)
{
	struct files_struct *files = task->files;

	if (files) {
		touch(task->machine, TOUCH_WRITE, files, PART_COUNT);
		files->count++;
		event_record(task, EVENT_SHARE, files->id, -1, files->count);
	}
	return files;
}

/*
 * In ascending order, every open descriptor: what the last holder does. Nobody can see the table
 * any more, so its slots are left as they are.
 */
static void close_files(struct task *current, struct files_struct *files)
{
	struct sparse *fds = &files->fdt->fds;
	uint64_t fd = 0;

	for (; (fd = sparse_next(fds, SPARSE_SLOT, fd)) != SPARSE_NONE; fd |= 63, fd++) {
		const struct sparse_leaf *leaf = sparse_leaf(fds, fd / BITS_PER_LONG);

		for (uint64_t set = leaf->map[SPARSE_SLOT]; set; set &= set - 1) {
			unsigned i = (unsigned)__builtin_ctzll(set);
			struct file *file = leaf->slot[i];

			/*
			 * What was installed by hand without a reservation is lost, as in the
			 * kernel.
			 */
			if (leaf->map[SPARSE_OPEN] >> i & 1)
				filp_close(current, file, files);
			else
				file->leaked++;
		}
	}
}

void put_files_struct(struct task *current, struct files_struct *files)
{
	touch(current->machine, TOUCH_WRITE, files, PART_COUNT);
	files->count--;
	event_record(current, EVENT_UNSHARE, files->id, -1, files->count);
	if (files->count == 0) {
		close_files(current, files);
		files_free(current->machine, files);
	}
}

void reset_files_struct(struct task *current, struct files_struct *files)
{
	struct files_struct *old = current->files;

	current->files = files;
	put_files_struct(current, old);
}

void exit_files(struct task *tsk)
{
	struct files_struct *files = tsk->files;

	if (files) {
		tsk->files = NULL;
		put_files_struct(tsk, files);
	}
}

int iterate_fd(struct files_struct *files, unsigned n,
	       int (*fn)(const void *arg, struct file *f, unsigned fd), const void *arg)
{
	uint64_t fd = n;
	int result = 0;

	if (!files)
		return 0;
	while (!result && (fd = sparse_next(&files->fdt->fds, SPARSE_SLOT, fd)) != SPARSE_NONE) {
		result = fn(arg, sparse_get(&files->fdt->fds, fd), (unsigned)fd);
		fd++;
	}
	return result;
}
