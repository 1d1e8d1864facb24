/* Lays problems out, as plain text or in Markdown. */
#include "quiz/sheet.h"

#include "cli/memory.h"
#include "cli/wrap.h"

#include <stdlib.h>
#include <string.h>

/* Prints the lines of a text, each after indent. */
static void put_lines(const char *text, const char *indent, FILE *to)
{
	while (*text) {
		const size_t n = strcspn(text, "\n");

		fprintf(to, "%s%.*s\n", indent, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* Prints the lines of a question, each broken to fit. */
static void put_wrapped(const char *text, const char *indent, FILE *to)
{
	char *copy = strdup(text), *rest = copy, *line;

	if (!copy)
		memory_is_out();
	while (rest && (line = strsep(&rest, "\n")) != NULL)
		print_wrapped(to, indent, line);
	free(copy);
}

static void print_text(const struct problem *p, size_t nth, FILE *to)
{
	fprintf(to, "%zu. (%s)\n", nth, p->topic);
	put_lines(p->program, "      ", to);
	put_wrapped(p->question, "   ", to);
}

/* A question of several lines keeps them: two blanks end a line in Markdown. */
static void print_markdown(const struct problem *p, size_t nth, FILE *to)
{
	fprintf(to, "## %zu. %s\n\n", nth, p->topic);
	put_lines(p->program, "    ", to);
	fputc('\n', to);
	for (const char *c = p->question; *c; c++) {
		if (*c == '\n')
			fputs("  ", to);
		fputc(*c, to);
	}
	fputs("\n", to);
}

void problem_print(const struct problem *p, size_t nth, enum sheet_form form, FILE *to)
{
	if (form == SHEET_MARKDOWN)
		print_markdown(p, nth, to);
	else
		print_text(p, nth, to);
}

void problem_solve(const struct problem *p, size_t nth, enum sheet_form form, FILE *to)
{
	char *text;

	if (form == SHEET_MARKDOWN) {
		fprintf(to, "%zu. **%s** %s\n", nth, p->answer, p->why);
		return;
	}
	if (asprintf(&text, "%s. %s", p->answer, p->why) < 0)
		memory_is_out();
	fprintf(to, "%zu.\n", nth);
	print_wrapped(to, "   ", text);
	free(text);
}

void sheet_print(const struct problem *p, size_t n, const char *title, enum sheet_form form,
		 FILE *to)
{
	const char *mark = form == SHEET_MARKDOWN ? "# " : "";

	fprintf(to, "%s%s\n\n", mark, title);
	for (size_t i = 0; i < n; i++) {
		problem_print(&p[i], i + 1, form, to);
		fputc('\n', to);
	}
	/* A form feed begins the page that is not handed out. */
	fprintf(to, "%s%sSolutions: %s\n\n", form == SHEET_MARKDOWN ? "" : "\f", mark, title);
	for (size_t i = 0; i < n; i++)
		problem_solve(&p[i], i + 1, form, to);
}
