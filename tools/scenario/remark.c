/* A reply is read up to its first remark; strings are passed over as the notation writes them. */
#include "scenario/remark.h"

#include <stdbool.h>
#include <string.h>

/* The next remark that stands in no string. */
static const char *next_remark(const char *at)
{
	bool in_string = false;

	for (; *at && *at != '\n'; at++) {
		if (in_string && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			in_string = !in_string;
		else if (!in_string && !strncmp(at, REMARK, strlen(REMARK)))
			return at;
	}
	return NULL;
}

char *remark_find(const char *reply)
{
	return (char *)next_remark(reply);
}

char *remark_find_stated(const char *reply)
{
	const char *at = next_remark(reply);

	while (at && strncmp(at, REMARK_STATED, strlen(REMARK_STATED)) != 0)
		at = next_remark(at + strlen(REMARK));
	return (char *)at;
}
