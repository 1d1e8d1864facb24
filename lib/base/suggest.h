/*
 * The nearest known word to a misspelt one, for error messages: start with the word, offer every
 * word that there is, ask for the best.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

struct text;

struct suggestion {
	const char *word; /* what was written */
	size_t len;
	const char *best; /* the nearest so far; NULL when none is near enough */
	size_t cost;      /* its distance; until there is one, the first that is too far */
};

void suggest_start(struct suggestion *s, const char *word, size_t len);
void suggest_offer(struct suggestion *s, const char *candidate);

/* Puts ` (did you mean "dup2"?)` behind a message; nothing when no candidate was near. */
void suggest_print(struct text *t, const struct suggestion *s);

#endif
