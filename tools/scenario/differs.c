/* Versions have up to three numbers, and what is missing counts as 0. */
#include "scenario/differs.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A condition, taken apart: the name of a system and a bound of its version. */
struct releases {
	size_t name_len;
	bool below; /* "<", otherwise ">=" */
	long version[3];
	const char *rest; /* what follows it and the blanks after it */
};

static void read_version(const char *p, char **end, long version[3])
{
	*end = (char *)p;
	for (int i = 0; i < 3; i++) {
		version[i] = isdigit((unsigned char)*p) ? strtol(p, end, 10) : 0;
		if (**end != '.' || !isdigit((unsigned char)(*end)[1]))
			p = "";
		else
			p = *end + 1;
	}
}

static bool read_condition(const char *text, struct releases *c)
{
	const char *p = text;
	char *end;

	while (isalpha((unsigned char)*p))
		p++;
	c->name_len = (size_t)(p - text);
	c->below = *p == '<';
	if (c->below)
		p++;
	else if (!strncmp(p, ">=", 2))
		p += 2;
	else
		return false;
	read_version(p, &end, c->version);
	c->rest = end + strspn(end, " \t");
	return c->name_len && end > p && isblank((unsigned char)*end) && *c->rest;
}

bool differs_is_good(const char *text)
{
	struct releases c;

	return read_condition(text, &c);
}

const char *differs_reason(const char *text, const char *release)
{
	struct releases c;
	long version[3];
	char *end;
	int order = 0;

	if (!read_condition(text, &c))
		return NULL;
	if (strncmp(text, release, c.name_len) != 0 || release[c.name_len] != ' ')
		return NULL;
	read_version(release + c.name_len + 1, &end, version);
	for (int i = 0; i < 3 && !order; i++)
		order = (version[i] > c.version[i]) - (version[i] < c.version[i]);
	return c.below == (order < 0) ? c.rest : NULL;
}
