/*
 * Reads expectations and compares files of the tree with them.
 */
#include "scenario/expectation.h"

#include "cli/memory.h"
#include "scenario/escapes.h"

#include <errno.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool path_is_good(const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.')
			return false;
		p += n + strspn(p + n, "/");
	}
	return *path != '\0';
}

/* ---- reading -------------------------------------------------------------------------------- */

static char *skip_blanks(char *p)
{
	return p + strspn(p, " \t");
}

/* Ends the word at p, and returns what follows it and its blanks. */
static char *end_word(char *p)
{
	p += strcspn(p, " \t");
	if (*p)
		*p++ = '\0';
	return skip_blanks(p);
}

bool expectation_read(char *args, struct scenario_line *line, char *err, size_t errsize)
{
	char *sign = end_word(args);
	const char *bad;
	ssize_t n = 0;

	*line = (struct scenario_line){ .kind = LINE_EXPECT_NOTHING, .path = args };
	snprintf(err, errsize, " takes PATH = TEXT, PATH ~ ERE or no PATH");
	if (!strcmp(args, "no") && *sign && *sign != '=' && *sign != '~') {
		line->path = sign;
		line->text = end_word(sign);
		if (*line->text)
			return false;
	} else if (*sign == '=' && (!sign[1] || strchr(" \t", sign[1]))) {
		line->kind = LINE_EXPECT_TEXT;
		line->text = skip_blanks(sign + 1);
		n = escapes_undo(line->text, &bad);
		line->len = n < 0 ? 0 : (size_t)n;
	} else if (*sign == '~' && sign[1] && strchr(" \t", sign[1])) {
		line->kind = LINE_EXPECT_MATCH;
		line->text = skip_blanks(sign + 1);
		escapes_undo_blanks(line->text);
		line->len = strlen(line->text);
	} else {
		return false;
	}
	if (n < 0)
		snprintf(err, errsize, ": not an escape (a backslash is \\\\): %s", bad);
	else if (!path_is_good(line->path))
		snprintf(err, errsize, ": not a path of the tree: %s", line->path);
	else
		return true;
	return false;
}

/* ---- testing -------------------------------------------------------------------------------- */

#define PID_DIGITS 10

static int does_not_hold(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int does_not_hold(char **why, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(why, format, args);
	va_end(args);
	if (n < 0)
		*why = NULL;
	return n < 0 ? -ENOMEM : 1;
}

/* Whether a path is one of a task that there is not; *pid is its number, as it is written. */
static bool is_of_no_task(struct target *t, const char *path, char pid[PID_DIGITS + 1])
{
	char status[PID_DIGITS + sizeof("/status")];
	const size_t digits = strspn(path, "0123456789");
	size_t len;
	char *text;
	int error;

	if (!digits || digits > PID_DIGITS || path[digits] != '/')
		return false;
	snprintf(pid, PID_DIGITS + 1, "%.*s", (int)digits, path);
	snprintf(status, sizeof(status), "%s/status", pid);
	error = t->ops->read(t, status, &text, &len);
	if (!error)
		free(text);
	return error == -ENOENT;
}

static int is_not_there(struct target *t, char **why, const struct scenario_line *line, int error)
{
	const char *name = fdl_errname(-error);
	char pid[PID_DIGITS + 1];

	if (error == -ENOENT && is_of_no_task(t, line->path, pid))
		return does_not_hold(why, "%s: there is no task %s", line->path, pid);
	return does_not_hold(why, "%s: %s (%s)", line->path, name ?: strerror(-error),
			     strerror(-error));
}

/* Reads the file, without the last newline. The result is that of the test, if it is not 0. */
static int read_file(struct target *t, const struct scenario_line *line, char **text, size_t *len,
		     char **why)
{
	const int error = t->ops->read(t, line->path, text, len);

	if (error == -EOPNOTSUPP)
		return error;
	if (error)
		return is_not_there(t, why, line, error);
	if (*len && (*text)[*len - 1] == '\n')
		(*text)[--*len] = '\0';
	return 0;
}

/* The probable fault of an expected text that is the text but for quotes or a comment. */
static const char *hint(const char *expected, const char *text)
{
	const size_t len = strlen(text);

	const char quote[] = { expected[0], '\0' };

	if (*quote && strchr("\"'`", *quote) && !strncmp(expected + 1, text, len) &&
	    !strcmp(expected + 1 + len, quote))
		return " (the text stands without quotes)";
	if (!strncmp(expected, text, len) && expected[len] &&
	    expected[len + strspn(expected + len, " \t")] == '#')
		return " (a comment needs a line of its own)";
	return "";
}

/* The expected and the real content of a file, in one line or one above the other. */
static int is_different(char **why, const struct scenario_line *line, const char *what,
			const char *text)
{
	if (!strchr(text, '\n') && !strchr(line->text, '\n'))
		return does_not_hold(why, "%s: expected %s'%s', got '%s'%s", line->path, what,
				     line->text, text, hint(line->text, text));
	return does_not_hold(why, "%s: expected %s\n%s\n-------- got\n%s\n--------", line->path,
			     what, line->text, text);
}

static int test_text(struct target *t, const struct scenario_line *line, char **why)
{
	char *text;
	size_t len;
	int result = read_file(t, line, &text, &len, why);

	if (result)
		return result;
	if (len != line->len || memcmp(text, line->text, len) != 0)
		result = is_different(why, line, "", text);
	free(text);
	return result;
}

static int test_match(struct target *t, const struct scenario_line *line, char **why)
{
	char message[128];
	regex_t regex;
	char *text;
	size_t len;
	int result = regcomp(&regex, line->text, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);

	if (result == REG_ESPACE)
		memory_is_out();
	if (result) {
		regerror(result, &regex, message, sizeof(message));
		return does_not_hold(why, "not a regular expression: %s: %s", line->text, message);
	}
	result = read_file(t, line, &text, &len, why);
	if (!result) {
		const int matched = regexec(&regex, text, 0, NULL, 0);

		if (matched == REG_ESPACE)
			memory_is_out();
		if (matched)
			result = is_different(why, line, "a match of ", text);
		free(text);
	}
	regfree(&regex);
	return result;
}

static int test_nothing(struct target *t, const struct scenario_line *line, char **why)
{
	const int error = t->ops->find(t, line->path);

	if (!error)
		return does_not_hold(why, "%s: expected not to exist, but it does", line->path);
	if (error != -ENOENT && error != -ENOTDIR && error != -ESRCH)
		return is_not_there(t, why, line, error);
	return 0;
}

int expectation_test(struct target *t, const struct scenario_line *line, char **why)
{
	*why = NULL;
	if (line->kind == LINE_EXPECT_TEXT)
		return test_text(t, line, why);
	if (line->kind == LINE_EXPECT_MATCH)
		return test_match(t, line, why);
	return test_nothing(t, line, why);
}
