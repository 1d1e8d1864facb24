/*
 * The library's malloc. Usually it is libc's; while a race is explored, the machine that is explored
 * has a heap of its own, one region of memory that can be frozen and afterwards put back as it was,
 * in a microsecond or two. Every source of the library is compiled with this header in front (see
 * CMakeLists.txt), so that none of a machine's memory can be forgotten.
 */
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct heap;

/* The heap that this thread allocates from; NULL: libc's. To be set and put back in pairs. */
extern _Thread_local struct heap *heap_current __attribute__((tls_model("initial-exec")));

/* An empty heap. NULL: no memory. And gives back everything that was allocated from it. */
struct heap *heap_new(void);
void heap_delete(struct heap *h);

/*
 * From now on what is freed is not handed out again, and heap_thaw makes all of the heap what it is
 * now: what was allocated since is gone, what was freed since is there. 0 or -ENOMEM.
 */
int heap_freeze(struct heap *h);
void heap_thaw(struct heap *h);

/*
 * What is allocated from a frozen heap between the two, and must have been freed, leaves no trace: so
 * that looking at a machine does not change where it allocates next.
 */
size_t heap_mark(const struct heap *h);
void heap_release(struct heap *h, size_t mark);

/* Whether p, as heap_malloc returned it, has not been freed; true for what is not of this heap. */
bool heap_is_live(const struct heap *h, const void *p);

/* The bytes that heap_thaw copies: for the benchmark. */
size_t heap_frozen_size(const struct heap *h);

/*
 * As malloc(3) has them. Memory of a heap may be freed while it is not the current one. The compiler
 * is not told that nothing else points into what they return: heap_thaw writes there.
 */
void *heap_malloc(size_t size) __attribute__((alloc_size(1)));
void *heap_calloc(size_t n, size_t size) __attribute__((alloc_size(1, 2)));
void *heap_realloc(void *p, size_t size);
void *heap_reallocarray(void *p, size_t n, size_t size);
void heap_free(void *p);
char *heap_strdup(const char *s);
char *heap_strndup(const char *s, size_t n);

#ifndef HEAP_C
#define malloc       heap_malloc
#define calloc       heap_calloc
#define realloc      heap_realloc
#define reallocarray heap_reallocarray
#define free         heap_free
#undef strdup
#undef strndup
#define strdup  heap_strdup
#define strndup heap_strndup
#endif

#endif
