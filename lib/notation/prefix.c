/*
 * The words before a call: the pid, and those that options of strace add.
 */
#include "notation/prefix.h"

#include "base/number.h"

#include <errno.h>

/* Reads a pid, which strace -Y decorates. 0 or -EINVAL. */
static int read_pid(struct reader *r, int *pid)
{
	const char *start = r->p;
	bool overflow = false;
	uint64_t n = 0;
	const char *after = decimal_scan(start, r->end, &n, &overflow);

	if (!after || overflow || n < 1 || n > INT32_MAX)
		return reader_expected(r, start, "a pid");
	r->p = after;
	*pid = (int)n;
	if (r->p < r->end && *r->p == '<') {
		struct fdl_value ignored = { 0 };

		scan_decoration(&r->p, r->end, &ignored);
	}
	return 0;
}

/*
 * Skips a time in any of strace's formats: 12:34:56, 12:34:56.789012, 1700000000.123456, 0.000123,
 * and (+ 0.000123) of -t -r. After a pid, a plain number is one too.
 */
static bool skip_time(struct reader *r)
{
	const char *p = r->p;

	if (looks_at(r, "(+")) {
		p = memchr(p, ')', (size_t)(r->end - p));
		if (!p)
			return false;
		r->p = p + 1;
		skip_blanks(r);
		return true;
	}
	while (p < r->end && (is(*p, DIGIT) || *p == ':' || *p == '.'))
		p++;
	if (p == r->p || p == r->end || !is(*p, BLANK) || !is(*r->p, DIGIT))
		return false;
	r->p = p;
	skip_blanks(r);
	return true;
}

/*
 * Skips the instruction pointer of strace -i and the number of strace -n: hexadecimal in brackets;
 * in a log, any brackets without a pid.
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

/* Reads "[pid 12]"; its bracket stands at *r. */
static int read_bracketed_pid(struct reader *r, int *pid)
{
	int error;

	r->p += strlen("[");
	skip_blanks(r);
	if (!skip_exactly(r, "pid"))
		return reader_expected(r, r->p, "\"pid\"");
	skip_blanks(r);
	error = read_pid(r, pid);
	if (error)
		return error;
	skip_blanks(r);
	if (!skip_exactly(r, "]"))
		return reader_expected(r, r->p, "\"]\"");
	skip_blanks(r);
	return 0;
}

/* True if the number at *r is a time, not a pid: ":" or "." follows its digits. */
static bool at_time(const struct reader *r)
{
	const char *p = r->p;

	while (p < r->end && is(*p, DIGIT))
		p++;
	return p < r->end && (*p == ':' || *p == '.');
}

/* Reads "12 " or "[pid 12] ". 0 or -EINVAL. */
static int read_whose(struct reader *r, int *pid)
{
	int error;

	if (*r->p == '[' && !skip_brackets(r))
		return read_bracketed_pid(r, pid);
	if (r->p == r->end || !is(*r->p, DIGIT) || (at_time(r) && skip_time(r)))
		return 0;
	error = read_pid(r, pid);
	if (!error && r->p < r->end && !is(*r->p, BLANK))
		return reader_expected(r, r->p, "a blank after the pid");
	skip_blanks(r);
	return error;
}

int read_prefix(struct reader *r, int *pid)
{
	int error = read_whose(r, pid);

	while (!error && r->p < r->end && (is(*r->p, DIGIT) || *r->p == '(' || *r->p == '[')) {
		if (*r->p == '[' ? !skip_brackets(r) : !skip_time(r))
			return reader_expected(r, r->p, "a call");
	}
	return error;
}
