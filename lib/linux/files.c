/*
 * The descriptor table: copying and releasing whole tables; allocating, installing, closing and
 * duplicating descriptors. The functions stand in the order of the kernel's fs/file.c and can be
 * read beside it; README.md says what each does. expand.c grows a table, rcu.c frees one that was
 * replaced, and fget.c looks a file up under RCU.
 */
#include "linux/files.h"

#include "base/heap.h"
#include "linux/expand.h"
#include "linux/fdtable.h"
#include "linux/rcu.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/limits.h"
#include "vfs/file.h"
#include "vfs/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#define FILES_STRUCT_SIZE 704 /* sizeof(struct files_struct) on a 64-bit machine */

/* ---- whole tables ---- */

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
	files->next_fd = 0;
	files->id = lm->next_files_id++;
	fdtab_init(current->machine, files);
	return files;
}

/* Gives the memory of a table back; its slots are empty, or belong to another table. */
static void files_free(struct fdl_machine *m, struct files_struct *files)
{
	locks_forget_owner(m, files);
	if (files->fdt != &files->fdtab)
		__free_fdtable(m, files->fdt);
	fdtab_free(files);
	kvfree(m, &files->self);
	free(files);
}

struct files_struct *files_new(struct task *current)
{
	return files_alloc(current);
}

/* The slots that a copy needs: whole words, up to the last open descriptor outside the hole. */
static unsigned count_open_files(const struct task *current, const struct fdtable *fdt,
				 struct fd_range hole)
{
	uint64_t last = find_last_open(current, fdt, fdt->max_fds - 1);

	if (last != FD_NONE && hole.from <= last && last <= hole.to)
		last = hole.from ? find_last_open(current, fdt, hole.from - 1) : FD_NONE;
	if (last == FD_NONE)
		return NR_OPEN_DEFAULT;
	return ((unsigned)last / BITS_PER_LONG + 1) * BITS_PER_LONG;
}

/*
 * Each file of a copy gets a reference. An open bit without a file belongs to a call that is in
 * flight in the original: it is cleared. Close-on-exec bits stay as they were copied. Returns the
 * second number that is reserved, whose slot is still to be looked at; FD_NONE: there is none.
 */
static uint64_t get_copied_files(struct fdtable *fdt)
{
	struct fdt_word w = { 0 };
	bool reserved = false;
	uint64_t second = FD_NONE;

	while (fdt_next_word(fdt, &w)) {
		for (uint64_t set = w.has_file; set; set &= set - 1)
			get_file(w.fd[__builtin_ctzll(set)]);
		for (uint64_t set = w.open_fds & ~w.has_file; set; set &= set - 1) {
			uint64_t fd = w.first + (unsigned)__builtin_ctzll(set);

			if (!reserved)
				__clear_open_fd(fdt, (unsigned)fd);
			else if (second == FD_NONE)
				second = fd;
			reserved = true;
		}
	}
	return second;
}

/*
 * fd_install takes no lock: while the slots are copied, in ascending order, a call may fill those
 * that it has reserved. So a copy may have a higher file of that call and lack a lower one.
 */
static void copy_reserved_slots(struct task *current, struct files_struct *oldf,
				struct fdtable *nfdt, uint64_t fd)
{
	if (fd == FD_NONE)
		return;
	files_set_copy(current, oldf, nfdt);
	for (; (fd = fdt_next(nfdt, OPEN_FDS, fd)) != FD_NONE; fd++) {
		if (fdt_slot(nfdt, fd))
			continue;
		oldf->copy_fd = (unsigned)fd;
		preempt(current, "dup_fd:slot");
		/* Another task has taken the lock since: it has copied the rest. */
		if (files_copy(current, oldf) != nfdt)
			return;
		fdt_copy_slot(current, oldf->fdt, nfdt, (unsigned)fd);
	}
	files_set_copy(current, oldf, NULL);
}

