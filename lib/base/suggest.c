/*
 * Finds the known word that a misspelt one was meant to be: the one with the fewest corrections,
 * each of a letter that is too many, missing, wrong, or swapped with its neighbour. Upper and lower
 * case are the same.
 */
#include "base/suggest.h"

#include "base/text.h"
#include "fdlab.h"

#include <ctype.h>
#include <string.h>

#define WORD_MAX ((size_t)40) /* longer words are no misspelt names */

void suggest_start(struct suggestion *s, const char *word, size_t len)
{
	s->word = word;
	s->len = len;
	s->best = NULL;
	/* About one correction for every four letters. */
	s->cost = (len + 2) / 4 + 1;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

static char fold(char c)
{
	return (char)tolower((unsigned char)c);
}

/* How many corrections make a of b. Both are at most WORD_MAX long. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= blen; j++)
		last[j] = j;
	for (size_t i = 1; i <= alen; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t wrong = fold(a[i - 1]) != fold(b[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong);
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[blen];
}

void suggest_offer(struct suggestion *s, const char *candidate)
{
	size_t len = strlen(candidate);
	size_t apart = len > s->len ? len - s->len : s->len - len;
	size_t cost;

	if (len > WORD_MAX || s->len > WORD_MAX || apart >= s->cost)
		return;
	cost = distance(s->word, s->len, candidate, len);
	if (cost < s->cost) {
		s->cost = cost;
		s->best = candidate;
	}
}

const char *fdl_suggest(const char *word, const char *const *known)
{
	struct suggestion s;

	suggest_start(&s, word, strlen(word));
	while (*known)
		suggest_offer(&s, *known++);
	return s.best;
}

void suggest_print(struct text *t, const struct suggestion *s)
{
	if (s->best)
		text_printf(t, " (did you mean \"%s\"?)", s->best);
}
