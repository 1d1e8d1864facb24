/*
 * The grammar of lines: whose call, which call, its arguments in either form, its result, and what
 * strace says besides. One line flows in, struct line comes out; which calls there are is not known
 * here.
 */
#include "notation/line.h"

#include "base/number.h"
#include "base/suggest.h"
#include "base/text.h"
#include "notation/values.h"

#include <errno.h>
#include <string.h>

/* ---- in front of the call ------------------------------------------------------------------- */

/* A pid at *r, which strace -Y decorates, into *pid. 0 or -EINVAL. */
static int read_pid(struct reader *r, int *pid)
{
	struct value ignored = { 0 };
	const char *start = r->p;
	bool overflow = false;
	uint64_t n = 0;
	const char *behind = decimal_scan(start, r->end, &n, &overflow);

	if (!behind || overflow || n < 1 || n > INT32_MAX)
		return reader_expected(r, start, "a pid");
	r->p = behind;
	*pid = (int)n;
	if (r->p < r->end && *r->p == '<')
		scan_decoration(&r->p, r->end, &ignored);
	return 0;
}

/*
 * A time in any of strace's formats: 12:34:56, 12:34:56.789012, 1700000000.123456, 0.000123, and
 * (+ 0.000123) of -t -r. A plain number is one only behind a pid.
 */
static bool skip_time(struct reader *r, bool after_pid)
{
	const char *p = r->p;
	bool punctuated = false;

	if (looks_at(r, "(+")) {
		p = memchr(p, ')', (size_t)(r->end - p));
		if (!p)
			return false;
		r->p = p + 1;
		skip_blanks(r);
		return true;
	}
	while (p < r->end && (is(*p, DIGIT) || *p == ':' || *p == '.')) {
		punctuated |= !is(*p, DIGIT);
		p++;
	}
	if (p == r->p || p == r->end || !is(*p, BLANK) || !is(*r->p, DIGIT))
		return false;
	if (!punctuated && !after_pid)
		return false;
	r->p = p;
	skip_blanks(r);
	return true;
}

/* The instruction pointer of strace -i and the number of strace -n: hexadecimal in brackets. */
static bool skip_bracketed_number(struct reader *r)
{
	const char *p = r->p + 1;

	while (p < r->end && (is(*p, BLANK) || digit_value(*p) < 16 || *p == '?'))
		p++;
	if (p == r->end || *p != ']')
		return false;
	r->p = p + 1;
	skip_blanks(r);
	return true;
}

/* "[pid 12]", whose bracket stands at *r. */
static int read_bracketed_pid(struct reader *r, struct line *out)
{
	int error;

	r->p += strlen("[");
	skip_blanks(r);
	if (!skip_exactly(r, "pid"))
		return reader_expected(r, r->p, "\"pid\"");
	skip_blanks(r);
	error = read_pid(r, &out->pid);
	if (error)
		return error;
	skip_blanks(r);
	if (!skip_exactly(r, "]"))
		return reader_expected(r, r->p, "\"]\"");
	skip_blanks(r);
	return 0;
}

/* "12 " or "[pid 12] ". 0 or -EINVAL. */
static int read_whose(struct reader *r, struct line *out)
{
	int error;

	if (*r->p == '[' && !skip_bracketed_number(r))
		return read_bracketed_pid(r, out);
	if (r->p == r->end || !is(*r->p, DIGIT) || skip_time(r, false))
		return 0;
	error = read_pid(r, &out->pid);
	if (!error && r->p < r->end && !is(*r->p, BLANK))
		return reader_expected(r, r->p, "a blank behind the pid");
	skip_blanks(r);
	return error;
}

/* Whose call it is, and what else strace says in front of it. 0 or -EINVAL. */
static int read_prefix(struct reader *r, struct line *out)
{
	int error = read_whose(r, out);

	while (!error && r->p < r->end && (is(*r->p, DIGIT) || *r->p == '(' || *r->p == '[')) {
		if (*r->p == '[' ? !skip_bracketed_number(r) : !skip_time(r, true))
			return reader_expected(r, r->p, "a call");
	}
	return error;
}

