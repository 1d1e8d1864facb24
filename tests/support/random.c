#include "support/random.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t random_state;

unsigned pick(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

uint64_t setting(const char *name, uint64_t usual)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : usual;
}

size_t fill_in(char *to, size_t size, const char *text, const int *numbers)
{
	size_t len = 0;

	for (; *text; text++) {
		if (*text == '$' && text[1] >= '1' && text[1] <= '9')
			len += (size_t)snprintf(to + len, size - len, "%d", numbers[*++text - '1']);
		else
			len += (size_t)snprintf(to + len, size - len, "%c", *text);
		if (len >= size)
			abort();
	}
	return len;
}
