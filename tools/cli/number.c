/* Numbers by strtoull, which would also accept blanks, signs and overflow. */
#include "cli/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static const char *read_digits(const char *text, int base, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, base);
	return errno ? NULL : end;
}

const char *number_at(const char *text, uint64_t *number)
{
	return read_digits(text, 0, number);
}

const char *decimal_at(const char *text, uint64_t *number)
{
	return read_digits(text, 10, number);
}

bool number_read(const char *text, uint64_t *number)
{
	const char *end = number_at(text, number);

	return end && !*end;
}
