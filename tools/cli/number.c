/* Numbers by strtoull, which would also accept blanks, signs and overflow. */
#include "cli/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *digits_at(const char *text, int base, uint64_t *number)
{
	const unsigned char first = (unsigned char)*text;
	char *end;

	if (base == 16 ? !isxdigit(first) : !isdigit(first))
		return NULL;
	errno = 0;
	*number = strtoull(text, &end, base);
	return errno || end == text ? NULL : end;
}

const char *number_at(const char *text, uint64_t *number)
{
	return digits_at(text, 0, number);
}

const char *decimal_at(const char *text, uint64_t *number)
{
	return digits_at(text, 10, number);
}

const char *integer_at(const char *text, int64_t *number)
{
	const bool negative = *text == '-';
	uint64_t n;
	const char *end = number_at(text + (negative || *text == '+'), &n);

	if (!end || n > (uint64_t)INT64_MAX + negative)
		return NULL;
	*number = negative ? (int64_t)-n : (int64_t)n;
	return end;
}

bool number_after(const char *text, const char *word, int base, uint64_t *number)
{
	const char *at = strstr(text, word);

	*number = 0;
	if (!at)
		return false;
	at += strlen(word);
	return digits_at(at + strspn(at, " \t"), base, number) != NULL;
}

bool number_read(const char *text, uint64_t *number)
{
	const char *end = number_at(text, number);

	return end && !*end;
}