struct files_struct *dup_fd(struct task *current, struct files_struct *oldf, struct fd_range hole,
			    int *error)
{
	struct files_struct *newf = files_alloc(current);
	const struct fdtable *old_fdt;
	unsigned open_files;

	*error = -ENOMEM;
	if (!newf)
		return NULL;
	file_lock(current, oldf);
	old_fdt = files_fdtable(current, oldf);
	open_files = count_open_files(current, old_fdt, hole);
	while (open_files > newf->fdt->max_fds) {
		struct fdtable *new_fdt;

		if (newf->fdt != &newf->fdtab)
			__free_fdtable(current->machine, newf->fdt);
		newf->fdt = &newf->fdtab;
		preempt(current, "dup_fd");
		new_fdt = alloc_fdtable(current, newf, open_files - 1);
		if (!new_fdt)
			goto out_release;
		newf->fdt = new_fdt;
		/* sysctl_nr_open does not allow a table that is large enough. */
		if (new_fdt->max_fds < open_files) {
			*error = -EMFILE;
			goto out_release;
		}
		/* The lock was dropped: the old table may have changed. */
		file_lock(current, oldf);
		old_fdt = files_fdtable(current, oldf);
		open_files = count_open_files(current, old_fdt, hole);
	}
	if (fdt_copy(current, newf->fdt, old_fdt, open_files) < 0)
		goto out_release;
	copy_reserved_slots(current, oldf, newf->fdt, get_copied_files(newf->fdt));
	*error = 0;
	event_record(current, EVENT_COPY, newf->id, (int)open_files, oldf->id);
	return newf;

out_release:
	files_free(current->machine, newf);
	return NULL;
}

/*
 * The last holder closes every open descriptor, in ascending order. No other task can
 * see the table any more, so its slots are left as they are. A file that was installed by hand
 * without its open bit is lost, as in the kernel.
 */
static void close_files(struct task *current, struct files_struct *files)
{
	struct fdt_word w = { 0 };

	while (fdt_next_word(files->fdt, &w)) {
		for (uint64_t set = w.has_file & ~w.open_fds; set; set &= set - 1)
			w.fd[__builtin_ctzll(set)]->leaked++;
		for (uint64_t set = w.has_file & w.open_fds; set; set &= set - 1)
			filp_close(current, w.fd[__builtin_ctzll(set)], files);
	}
}

struct files_struct *get_files_struct(struct task *task)
{
	struct files_struct *files = task->files;

	if (files)
		files_count_inc(task, files);
	return files;
}

