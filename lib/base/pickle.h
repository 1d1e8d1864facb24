/*
 * Numbers and texts as bytes, in the order of this machine, for another process of the same
 * program. Reading stops at the first thing that is not whole, and says so at the end.
 */
#ifndef PICKLE_H
#define PICKLE_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void pickle_number(struct text *out, uint64_t value)
{
	text_put(out, (const char *)&value, sizeof(value));
}

static inline void pickle_text(struct text *out, const char *s, size_t len)
{
	pickle_number(out, len);
	text_put(out, s, len);
}

struct unpickler {
	const char *at, *end;
	bool broken;
};

static inline const char *unpickle_bytes(struct unpickler *u, uint64_t len)
{
	const char *at = u->at;

	if (u->broken || len > (uint64_t)(u->end - at)) {
		u->broken = true;
		return NULL;
	}
	u->at += len;
	return at;
}

static inline uint64_t unpickle_number(struct unpickler *u)
{
	const char *at = unpickle_bytes(u, sizeof(uint64_t));
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return value;
}

/* The text, which is not NUL-terminated; NULL: it is broken. */
static inline const char *unpickle_text(struct unpickler *u, size_t *len)
{
	*len = unpickle_number(u);
	return unpickle_bytes(u, *len);
}

#endif
