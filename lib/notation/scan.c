/*
 * Steps along a line: blanks, comments, names, numbers, and the error message for a place. The
 * grammars of lines and of values share them.
 */
#include "notation/scan.h"

#include "base/number.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

const unsigned char scan_class[256] = {
	[' '] = BLANK,
	['\t'] = BLANK,
	['\r'] = BLANK,
	['0' ... '9'] = DIGIT | WORD,
	['a' ... 'z'] = LETTER | WORD,
	['A' ... 'Z'] = LETTER | WORD,
	['_'] = LETTER | WORD,
	['|'] = WORD,
	[','] = STOP,
	[')'] = STOP,
	[']'] = STOP,
	['}'] = STOP,
};

/* ---- walking along the line ----------------------------------------------------------------- */

int skip_comments(struct reader *r)
{
	for (;;) {
		const char *start;

		skip_blanks(r);
		if (r->p == r->end || *r->p != '/' || !looks_at(r, "/*"))
			return 0;
		start = r->p;
		for (r->p += 2; !looks_at(r, "*/"); r->p++) {
			if (r->p == r->end)
				return reader_expected(r, start, "a comment that ends in */");
		}
		r->p += 2;
	}
}

void read_comment(struct reader *r, struct fdl_value *v)
{
	const char *start, *end;

	skip_blanks(r);
	if (!looks_at(r, "/*"))
		return;
	start = r->p + 2;
	end = memmem(start, (size_t)(r->end - start), "*/", 2);
	if (!end)
		return;
	r->p = end + 2;
	while (start < end && is(*start, BLANK))
		start++;
	while (end > start && is(end[-1], BLANK))
		end--;
	v->comment = start;
	v->comment_len = (size_t)(end - start);
}

/* The length of the text at p that a message quotes. */
static size_t snippet(const char *p, const char *end)
{
	size_t len = 1;

	while (p + len < end && len < 32 && !is(p[len], BLANK | STOP))
		len++;
	return len;
}

int reader_expected(const struct reader *r, const char *at, const char *expected)
{
	if (!r->why)
		return -EINVAL;
	text_printf(r->why, "column %zu: expected %s, got ", reader_column(r, at), expected);
	if (at >= r->end)
		text_puts(r->why, "the end of the line");
	else
		text_quoted(r->why, at, snippet(at, r->end), 32);
	return -EINVAL;
}

int reader_fails(const struct reader *r, const char *at, const char *message)
{
	if (r->why)
		text_printf(r->why, "column %zu: %s", reader_column(r, at), message);
	return -EINVAL;
}

const char *string_end(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p;
		if (*p == '\\' && ++p == end)
			return NULL;
	}
	return NULL;
}

int skip_parenthesis(struct reader *r)
{
	const char *start = r->p;
	unsigned open = 0;

	for (; r->p < r->end; r->p++) {
		if (*r->p == '(') {
			open++;
		} else if (*r->p == ')' && --open == 0) {
			r->p++;
			return 0;
		} else if (*r->p == '"') {
			r->p = string_end(r->p, r->end);
			if (!r->p)
				break;
		}
	}
	return reader_expected(r, start, "a closing parenthesis for this one");
}

/* ---- numbers -------------------------------------------------------------------------------- */

/*
 * The end of the decoration whose "<" stands at p, or NULL: 3</tmp/x->, 4</dev/null<char 1:3>>,
 * 5<TCP:[127.0.0.1:80->127.0.0.1:4242]>, 6<UNIX-STREAM:[1->2,"/a>b"]>. Brackets nest. strace
 * escapes brackets in paths; arrows and strings occur only in decorations that are not paths.
 */
static const char *decoration_end(const char *p, const char *end)
{
	bool path = p + 1 < end && p[1] == '/';
	unsigned depth = 0;

	for (; p && p < end; p++) {
		if (*p == '"' && !path) {
			p = string_end(p, end);
			if (!p)
				return NULL;
		} else if (*p == '<') {
			depth++;
		} else if (*p == '>' && (path || p[-1] != '-') && --depth == 0) {
			return p;
		} else if (*p == '\\') {
			p++;
		}
	}
	return NULL;
}

void scan_decoration(const char **pp, const char *end, struct fdl_value *v)
{
	const char *p = *pp, *close;

	if (p == end || *p != '<' || starts_with(p, end, "<<") ||
	    starts_with(p, end, "<unfinished "))
		return;
	close = decoration_end(p, end);
	if (!close)
		return;
	v->decoration = p + 1;
	v->decoration_len = (size_t)(close - p) - 1;
	*pp = close + 1;
	if (starts_with(*pp, end, "(deleted)"))
		*pp += strlen("(deleted)");
}

static bool ends_number(const char *p, const char *end)
{
	return p == end || is(*p, BLANK | STOP) || starts_with(p, end, "/*") ||
	       starts_with(p, end, "=>");
}

bool read_number(struct reader *r, struct fdl_value *v)
{
	const char *p = r->p, *digits_end;
	bool negative = p < r->end && *p == '-';
	bool overflow = false;
	uint64_t num, factor;

	p += negative;
	p = p < r->end && is(*p, DIGIT) ? number_scan(p, r->end, &num, &overflow) : NULL;
	if (!p)
		return false;
	while (p + 1 < r->end && *p == '*' && is(p[1], DIGIT)) {
		p = number_scan(p + 1, r->end, &factor, &overflow);
		if (!p)
			return false;
		overflow |= __builtin_mul_overflow(num, factor, &num);
	}
	digits_end = p;
	if (p < r->end && *p == '<')
		scan_decoration(&p, r->end, v);
	if (!ends_number(p, r->end)) {
		v->decoration = NULL;
		return false;
	}
	if (negative && num > (uint64_t)INT64_MAX + 1)
		overflow = true;
	v->kind = FDL_VALUE_NUMBER;
	v->num = negative ? (int64_t)(0 - num) : (int64_t)num;
	v->overflow = overflow;
	v->text = r->p;
	v->len = (size_t)(digits_end - r->p);
	r->p = p;
	return true;
}
