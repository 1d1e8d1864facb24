/*
 * Writes replies, files and tables. Of a long file an expectation shows the lines that it matches.
 */
#include "lesson/show.h"

#include "cli/result.h"
#include "lesson/columns.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LINES 6  /* of a file that is shown whole */
#define WIDTH      79 /* of its lines, where blanks between columns can be spared */

/* Whether a reply is how a call went on of which a line after this one asks how it did. */
static bool answers_later(const struct lesson *l, const struct scenario_line *line,
			  const char *reply)
{
	const struct scenario_line *end = l->scenario.lines + l->scenario.n_lines;

	while (++line < end) {
		if (reply_is_answer(line, reply))
			return true;
	}
	return false;
}

bool reply_is_answer(const struct scenario_line *line, const char *reply)
{
	static const char sign[] = " resumed>";
	const char *asked = line->question ? strstr(line->text, sign) : NULL;

	return asked && !strncmp(line->text, reply, (size_t)(asked - line->text) + strlen(sign));
}

void show_replies(FILE *to, const struct lesson *l, const struct scenario_line *line,
		  const char *replies, bool colour)
{
	for (const char *at = replies; *at; at += *at == '\n') {
		const size_t len = strcspn(at, "\n");

		if (!answers_later(l, line, at))
			fprintf(to, "  %s%.*s%s\n", colour ? "\033[1m" : "", (int)len, at,
				colour ? "\033[0m" : "");
		at += len;
	}
}

void show_beside(FILE *to, const struct lesson *l, const struct scenario_line *line)
{
	const size_t i = (size_t)(line - l->scenario.lines);
	const char *answer;

	if (!line->beside || i >= l->beside.n_answers || !l->beside.answer[i])
		return;
	answer = l->beside.answer[i];
	fprintf(to, "  on %s:\n  %s%s\n", l->beside.kernel, answer,
		stated_result(answer, strlen(answer)) ? "" : "  (it waits)");
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The lines of a text, or those that an expression matches. text is taken apart. */
static void show_lines(FILE *to, char *text, const regex_t *only)
{
	char **lines = calloc(count_lines(text) + 1, sizeof(*lines));
	size_t n = 0;

	if (!lines) {
		fputs("    (no memory)\n", to);
		return;
	}
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		if ((*line || text) && (!only || !regexec(only, line, 0, NULL, 0)))
			lines[n++] = line;
	}
	columns_print(to, 4, WIDTH, lines, n);
	free(lines);
}

static void show_file(FILE *to, struct target *t, const struct scenario_line *line)
{
	regex_t regex;
	char *text;
	size_t len;

	if (t->ops->read(t, line->path, &text, &len)) {
		fprintf(to, "  there is no %s\n", line->path);
		return;
	}
	fprintf(to, "  %s:%s\n", line->path, len ? "" : " empty");
	if (count_lines(text) > FILE_LINES && line->kind == LINE_EXPECT_MATCH &&
	    !regcomp(&regex, line->text, REG_EXTENDED | REG_NOSUB)) {
		show_lines(to, text, &regex);
		regfree(&regex);
	} else {
		show_lines(to, text, NULL);
	}
	free(text);
}

bool line_changes(const struct scenario_line *line)
{
	return line->kind == LINE_CALL || line->kind == LINE_ECHO;
}

void show_line(FILE *to, struct target *t, const struct scenario_line *line)
{
	if (line->kind == LINE_ECHO)
		fprintf(to, "  %.*s > %s\n", (int)strcspn(line->text, "\n"), line->text,
			line->path);
	else if (line->kind != LINE_CALL)
		show_file(to, t, line);
}

void show_tables(FILE *to, struct target *t, struct drawing *d)
{
	if (drawing_look(d, t, to))
		fputs("  the machine does not say how it is\n", to);
}
