/*
 * Objects' memory: accounted as the kernel's, charged as the machine's.
 */
#include "object.h"

#include "kmem.h"
#include "machine.h"
#include "task.h"

#include <stdlib.h>

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
