/*
 * The nearest known word to a misspelt one, for error messages: start with the word, offer every
 * known word, print the best.
 */
#ifndef SUGGEST_H
#define SUGGEST_H

#include <stddef.h>

struct text;

struct suggestion {
	const char *word; /* what was written */
	size_t len;
	const char *best; /* the nearest so far; NULL: none is near enough */
	size_t cost;      /* its distance; without one, the least that is too far */
};

/* Starts with a word, which is not copied; then takes a known word, which must outlive it. */
void suggest_start(struct suggestion *s, const char *word, size_t len);
void suggest_offer(struct suggestion *s, const char *candidate);

/* Appends ` (did you mean "dup2"?)` to a message; nothing if no candidate was near. */
void suggest_print(struct text *t, const struct suggestion *s);

#endif
