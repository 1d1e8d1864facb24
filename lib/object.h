/*
 * The memory of the objects behind descriptors: what the kernel would kmalloc for one, charged to
 * what the machine may take, so that nobody can make it grow without bound.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <stddef.h>

struct fdl_machine;
struct task;

/* Cleared memory, or NULL: -ENOMEM, by fail-nth too. object_free with the same size ends it. */
void *object_alloc(struct task *current, size_t size);

/* NULL is allowed. */
void object_free(struct fdl_machine *m, void *object, size_t size);

#endif
