/*
 * How values are written: strings, words, arrays and structures, in strace's form and in the
 * shell's. Text becomes a struct fdl_value; its meaning is elsewhere.
 */
#include "notation/values.h"

#include "base/arena.h"
#include "base/number.h"

#include <errno.h>
#include <string.h>

/* ---- strings -------------------------------------------------------------------------------- */

/* The character that a letter after a backslash stands for, or -1. */
static int escaped_letter(char c)
{
	switch (c) {
	case 'a':
		return '\a';
	case 'b':
		return '\b';
	case 'e':
		return 033;
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	case '"':
	case '\'':
	case '\\':
	case '?':
		return c;
	default:
		return -1;
	}
}

/* Reads up to max digits of base at *pp. -1 if there is none, or the value exceeds a byte. */
static int escaped_digits(const char **pp, const char *end, unsigned base, int max)
{
	const char *p = *pp;
	unsigned n = 0;

	while (p < end && p - *pp < max && digit_value(*p) < base)
		n = n * base + digit_value(*p++);
	if (p == *pp || n > 0xff)
		return -1;
	*pp = p;
	return (int)n;
}

/* Undoes the escapes of [p, end) into out, which has room for as many bytes. The length, or -1. */
static ptrdiff_t unescape(const char *p, const char *end, char *out, const char **bad)
{
	char *to = out;

	while (p < end) {
		int c;

		if (*p != '\\') {
			*to++ = *p++;
			continue;
		}
		*bad = p++;
		if (*p == 'x') {
			p++;
			c = escaped_digits(&p, end, 16, 2);
		} else if (is(*p, DIGIT)) {
			c = escaped_digits(&p, end, 8, 3);
		} else {
			c = escaped_letter(*p++);
		}
		if (c < 0)
			return -1;
		*to++ = (char)c;
	}
	return to - out;
}

static int read_string(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p + 1;
	const char *close = string_end(r->p, r->end);
	const char *bad = start;
	ptrdiff_t len;
	char *bytes;

	if (!close)
		return reader_expected(r, r->p, "a string that ends in a quotation mark");
	v->kind = FDL_VALUE_STRING;
	v->text = start;
	v->len = (size_t)(close - start);
	r->p = close + 1;
	if (!r->log && memchr(start, '\\', v->len)) {
		bytes = arena_alloc(r->arena, v->len);
		if (!bytes)
			return -ENOMEM;
		len = unescape(start, close, bytes, &bad);
		if (len < 0)
			return reader_expected(r, bad, "an escape sequence of C");
		v->text = bytes;
		v->len = (size_t)len;
	}
	v->truncated = skip_exactly(r, "...");
	return 0;
}

/* ---- words ---------------------------------------------------------------------------------- */

/* Sets the kind of the word [start, r->p). */
static void finish_word(struct reader *r, struct fdl_value *v, const char *start)
{
	v->kind = FDL_VALUE_WORD;
	v->text = start;
	v->len = (size_t)(r->p - start);
	if (v->len == strlen("NULL") && memcmp(start, "NULL", v->len) == 0)
		v->kind = FDL_VALUE_NULL;
	else if (v->len == strlen("...") && memcmp(start, "...", v->len) == 0)
		v->kind = FDL_VALUE_REST;
}

/* True if a word of strace's form ends at p, a blank or a stop. */
static bool word_ends(const char *p, const char *end)
{
	while (p < end && is(*p, BLANK))
		p++;
	return p == end || is(*p, STOP) || *p == '<' || starts_with(p, end, "/*") ||
	       starts_with(p, end, "=>");
}

/*
 * Skips a word of strace's form that is more than symbols: makedev(0x1, 0x3), WIFEXITED(s) && …. It
 * includes blanks, and brackets with their content. 0 or -EINVAL.
 */
static int scan_phrase(struct reader *r)
{
	const char *start = r->p;
	unsigned open = 0;

	for (; r->p < r->end; r->p++) {
		char c = *r->p;

		if (c == '"') {
			r->p = string_end(r->p, r->end);
			if (!r->p)
				break;
		} else if (c == '(' || c == '[' || c == '{') {
			open++;
		} else if (open && (c == ')' || c == ']' || c == '}')) {
			open--;
		} else if (!open && looks_at(r, "<<")) {
			r->p++;
		} else if (!open && (is(c, BLANK | STOP) || c == '<' || c == '/' || c == '=')) {
			if (is(c, STOP) || c == '<' || word_ends(r->p, r->end))
				return 0;
		}
	}
	if (r->p && !open)
		return 0;
	return reader_expected(r, start, "a value whose brackets and quotes are closed");
}

