/*
 * The far half of fdtable.h: the memory of tables, and what their accessors tell an explorer.
 *
 * A report of an accessor must not depend on the steps of a third task, or the explorer would miss
 * that two steps meet. So a look at a number that is free reads which numbers are free, because an
 * allocation could have given that number out; and a search reads all that it could have found.
 */
#include "linux/fdtable.h"

#include "base/heap.h"

#include <errno.h>
#include <stdlib.h>

/* ---- memory ---- */

#define FDTABLE_SIZE     56  /* sizeof(struct fdtable) on a 64-bit machine */
#define SLOT_SIZE        8   /* a pointer */
#define FDTABLE_UNIT     128 /* slots in 1024 bytes of pointers */
#define BITMAPS_SIZE_MIN 64  /* a cache line for the two bitmaps */

/* A table and, as the embedded one has it in fd_array, its first leaf. */
struct allocated {
	struct fdtable fdt;
	struct sparse_leaf first;
};

static uint64_t roundup_pow_of_two(uint64_t n)
{
	return n <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(n - 1));
}

/* Slots of a table for a highest descriptor nr. */
static unsigned table_size(uint64_t nr_open, unsigned nr)
{
	uint64_t slots = roundup_pow_of_two(nr / FDTABLE_UNIT + 1) * FDTABLE_UNIT;

	if (slots > nr_open)
		slots = ((nr_open - 1) | (BITS_PER_LONG - 1)) + 1;
	return (unsigned)slots;
}

/* kmalloc; vmalloc for large arrays, or when kmalloc fails. */
static int alloc_fdmem(struct task *current, struct kmem *mem, size_t size)
{
	return kvmalloc(current, mem, size);
}

static void free_fdmem(struct fdl_machine *m, struct kmem *mem)
{
	kvfree(m, mem);
}

struct fdtable *alloc_fdtable(struct task *current, struct files_struct *files, unsigned nr)
{
	unsigned slots = table_size(sysctl_nr_open(current), nr);
	size_t bitmaps = (size_t)slots / 8 * 2;
	struct budget *memory = &current->machine->memory;
	struct allocated *table;
	struct fdtable *fdt;

	/* Charged, because retired tables may wait for as long as a grace period is held. */
	if (!budget_take(memory, sizeof(*table)))
		return NULL;
	table = calloc(1, sizeof(*table));
	if (!table)
		goto out_budget;
	fdt = &table->fdt;
	list_init(&fdt->retired);
	if (kmalloc(current, &fdt->self, FDTABLE_SIZE) < 0)
		goto out;
	if (alloc_fdmem(current, &fdt->array, (size_t)slots * SLOT_SIZE) < 0)
		goto out_self;
	if (alloc_fdmem(current, &fdt->bitmaps,
			bitmaps > BITMAPS_SIZE_MIN ? bitmaps : BITMAPS_SIZE_MIN) < 0)
		goto out_array;
	fdt->max_fds = slots;
	fdt->files = files;
	fdt->files_id = files->id;
	sparse_init(&fdt->fd, &table->first, memory);
	return fdt;

out_array:
	free_fdmem(current->machine, &fdt->array);
out_self:
	kvfree(current->machine, &fdt->self);
out:
	free(table);
out_budget:
	memory->used -= sizeof(*table);
	return NULL;
}

void __free_fdtable(struct fdl_machine *m, struct fdtable *fdt)
{
	touch(m, TOUCH_WRITE, fdt, PART_ITSELF);
	list_del(&fdt->retired);
	sparse_free(&fdt->fd);
	free_fdmem(m, &fdt->bitmaps);
	free_fdmem(m, &fdt->array);
	kvfree(m, &fdt->self);
	m->memory.used -= sizeof(struct allocated);
	free(container_of(fdt, struct allocated, fdt));
}

bool is_vmalloc_fdtable(const struct fdtable *fdt)
{
	return fdt->array.kind == KMEM_VMALLOC || fdt->bitmaps.kind == KMEM_VMALLOC;
}

void fdtab_init(struct fdl_machine *m, struct files_struct *files)
{
	struct fdtable *fdt = &files->fdtab;

	fdt->max_fds = NR_OPEN_DEFAULT;
	fdt->files = files;
	fdt->files_id = files->id;
	sparse_init(&fdt->fd, &files->fd_array, &m->memory);
	files->fdt = fdt;
}

void fdtab_free(struct files_struct *files)
{
	sparse_free(&files->fdtab.fd);
}

/* ---- looks ---- */

