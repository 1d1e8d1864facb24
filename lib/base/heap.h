/*
 * The library's malloc. Usually it is libc's. While a race is explored, the machine that is
 * explored has a heap of its own: one region of memory, which can be frozen and put back as it was
 * in a microsecond or two. Every file of the library that allocates includes this
 * header, which puts its functions in place of libc's; tests/scripts/layers finds a file that
 * forgot it.
 */
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct heap;

/* The heap that this thread allocates from; NULL: libc's. Set and put it back in pairs. */
extern _Thread_local struct heap *heap_current __attribute__((tls_model("initial-exec")));

/*
 * While it is true, memory that this thread allocates from heaps and the stacks of new coroutines
 * are zeros. A dump then has no pointer of an earlier owner, nor a part of one.
 */
extern _Thread_local bool heap_zeroes __attribute__((tls_model("initial-exec")));

/* Of address space, for a machine of ordinary options; memory is taken as it is used. */
#define HEAP_USUAL ((size_t)256 << 20)

/*
 * An empty heap that can hold size bytes; NULL: no memory. heap_delete gives back all that was
 * allocated from it.
 */
struct heap *heap_new(size_t size);
void heap_delete(struct heap *h);

/* Gives back all that was allocated from a heap that is not frozen; it is empty then. */
void heap_clear(struct heap *h);

/*
 * Makes libc's heap the current one, for what outlives a heap that is put back. Returns the heap
 * that was, for heap_current.
 */
static inline struct heap *heap_leave(void)
{
	struct heap *before = heap_current;

	heap_current = NULL;
	return before;
}

/*
 * Keeps the state of the heap: from now on what is freed is not handed out again, and heap_thaw,
 * any number of times, puts the state back. 0 or -ENOMEM.
 */
int heap_freeze(struct heap *h);
void heap_thaw(struct heap *h);

/*
 * Parts that a frozen heap need not put back, told by the owner of a block before heap_freeze; from
 * is an offset in the block. heap_skip: from there on nothing changes while the heap is frozen, or
 * nothing is read before it was written. heap_lazy: from there on changes are rare, and heap_wrote
 * is called before each: an unwritten part is not copied. Memory of libc is ignored.
 */
void heap_skip(void *p, size_t from);
void heap_lazy(void *p, size_t from);
void heap_wrote_slow(void *p);

/*
 * Looking at a machine must not change where it allocates next. Memory that is allocated from a
 * frozen heap between the two calls, and freed before the second, leaves no trace.
 */
size_t heap_mark(const struct heap *h);
void heap_release(struct heap *h, size_t mark);

/* False if p, as heap_malloc returned it, is of this heap and was freed. */
bool heap_is_live(const struct heap *h, const void *p);

/*
 * The region of a heap that is not frozen: its first *used bytes are all of the heap's state.
 */
char *heap_region(struct heap *h, size_t *used);

/* Its size; and zeros in what is free, so that nothing old is copied. */
size_t heap_size(const struct heap *h);
void heap_scrub(struct heap *h);

/* Gives free memory of libc's heap back to the system, where there is much of it. */
void heap_trim(void);

/* The bytes that heap_thaw copies. */
size_t heap_frozen_size(const struct heap *h);

/*
 * As malloc(3) and strdup(3). Memory of a heap may be freed only while that heap is the current
 * one; libc's always. They lack the attribute malloc, since heap_thaw writes to what they return.
 */
void *heap_malloc(size_t size) __attribute__((alloc_size(1)));
void *heap_calloc(size_t n, size_t size) __attribute__((alloc_size(1, 2)));
void *heap_realloc(void *p, size_t size);
void *heap_reallocarray(void *p, size_t n, size_t size);
void heap_free(void *p);
char *heap_strdup(const char *s);
char *heap_strndup(const char *s, size_t n);

static inline void heap_wrote(void *p)
{
	if (__builtin_expect(heap_current != NULL, 0))
		heap_wrote_slow(p);
}

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
