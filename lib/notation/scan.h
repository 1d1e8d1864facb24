/*
 * A line of the notation that is being read, and the steps that its grammar takes along it. Only
 * the grammar's own files, and the types that have a grammar of their own, look in here.
 */
#ifndef SCAN_H
#define SCAN_H

#include "notation/line.h"

#include <string.h>

/* What is made lives in the arena, what was wrong goes to why. */
struct reader {
	const char *text; /* the start of the line */
	const char *p;    /* the next character */
	const char *end;
	struct arena *arena;
	struct text *why;
	unsigned depth, nvalues;
	bool splits; /* directly inside of []: a blank alone may divide numbers, as in [3 4] */
	bool log;    /* any call of any strace: what is not understood is a word */
	struct fdl_value *result; /* in a log: where the result goes, with all that decorates it */
};

/* What characters are to the grammar. */
enum {
	BLANK = 1,
	DIGIT = 2,
	LETTER = 4, /* and the underscore */
	WORD = 8,   /* what symbols are made of */
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

/* True when what follows p is word, exactly. Words are literals: their length costs nothing. */
static inline bool starts_with(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && *p == *word && memcmp(p, word, len) == 0;
}

static inline bool looks_at(const struct reader *r, const char *word)
{
	return starts_with(r->p, r->end, word);
}

/* Exactly this word; false, and nothing moved, where it does not stand. */
static inline bool skip_exactly(struct reader *r, const char *word)
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

/* A name; false, and nothing moved, where none stands. */
static inline bool skip_name(struct reader *r)
{
	if (r->p == r->end || !is(*r->p, LETTER))
		return false;
	while (r->p < r->end && is(*r->p, LETTER | DIGIT))
		r->p++;
	return true;
}

/* Blanks and comments of the C kind between them. 0, or -EINVAL for a comment without an end. */
int skip_comments(struct reader *r);

static inline int skip_space(struct reader *r)
{
	skip_blanks(r);
	return r->p < r->end && *r->p == '/' ? skip_comments(r) : 0;
}

/* A parenthesis up to its counterpart, strings in it passed over. 0 or -EINVAL. */
int skip_parenthesis(struct reader *r);

/* The quotation mark that ends the string whose first one stands at p, or NULL. */
const char *string_end(const char *p, const char *end);

/* A number with its decoration into v. False, and nothing moved, where none stands. */
bool read_number(struct reader *r, struct fdl_value *v);

/* Takes a comment of the C kind, if one comes next, into v. */
void read_comment(struct reader *r, struct fdl_value *v);

/* Takes the decoration at *pp, if there is one, into v. */
void scan_decoration(const char **pp, const char *end, struct fdl_value *v);

/* Say "column N: expected …, got …" of the place at, or "column N: message"; return -EINVAL. */
int reader_expected(const struct reader *r, const char *at, const char *expected);
int reader_fails(const struct reader *r, const char *at, const char *message);

#endif