uint64_t fdt_next_used(const struct fdtable *fdt, uint64_t fd)
{
	uint64_t open = fdt_next(fdt, OPEN_FDS, fd), used = fdt_next(fdt, FD_SLOTS, fd);

	return open < used ? open : used;
}

bool fdt_find_used(const struct fdtable *fdt, uint64_t *fd, struct file **file, bool *cloexec)
{
	const struct sparse_leaf *leaf = sparse_leaf(&fdt->fd, *fd / BITS_PER_LONG);
	uint64_t used = leaf ? leaf->map[OPEN_FDS] | leaf->map[FD_SLOTS] : 0;
	unsigned i;

	used = used >> *fd % BITS_PER_LONG << *fd % BITS_PER_LONG;
	if (used) {
		i = (unsigned)__builtin_ctzll(used);
		*fd += i - *fd % BITS_PER_LONG;
	} else {
		*fd = fdt_next_used(fdt, *fd);
		if (*fd == FD_NONE)
			return false;
		leaf = sparse_leaf(&fdt->fd, *fd / BITS_PER_LONG);
		i = *fd % BITS_PER_LONG;
	}
	*file = leaf->map[FD_SLOTS] >> i & 1 ? leaf->slot[i] : NULL;
	*cloexec = leaf->map[CLOSE_ON_EXEC] >> i & 1;
	return true;
}

uint64_t fdt_first_free(const struct fdtable *fdt)
{
	return sparse_next_clear(&fdt->fd, 0);
}

uint64_t fdt_last_open(const struct fdtable *fdt)
{
	return sparse_last(&fdt->fd, OPEN_FDS);
}

bool fdt_next_word(const struct fdtable *fdt, struct fdt_word *w)
{
	const uint64_t fd = fdt_next(fdt, SPARSE_ANY, w->next * BITS_PER_LONG);
	const struct sparse_leaf *leaf;

	if (fd == FD_NONE)
		return false;
	leaf = sparse_leaf(&fdt->fd, fd / BITS_PER_LONG);
	w->next = fd / BITS_PER_LONG + 1;
	w->first = fd & ~(uint64_t)(BITS_PER_LONG - 1);
	w->open_fds = leaf->map[OPEN_FDS];
	w->close_on_exec = leaf->map[CLOSE_ON_EXEC];
	w->has_file = leaf->map[FD_SLOTS];
	w->fd = (struct file *const *)leaf->slot;
	return true;
}

/* ---- what accessors tell ---- */

TOUCHES void fdt_touch_table(const struct task *current, const struct files_struct *files)
{
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
}

TOUCHES void fdt_touch_lock(const struct task *current, enum touch how,
			    const struct files_struct *files)
{
	touch(current->machine, how, files, PART_LOCK);
}

TOUCHES void fdt_touch_count(const struct task *current, const struct files_struct *files)
{
	touch(current->machine, TOUCH_READ, files, PART_COUNT);
}

TOUCHES void fdt_touch_numbers(const struct task *current, enum touch how,
			       const struct files_struct *files)
{
	touch(current->machine, how, files, PART_NUMBERS);
}

TOUCHES void fdt_touch_slot(const struct task *current, enum touch how, const struct fdtable *fdt,
			    unsigned fd)
{
	touch_part(current->machine, how, fdt->files, PART(PART_SLOT) | fd);
	if (!fdt_bit(fdt, OPEN_FDS, fd))
		touch(current->machine, TOUCH_READ, fdt->files, PART_NUMBERS);
}

TOUCHES void fdt_touch_marked(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	fdt_touch_slot(current, TOUCH_WRITE, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_CLOEXEC);
}

TOUCHES void fdt_touch_unreserved(const struct task *current, const struct fdtable *fdt,
				  unsigned fd)
{
	fdt_touch_slot(current, TOUCH_WRITE, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_NUMBERS);
}

TOUCHES void fdt_touch_reserved(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	fdt_touch_unreserved(current, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_CLOEXEC);
}

TOUCHES void fdt_touch_installed(const struct task *current, const struct fdtable *fdt, unsigned fd,
				 const struct file *file)
{
	fdt_touch_slot(current, TOUCH_WRITE, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_SLOTS);
	touch(current->machine, TOUCH_READ, file, PART_ITSELF);
}

TOUCHES void fdt_touch_set_bits(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	fdt_touch_slot(current, TOUCH_WRITE, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_CLOEXEC);
	if (!fdt_bit(fdt, OPEN_FDS, fd))
		touch(current->machine, TOUCH_UPDATE, fdt->files, PART_NUMBERS);
}

TOUCHES void fdt_touch_cleared(const struct task *current, const struct fdtable *fdt, unsigned fd)
{
	fdt_touch_reserved(current, fdt, fd);
	touch(current->machine, TOUCH_UPDATE, fdt->files, PART_SLOTS);
}

