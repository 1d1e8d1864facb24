/*
 * What stands before a call: whose call it is, and what options of strace add there.
 */
#include "notation/prefix.h"

#include "base/number.h"

#include <errno.h>

/* A pid at *r, which strace -Y decorates, into *pid. 0 or -EINVAL. */
static int read_pid(struct reader *r, int *pid)
{
	struct fdl_value ignored = { 0 };
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

/*
 * The instruction pointer of strace -i and the number of strace -n: hexadecimal in brackets; in a
 * log, anything that is no pid.
 */
static bool skip_brackets(struct reader *r)
{
	const char *p = r->p + 1;

	if (r->log && !looks_at(r, "[pid "))
		p = memchr(p, ']', (size_t)(r->end - p));
	else
		while (p < r->end && (is(*p, BLANK) || digit_value(*p) < 16 || *p == '?'))
			p++;
	if (!p)
		return false;
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

	if (*r->p == '[' && !skip_brackets(r))
		return read_bracketed_pid(r, out);
	if (r->p == r->end || !is(*r->p, DIGIT) || skip_time(r, false))
		return 0;
	error = read_pid(r, &out->pid);
	if (!error && r->p < r->end && !is(*r->p, BLANK))
		return reader_expected(r, r->p, "a blank after the pid");
	skip_blanks(r);
	return error;
}

/* Whose call it is, and what else strace says in front of it. 0 or -EINVAL. */
int read_prefix(struct reader *r, struct line *out)
{
	int error = read_whose(r, out);

	while (!error && r->p < r->end && (is(*r->p, DIGIT) || *r->p == '(' || *r->p == '[')) {
		if (*r->p == '[' ? !skip_brackets(r) : !skip_time(r, true))
			return reader_expected(r, r->p, "a call");
	}
	return error;
}
