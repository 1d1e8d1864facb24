/*
 * Symbols for numbers and numbers for symbols, by the tables of xlat_tables.c.
 */
#include "notation/xlat.h"

#include "base/suggest.h"
#include "base/text.h"

#include <string.h>

bool words_find(const struct words *w, const char *name, size_t len, uint64_t *value)
{
	for (; w; w = w->more) {
		for (size_t i = 0; i < w->n; i++) {
			if (w->word[i].len == len && memcmp(w->word[i].name, name, len) == 0) {
				*value = w->word[i].value;
				return true;
			}
		}
	}
	return false;
}

const char *words_name(const struct words *w, uint64_t v)
{
	for (size_t i = 0; i < w->n; i++) {
		if (w->word[i].value == v && w->word[i].mask)
			return w->word[i].name;
	}
	return NULL;
}

static void put_symbol(struct text *t, const char *name, size_t len, bool *first)
{
	if (!*first)
		text_putc(t, '|');
	text_put(t, name, len);
	*first = false;
}

uint64_t words_print_known(struct text *t, const struct words *w, uint64_t v)
{
	bool first = true;
	const char *name;

	for (size_t i = 0; i < w->n; i++) {
		const struct word *word = &w->word[i];

		if (!word->mask || (v & word->mask) != word->value)
			continue;
		put_symbol(t, word->name, word->len, &first);
		v &= ~word->mask;
	}
	if (w->more && (v & w->more_mask)) {
		name = words_name(w->more, v & w->more_mask);
		if (name) {
			put_symbol(t, name, strlen(name), &first);
			v &= ~w->more_mask;
		}
	}
	return v;
}

void words_print(struct text *t, const struct words *w, uint64_t v)
{
	size_t before = t->len;
	uint64_t rest = words_print_known(t, w, v);
	bool first = t->len == before;

	if (!rest && !first)
		return;
	if (!first)
		text_putc(t, '|');
	text_hex(t, rest);
}

void words_suggest(const struct words *w, struct suggestion *s)
{
	for (; w; w = w->more) {
		for (size_t i = 0; i < w->n; i++)
			suggest_offer(s, w->word[i].name);
	}
}
