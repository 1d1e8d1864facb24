/*
 * Reads strace's lines. What is in strings, in comments and in the decorations of -y may look like
 * anything, so that every step over a value goes through skip_value.
 */
#include "replay/strace_line.h"

#include <string.h>

/* ---- characters ----------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool starts_with(const char *p, const char *end, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(end - p) >= len && memcmp(p, text, len) == 0;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	return p;
}

static struct span span_between(const char *from, const char *to)
{
	while (from < to && *from == ' ')
		from++;
	while (to > from && to[-1] == ' ')
		to--;
	return (struct span){ from, (size_t)(to - from) };
}

/* ---- values --------------------------------------------------------------------------------- */

/* Behind the string whose first quotation mark stands at p, or NULL. */
static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '"')
			return p + 1;
	}
	return NULL;
}

/*
 * Behind a decoration, whose "<" stands at p: 3</tmp/x->, 0</dev/pts/1<char 136:1>>,
 * 3<TCP:[127.0.0.1:80->127.0.0.1:81]>. strace escapes the brackets of names, and only what is no
 * path has arrows. NULL: it has no end.
 */
static const char *skip_decoration(const char *p, const char *end)
{
	bool path = p + 1 < end && p[1] == '/';
	unsigned depth = 0;

	while (p && p < end) {
		if (*p == '"' && !path) {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '<')
			depth++;
		else if (*p == '>' && (path || p[-1] != '-') && --depth == 0)
			return p + 1;
		else if (*p == '\\')
			p++;
		p++;
	}
	return NULL;
}

static const char *skip_comment(const char *p, const char *end)
{
	for (p += 2; p + 1 < end; p++)
		if (p[0] == '*' && p[1] == '/')
			return p + 2;
	return NULL;
}

/* Whether the "<" at p decorates the number or AT_FDCWD before it, and is no shift. */
static bool is_decoration(const char *p, const char *start, const char *end)
{
	if (p == start || (p + 1 < end && p[1] == '<'))
		return false;
	return is_digit(p[-1]) || (p - start >= 8 && memcmp(p - 8, "AT_FDCWD", 8) == 0);
}

/* Behind what stands at p, be it a string, a decoration, a comment or one character; or NULL. */
static const char *skip_piece(const char *p, const char *start, const char *end)
{
	if (*p == '"')
		return skip_string(p, end);
	if (*p == '<' && is_decoration(p, start, end))
		return skip_decoration(p, end);
	if (*p == '/' && p + 1 < end && p[1] == '*')
		return skip_comment(p, end);
	return p + 1;
}

/*
 * Where the value at p ends: at a comma or a closing bracket that is not its own, or at end; NULL
 * where something in it is cut short.
 */