/* ---- behind the call ------------------------------------------------------------------------ */

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

/* "EBADF" behind -1 or "?". */
static int read_error_name(struct reader *r, struct line *out)
{
	const char *name = r->p;
	size_t len;

	skip_name(r);
	len = (size_t)(r->p - name);
	out->error = notation_errno(name, len);
	return out->error ? 0 : unknown_error(r, name, len);
}

/* What may stand behind everything else: (text), <0.000012>, # comment. 0 or -EINVAL. */
static int read_remarks(struct reader *r, struct line *out)
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

/* The result, after its "=". */
static int read_result(struct reader *r, struct line *out)
{
	struct value v = { 0 };
	int error;

	skip_blanks(r);
	out->has_result = true;
	out->result_column = reader_column(r, r->p);
	if (skip_exactly(r, "?")) {
		out->result_unknown = true;
	} else {
		const char *start = r->p;

		if (!read_number(r, &v))
			return reader_expected(r, start, "a result (a number or \"?\")");
		if (v.overflow)
			return reader_expected(r, start, "a result of 64 bits");
		out->result = v.num;
	}
	skip_blanks(r);
	if ((out->result_unknown || out->result == -1) && r->p < r->end && is(*r->p, LETTER)) {
		error = read_error_name(r, out);
		if (error)
			return error;
	}
	return read_remarks(r, out);
}

/* What follows the arguments: nothing, a result, remarks. */
static int read_tail(struct reader *r, struct line *out)
{
	skip_blanks(r);
	if (skip_exactly(r, "="))
		return read_result(r, out);
	return read_remarks(r, out);
}

/* "<unfinished ...>" and "<unfinished at POINT ...>", whose "<" stands at *r. */
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

/* ---- the call ------------------------------------------------------------------------------- */

