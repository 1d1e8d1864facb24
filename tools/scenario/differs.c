/* Versions have up to three numbers; missing ones count as 0. */
#include "scenario/differs.h"

#include "cli/number.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* A condition, taken apart: the name of a system and a bound of its version. */
struct releases {
	size_t name_len;
	bool below; /* "<", otherwise ">=" */
	uint64_t version[3];
	const char *rest; /* what follows it and the blanks after it */
};

static const char *read_version(const char *p, uint64_t version[3])
{
	const char *end = p;

	memset(version, 0, 3 * sizeof(*version));
	for (int i = 0; i < 3; i++) {
		const char *after = decimal_at(p, &version[i]);

		if (!after)
			break;
		end = after;
		if (*end != '.')
			break;
		p = end + 1;
	}
	return end;
}

static bool read_condition(const char *text, struct releases *c)
{
	const char *p = text, *end;

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
	end = read_version(p, c->version);
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
	uint64_t version[3];
	int order = 0;

	if (!read_condition(text, &c))
		return NULL;
	if (strncmp(text, release, c.name_len) != 0 || release[c.name_len] != ' ')
		return NULL;
	read_version(release + c.name_len + 1, version);
	for (int i = 0; i < 3 && !order; i++)
		order = (version[i] > c.version[i]) - (version[i] < c.version[i]);
	return c.below == (order < 0) ? c.rest : NULL;
}
