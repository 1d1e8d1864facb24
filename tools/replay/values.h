/*
 * What written values say: a symbol, a flag, a number or a field, in every form in which strace
 * prints them: O_CLOEXEC, 0x80000, 0x80000 with a comment that says O_CLOEXEC. What calls do is not
 * known here.
 */
#ifndef FDLAB_TOOLS_REPLAY_VALUES_H
#define FDLAB_TOOLS_REPLAY_VALUES_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of a text that is longer; empty where there is nothing. */
struct span {
	const char *s;
	size_t len;
};

bool span_is(struct span s, const char *text);

/* All of these take NULL for a value that is not there. */

/* The number of a value. False: it is none. */
bool value_number(const struct fdl_value *v, int64_t *number);

/* The same of a descriptor or a pid, which -e raw and -X raw print as 0xffffffff for -1. */
bool value_int(const struct fdl_value *v, int64_t *number);

/*
 * Whether a value is this symbol of a type of argument ("fcntlcmd"); the type is that of the
 * notation, or NULL where the notation has none.
 */
bool value_is(const struct fdl_value *v, const char *type, const char *symbol);

/* Whether this symbol is among flags. */
bool value_has(const struct fdl_value *v, const char *type, const char *symbol);

/* Whether a symbol among flags ends so. */
bool value_has_suffix(const struct fdl_value *v, const char *suffix);

/*
 * The value that a key names, in a value or in what a call made of it, at whatever depth; NULL: there
 * is none. In the second form the list of n values that begins with v.
 */
const struct fdl_value *value_find(const struct fdl_value *v, const char *key);
const struct fdl_value *value_find_in(const struct fdl_value *v, size_t n, const char *key);

/* Whether brackets have "..." at their end. */
bool value_is_cut(const struct fdl_value *v);

/* The inside of a string, escapes and all; what -y says of a descriptor. Empty: nothing. */
struct span value_string(const struct fdl_value *v);
struct span value_decoration(const struct fdl_value *v);

/* The nth argument of a call, from 1; NULL: it has not so many. */
const struct fdl_value *call_argument(const struct fdl_log_call *call, unsigned n);

#endif
