/*
 * Allocation in the simulated kernel: its accounts, and the allocation that fails on demand; and
 * real memory, charged to the machine.
 */
#include "machine/kmem.h"

#include "base/heap.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>
#include <stdlib.h>

/* True for the allocation that fail-nth counts down to. */
static bool should_fail(struct task *current)
{
	if (__builtin_expect(!current->fail_armed, 1) || current->fail_nth == 0)
		return false;
	return --current->fail_nth == 0;
}

static void account(struct fdl_machine *m, struct kmem *k, enum kmem_kind kind, size_t size)
{
	k->kind = kind;
	k->size = size;
	if (kind == KMEM_KMALLOC) {
		m->kmem.kmalloc_bytes += size;
		m->kmem.kmalloc_count++;
	} else {
		m->kmem.vmalloc_bytes += size;
		m->kmem.vmalloc_count++;
	}
}

int kmalloc(struct task *current, struct kmem *k, size_t size)
{
	k->kind = KMEM_NONE;
	if (should_fail(current))
		return -ENOMEM;
	account(current->machine, k, KMEM_KMALLOC, size);
	return 0;
}

int kvmalloc(struct task *current, struct kmem *k, size_t size)
{
	k->kind = KMEM_NONE;
	if (size <= KMALLOC_MAX_ARRAY && kmalloc(current, k, size) == 0)
		return 0;
	if (should_fail(current))
		return -ENOMEM;
	account(current->machine, k, KMEM_VMALLOC, size);
	return 0;
}

void kmalloc_wait(struct fdl_machine *m, struct kmem *k, size_t size)
{
	k->kind = KMEM_NONE;
	if (size)
		account(m, k, KMEM_KMALLOC, size);
}

void kvfree(struct fdl_machine *m, struct kmem *k)
{
	if (k->kind == KMEM_KMALLOC) {
		m->kmem.kmalloc_bytes -= k->size;
		m->kmem.kmalloc_count--;
	} else if (k->kind == KMEM_VMALLOC) {
		m->kmem.vmalloc_bytes -= k->size;
		m->kmem.vmalloc_count--;
	}
	k->kind = KMEM_NONE;
}

void *charged_alloc(struct fdl_machine *m, size_t size)
{
	void *p;

	if (!budget_take(&m->memory, size))
		return NULL;
	p = calloc(1, size);
	if (!p)
		m->memory.used -= size;
	return p;
}

void charged_free(struct fdl_machine *m, void *p, size_t size)
{
	if (!p)
		return;
	free(p);
	m->memory.used -= size;
}

void *object_alloc(struct task *current, size_t size)
{
	struct kmem mem;
	void *object;

	if (kmalloc(current, &mem, size))
		return NULL;
	object = charged_alloc(current->machine, size);
	if (!object)
		kvfree(current->machine, &mem);
	return object;
}

void object_free(struct fdl_machine *m, void *object, size_t size)
{
	struct kmem mem = { KMEM_KMALLOC, size };

	if (!object)
		return;
	charged_free(m, object, size);
	kvfree(m, &mem);
}