void put_files_struct(struct task *current, struct files_struct *files)
{
	if (files_count_dec(current, files) == 0) {
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

/* ---- descriptors ---- */

/*
 * Empties a slot that is given out although it has a file. No call will close that file any more.
 */
static __attribute__((noinline, cold)) void lose_file(struct task *current, struct fdtable *fdt,
						      unsigned fd)
{
	printk(current->machine, "alloc_fd: slot %u not NULL!", fd);
	current->machine->bugs++;
	fdt_lose(current, fdt, fd);
}

/* Inlined, because every open and dup calls get_unused_fd_flags. */
static inline __attribute__((always_inline)) int __alloc_fd(struct task *current,
							    struct files_struct *files,
							    unsigned start, unsigned end,
							    unsigned flags)
{
	struct fdtable *fdt;
	unsigned fd;
	int error;

	file_lock(current, files);
	do {
		fdt = files_fdtable(current, files);
		fd = files_next_fd(current, files);
		if (fd < start)
			fd = start;
		if (fd < fdt->max_fds)
			fd = find_next_zero_bit(current, fdt, fd);
		if (fd >= end)
			return -EMFILE;
		error = expand_files(current, files, fd);
		if (error < 0)
			return error;
	} while (error);

	error = fdt_reserve(current, fdt, fd, flags & O_CLOEXEC);
	if (error)
		return error;
	if (start <= files->next_fd)
		files_set_next_fd(current, files, fd + 1);
	if (__builtin_expect(fdt_get(current, fdt, fd) != NULL, 0))
		lose_file(current, fdt, fd);
	return (int)fd;
}

int alloc_fd(struct task *current, unsigned start, unsigned flags)
{
	return __alloc_fd(current, current->files, start, rlimit_nofile(current), flags);
}

int get_unused_fd_flags(struct task *current, unsigned flags)
{
	return __alloc_fd(current, current->files, 0, rlimit_nofile(current), flags);
}

void put_unused_fd(struct task *current, unsigned fd)
{
	struct files_struct *files = current->files;

	file_lock(current, files);
	fdt_unreserve(current, files_fdtable(current, files), fd);
}

static void __fd_install(struct task *current, struct files_struct *files, unsigned fd,
			 struct file *file)
{
	struct fdtable *fdt = files_fdtable(current, files);

	/* The call has died of a BUG already: its number and its file are lost. */
	if (__builtin_expect(current->oopsed, 0)) {
		file->leaked++;
		files->by_hand++;
		return;
	}
	/* No room: no call had reserved the descriptor. */
	call_drops(current, file);
	if (fd >= fdt->max_fds || fdt_get(current, fdt, fd) ||
	    fdt_install(current, fdt, fd, file) < 0) {
		file->leaked++;
		kernel_bug(current, "fd_install: slot %u is in use", fd);
	}
}

void fd_install(struct task *current, unsigned fd, struct file *file)
{
	__fd_install(current, current->files, fd, file);
}

int __close_fd(struct task *current, struct files_struct *files, unsigned fd)
{
	struct fdtable *fdt;
	struct file *file;

	file_lock(current, files);
	fdt = files_fdtable(current, files);
	if (fd >= fdt->max_fds)
		return -EBADF;
	file = fdt_get(current, fdt, fd);
	if (!file)
		return -EBADF;
	fdt_clear(current, fdt, fd, file);
	call_holds(current, file);
	preempt(current, "filp_close");
	return filp_close(current, file, files);
}

void do_close_on_exec(struct task *current, struct files_struct *files)
{
	file_lock(current, files);
	for (uint64_t i = 0;; i++) {
		struct fdtable *fdt = files_fdtable(current, files);
		uint64_t set;

		/* The kernel goes over all words; those that are 0 need no look. */
		i = find_next_cloexec_word(current, fdt, i);
		if (i * BITS_PER_LONG >= fdt->max_fds)
			break;
		set = fdt_take_cloexec_word(current, fdt, i);
		for (; set; set &= set - 1) {
			unsigned fd = (unsigned)i * BITS_PER_LONG + (unsigned)__builtin_ctzll(set);
			struct file *file = fcheck_files(current, files, fd);

			if (!file)
				continue;
			fdt_clear(current, files_fdtable(current, files), fd, file);
			call_holds(current, file);
			filp_close(current, file, files);
			preempt(current, "do_close_on_exec");
			file_lock(current, files);
		}
	}
}

void set_close_on_exec(struct task *current, unsigned fd, bool flag)
{
	struct fdtable *fdt;

	preempt(current, "set_close_on_exec");
	file_lock(current, current->files);
	fdt = files_fdtable(current, current->files);
	/* The kernel would write beyond the bitmap, into memory of another owner. */
	if (fd >= fdt->max_fds)
		kernel_bug(current, "set_close_on_exec: %u is beyond the table", fd);
	else
		fdt_mark(current, fdt, fd, flag);
}

bool get_close_on_exec(struct task *current, unsigned fd)
{
	const struct fdtable *fdt;

	preempt(current, "get_close_on_exec");
	fdt = files_fdtable(current, current->files);
	return fd < fdt->max_fds && close_on_exec(current, fdt, fd);
}

/*
 * Stores a file, with a reference, and sets its bits in a step after that. Not part of its caller,
 * because nearly all calls run straight through.
 */
static __attribute__((noinline)) int store_stepped(struct task *current, struct files_struct *files,
						   unsigned fd, struct file *file, bool cloexec)
{
	int error = fdt_store(current, files->fdt, fd, file, cloexec);

	if (error)
		return error;
	get_file(file);
	preempt(current, "__set_open_fd");
	fdt_set_bits(current, files);
	return 0;
}

int do_dup2(struct task *current, struct files_struct *files, struct file *file, unsigned fd,
	    unsigned flags)
{
	struct fdtable *fdt = files_fdtable(current, files);
	struct file *tofree = fdt_get(current, fdt, fd);
	int error;

	/*
	 * The bit without a file: another thread has reserved the number and is about to install.
	 * Taking it would put a second file into the slot that fd_install believes to be empty.
	 */
	if (!tofree && fd_is_open(current, fdt, fd))
		return -EBUSY;
	if (__builtin_expect(current->call->stepped, 0)) {
		error = store_stepped(current, files, fd, file, flags & O_CLOEXEC);
	} else {
		error = fdt_replace(current, fdt, fd, file, flags & O_CLOEXEC);
		if (!error)
			get_file(file);
	}
	if (error)
		return error;
	if (tofree) {
		call_holds(current, tofree);
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
	file_lock(current, files);
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
	preempt(current, "alloc_fd");
	fd = alloc_fd(current, from, flags);
	if (fd < 0)
		return fd;
	preempt(current, "fd_install");
	fd_install(current, (unsigned)fd, get_file(file));
	return fd;
}

int iterate_fd(struct task *current, struct files_struct *files, unsigned n,
	       int (*fn)(const void *arg, struct file *f, unsigned fd), const void *arg)
{
	const struct fdtable *fdt;
	uint64_t fd = n;
	int result = 0;

	if (!files)
		return 0;
	file_lock(current, files);
	fdt = files_fdtable(current, files);
	while (!result && (fd = find_next_file(current, fdt, fd)) != FD_NONE) {
		result = fn(arg, fdt_get(current, fdt, (unsigned)fd), (unsigned)fd);
		fd++;
	}
	return result;
}
