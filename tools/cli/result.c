#include "cli/result.h"

#include "cli/memory.h"
#include "fdlab.h"

#include <errno.h>

const char *stated_result(const char *text, size_t len)
{
	const int before = errno;
	const char *result;

	errno = 0;
	result = fdl_stated_result(text, len);
	if (!result && errno == ENOMEM)
		memory_is_out();
	errno = before;
	return result;
}
