/*
 * Loaded into a program by LD_PRELOAD: its n-th allocation fails, counted over all of its
 * processes. The file named by NTH_MALLOC holds four numbers of 64 bits: how many allocations were
 * asked for and how many failed, which this counts, and n (0: none fails) and whether all after it
 * fail, too, which the test may change while the program runs.
 *
 * regcomp of glibc 2.36 frees memory twice where it lacks some, and libseccomp 2.5 never returns:
 * there nothing fails. regcomp itself does, as one allocation.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
int seccomp_load(void *ctx);

static struct shared {
	_Atomic uint64_t asked, failed, n, lasts;
} * shared;
static _Thread_local bool spared;
static int (*libc_regcomp)(regex_t *, const char *, int);
static int (*libseccomp_load)(void *);

static bool fails(void)
{
	uint64_t at, n;

	if (!shared || spared)
		return false;
	at = ++shared->asked;
	n = shared->n;
	if (!n || at < n || (at > n && !shared->lasts))
		return false;
	shared->failed++;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
	void *got = fails() ? NULL : __libc_memalign(alignment, size);

	if (!got)
		return ENOMEM;
	*p = got;
	return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}

static void *map(void *at, size_t size, int prot, int flags, int fd, off_t off)
{
	return (void *)syscall(SYS_mmap, at, size, prot, flags, fd, off);
}

void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t off)
{
	return (flags & MAP_ANONYMOUS) && fails() ? MAP_FAILED
						  : map(at, size, prot, flags, fd, off);
}

int regcomp(regex_t *regex, const char *text, int flags)
{
	int r;

	if (fails())
		return REG_ESPACE;
	spared = true;
	r = libc_regcomp(regex, text, flags);
	spared = false;
	return r;
}

int seccomp_load(void *ctx)
{
	int r;

	spared = true;
	r = libseccomp_load ? libseccomp_load(ctx) : -ENOSYS;
	spared = false;
	return r;
}

__attribute__((constructor)) static void begin(void)
{
	const char *name = getenv("NTH_MALLOC");
	int fd = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	*(void **)&libc_regcomp = dlsym(RTLD_NEXT, "regcomp");
	*(void **)&libseccomp_load = dlsym(RTLD_NEXT, "seccomp_load");
	if (fd < 0)
		return;
	at = map(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		shared = at;
}
