/*
 * Searches values of a log.
 */
#include "replay/values.h"

#include "cli/number.h"

#include <ctype.h>

bool value_number(const struct fdl_value *v, int64_t *number)
{
	if (!v || v->kind != FDL_VALUE_NUMBER)
		return false;
	*number = v->num;
	return true;
}

bool value_int(const struct fdl_value *v, int64_t *number)
{
	if (!value_number(v, number))
		return false;
	if (*number > INT32_MAX && *number <= UINT32_MAX)
		*number = (int32_t)*number;
	return true;
}

/* ---- symbols -------------------------------------------------------------------------------- */

/* fdlab sets no locale: letters are those of ASCII. */
static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The next word of a text from *p on; returns its end, or NULL: there is none. */
static const char *next_word(const char **p, const char *end)
{
	const char *stop;

	while (*p < end && !is_name(**p))
		++*p;
	if (*p == end)
		return NULL;
	for (stop = *p; stop < end && is_name(*stop); stop++)
		;
	return stop;
}

/* The words of a value: the value itself, or its comment. */
static struct span words_of(const struct fdl_value *v)
{
	if (v->kind == FDL_VALUE_WORD)
		return (struct span){ v->text, v->len };
	if (v->kind == FDL_VALUE_NUMBER && v->comment)
		return (struct span){ v->comment, v->comment_len };
	return (struct span){ "", 0 };
}

static bool has_word(struct span words, const char *word)
{
	const char *p = words.s, *end = p + words.len, *stop;
	const size_t len = strlen(word);

	while ((stop = next_word(&p, end)) != NULL) {
		if ((size_t)(stop - p) == len && memcmp(p, word, len) == 0)
			return true;
		p = stop;
	}
	return false;
}

/* Symbols that the notation does not need, and older versions of strace print as numbers. */
static const struct {
	const char *name;
	uint64_t number;
} symbols[] = {
	{ "SO_PEERPIDFD", 77 },
	{ "SCM_PIDFD", 4 },
	{ "MAP_ANONYMOUS", 0x20 },
};

static bool number_of(const char *type, const char *symbol, uint64_t *number)
{
	if (type && fdl_symbol(type, symbol, number))
		return true;
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*number = symbols[i].number;
		if (!strcmp(symbols[i].name, symbol))
			return true;
	}
	return false;
}

bool value_is(const struct fdl_value *v, const char *type, const char *symbol)
{
	uint64_t number;

	if (!v)
		return false;
	/* strace prints all names that a number may have: "A or B". */
	if (has_word(words_of(v), symbol))
		return true;
	return v->kind == FDL_VALUE_NUMBER && number_of(type, symbol, &number) &&
	       number == (uint64_t)v->num;
}

uint64_t value_bits(const struct fdl_value *v)
{
	const struct span words = words_of(v);
	const char *p = words.s, *end = p + words.len, *stop;
	uint64_t bits = 0, number;
	char word[24];

	if (v->kind == FDL_VALUE_NUMBER)
		return (uint64_t)v->num;
	for (; v->kind == FDL_VALUE_WORD && (stop = next_word(&p, end)) != NULL; p = stop) {
		if ((size_t)(stop - p) >= sizeof(word))
			continue;
		memcpy(word, p, (size_t)(stop - p));
		word[stop - p] = '\0';
		if (number_read(word, &number))
			bits |= number;
	}
	return bits;
}

bool value_has(const struct fdl_value *v, const char *type, const char *symbol)
{
	uint64_t bits;

	if (!v)
		return false;
	if (has_word(words_of(v), symbol))
		return true;
	return number_of(type, symbol, &bits) && bits && (value_bits(v) & bits) == bits;
}

bool value_has_suffix(const struct fdl_value *v, const char *suffix)
{
	const size_t len = strlen(suffix);
	struct span words;
	const char *p, *end, *stop;

	if (!v)
		return false;
	words = words_of(v);
	p = words.s;
	end = p + words.len;
	while ((stop = next_word(&p, end)) != NULL) {
		if ((size_t)(stop - p) >= len && memcmp(stop - len, suffix, len) == 0)
			return true;
		p = stop;
	}
	for (const struct fdl_value *e = v->sub; e; e = e->next)
		if (value_has_suffix(e, suffix))
			return true;
	return false;
}

/* ---- parts ---------------------------------------------------------------------------------- */

const struct fdl_value *value_find_in(const struct fdl_value *v, size_t n, const char *key)
{
	const struct fdl_value *found = NULL;

	for (; n && v && !found; n--, v = v->next)
		found = value_find(v, key);
	return found;
}

const struct fdl_value *value_find(const struct fdl_value *v, const char *key)
{
	const struct fdl_value *found;

	if (!v)
		return NULL;
	if (v->key && span_is((struct span){ v->key, v->key_len }, key))
		return v;
	found = value_find_in(v->sub, v->nsub, key);
	return found ? found : value_find(v->became, key);
}

bool value_is_cut(const struct fdl_value *v)
{
	return v && v->truncated && (v->kind == FDL_VALUE_ARRAY || v->kind == FDL_VALUE_STRUCT);
}

struct span value_string(const struct fdl_value *v)
{
	return v && v->kind == FDL_VALUE_STRING ? (struct span){ v->text, v->len }
						: (struct span){ "", 0 };
}

struct span value_decoration(const struct fdl_value *v)
{
	return v && v->decoration ? (struct span){ v->decoration, v->decoration_len }
				  : (struct span){ "", 0 };
}

const struct fdl_value *call_argument(const struct fdl_log_call *call, unsigned n)
{
	const struct fdl_value *v = call->args;

	if (n > call->nargs)
		return NULL;
	while (--n)
		v = v->next;
	return v;
}