static const char *skip_value(const char *p, const char *end)
{
	const char *start = p;
	unsigned depth = 0;

	while (p && p < end) {
		if (*p == '(' || *p == '[' || *p == '{') {
			depth++;
		} else if (*p == ')' || *p == ']' || *p == '}') {
			if (!depth)
				return p;
			depth--;
		} else if (*p == ',' && !depth) {
			return p;
		}
		p = skip_piece(p, start, end);
	}
	return depth ? NULL : p;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static const char *read_int(const char *p, const char *end, int *number)
{
	int64_t n = 0;

	while (p < end && is_digit(*p) && n <= INT32_MAX)
		n = n * 10 + (*p++ - '0');
	*number = n <= INT32_MAX ? (int)n : 0;
	return p;
}

/*
 * The pid, and what may stand behind it: a time (12:34:56, 12:34:56.7, 1700000000.7, 0.000012), the
 * name of the program (-Y), the number of the call (-n) or the instruction pointer (-i).
 */
static const char *read_prefix(const char *p, const char *end, int *pid)
{
	bool have_pid = false;

	for (;;) {
		const char *start;
		int number;

		p = skip_blanks(p, end);
		start = p;
		if (p < end && *p == '[') {
			bool of_pid = starts_with(p, end, "[pid ");

			p = skip_blanks(of_pid ? p + 5 : p + 1, end);
			if (of_pid)
				read_int(p, end, pid);
			have_pid |= of_pid;
			p = memchr(p, ']', (size_t)(end - p));
			if (!p)
				return start;
			p++;
			continue;
		}
		if (p == end || !is_digit(*p))
			return p;
		p = read_int(p, end, &number);
		if (p < end && *p == '<')
			p = skip_decoration(p, end);
		if (p && p < end && (*p == ':' || *p == '.')) {
			while (p < end && (is_digit(*p) || *p == ':' || *p == '.'))
				p++;
		} else if (p && !have_pid) {
			*pid = number;
			have_pid = true;
		}
		if (!p || (p < end && *p != ' '))
			return start;
	}
}

static void read_end_of_task(const char *p, const char *end, struct strace_line *line)
{
	static const char superseded[] = "superseded by execve in pid ";

	p = skip_blanks(p + 3, end);
	if (starts_with(p, end, superseded)) {
		line->kind = STRACE_SUPERSEDED;
		read_int(p + strlen(superseded), end, &line->number);
	} else if (starts_with(p, end, "exited with ") || starts_with(p, end, "killed by ")) {
		line->kind = STRACE_EXITED;
	} else {
		line->kind = STRACE_REMARK;
	}
}

static void read_remark_of_strace(const char *p, const char *end, struct strace_line *line)
{
	static const char process[] = "strace: Process ";

	line->kind = STRACE_REMARK;
	if (!starts_with(p, end, process))
		return;
	p = skip_blanks(read_int(p + strlen(process), end, &line->number), end);
	if (starts_with(p, end, "attached"))
		line->kind = STRACE_ATTACHED;
}

/* <... name resumed>…, and ", …" where it goes on in the middle of the arguments. */
static void read_resumed(const char *p, const char *end, struct strace_line *line)
{
	static const char resumed[] = " resumed>";
	const char *name = skip_blanks(p + 4, end);

	for (p = name; p < end && is_name(*p); p++)
		;
	if (p == name || !starts_with(p, end, resumed))
		return;
	line->kind = STRACE_RESUMED;
	line->name = (struct span){ name, (size_t)(p - name) };
	p += strlen(resumed);
	line->rest = (struct span){ p, (size_t)(end - p) };
}

/* Where the call that starts at p breaks off, or NULL. */
static const char *unfinished_at(const char *p, const char *end)
{
	static const char *const marks[] = { "<unfinished ...>", "<pid changed to " };
	const char *last = end;

	while (last > p && *--last != '<')
		;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (last < end && starts_with(last, end, marks[i]))
			return last;
	return NULL;
}

static void read_call(const char *p, const char *end, struct strace_line *line)
{
	const char *name = p, *stop;

	while (p < end && is_name(*p))
		p++;
	if (p == name || p == end || *p != '(')
		return;
	line->name = (struct span){ name, (size_t)(p - name) };
	p++;
	stop = unfinished_at(p, end);
	/* "exit_group(0 <unfinished ...>) = ?" has its end all the same. */
	line->kind =
		stop && !memchr(stop, ')', (size_t)(end - stop)) ? STRACE_UNFINISHED : STRACE_CALL;
	line->rest = (struct span){ p, (size_t)((line->kind == STRACE_CALL ? end : stop) - p) };
}

void strace_line_read(const char *s, size_t len, struct strace_line *line)
{
	const char *end = s + len;
	const char *p;

	*line = (struct strace_line){ .kind = STRACE_OTHER };
	while (end > s && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	/* A stack trace of -k. */
	if (starts_with(s, end, " > ")) {
		line->kind = STRACE_REMARK;
		return;
	}
	p = read_prefix(s, end, &line->pid);
	if (starts_with(p, end, "+++"))
		read_end_of_task(p, end, line);
	else if (starts_with(p, end, "---"))
		line->kind = STRACE_REMARK;
	else if (starts_with(p, end, "strace: "))
		read_remark_of_strace(p, end, line);
	else if (starts_with(p, end, "<... "))
		read_resumed(p, end, line);
	else
		read_call(p, end, line);
}

/* ---- calls ---------------------------------------------------------------------------------- */

/* A number in any of the forms of C. False: none stands there. *p moves behind it. */
static bool read_number(const char **p, const char *end, int64_t *number)
{
	const char *q = *p;
	bool negative = q < end && *q == '-';
	unsigned base = 10;
	uint64_t n = 0;

	q += negative;
	if (q == end || !is_digit(*q))
		return false;
	if (*q == '0' && q + 1 < end && q[1] == 'x') {
		base = 16;
		q += 2;
	} else if (*q == '0') {
		base = 8;
	}
	for (; q < end; q++) {
		unsigned digit = is_digit(*q)             ? (unsigned)(*q - '0')
				 : *q >= 'a' && *q <= 'f' ? (unsigned)(*q - 'a') + 10
							  : base;

		if (digit >= base)
			break;
		n = n * base + digit;
	}
	*number = (int64_t)(negative ? 0 - n : n);
	*p = q;
	return true;
}

static bool read_result(const char *p, const char *end, struct strace_call *call)
{
	const char *word;
	bool negative;

	if (p < end && *p == '?') {
		p = skip_blanks(p + 1, end);
		call->result = starts_with(p, end, "ERESTART") ? RESULT_RESTART : RESULT_UNKNOWN;
		return true;
	}
	negative = p < end && *p == '-';
	word = p;
	if (!read_number(&p, end, &call->number))
		return false;
	call->result = RESULT_NUMBER;
	call->decoration = span_decoration((struct span){ word, (size_t)(end - word) });
	if (memmem(p, (size_t)(end - p), "(INJECTED", 9))
		call->result = RESULT_FAKED;
	p = skip_blanks(p, end);
	word = p;
	while (p < end && is_name(*p))
		p++;
	if (call->result == RESULT_NUMBER && negative && p > word) {
		call->result = RESULT_ERROR;
		call->error = (struct span){ word, (size_t)(p - word) };
	}
	return true;
}

bool strace_call_read(struct span rest, struct strace_call *call)
{
	const char *p = rest.s, *end = rest.s + rest.len;

	*call = (struct strace_call){ 0 };
	for (;;) {
		const char *stop = skip_value(p, end);

		if (!stop || stop == end || (*stop != ',' && *stop != ')'))
			return false;
		if (call->nargs < STRACE_ARGS && (*stop == ',' || stop > p || call->nargs))
			call->arg[call->nargs++] = span_between(p, stop);
		p = stop + 1;
		if (*stop == ')')
			break;
	}
	p = skip_blanks(p, end);
	if (p == end || *p != '=')
		return false;
	return read_result(skip_blanks(p + 1, end), end, call);
}

/* ---- arguments ------------------------------------------------------------------------------ */

bool span_number(struct span s, int64_t *number)
{
	const char *p = s.s;

	return read_number(&p, s.s + s.len, number);
}

struct span span_decoration(struct span s)
{
	const char *end = s.s + s.len, *p = s.s, *stop;

	while (p < end && is_name(*p))
		p++;
	if (p == end || *p != '<')
		return (struct span){ s.s, 0 };
	stop = skip_decoration(p, end);
	return stop ? (struct span){ p + 1, (size_t)(stop - p) - 2 } : (struct span){ s.s, 0 };
}

bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.s, text, s.len) == 0;
}

