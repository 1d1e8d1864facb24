/*
 * Growing a table. It is allocated with the lock dropped, so whatever was seen before must be
 * looked at again after: somebody else may have expanded it, and sysctl_nr_open may have moved.
 */
#include "linux/expand.h"
#include "linux/files.h"

#include "base/heap.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "machine/transcript.h"

#include <errno.h>
#include <stdlib.h>

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

struct fdtable *alloc_fdtable(struct task *current, const struct files_struct *files, unsigned nr)
{
	unsigned slots = table_size(current->machine->nr_open, nr);
	size_t bitmaps = (size_t)slots / 8 * 2;
	struct budget *memory = &current->machine->memory;
	struct allocated *table;
	struct fdtable *fdt;

	touch(current->machine, TOUCH_READ, current->machine, PART_SYSCTL);
	/* Charged, because retired ones may wait for as long as somebody likes. */
	if (!budget_take(memory, sizeof(*table)))
		return NULL;
	table = calloc(1, sizeof(*table));
	if (!table)
		goto out_budget;
	fdt = &table->fdt;
	list_init(&fdt->retired);
	if (kmalloc(current, &fdt->self, FDTABLE_SIZE) < 0)
		goto out;
	if (kvmalloc(current, &fdt->array, (size_t)slots * SLOT_SIZE) < 0)
		goto out_self;
	if (kvmalloc(current, &fdt->bitmaps,
		     bitmaps > BITMAPS_SIZE_MIN ? bitmaps : BITMAPS_SIZE_MIN) < 0)
		goto out_array;
	fdt->max_fds = slots;
	fdt->files_id = files->id;
	sparse_init(&fdt->fds, &table->first, &current->machine->memory);
	return fdt;

out_array:
	kvfree(current->machine, &fdt->array);
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
	sparse_free(&fdt->fds);
	kvfree(m, &fdt->bitmaps);
	kvfree(m, &fdt->array);
	kvfree(m, &fdt->self);
	m->memory.used -= sizeof(struct allocated);
	free(container_of(fdt, struct allocated, fdt));
}

static int expand_fdtable(struct task *current, struct files_struct *files, unsigned nr)
{
	struct fdtable *new_fdt, *cur_fdt;

	preempt(current, "expand_fdtable");
	new_fdt = alloc_fdtable(current, files, nr);
	preempt(current, "expand_fdtable:relock");
	if (!new_fdt)
		return -ENOMEM;
	if (new_fdt->max_fds <= nr) {
		__free_fdtable(current->machine, new_fdt);
		return -EMFILE;
	}
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	cur_fdt = files->fdt;
	if (nr < cur_fdt->max_fds) {
		__free_fdtable(current->machine, new_fdt);
		return 1;
	}
	/* Slots and both bitmaps; the references move with the slots. */
	if (sparse_copy(&new_fdt->fds, &cur_fdt->fds, UINT64_MAX) < 0) {
		__free_fdtable(current->machine, new_fdt);
		return -ENOMEM;
	}
	touch(current->machine, TOUCH_WRITE, files, PART_TABLE);
	cur_fdt->newest = current->machine->next_file_id;
	files->fdt = new_fdt;
	event_record(current, EVENT_EXPAND, files->id, cur_fdt->max_fds, new_fdt->max_fds);
	if (cur_fdt != &files->fdtab)
		call_rcu_fdtable(current, cur_fdt);
	return 1;
}

int expand_files_far(struct task *current, struct files_struct *files, unsigned nr)
{
	touch(current->machine, TOUCH_READ, files, PART_TABLE);
	touch(current->machine, TOUCH_READ, current->machine, PART_SYSCTL);
	if (nr >= current->machine->nr_open)
		return -EMFILE;
	return expand_fdtable(current, files, nr);
}
