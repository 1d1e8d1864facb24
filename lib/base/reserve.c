/*
 * A mapping that is never touched. It counts against limits of address space and against memory
 * that the kernel has promised; giving it back makes room for what was refused. Knows nothing of
 * who allocates.
 */
#include "base/reserve.h"

#include <errno.h>
#include <sys/mman.h>

static _Thread_local struct {
	void *map; /* or NULL */
	size_t size;
	uint64_t refused;
	unsigned aside; /* how deep in work that can be left undone */
	bool taken;
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

	if (!size) {
		give_back();
		reserve.taken = false;
	}
	if (!size || reserve.map)
		return 0;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	reserve.map = map;
	reserve.size = size;
	reserve.taken = false;
	return 0;
}

void reserve_count(void)
{
	reserve.refused++;
}

bool reserve_use(void)
{
	if (!reserve.map || reserve.aside) {
		reserve_count();
		return false;
	}
	give_back();
	reserve.taken = true;
	return true;
}

uint64_t reserve_refused(void)
{
	return reserve.refused;
}

uint64_t reserve_aside(void)
{
	reserve.aside++;
	return reserve.refused;
}

void reserve_end_aside(uint64_t refused)
{
	reserve.aside--;
	reserve.refused = refused;
}

bool reserve_is_taken(void)
{
	return reserve.taken;
}
