/* Counts calls in the log of the machine, and tests the expectations of the challenge. */
#include "exercise/judge.h"

#include "cli/number.h"
#include "scenario/expectation.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The length of the name of the call that a line of the log begins; 0: it begins none. */
static size_t call_length(const char *line, const char **name)
{
	uint64_t pid;
	const char *end = decimal_at(line, &pid);
	size_t n = 0;

	*name = end ? end + strspn(end, " ") : line;
	while (isalnum((unsigned char)(*name)[n]) || (*name)[n] == '_')
		n++;
	return (*name)[n] == '(' ? n : 0;
}

static const char *find_forbidden(const struct challenge *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->n_without; i++) {
		if (strlen(c->without[i]) == n && !memcmp(c->without[i], name, n))
			return c->without[i];
	}
	return NULL;
}

/* The next line that is no comment, or NULL. */
static char *next_line(char **rest)
{
	char *line;

	do
		line = strsep(rest, "\n");
	while (line && (!*line || *line == '#'));
	return line;
}

/*
 * Compares the log with that of the start, and counts the calls after it. Both texts are changed.
 */
static void count_calls(const struct challenge *c, char *start, char *log, struct judgement *j)
{
	char *expected, *line;
	const char *name;

	while ((expected = next_line(&start)) != NULL) {
		line = next_line(&log);
		if (!line || strcmp(line, expected) != 0) {
			j->undone = true;
			return;
		}
	}
	while ((line = next_line(&log)) != NULL) {
		const size_t n = call_length(line, &name);

		j->calls += n > 0;
		if (n && !j->forbidden)
			j->forbidden = find_forbidden(c, name, n);
	}
}

/* The first expectation that does not hold, and why; NULL: all hold. *why is to be freed. */
static const struct scenario_line *first_wrong(struct target *t, const struct scenario_line *list,
					       size_t n, char **why)
{
	*why = NULL;
	for (size_t i = 0; i < n; i++)
		if (expectation_test(t, &list[i], why))
			return &list[i];
	return NULL;
}

/*
 * The missing part of a goal, in words for people: an expression that a long text does not match
 * would tell them little, or give the solution away.
 */
static char *tell_missing(const struct scenario_line *goal, char *why)
{
	char *text;

	if (why && !strchr(why, '\n') && goal->kind != LINE_EXPECT_MATCH)
		return why;
	free(why);
	return asprintf(&text, "%s is not yet what it is to be", goal->path) < 0 ? NULL : text;
}

static void look_for_mistakes(const struct challenge *c, struct target *t, struct judgement *j)
{
	for (size_t i = 0; i < c->n_pitfalls && !j->mistake; i++) {
		const struct pitfall *p = &c->pitfalls[i];
		char *why;

		if (!first_wrong(t, p->signs, p->n_signs, &why))
			j->mistake = p->text;
		free(why);
	}
}

int exercise_judge(const struct exercise *e, struct target *t, struct judgement *j)
{
	const struct challenge *c = e->s.challenge;
	const struct scenario_line *goal;
	char *log, *start;
	size_t len;
	int error = t->ops->read(t, "log", &log, &len);

	*j = (struct judgement){ .undone = false };
	if (error)
		return error;
	start = strdup(e->start);
	if (start)
		count_calls(c, start, log, j);
	free(log);
	if (!start)
		return -ENOMEM;
	free(start);
	goal = first_wrong(t, c->goals, c->n_goals, &j->missing);
	if (!goal)
		return 0;
	j->missing = tell_missing(goal, j->missing);
	look_for_mistakes(c, t, j);
	return j->missing ? 0 : -ENOMEM;
}

void judgement_free(struct judgement *j)
{
	free(j->missing);
}

bool judgement_is_long(const struct exercise *e, const struct judgement *j)
{
	return e->s.challenge->calls && j->calls > e->s.challenge->calls;
}

bool judgement_is_good(const struct exercise *e, const struct judgement *j)
{
	return !j->undone && !j->missing && !j->forbidden && !judgement_is_long(e, j);
}
