/*
 * The life of a machine.
 */
#include "fdlab.h"

#include "linux/linux.h"
#include "machine/kernel.h"
#include "netbsd/netbsd.h"
#include "options.h"

#include <stddef.h>

const struct kernel *const all_kernels[] = { &linux_kernel, &netbsd_kernel, NULL };

#define NKERNELS (sizeof(all_kernels) / sizeof(all_kernels[0]) - 1)

const char *const *fdl_kernels(void)
{
	static const char *names[NKERNELS + 1];

	for (size_t i = 0; i < NKERNELS; i++)
		names[i] = all_kernels[i]->name;
	return names;
}
