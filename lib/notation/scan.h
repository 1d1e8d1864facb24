/*
 * A line of the notation that is being read, and the steps of the grammar. Only the grammar's files
 * and the types with a grammar of their own include this.
 */
#ifndef SCAN_H
#define SCAN_H

#include "notation/line.h"

#include <string.h>

/* Values are allocated from arena; messages go to why, or nowhere if it is NULL. */
struct reader {
	const char *text; /* the start of the line */
	const char *p;    /* the next character */
	const char *end;
	struct arena *arena;
	struct text *why;
	unsigned depth, nvalues;
	bool splits; /* directly inside of []: blanks alone may separate numbers, as in [3 4] */
	bool log;    /* a log of any strace: a value that the grammar does not know is a word */
	struct fdl_value *result; /* in a log: gets the result and its decoration */
};

/* Classes of characters. */
enum {
	BLANK = 1,
	DIGIT = 2,
	LETTER = 4, /* and the underscore */
	WORD = 8,   /* part of a symbol */
	STOP = 16,  /* ends a value of strace's form */
};

extern const unsigned char scan_class[256];

static inline bool is(char c, unsigned wanted)
{
	return scan_class[(unsigned char)c] & wanted;
}

static inline size_t reader_column(const struct reader *r, const char *at)
{
	return (size_t)(at - r->text) + 1;
}

/*
 * True if the text at p begins with word. Words are literals: inlined, neither strlen nor memcmp is
 * called. The compiler leaves that to a function if it may choose.
 */
static inline __attribute__((always_inline)) bool starts_with(const char *p, const char *end,
							      const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && *p == *word && memcmp(p, word, len) == 0;
}

static inline __attribute__((always_inline)) bool looks_at(const struct reader *r, const char *word)
{
	return starts_with(r->p, r->end, word);
}

/* Skips this word. False if the text does not begin with it; nothing moves then. */
static inline __attribute__((always_inline)) bool skip_exactly(struct reader *r, const char *word)
{
	if (!looks_at(r, word))
		return false;
	r->p += strlen(word);
	return true;
}

static inline void skip_blanks(struct reader *r)
{
	while (r->p < r->end && is(*r->p, BLANK))
		r->p++;
}

/* Skips a name. False if there is none; nothing moves then. */
static inline bool skip_name(struct reader *r)
{
	if (r->p == r->end || !is(*r->p, LETTER))
		return false;
	while (r->p < r->end && is(*r->p, LETTER | DIGIT))
		r->p++;
	return true;
}

/* Skips blanks, and C comments between them. 0, or -EINVAL for a comment without an end. */
int skip_comments(struct reader *r);

static inline int skip_space(struct reader *r)
{
	skip_blanks(r);
	return r->p < r->end && *r->p == '/' ? skip_comments(r) : 0;
}

/* Skips from a parenthesis to its counterpart, with the strings inside. 0 or -EINVAL. */
int skip_parenthesis(struct reader *r);

/* The quotation mark that ends the string beginning at p, or NULL. */
const char *string_end(const char *p, const char *end);

/* Reads a number with its decoration. False if there is none; nothing moves then. */
bool read_number(struct reader *r, struct fdl_value *v);

/* Puts a C comment, if one follows, into v. */
void read_comment(struct reader *r, struct fdl_value *v);

/* Puts the decoration at *pp, if there is one, into v. */
void scan_decoration(const char **pp, const char *end, struct fdl_value *v);

/* Report "column N: expected …, got …" or "column N: message" for the place at; return -EINVAL. */
int reader_expected(const struct reader *r, const char *at, const char *expected);
int reader_fails(const struct reader *r, const char *at, const char *message);

#endif