TOUCHES void fdt_touch_file(const struct task *current, const struct file *file)
{
	touch(current->machine, TOUCH_READ, file, PART_ITSELF);
}

/* ---- accessors ---- */

void files_set_fdtable(struct task *current, struct files_struct *files, struct fdtable *new_fdt)
{
	struct fdtable *cur_fdt = files->fdt;

	touch(current->machine, TOUCH_WRITE, files, PART_TABLE);
	cur_fdt->newest = current->machine->next_file_id;
	files->fdt = new_fdt;
	event_record(current, EVENT_EXPAND, files->id, (int)cur_fdt->max_fds, new_fdt->max_fds);
}

void files_count_inc(struct task *task, struct files_struct *files)
{
	touch(task->machine, TOUCH_WRITE, files, PART_COUNT);
	files->count++;
	event_record(task, EVENT_SHARE, files->id, -1, files->count);
}

unsigned files_count_dec(struct task *current, struct files_struct *files)
{
	touch(current->machine, TOUCH_WRITE, files, PART_COUNT);
	files->count--;
	event_record(current, EVENT_UNSHARE, files->id, -1, files->count);
	return files->count;
}

uint64_t sysctl_nr_open(const struct task *current)
{
	touch(current->machine, TOUCH_READ, current->machine, PART_SYSCTL);
	return current->machine->nr_open;
}

void fdt_lose(struct task *current, struct fdtable *fdt, unsigned fd)
{
	struct file *file = fdt_slot(fdt, fd);

	if (is_explored(current->machine))
		fdt_touch_installed(current, fdt, fd, file);
	file->leaked++;
	sparse_put(&fdt->fd, fd, NULL);
}

int fdt_store(struct task *current, struct fdtable *fdt, unsigned fd, struct file *file,
	      bool cloexec)
{
	struct files_struct *files = fdt->files;
	int error = sparse_reserve(&fdt->fd, fd);

	if (error)
		return error;
	if (is_explored(current->machine)) {
		fdt_touch_lock(current, TOUCH_WRITE, files);
		fdt_touch_installed(current, fdt, fd, file);
	}
	sparse_put(&fdt->fd, fd, file);
	event_record(current, EVENT_INSTALL, fdt->files_id, (int)fd, file->id);
	files->stored = files->unfinished = true;
	files->stored_fd = fd;
	files->stored_cloexec = cloexec;
	return 0;
}

void fdt_set_bits(struct task *current, struct files_struct *files)
{
	struct fdtable *fdt = files->fdt;
	const unsigned fd = files->stored_fd;
	const bool cloexec = files->stored_cloexec;
	bool changes;

	if (is_explored(current->machine))
		fdt_touch_lock(current, files->stored ? TOUCH_WRITE : TOUCH_READ, files);
	/* Another task has taken the lock since: it has set the bits. */
	if (!files->stored)
		return;
	if (is_explored(current->machine))
		fdt_touch_set_bits(current, fdt, fd);
	files->stored = false;
	files->unfinished = files->copy != NULL;
	changes = fdt_bit(fdt, CLOSE_ON_EXEC, fd) != cloexec;
	sparse_set_both(&fdt->fd, fd, cloexec);
	if (changes)
		event_record(current, EVENT_CLOEXEC, fdt->files_id, (int)fd, cloexec);
}

void fdt_mark(struct task *current, struct fdtable *fdt, unsigned fd, bool flag)
{
	if (is_explored(current->machine))
		fdt_touch_marked(current, fdt, fd);
	if (sparse_reserve(&fdt->fd, fd) < 0)
		return;
	if (flag)
		sparse_set(&fdt->fd, CLOSE_ON_EXEC, fd);
	else
		sparse_clear(&fdt->fd, CLOSE_ON_EXEC, fd);
	event_record(current, EVENT_CLOEXEC, fdt->files_id, (int)fd, flag);
}

uint64_t find_last_open(const struct task *current, const struct fdtable *fdt, uint64_t fd)
{
	touch(current->machine, TOUCH_READ, fdt->files, PART_NUMBERS);
	return sparse_prev(&fdt->fd, OPEN_FDS, fd);
}

uint64_t find_next_open(const struct task *current, const struct fdtable *fdt, uint64_t fd)
{
	touch(current->machine, TOUCH_READ, fdt->files, PART_NUMBERS);
	return fdt_next(fdt, OPEN_FDS, fd);
}

uint64_t find_next_file(const struct task *current, const struct fdtable *fdt, uint64_t fd)
{
	touch(current->machine, TOUCH_READ, fdt->files, PART_SLOTS);
	return fdt_next(fdt, FD_SLOTS, fd);
}

