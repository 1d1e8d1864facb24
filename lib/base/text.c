/*
 * A text that grows while it is written. The functions that every printed call needs do without
 * printf.
 */
#include "base/text.h"

#include "base/heap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MIN ((size_t)64) /* the first allocation */

bool text_grow(struct text *t, size_t more)
{
	size_t cap = t->cap ? t->cap : TEXT_MIN;
	char *s;

	if (t->error)
		return false;
	if (more >= SIZE_MAX / 2 - t->len)
		goto no_memory;
	if (t->limit && t->len + more > t->limit) {
		t->error = -EFBIG;
		return false;
	}
	while (cap < t->len + more + 1)
		cap *= 2;
	if (t->limit && cap > t->limit + 1)
		cap = t->limit + 1;
	s = realloc(t->s, cap);
	if (!s)
		goto no_memory;
	t->s = s;
	t->cap = cap;
	return true;

no_memory:
	t->error = -ENOMEM;
	return false;
}

void text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	if (!text_room(t, 0))
		return;
	va_copy(again, ap);
	n = vsnprintf(t->s + t->len, t->cap - t->len, fmt, ap);
	if (n < 0)
		t->error = -ENOMEM;
	else if ((size_t)n >= t->cap - t->len && text_room(t, (size_t)n))
		vsnprintf(t->s + t->len, t->cap - t->len, fmt, again);
	va_end(again);
	if (!t->error)
		t->len += (size_t)n;
	t->s[t->len] = '\0';
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}

void text_uint(struct text *t, uint64_t v)
{
	size_t len = 1;
	char *p;

	/* The largest number has 20 digits, and there is no power of ten beyond them. */
	for (uint64_t power = 10; v >= power && len < 20; power *= 10)
		len++;
	if (!text_room(t, len))
		return;
	t->len += len;
	p = t->s + t->len;
	*p = '\0';
	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
}

void text_int(struct text *t, int64_t v)
{
	if (v < 0) {
		text_putc(t, '-');
		text_uint(t, -(uint64_t)v);
	} else {
		text_uint(t, (uint64_t)v);
	}
}

/* prefix and the digits of v, of shift bits each; a plain 0 for nothing. */
static void text_based(struct text *t, uint64_t v, unsigned shift, const char *prefix)
{
	char digits[22];
	size_t i = sizeof(digits);

	if (!v) {
		text_putc(t, '0');
		return;
	}
	for (; v; v >>= shift)
		digits[--i] = "0123456789abcdef"[v & ((1u << shift) - 1)];
	text_puts(t, prefix);
	text_put(t, digits + i, sizeof(digits) - i);
}

void text_hex(struct text *t, uint64_t v)
{
	text_based(t, v, 4, "0x");
}

void text_octal(struct text *t, uint64_t v)
{
	text_based(t, v, 3, "0");
}

/* The letter that stands for c after a backslash, or 0. */
static char escape_letter(char c)
{
	switch (c) {
	case '"':
	case '\\':
		return c;
	case '\f':
		return 'f';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\v':
		return 'v';
	default:
		return '\0';
	}
}

/* An octal escape as short as it may be: a digit that follows must not become part of it. */
static void text_octal_escape(struct text *t, unsigned char c, bool digit_follows)
{
	text_putc(t, '\\');
	if (digit_follows || c >= 0100)
		text_putc(t, (char)('0' + (c >> 6)));
	if (digit_follows || c >= 010)
		text_putc(t, (char)('0' + ((c >> 3) & 7)));
	text_putc(t, (char)('0' + (c & 7)));
}

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void text_quoted(struct text *t, const char *s, size_t len, size_t max)
{
	size_t end = len > max ? max : len;
	size_t i = 0;

	text_putc(t, '"');
	while (i < end) {
		size_t run = i;
		char letter;

		while (run < end && is_plain(s[run]))
			run++;
		text_put(t, s + i, run - i);
		if (run == end)
			break;
		letter = escape_letter(s[run]);
		if (letter) {
			text_putc(t, '\\');
			text_putc(t, letter);
		} else {
			bool digit = run + 1 < end && s[run + 1] >= '0' && s[run + 1] <= '9';

			text_octal_escape(t, (unsigned char)s[run], digit);
		}
		i = run + 1;
	}
	text_putc(t, '"');
	if (end < len)
		text_puts(t, "...");
}

/* The length of the UTF-8 character at s; 0: not UTF-8, or a control character. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80       ? 1
		   : s[0] >> 5 == 6  ? 2
		   : s[0] >> 4 == 14 ? 3
		   : s[0] >> 3 == 30 ? 4
				     : 0;
	uint32_t code;

	if (!n || n > len)
		return 0;
	if (n == 1)
		return s[0] >= ' ' && s[0] != 0x7f;
	code = s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code < 0xa0)
		return 0;
	return n;
}

void text_printable(struct text *t, const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_len((const unsigned char *)s + i, len - i);

		if (!n) {
			text_printf(t, "\\x%02x", (unsigned char)s[i]);
			n = 1;
		} else if (s[i] == '\\') {
			text_puts(t, "\\\\");
		} else {
			text_put(t, s + i, n);
		}
		i += n;
	}
}

void text_cut(struct text *t, size_t len)
{
	if (len >= t->len)
		return;
	t->len = len;
	t->s[len] = '\0';
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->error = 0;
	if (t->s)
		t->s[0] = '\0';
}

void text_shrink(struct text *t)
{
	const size_t cap = t->len + 1 > TEXT_MIN ? t->len + 1 : TEXT_MIN;
	char *s = t->s && cap < t->cap ? realloc(t->s, cap) : NULL;

	if (!s)
		return;
	t->s = s;
	t->cap = cap;
}

void text_free(struct text *t)
{
	free(t->s);
	*t = TEXT_EMPTY;
}

void text_json(struct text *t, const char *s, size_t len)
{
	text_putc(t, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '"' || c == '\\')
			text_putc(t, '\\');
		if (c < 0x20 || c >= 0x7f)
			text_printf(t, "\\u%04x", c);
		else
			text_putc(t, (char)c);
	}
	text_putc(t, '"');
}
