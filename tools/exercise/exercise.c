/* Reads exercises, and prints them. */
#include "exercise/exercise.h"

#include "cli/memory.h"
#include "cli/wrap.h"
#include "scenario/play.h"
#include "scenario/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Reads the comments at the beginning of the file: the title, and the text. */
static int read_comments(struct exercise *e, const char *path)
{
	FILE *f = fopen(path, "re"), *text;
	char *line = NULL;
	size_t room = 0, len;

	if (!f)
		return -errno;
	text = memory_stream(&e->text, &len);
	while (text && getline(&line, &room, f) > 0 && (*line == '#' || *line == '\n')) {
		char *comment = line + strspn(line, "#");

		comment += *comment == ' ';
		comment[strcspn(comment, "\r\n")] = '\0';
		if (!e->title)
			e->title = strdup(comment);
		else if (*line == '#' && (*comment || ftell(text)))
			fprintf(text, "%s\n", comment);
	}
	free(line);
	fclose(f);
	if (!text || fclose(text) || !e->text)
		return -ENOMEM;
	if (!e->title)
		e->title = strdup(e->name);
	return e->title ? 0 : -ENOMEM;
}

/* Plays the start on a machine of its own, and keeps the log. */
static int play_start(struct exercise *e, struct report *report)
{
	struct target *t = target_sim();
	const size_t before = report_failures(report);
	size_t len;
	int error = -EINVAL;

	if (!t)
		return -ENOMEM;
	if (play_on(&e->s, t, NULL, report)) {
		if (report_failures(report) == before)
			error = t->ops->read(t, "log", &e->start, &len);
		t->ops->stop(t);
	}
	t->ops->free(t);
	return error;
}

int exercise_read(struct exercise *e, const char *name, const char *path, struct report *report)
{
	int error;

	*e = (struct exercise){ .name = strdup(name) };
	error = e->name ? scenario_read(&e->s, path, report) : -ENOMEM;
	if (!error && !e->s.challenge) {
		report_failure(report, 0, "it has no goal: it is no exercise");
		error = -EINVAL;
	}
	if (!error && e->s.has_race) {
		report_failure(report, 0, "an exercise has no race");
		error = -EINVAL;
	}
	return error ?: read_comments(e, path) ?: play_start(e, report);
}

void exercise_free(struct exercise *e)
{
	scenario_free(&e->s);
	free(e->name);
	free(e->title);
	free(e->text);
	free(e->start);
}

void exercise_print(const struct exercise *e, FILE *to)
{
	const struct challenge *c = e->s.challenge;

	fprintf(to, "%s\n\n%s", e->title, e->text);
	if (c->calls)
		fprintf(to, "At most %u call%s.\n", c->calls, c->calls == 1 ? "" : "s");
	for (size_t i = 0; i < c->n_without; i++)
		fprintf(to, "%s%s%s", i ? ", " : "Without ", c->without[i],
			i + 1 == c->n_without ? ".\n" : "");
}

bool exercise_hint(const struct exercise *e, size_t i, FILE *to)
{
	const struct challenge *c = e->s.challenge;

	if (i < c->n_hints)
		print_wrapped(to, "  ", c->hints[i]);
	return i < c->n_hints;
}

void exercise_learnt(const struct exercise *e, FILE *to)
{
	for (size_t i = 0; i < e->s.n_learnt; i++)
		print_wrapped(to, "", e->s.learnt[i]);
}

int exercise_join(const struct exercise *e, const struct scenario *solution,
		  struct scenario *joined)
{
	const size_t n = e->s.n_lines + solution->n_lines;

	*joined = (struct scenario){ .lines = calloc(n + 1, sizeof(*joined->lines)), .n_lines = n };
	if (!joined->lines)
		return -ENOMEM;
	if (e->s.n_lines)
		memcpy(joined->lines, e->s.lines, e->s.n_lines * sizeof(*joined->lines));
	if (solution->n_lines)
		memcpy(joined->lines + e->s.n_lines, solution->lines,
		       solution->n_lines * sizeof(*joined->lines));
	return 0;
}
