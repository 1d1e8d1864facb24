/*
 * Writes a scenario line by line. Only what stands outside of quotes and of texts that directives
 * take as they are is changed; a form that was written stays the same when it is written again.
 */
#include "scenario/fmt.h"

#include "fdlab.h"
#include "scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

/*
 * The end of the quoted string, or of the comment in slashes and stars, at s; s where none begins.
 */
static const char *skip_literal(const char *s)
{
	const char quote = *s;
	const char *end;

	if (!strncmp(s, "/*", 2)) {
		end = strstr(s + 2, "*/");
		return end ? end + 2 : s + strlen(s);
	}
	if (quote != '"' && quote != '\'')
		return s;
	for (s++; *s && *s != quote; s++) {
		if (*s == '\\' && s[1])
			s++;
	}
	return *s ? s + 1 : s;
}

/* Words with one blank between them. */
static void put_words(const char *s, FILE *to)
{
	while (*s) {
		const char *end = skip_literal(s);

		if (end > s) {
			fwrite(s, 1, (size_t)(end - s), to);
			s = end;
		} else if (is_blank(*s)) {
			s = skip_blanks(s);
			fputc(' ', to);
		} else {
			fputc(*s++, to);
		}
	}
}

/*
 * The arguments of a call in brackets, from the opening one on: a blank after each comma, none
 * inside of a bracket. Returns what follows the closing one.
 */
static const char *put_brackets(const char *s, FILE *to)
{
	int depth = 0;

	do {
		const char *end = skip_literal(s), *next = skip_blanks(s);

		if (end > s) {
			fwrite(s, 1, (size_t)(end - s), to);
			s = end;
			continue;
		}
		depth += strchr("([{", *next) && *next;
		depth -= strchr(")]}", *next) && *next;
		if (next > s && !strchr(")]},", *next))
			fputc(' ', to);
		if (!*next)
			return next;
		fputc(*next, to);
		s = next + 1;
		if (strchr("([{,", *next))
			s = skip_blanks(s);
		if (*next == ',' && depth && *s)
			fputc(' ', to);
	} while (depth > 0 && *s);
	return s;
}

/* The text after the arguments of a call: "= 3", with one blank on each side of the sign. */
static void put_result(const char *s, FILE *to)
{
	s = skip_blanks(s);
	if (*s == '=') {
		fputs(" =", to);
		s = skip_blanks(s + 1);
	}
	if (*s)
		fputc(' ', to);
	put_words(s, to);
}

static void put_call(const char *s, FILE *to)
{
	struct fdl_log_line line;
	const char *name;

	fdl_log_line_read(s, strlen(s), &line);
	if (line.pid) {
		fprintf(to, "%d ", line.pid);
		s = line.before;
	}
	for (name = s; isalnum((unsigned char)*name) || *name == '_'; name++)
		;
	if (name == s || *name != '(') {
		put_words(s, to);
		return;
	}
	fwrite(s, 1, (size_t)(name - s), to);
	put_result(put_brackets(name, to), to);
}

/* A directive: its words up to the text that it takes as it is, of which only the ends are cut. */
static const struct directive_form {
	const char *name;
	int words; /* that follow the name and come before the text; -1: all */
} directives[] = {
	{ "option", -1 }, { "echo", 0 },      { "expect", 2 }, { "differs", 1 }, { "race", -1 },
	{ "end", -1 },    { "sometimes", 0 }, { "never", 0 },  { "always", 0 },  { "beside", 2 },
	{ "ask", 0 },     { "answer", 0 },    { "right", 0 },  { "if", 0 },      { "else", 0 },
	{ "learnt", 0 },  { "exercise", -1 }, { "goal", 2 },   { "calls", -1 },  { "without", -1 },
	{ "hint", 0 },    { "wrong", 2 },     { "say", 0 },
};

static const struct directive_form *find_directive(const char *s)
{
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		const size_t n = strlen(directives[i].name);

		if (!strncmp(s, directives[i].name, n) && (!s[n] || is_blank(s[n])))
			return &directives[i];
	}
	return NULL;
}

static void put_directive(const struct directive_form *d, const char *s, FILE *to)
{
	int words = d->words;

	fputs(d->name, to);
	s = skip_blanks(s + strlen(d->name));
	if (words < 0) {
		if (*s)
			fputc(' ', to);
		put_words(s, to);
		return;
	}
	for (; words && *s; words--) {
		const size_t n = strcspn(s, " \t");

		fprintf(to, " %.*s", (int)n, s);
		s = skip_blanks(s + n);
	}
	if (*s)
		fprintf(to, " %s", s);
}

static void put_line(const char *s, FILE *to)
{
	const struct directive_form *d = find_directive(s);

	if (*s == '#')
		fputs(s, to);
	else if (d)
		put_directive(d, s, to);
	else
		put_call(s, to);
	fputc('\n', to);
}

int fmt_stream(FILE *from, FILE *to)
{
	bool empty = false, any = false;
	char *line = NULL;
	size_t room = 0;
	ssize_t len;
	int error;

	errno = 0;
	while ((len = getline(&line, &room, from)) >= 0) {
		char *s = line;

		while (len && isspace((unsigned char)line[len - 1]))
			line[--len] = '\0';
		if (!any && !strncmp(s, BYTE_ORDER_MARK, 3))
			s += 3;
		s = (char *)skip_blanks(s);
		if (*s && empty && any)
			fputc('\n', to);
		empty = !*s;
		if (!*s)
			continue;
		put_line(s, to);
		any = true;
	}
	error = feof(from) ? 0 : errno ? -errno : -EIO;
	free(line);
	return error;
}
