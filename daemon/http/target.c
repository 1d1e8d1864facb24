/*
 * The path of a request: decoded, and taken apart into the moment, the name of a resource, and the
 * rest. Which resources there are is not known here.
 */
#include "http/target.h"

#include "number.h"

#include <ctype.h>
#include <string.h>

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Undoes %XX. False: it is too long, has a "%" without digits, or has a NUL. */
static bool decode(char *to, const char *from)
{
	size_t len = 0;

	for (; *from; from++) {
		char c = *from;

		if (c == '%') {
			if (!isxdigit((unsigned char)from[1]) || !isxdigit((unsigned char)from[2]))
				return false;
			c = (char)(digit(from[1]) << 4 | digit(from[2]));
			from += 2;
		}
		if (!c || len == TARGET_MAX - 1)
			return false;
		to[len++] = c;
	}
	to[len] = '\0';
	return true;
}

/* Cuts a text at its first slash. The part after it; NULL: there is no slash. */
static char *cut(char *s)
{
	char *slash = strchr(s, '/');

	if (!slash)
		return NULL;
	*slash = '\0';
	return slash + 1;
}

bool target_read(struct request_target *t, const char *path)
{
	char *rest;

	*t->path = '\0';
	if (*path != '/' || !decode(t->path, path + 1))
		return false;
	t->name = t->path;
	rest = cut(t->path);
	t->has_moment = rest && !strcmp(t->name, "at");
	if (t->has_moment) {
		char *number = rest;

		rest = cut(number);
		if (!rest || !decimal_read(number, &t->moment))
			return false;
		t->name = rest;
		rest = cut(rest);
	}
	t->slash = rest;
	t->rest = rest ?: "";
	return true;
}
