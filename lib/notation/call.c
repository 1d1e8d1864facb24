/*
 * The grammar of a call: arguments in both forms, then the result and the remarks. The part before
 * the name, and the list of calls, are elsewhere.
 */
#include "notation/call.h"

#include "base/suggest.h"
#include "base/text.h"
#include "notation/values.h"

#include <errno.h>
#include <string.h>

/* ---- after the arguments -------------------------------------------------------------------- */

static int unknown_error(const struct reader *r, const char *name, size_t len)
{
	struct suggestion s;
	const char *known;

	text_printf(r->why, "column %zu: unknown error ", reader_column(r, name));
	text_quoted(r->why, name, len, 32);
	suggest_start(&s, name, len);
	for (int err = 1; err < 600; err++) {
		known = notation_errname(err);
		if (known)
			suggest_offer(&s, known);
	}
	suggest_print(r->why, &s);
	return -EINVAL;
}

/* Reads "EBADF" after -1 or "?". */
static int read_error_name(struct reader *r, struct line *out)
{
	const char *name = r->p;
	size_t len;

	skip_name(r);
	len = (size_t)(r->p - name);
	if (r->log) {
		out->error_name = name;
		out->error_name_len = len;
		return 0;
	}
	out->error = notation_errno(name, len);
	return out->error ? 0 : unknown_error(r, name, len);
}

int read_remarks(struct reader *r, struct line *out)
{
	const char *start;
	int error;

	for (;;) {
		skip_blanks(r);
		if (r->p == r->end || *r->p == '#')
			return 0;
		if (*r->p == '(') {
			start = r->p + 1;
			error = skip_parenthesis(r);
			if (error)
				return error;
			out->remark = start;
			out->remark_len = (size_t)(r->p - 1 - start);
		} else if (*r->p == '<' && r->p + 1 < r->end && is(r->p[1], DIGIT)) {
			r->p = memchr(r->p, '>', (size_t)(r->end - r->p));
			if (!r->p)
				return reader_expected(r, r->end, "\">\"");
			r->p++;
		} else {
			return reader_expected(r, r->p, "the end of the line");
		}
	}
}

/* Reads the number of a result. 0 or -EINVAL. */
static int read_result_number(struct reader *r, struct line *out)
{
	struct fdl_value plain, *v = r->log ? r->result : &plain;
	const char *start = r->p;

	plain.overflow = false;
	if (!read_number(r, v))
		return reader_expected(r, start, "a result (a number or \"?\")");
	if (v->overflow && !r->log)
		return reader_expected(r, start, "a result of 64 bits");
	out->result = v->num;
	if (r->log)
		read_comment(r, v);
	return 0;
}

/* Reads the result, after its "=". */
static int read_result(struct reader *r, struct line *out)
{
	int error = 0;

	skip_blanks(r);
	out->has_result = true;
	out->result_column = reader_column(r, r->p);
	out->result_unknown = skip_exactly(r, "?");
	if (!out->result_unknown)
		error = read_result_number(r, out);
	if (error)
		return error;
	skip_blanks(r);
	if ((out->result_unknown || out->result == -1) && r->p < r->end && is(*r->p, LETTER)) {
		error = read_error_name(r, out);
		if (error)
			return error;
	}
	if (!r->log)
		return read_remarks(r, out);
	/* Any text in brackets: strace's remark. */
	out->remark = r->p;
	out->remark_len = (size_t)(r->end - r->p);
	return 0;
}

/* Reads what follows the arguments: nothing, a result, remarks. */
static int read_tail(struct reader *r, struct line *out)
{
	skip_blanks(r);
	if (skip_exactly(r, "="))
		return read_result(r, out);
	return read_remarks(r, out);
}

/* Reads "<unfinished ...>" or "<unfinished at POINT ...>"; its "<" stands at *r. */
static int read_unfinished(struct reader *r, struct line *out)
{
	const char *start = r->p;

	if (!skip_exactly(r, "<unfinished"))
		return reader_expected(r, start, "\"<unfinished ...>\"");
	skip_blanks(r);
	if (skip_exactly(r, "at ")) {
		skip_blanks(r);
		out->point = r->p;
		while (r->p < r->end && (is(*r->p, LETTER | DIGIT) || *r->p == ':'))
			r->p++;
		out->point_len = (size_t)(r->p - out->point);
		if (!out->point_len)
			return reader_expected(r, r->p, "the name of a preemption point");
		skip_blanks(r);
	}
	if (!skip_exactly(r, "...>"))
		return reader_expected(r, r->p, "\"...>\"");
	if (out->kind == LINE_CALL)
		out->kind = LINE_UNFINISHED;
	/* strace closes the bracket of a call that never returned: read(0, <unfinished ...>) = ? */
	skip_exactly(r, ")");
	return read_tail(r, out);
}

/* ---- arguments ------------------------------------------------------------------------------ */

int read_arguments(struct reader *r, struct line *out)
{
	struct fdl_value **link = &out->args;
	bool comma = false;
	int error;

	for (;;) {
		error = skip_space(r);
		if (error)
			return error;
		out->end_column = reader_column(r, r->p);
		if (r->p < r->end && *r->p == ')' && !comma) {
			r->p++;
			return read_tail(r, out);
		}
		if (r->p < r->end && *r->p == '<' && !looks_at(r, "<..."))
			return read_unfinished(r, out);
		error = read_value(r, link);
		if (error)
			return error;
		link = &(*link)->next;
		out->nargs++;
		out->end_column = reader_column(r, r->p);
		comma = r->p < r->end && *r->p == ',';
		if (comma)
			r->p++;
		else if (r->p == r->end || (*r->p != ')' && *r->p != '<'))
			return reader_expected(r, r->p, "\",\" or \")\"");
	}
}

/* True at a word that consists of "=" alone: the result of the shell's form. */
static bool at_equals(const struct reader *r)
{
	return *r->p == '=' && (r->p + 1 == r->end || is(r->p[1], BLANK));
}

int read_words(struct reader *r, struct line *out)
{
	struct fdl_value **link = &out->args;
	int error;

	for (;;) {
		out->end_column = reader_column(r, r->p);
		skip_blanks(r);
		if (r->p == r->end || *r->p == '#')
			return 0;
		if (at_equals(r))
			return read_tail(r, out);
		if (looks_at(r, "<unfinished"))
			return read_unfinished(r, out);
		error = read_shell_word(r, link);
		if (error)
			return error;
		link = &(*link)->next;
		out->nargs++;
	}
}

int skip_became(struct reader *r)
{
	struct fdl_value *v;
	int error;

	if (!skip_exactly(r, "=>"))
		return 0;
	error = skip_space(r);
	return error ? error : read_value(r, &v);
}