static int read_word(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p;
	int error;

	/* restart_syscall(<... resuming interrupted read ...>) */
	if (looks_at(r, "<...")) {
		scan_decoration(&r->p, r->end, v);
		v->decoration = NULL;
	}
	while (r->p < r->end && is(*r->p, WORD))
		r->p++;
	if (r->p < r->end && !is(*r->p, STOP) && (*r->p != '<' || looks_at(r, "<<"))) {
		error = scan_phrase(r);
		if (error)
			return error;
	}
	/* In a log, a comment alone may be a value. */
	if (r->p == start && !(r->log && r->p < r->end && is(*r->p, STOP)))
		return reader_expected(r, start, "a value");
	finish_word(r, v, start);
	if (r->p < r->end && *r->p == '<')
		scan_decoration(&r->p, r->end, v);
	return 0;
}

/*
 * Reads a value of symbols alone, as most words are: no key, no brackets, no decoration. False:
 * there is more to it; nothing moves then.
 */
static bool read_symbols(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p, *p = start;

	while (p < r->end && is(*p, WORD))
		p++;
	if (p == r->end || !is(*p, STOP))
		return false;
	r->p = p;
	finish_word(r, v, start);
	v->raw_len = v->len;
	return true;
}

/* ---- arrays, structures, and any of these --------------------------------------------------- */

/* Skips "(0)" after a name: strace up to 4.12 prints msg_name(0)=NULL. */
static void skip_count(struct reader *r)
{
	const char *p = r->p;

	if (!looks_at(r, "("))
		return;
	for (p++; p < r->end && is(*p, DIGIT); p++)
		;
	if (starts_with(p, r->end, ")="))
		r->p = p + 1;
}

/* Takes "name=" before a value, but not "a == b" or "a => b". */
static void read_key(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p;
	size_t len;

	if (!skip_name(r))
		return;
	len = (size_t)(r->p - start);
	skip_count(r);
	if (r->p + 1 < r->end && *r->p == '=' && r->p[1] != '=' && r->p[1] != '>') {
		v->key = start;
		v->key_len = len;
		r->p++;
	} else {
		r->p = start;
	}
}

/* Reads what follows an opening bracket, and the closing one. */
static int read_elements(struct reader *r, struct fdl_value *v, char close)
{
	struct fdl_value **link = &v->sub;
	const char *start = r->p - 1;
	int error = skip_space(r);

	if (error)
		return error;
	if (r->p < r->end && *r->p == close) {
		r->p++;
		return 0;
	}
	for (;;) {
		error = read_value(r, link);
		if (error)
			return error;
		if ((*link)->kind == FDL_VALUE_REST) {
			/* iov_base=... is a field that is left out; others may follow. */
			v->truncated |= !(*link)->key;
			*link = NULL;
		} else {
			link = &(*link)->next;
			v->nsub++;
		}
		if (r->p < r->end && *r->p == close) {
			r->p++;
			return 0;
		}
		if (r->p < r->end && *r->p == ',' && !v->truncated) {
			r->p++;
			error = skip_space(r);
			if (error)
				return error;
			continue;
		}
		if (r->splits && r->p < r->end && is(*r->p, LETTER | DIGIT) && is(r->p[-1], BLANK))
			continue;
		if (r->p == r->end)
			return reader_expected(r, start, "a bracket that is closed");
		return reader_expected(r, r->p, close == ']' ? "\",\" or \"]\"" : "\",\" or \"}\"");
	}
}

static int read_brackets(struct reader *r, struct fdl_value *v)
{
	char close = *r->p == '[' ? ']' : '}';
	const char *start = r->p++;
	const bool split = r->splits;
	int error;

	if (r->depth == NOTATION_DEPTH_MAX)
		return reader_fails(r, start, "too many brackets inside each other");
	v->kind = close == ']' ? FDL_VALUE_ARRAY : FDL_VALUE_STRUCT;
	r->depth++;
	r->splits = close == ']';
	error = read_elements(r, v, close);
	r->splits = split;
	r->depth--;
	v->text = start;
	v->len = (size_t)(r->p - start);
	return error;
}

