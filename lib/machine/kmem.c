/*
 * Allocation as the kernel does it: what is kmalloc'ed, what goes to vmalloc, and which one fails
 * on demand. Accounts only; the model's own memory is malloc's.
 */
#include "machine/kmem.h"

#include "base/heap.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>
#include <stdlib.h>

/* True when this is the allocation that fail-nth was waiting for. */
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

void *object_alloc(struct task *current, size_t size)
{
	struct fdl_machine *m = current->machine;
	struct kmem mem;
	void *object;

	if (kmalloc(current, &mem, size))
		return NULL;
	if (!budget_take(&m->memory, size))
		goto out;
	object = calloc(1, size);
	if (object)
		return object;
	m->memory.used -= size;
out:
	kvfree(m, &mem);
	return NULL;
}

void object_free(struct fdl_machine *m, void *object, size_t size)
{
	struct kmem mem = { KMEM_KMALLOC, size };

	if (!object)
		return;
	free(object);
	m->memory.used -= size;
	kvfree(m, &mem);
}