uint64_t find_next_cloexec_word(const struct task *current, const struct fdtable *fdt, uint64_t i)
{
	touch(current->machine, TOUCH_READ, fdt->files, PART_CLOEXEC);
	return fdt_next(fdt, CLOSE_ON_EXEC, i * BITS_PER_LONG) / BITS_PER_LONG;
}

uint64_t fdt_take_cloexec_word(const struct task *current, struct fdtable *fdt, uint64_t i)
{
	const uint64_t set = sparse_word(&fdt->fd, CLOSE_ON_EXEC, i);

	for (uint64_t bits = set; bits; bits &= bits - 1) {
		uint64_t fd = i * BITS_PER_LONG + (unsigned)__builtin_ctzll(bits);

		if (is_explored(current->machine))
			fdt_touch_marked(current, fdt, (unsigned)fd);
		sparse_clear(&fdt->fd, CLOSE_ON_EXEC, fd);
	}
	return set;
}

int fdt_copy(const struct task *current, struct fdtable *nfdt, const struct fdtable *ofdt,
	     uint64_t nr)
{
	touch(current->machine, TOUCH_READ, ofdt->files, PART_SLOTS);
	touch(current->machine, TOUCH_READ, ofdt->files, PART_NUMBERS);
	touch(current->machine, TOUCH_READ, ofdt->files, PART_CLOEXEC);
	return sparse_copy(&nfdt->fd, &ofdt->fd, nr / BITS_PER_LONG);
}

struct fdtable *files_copy(const struct task *current, const struct files_struct *files)
{
	if (is_explored(current->machine))
		fdt_touch_lock(current, TOUCH_READ, files);
	return files->copy;
}

void files_set_copy(const struct task *current, struct files_struct *files, struct fdtable *copy)
{
	if (is_explored(current->machine))
		fdt_touch_lock(current, TOUCH_WRITE, files);
	files->copy = copy;
	files->unfinished = copy || files->stored;
}

void fdt_copy_slot(struct task *current, const struct fdtable *ofdt, struct fdtable *nfdt,
		   unsigned fd)
{
	struct file *file = fdt_get(current, ofdt, fd);

	if (file)
		sparse_put(&nfdt->fd, fd, get_file(file));
	else
		__clear_open_fd(nfdt, fd);
}

/* Copies all slots that files->copy lacks, with which the copy is whole. */
static void finish_copy(struct task *current, struct files_struct *files)
{
	struct fdtable *copy = files->copy;
	uint64_t fd = files->copy_fd;

	for (; (fd = fdt_next(copy, OPEN_FDS, fd)) != FD_NONE; fd++) {
		if (!fdt_slot(copy, fd))
			fdt_copy_slot(current, files->fdt, copy, (unsigned)fd);
	}
	files_set_copy(current, files, NULL);
}

void fdt_finish_locked(struct task *current, struct files_struct *files)
{
	if (files->stored)
		fdt_set_bits(current, files);
	if (files->copy)
		finish_copy(current, files);
}

unsigned f_flags_get(const struct file *file)
{
	touch(file->machine, TOUCH_READ, file, PART_ITSELF);
	return file->flags;
}

void f_flags_set(struct file *file, unsigned flags)
{
	touch(file->machine, TOUCH_WRITE, file, PART_ITSELF);
	file->flags = flags;
}

/* ---- under RCU ---- */

static bool is_there(const struct fdl_machine *m, const struct file *file, uint64_t newest)
{
	list_for_each(pos, &m->files) {
		const struct file *f = container_of(pos, struct file, all);

		if (f == file)
			return f->id <= newest;
	}
	return false;
}

struct file *fdt_get_rcu(const struct task *current, const struct files_struct *files,
			 const struct fdtable *fdt, unsigned fd)
{
	const struct fdl_machine *m = current->machine;
	struct file *file;

	touch(m, TOUCH_READ, files, PART_TABLE);
	if (is_explored(m))
		fdt_touch_slot(current, TOUCH_READ, files->fdt, fd);
	if (fdt != &files->fdtab)
		touch(m, TOUCH_READ, fdt, PART_ITSELF);
	file = fd < fdt->max_fds ? fdt_slot(fdt, fd) : NULL;
	if (fdt != files->fdt && !is_there(m, file, fdt->newest))
		file = NULL;
	return file;
}

bool file_is_there(const struct task *current, const struct file *file, uint64_t newest)
{
	touch_rcu(current->machine, file, PART_ITSELF);
	return is_there(current->machine, file, newest);
}
