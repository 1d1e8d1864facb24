/*
 * A mapping that is never touched. It counts against limits of address space and against memory that the
 * kernel has promised; giving it back makes room for what was refused. Knows nothing of who allocates.
 */
#include "base/reserve.h"

#include <errno.h>
#include <sys/mman.h>

static _Thread_local struct {
	void *map; /* or NULL */
	size_t size;
	uint64_t refused;
} reserve __attribute__((tls_model("initial-exec")));

static void give_back(void)
{
	if (reserve.map)
		munmap(reserve.map, reserve.size);
	reserve.map = NULL;
}

int reserve_keep(size_t size)
{
	void *map;

	if (!size)
		give_back();
	if (!size || reserve.map)
		return 0;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	reserve.map = map;
	reserve.size = size;
	return 0;
}

void reserve_count(void)
{
	reserve.refused++;
}

bool reserve_use(void)
{
	const bool had = reserve.map;

	give_back();
	if (!had)
		reserve_count();
	return had;
}

uint64_t reserve_refused(void)
{
	return reserve.refused;
}
