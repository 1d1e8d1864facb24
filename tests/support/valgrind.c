#include "support/valgrind.h"

#include <stdlib.h>
#include <string.h>

bool under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}
