/*
 * Allocation in the simulated kernel: kmalloc, vmalloc, their accounts, and fail-nth, which makes
 * the n-th allocation of a call fail. Only accounts: the model's own memory comes from malloc, and
 * may be laid out otherwise (a sparse table is accounted as the array that the kernel would have).
 */
#ifndef KMEM_H
#define KMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;

#define KMALLOC_MAX_ARRAY ((size_t)32768) /* bytes; kvmalloc takes more from vmalloc */

enum kmem_kind { KMEM_NONE, KMEM_KMALLOC, KMEM_VMALLOC };

/* One allocation that the simulated kernel holds: in one word, because a process has five. */
struct kmem {
	enum kmem_kind kind : 8;
	size_t size : 56;
};

/* All that it holds. */
struct kmem_stat {
	uint64_t kmalloc_bytes, kmalloc_count;
	uint64_t vmalloc_bytes, vmalloc_count;
};

/*
 * Allocate: by kmalloc; by kmalloc or, above KMALLOC_MAX_ARRAY bytes or when that failed, vmalloc.
 * Each attempt counts for current's fail-nth. 0; or -ENOMEM, and k is KMEM_NONE.
 */
int kmalloc(struct task *current, struct kmem *k, size_t size);
int kvmalloc(struct task *current, struct kmem *k, size_t size);

/* NetBSD's malloc with M_WAITOK: does not fail. A size of 0 is KMEM_NONE. */
void kmalloc_wait(struct fdl_machine *m, struct kmem *k, size_t size);

/* Frees; KMEM_NONE is allowed. */
void kvfree(struct fdl_machine *m, struct kmem *k);

/*
 * Real memory, cleared, and charged to the machine's memory, which bounds it. NULL: none left.
 * charged_free with the same size gives it back; p may be NULL.
 */
void *charged_alloc(struct fdl_machine *m, size_t size);
void charged_free(struct fdl_machine *m, void *p, size_t size);

/*
 * The same for an object that the kernel would kmalloc, which is accounted too: NULL also where
 * fail-nth says so. object_free with the same size gives it back.
 */
void *object_alloc(struct task *current, size_t size);

void object_free(struct fdl_machine *m, void *object, size_t size);

#endif