/* Reads a value without its key, where both forms agree. */
static int read_bare_value(struct reader *r, struct fdl_value *v)
{
	if (r->p < r->end) {
		if (*r->p == '"')
			return read_string(r, v);
		if (*r->p == '[' || *r->p == '{')
			return read_brackets(r, v);
		if (read_number(r, v))
			return 0;
	}
	return read_word(r, v);
}

static struct fdl_value *value_new(struct reader *r)
{
	struct fdl_value *v = arena_alloc(r->arena, sizeof(*v));

	if (!v)
		return NULL;
	memset(v, 0, sizeof(*v));
	v->raw = r->p;
	v->column = reader_column(r, r->p);
	return v;
}

static int value_add(struct reader *r, struct fdl_value **vp)
{
	if (++r->nvalues > NOTATION_VALUES_MAX && !r->log)
		return reader_fails(r, r->p, "too many values in one line");
	*vp = value_new(r);
	return *vp ? 0 : -ENOMEM;
}

/* Reads " => {…}": the value after the call. */
static int read_became(struct reader *r, struct fdl_value *v)
{
	int error;

	r->p += strlen("=>");
	error = skip_space(r);
	if (!error)
		error = value_add(r, &v->became);
	if (!error)
		error = read_bare_value(r, v->became);
	if (error)
		return error;
	v->became->raw_len = (size_t)(r->p - v->became->raw);
	return skip_space(r);
}

/*
 * The comment of a number, by strace -X verbose, and more numbers that "|" joins to it, each with a
 * comment of its own. The value then has the bits and the comments of all.
 */
static void read_verbose(struct reader *r, struct fdl_value *v)
{
	read_comment(r, v);
	while (v->comment && looks_at(r, "|")) {
		struct fdl_value more = { 0 };
		const char *start = r->p++;

		if (!read_number(r, &more)) {
			r->p = start;
			return;
		}
		v->num |= more.num;
		read_comment(r, &more);
		v->comment_len = (size_t)(r->p - v->comment);
	}
}

int read_value(struct reader *r, struct fdl_value **vp)
{
	struct fdl_value *v;
	int error = value_add(r, vp);

	if (error)
		return error;
	v = *vp;
	if (r->p < r->end && is(*r->p, LETTER)) {
		if (read_symbols(r, v))
			return 0;
		read_key(r, v);
	}
	error = read_bare_value(r, v);
	if (error)
		return error;
	v->raw_len = (size_t)(r->p - v->raw);
	if (r->p < r->end && is(*r->p, STOP))
		return 0;
	if (r->log && v->kind == FDL_VALUE_NUMBER)
		read_verbose(r, v);
	error = skip_space(r);
	if (!error && looks_at(r, "=>"))
		error = read_became(r, v);
	/* In a log, options of strace may add text after the value. */
	if (!error && r->log && r->p < r->end && !is(*r->p, STOP) && (!r->splits || *r->p == '='))
		error = scan_phrase(r);
	return error;
}

static bool at_blank(const struct reader *r)
{
	return r->p == r->end || is(*r->p, BLANK);
}

/* Reads " => [6]" after a value in brackets, if it stands there. */
static int read_shell_became(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p;

	skip_blanks(r);
	if (r->p > start && looks_at(r, "=>"))
		return read_became(r, v);
	r->p = start;
	return 0;
}

/* Strings and brackets keep their blanks; any other value ends at the first. */
static int read_shell_value(struct reader *r, struct fdl_value *v)
{
	const char *start = r->p;
	int error;

	if (r->p < r->end && (*r->p == '"' || *r->p == '[' || *r->p == '{')) {
		error = read_bare_value(r, v);
		if (error)
			return error;
		v->raw_len = (size_t)(r->p - v->raw);
		if (!at_blank(r))
			return reader_expected(r, r->p, "a blank between words");
		return v->kind == FDL_VALUE_ARRAY ? read_shell_became(r, v) : 0;
	}
	if (read_number(r, v) && at_blank(r))
		return 0;
	v->decoration = NULL;
	v->overflow = false;
	r->p = start;
	while (!at_blank(r))
		r->p++;
	finish_word(r, v, start);
	return 0;
}

int read_shell_word(struct reader *r, struct fdl_value **vp)
{
	struct fdl_value *v;
	int error = value_add(r, vp);

	if (error)
		return error;
	v = *vp;
	if (is(*r->p, LETTER))
		read_key(r, v);
	error = read_shell_value(r, v);
	if (!v->raw_len)
		v->raw_len = (size_t)(r->p - v->raw);
	return error;
}