/* Arguments of strace's form, after "(" or after "resumed>", and all that follows them. */
static int read_arguments(struct reader *r, struct line *out)
{
	struct value **link = &out->args;
	int error;

	for (;;) {
		error = skip_space(r);
		if (error)
			return error;
		out->end_column = reader_column(r, r->p);
		if (r->p < r->end && *r->p == ')' && (!out->nargs || r->p[-1] != ',')) {
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
		if (r->p < r->end && *r->p == ',')
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

static int read_words(struct reader *r, struct line *out)
{
	struct value **link = &out->args;
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

static bool is_named(const struct line *l, const char *name)
{
	return l->name_len == strlen(name) && memcmp(l->name, name, l->name_len) == 0;
}

/* "step" and "finish" are written as calls, and are none. */
static int finish_stepping(struct reader *r, struct line *out)
{
	bool step = is_named(out, "step");
	const struct value *v = out->args;

	if (!step && !is_named(out, "finish"))
		return 0;
	if (out->kind != LINE_CALL)
		return reader_fails(r, out->name, "what goes on cannot be unfinished");
	out->kind = step ? LINE_STEP : LINE_FINISH;
	if (v && step) {
		out->point = v->raw;
		out->point_len = v->raw_len;
		v = v->next;
	}
	if (v)
		return reader_expected(r, v->raw, "the end of the line");
	return 0;
}

static int read_call(struct reader *r, struct line *out)
{
	const char *behind;
	int error;

	out->kind = LINE_CALL;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "a call");
	out->name_len = (size_t)(r->p - out->name);
	behind = r->p;
	if (is_named(out, "strace") && looks_at(r, ":")) {
		out->kind = LINE_EMPTY;
		return 0;
	}
	skip_blanks(r);
	if (skip_exactly(r, "(")) {
		error = read_arguments(r, out);
	} else if (r->p == r->end || r->p > behind) {
		out->shell = true;
		error = read_words(r, out);
	} else {
		return reader_expected(r, behind, "\"(\" or a blank behind the name of the call");
	}
	if (error)
		return error;
	return finish_stepping(r, out);
}

/* ---- strace's other lines ------------------------------------------------------------------- */

/* <... clone3 resumed> => {…}, 88): what became of an argument that was printed before. */
static int skip_became(struct reader *r)
{
	struct value *v;
	int error;

	if (!skip_exactly(r, "=>"))
		return 0;
	error = skip_space(r);
	return error ? error : read_value(r, &v);
}

/* <... NAME resumed>, whose "<" stands at *r. */
static int read_resumed(struct reader *r, struct line *out)
{
	const char *start = r->p;
	int error;

	out->kind = LINE_RESUMED;
	if (!skip_exactly(r, "<..."))
		return reader_expected(r, start, "a call or \"<... NAME resumed>\"");
	skip_blanks(r);
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "the name of a call");
	out->name_len = (size_t)(r->p - out->name);
	skip_blanks(r);
	if (!skip_exactly(r, "resumed>"))
		return reader_expected(r, r->p, "\"resumed>\"");
	skip_blanks(r);
	error = skip_became(r);
	if (error)
		return error;
	skip_exactly(r, ",");
	return read_arguments(r, out);
}

/* The closing "+++" and what may follow it. */
static int read_plusses(struct reader *r, struct line *out)
{
	skip_blanks(r);
	if (!skip_exactly(r, "+++"))
		return reader_expected(r, r->p, "\"+++\"");
	return read_remarks(r, out);
}

static int read_exited(struct reader *r, struct line *out)
{
	struct value v = { 0 };
	const char *start;

	skip_blanks(r);
	start = r->p;
	if (!read_number(r, &v) || v.overflow || v.num < 0 || v.num > 255)
		return reader_expected(r, start, "an exit status");
	out->kind = LINE_EXITED;
	out->num = v.num;
	return read_plusses(r, out);
}

static int read_killed(struct reader *r, struct line *out)
{
	skip_blanks(r);
	out->kind = LINE_KILLED;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	if (!skip_name(r))
		return reader_expected(r, r->p, "a signal");
	out->name_len = (size_t)(r->p - out->name);
	skip_blanks(r);
	out->num = skip_exactly(r, "(core dumped)");
	return read_plusses(r, out);
}

/* +++ … +++, whose first "+" stands at *r. */
static int read_end(struct reader *r, struct line *out)
{
	if (!skip_exactly(r, "+++"))
		return reader_expected(r, r->p, "a call or \"+++\"");
	skip_blanks(r);
	if (skip_exactly(r, "exited with "))
		return read_exited(r, out);
	if (skip_exactly(r, "killed by "))
		return read_killed(r, out);
	if (!looks_at(r, "superseded by "))
		return reader_expected(r, r->p, "\"exited with\" or \"killed by\"");
	out->kind = LINE_SIGNAL;
	return 0;
}

/* --- SIGCHLD {…} ---, whose first "-" stands at *r. */
static int read_signal(struct reader *r, struct line *out)
{
	if (!skip_exactly(r, "---"))
		return reader_expected(r, r->p, "a call or \"---\"");
	skip_blanks(r);
	out->kind = LINE_SIGNAL;
	out->name = r->p;
	out->name_column = reader_column(r, r->p);
	skip_name(r);
	out->name_len = (size_t)(r->p - out->name);
	return 0;
}

static int read_line(struct reader *r, struct line *out)
{
	int error;

	skip_blanks(r);
	/* strace -k puts the stack under a call, each line with a ">". */
	if (r->p == r->end || *r->p == '#' || *r->p == '>')
		return 0;
	error = read_prefix(r, out);
	if (error)
		return error;
	if (r->p == r->end)
		return reader_expected(r, r->p, "a call");
	switch (*r->p) {
	case '#':
		return 0;
	case '<':
		return read_resumed(r, out);
	case '+':
		return read_end(r, out);
	case '-':
		return read_signal(r, out);
	default:
		return read_call(r, out);
	}
}

int notation_parse(struct arena *a, const char *text, size_t len, struct line *out,
		   struct text *why)
{
	struct reader r = { .text = text, .p = text, .end = text + len, .arena = a, .why = why };
	const char *nul;

	*out = (struct line){ .kind = LINE_EMPTY };
	if (!len)
		return 0;
	nul = memchr(text, '\0', len);
	if (nul)
		return reader_fails(&r, nul, "a NUL byte");
	return read_line(&r, out);
}
