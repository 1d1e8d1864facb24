/* Numbers by strtoull, which would also accept blanks, signs and overflow. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

const char *decimal_begin(const char *text, uint64_t *n)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*n = strtoull(text, &end, 10);
	return errno ? NULL : end;
}

bool decimal_read(const char *text, uint64_t *n)
{
	const char *end = decimal_begin(text, n);

	return end && !*end;
}
