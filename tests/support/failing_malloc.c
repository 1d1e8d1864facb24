#include "support/failing_malloc.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd, off_t off);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t off);

static size_t countdown; /* 0: none fails */
static bool lasts, failed;
static size_t live;

void failing_malloc_arm(size_t n, bool lasting)
{
	countdown = n;
	lasts = lasting;
	failed = false;
}

bool failing_malloc_disarm(void)
{
	countdown = 0;
	return failed;
}

size_t failing_malloc_live(void)
{
	return live;
}

static bool fails(void)
{
	if (!countdown || (failed && !lasts) || (countdown > 1 && countdown--))
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	void *p = fails() ? NULL : __real_malloc(size);

	live += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	live += p != NULL;
	return p;
}

void *__wrap_realloc(void *p, size_t size)
{
	void *to = fails() ? NULL : __real_realloc(p, size);

	live += !p && to;
	return to;
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd, off_t off)
{
	return fails() ? MAP_FAILED : __real_mmap(at, size, prot, flags, fd, off);
}
