/*
 * Reads values of a log: a symbol, a flag, a number or a field, in every form that strace prints:
 * O_CLOEXEC, 0x80000, 0x80000 with a comment O_CLOEXEC. The effects of calls are elsewhere.
 */
#ifndef FDLAB_TOOLS_REPLAY_VALUES_H
#define FDLAB_TOOLS_REPLAY_VALUES_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A piece of a longer text; empty: nothing. */
struct span {
	const char *s;
	size_t len;
};

/* Inlined: for a literal, neither strlen nor memcmp is called. */
static inline bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* All of these accept NULL, for a missing value. */

/* The number of a value. False: it has none. */
bool value_number(const struct fdl_value *v, int64_t *number);

/* The same for a descriptor or pid; -e raw and -X raw print -1 as 0xffffffff. */
bool value_int(const struct fdl_value *v, int64_t *number);

/*
 * Whether a value is this symbol. type: the notation's type of argument ("fcntlcmd"), or NULL if
 * the notation lacks it.
 */
bool value_is(const struct fdl_value *v, const char *type, const char *symbol);

/* Whether this symbol is among flags. */
bool value_has(const struct fdl_value *v, const char *type, const char *symbol);

/* The numbers among the words of a value, together: 0x80001 of 0x80001, and of 0x1|0x80000. */
uint64_t value_bits(const struct fdl_value *v);

/* Whether a symbol among flags has this suffix. */
bool value_has_suffix(const struct fdl_value *v, const char *suffix);

/*
 * The value with this key, at any depth in a value or in what the call made of it; NULL: none.
 * value_find_in searches the list of n values that begins with v.
 */
const struct fdl_value *value_find(const struct fdl_value *v, const char *key);
const struct fdl_value *value_find_in(const struct fdl_value *v, size_t n, const char *key);

/* Whether brackets end with "...". */
bool value_is_cut(const struct fdl_value *v);

/* The inside of a string, with its escapes; and strace -y's text for a descriptor. Empty: none. */
struct span value_string(const struct fdl_value *v);
struct span value_decoration(const struct fdl_value *v);

/* The nth argument of a call, from 1; NULL: none. */
const struct fdl_value *call_argument(const struct fdl_log_call *call, unsigned n);

#endif
