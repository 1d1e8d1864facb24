/*
 * Allocation as the kernel does it: kmalloc up to 32768 bytes, vmalloc above or when kmalloc fails,
 * all of it accounted, and any one of a call's allocations made to fail on demand (fail-nth). It
 * only accounts: the model's memory comes from malloc, and may be laid out otherwise (a sparse
 * table is accounted as the array that the kernel would have).
 */
#ifndef KMEM_H
#define KMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;

#define KMALLOC_MAX_ARRAY ((size_t)32768)

enum kmem_kind { KMEM_NONE, KMEM_KMALLOC, KMEM_VMALLOC };

/* One allocation that the simulated kernel holds. */
struct kmem {
	enum kmem_kind kind;
	size_t size;
};

/* What the simulated kernel holds in all. */
struct kmem_stat {
	uint64_t kmalloc_bytes, kmalloc_count;
	uint64_t vmalloc_bytes, vmalloc_count;
};

/*
 * Allocates: kmalloc only; and kmalloc or, above KMALLOC_MAX_ARRAY or when that failed, vmalloc.
 * current's fail-nth counts each attempt. 0 or -ENOMEM, and then k is KMEM_NONE.
 */
int kmalloc(struct task *current, struct kmem *k, size_t size);
int kvmalloc(struct task *current, struct kmem *k, size_t size);

/* NetBSD's malloc with M_WAITOK: cannot fail. A size of 0 is KMEM_NONE. */
void kmalloc_wait(struct fdl_machine *m, struct kmem *k, size_t size);

/* Frees; KMEM_NONE is allowed. */
void kvfree(struct fdl_machine *m, struct kmem *k);

/*
 * The memory of an object that a descriptor refers to: allocated as the kernel would with kmalloc,
 * and charged to the machine's memory, so that no object grows it without bound. Cleared memory, or
 * NULL: -ENOMEM, by fail-nth too. object_free with the same size ends it.
 */
void *object_alloc(struct task *current, size_t size);

/* NULL is allowed. */
void object_free(struct fdl_machine *m, void *object, size_t size);

#endif
