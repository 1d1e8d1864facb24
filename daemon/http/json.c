/*
 * Texts as strings of JSON.
 */
#include "http/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <event2/buffer.h>

/* The length of the UTF-8 character at s, which has left bytes; 0: s is not valid UTF-8. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	/* The least code point of each length. A longer form than needed is not valid. */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const size_t len = *s < 0x80 ? 1 : *s < 0xc0 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
	uint32_t point = *s & (len == 1 ? 0x7f : 0x7f >> len);

	if (!len || len > left || *s >= 0xf8)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	return point >= least[len] && point < 0x110000 && point >> 11 != 0x1b ? len : 0;
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Appends what is not plain at s, and returns how many bytes it was. */
static size_t put_special(struct evbuffer *to, const char *s, size_t left)
{
	const unsigned char c = (unsigned char)*s;
	const size_t len = utf8_length((const unsigned char *)s, left);

	if (!len)
		evbuffer_add(to, "\xef\xbf\xbd", 3);
	else if (len > 1)
		evbuffer_add(to, s, len);
	else if (c == '"' || c == '\\')
		evbuffer_add_printf(to, "\\%c", c);
	else
		evbuffer_add_printf(to, "\\u%04x", c);
	return len ? len : 1;
}

void json_put_string(struct evbuffer *to, const char *s, size_t len)
{
	evbuffer_add(to, "\"", 1);
	while (len) {
		size_t n = 0;

		while (n < len && is_plain((unsigned char)s[n]))
			n++;
		if (n)
			evbuffer_add(to, s, n);
		else
			n = put_special(to, s, len);
		s += n;
		len -= n;
	}
	evbuffer_add(to, "\"", 1);
}