/* The next word of flags behind *p, whose end is returned; NULL: there is none. */
static const char *next_word(const char **p, const char *start, const char *end)
{
	while (*p && *p < end && !is_name(**p))
		*p = skip_piece(*p, start, end);
	if (!*p || *p == end)
		return NULL;
	start = *p;
	while (start < end && is_name(*start))
		start++;
	return start;
}

bool span_has_word(struct span s, const char *word)
{
	const char *p = s.s, *end = s.s + s.len, *stop;

	while ((stop = next_word(&p, s.s, end)) != NULL) {
		if (span_is((struct span){ p, (size_t)(stop - p) }, word))
			return true;
		p = stop;
	}
	return false;
}

bool span_has_suffix(struct span s, const char *suffix)
{
	const char *p = s.s, *end = s.s + s.len, *stop;
	size_t len = strlen(suffix);

	while ((stop = next_word(&p, s.s, end)) != NULL) {
		if ((size_t)(stop - p) >= len && memcmp(stop - len, suffix, len) == 0)
			return true;
		p = stop;
	}
	return false;
}

struct span span_behind(struct span s, const char *text)
{
	const char *p = s.s, *end = s.s + s.len, *stop;
	size_t len = strlen(text);

	while (p && p < end) {
		if (starts_with(p, end, text) && (p == s.s || !is_name(p[-1]))) {
			stop = skip_value(p + len, end);
			return span_between(p + len, stop ? stop : end);
		}
		p = skip_piece(p, s.s, end);
	}
	return (struct span){ s.s, 0 };
}

struct span span_elements(struct span s)
{
	if (s.len < 2 || *s.s != '[' || s.s[s.len - 1] != ']')
		return (struct span){ s.s, 0 };
	return (struct span){ s.s + 1, s.len - 2 };
}

bool span_next(struct span *at, struct span *element)
{
	const char *end = at->s + at->len;
	const char *stop;

	if (!at->len)
		return false;
	stop = skip_value(at->s, end);
	if (!stop)
		stop = end;
	*element = span_between(at->s, stop);
	if (stop < end)
		stop++;
	*at = (struct span){ stop, (size_t)(end - stop) };
	return true;
}

struct span span_string(struct span s)
{
	const char *stop;

	if (!s.len || *s.s != '"')
		return (struct span){ s.s, 0 };
	stop = skip_string(s.s, s.s + s.len);
	return stop ? (struct span){ s.s + 1, (size_t)(stop - s.s) - 2 } : (struct span){ s.s, 0 };
}
