/*
 * Numbers as they are written.
 */
#include "base/number.h"

unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)(c - 'A') + 10;
	return 99;
}

/* Inlined for each base: most numbers are decimal and have few digits. */
static inline __attribute__((always_inline)) const char *
scan_digits(const char *p, const char *end, unsigned base, uint64_t *number, bool *overflow)
{
	const char *start = p;
	uint64_t n = 0;

	for (; p < end; p++) {
		unsigned d = base > 10 ? digit_value(*p) : (unsigned)(unsigned char)*p - '0';

		if (d >= base)
			break;
		if (__builtin_mul_overflow(n, (uint64_t)base, &n) ||
		    __builtin_add_overflow(n, (uint64_t)d, &n))
			*overflow = true;
	}
	*number = n;
	return p == start ? NULL : p;
}

const char *number_scan(const char *p, const char *end, uint64_t *number, bool *overflow)
{
	if (p + 1 < end && *p == '0') {
		if (p[1] == 'x' || p[1] == 'X')
			return hex_scan(p + 2, end, number, overflow);
		if (digit_value(p[1]) < 10)
			return scan_digits(p, end, 8, number, overflow);
	}
	return scan_digits(p, end, 10, number, overflow);
}

const char *decimal_scan(const char *p, const char *end, uint64_t *number, bool *overflow)
{
	return scan_digits(p, end, 10, number, overflow);
}

const char *hex_scan(const char *p, const char *end, uint64_t *number, bool *overflow)
{
	return scan_digits(p, end, 16, number, overflow);
}

bool number_is_name(const char *text, size_t len, uint64_t *number)
{
	bool overflow = false;

	if (!len || (*text == '0' && len > 1))
		return false;
	return decimal_scan(text, text + len, number, &overflow) == text + len && !overflow;
}
