/* Reads the lines of an exercise, by a table of their words. */
#include "scenario/challenge.h"

#include "cli/number.h"
#include "scenario/expectation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct challenge_reader {
	struct challenge *c;
	unsigned number; /* of the line */
	char *err;
	size_t errsize;
};

static int fail(struct challenge_reader *r, const char *message)
{
	snprintf(r->err, r->errsize, "%s", message);
	return -EINVAL;
}

/* Adds an expectation to a list. */
static int add_expectation(struct challenge_reader *r, char *args, struct scenario_line **list,
			   size_t *n)
{
	struct scenario_line line, *more;

	if (!expectation_read(args, &line, r->err, r->errsize))
		return -EINVAL;
	more = reallocarray(*list, *n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	*list = more;
	more += (*n)++;
	*more = line;
	more->number = r->number;
	more->path = strdup(line.path);
	more->text = malloc(line.len + 1);
	if (!more->path || !more->text)
		return -ENOMEM;
	memcpy(more->text, line.text ?: "", line.len);
	more->text[line.len] = '\0';
	return 0;
}

static int add_text(char ***list, size_t *n, const char *text)
{
	char **more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[*n] = strdup(text);
	return more[(*n)++] ? 0 : -ENOMEM;
}

static int read_goal(struct challenge_reader *r, char *args)
{
	return add_expectation(r, args, &r->c->goals, &r->c->n_goals);
}

static int read_calls(struct challenge_reader *r, char *args)
{
	uint64_t calls;

	if (!number_read(args, &calls) || !calls || calls > UINT_MAX || r->c->calls)
		return fail(r, " takes the number of calls that are enough, once");
	r->c->calls = (unsigned)calls;
	return 0;
}

static int read_without(struct challenge_reader *r, char *args)
{
	int error = *args ? 0 : fail(r, " takes names of calls");
	char *name;

	while (!error && (name = strsep(&args, " \t")) != NULL) {
		if (*name)
			error = add_text(&r->c->without, &r->c->n_without, name);
	}
	return error;
}

static int read_hint(struct challenge_reader *r, char *args)
{
	if (!*args)
		return fail(r, " takes a text");
	return add_text(&r->c->hints, &r->c->n_hints, args);
}

/* The pitfall that is being read, or NULL. */
static struct pitfall *open_pitfall(struct challenge *c)
{
	struct pitfall *last = c->n_pitfalls ? &c->pitfalls[c->n_pitfalls - 1] : NULL;

	return last && !last->text ? last : NULL;
}

static int read_wrong(struct challenge_reader *r, char *args)
{
	struct pitfall *p = open_pitfall(r->c);

	if (!p) {
		p = reallocarray(r->c->pitfalls, r->c->n_pitfalls + 1, sizeof(*p));
		if (!p)
			return -ENOMEM;
		r->c->pitfalls = p;
		p += r->c->n_pitfalls++;
		*p = (struct pitfall){ .text = NULL };
	}
	return add_expectation(r, args, &p->signs, &p->n_signs);
}

static int read_say(struct challenge_reader *r, char *args)
{
	struct pitfall *p = open_pitfall(r->c);

	if (!p || !*args)
		return fail(r, " takes a text, after lines with wrong");
	p->text = strdup(args);
	return p->text ? 0 : -ENOMEM;
}

static const struct {
	const char *word;
	int (*read)(struct challenge_reader *r, char *args);
} words[] = {
	{ "goal", read_goal }, { "calls", read_calls }, { "without", read_without },
	{ "hint", read_hint }, { "wrong", read_wrong }, { "say", read_say },
};

int challenge_read(struct challenge **c, const char *word, char *args, unsigned number, char *err,
		   size_t errsize)
{
	struct challenge_reader r = { .number = number, .err = err, .errsize = errsize };

	if (!*c)
		*c = calloc(1, sizeof(**c));
	if (!*c)
		return -ENOMEM;
	r.c = *c;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].read(&r, args);
	}
	return fail(&r, ": there is no such line");
}

const char *challenge_check(const struct challenge *c)
{
	if (!c->n_goals)
		return "an exercise needs a goal";
	for (size_t i = 0; i < c->n_pitfalls; i++)
		if (!c->pitfalls[i].text)
			return "no say follows the last wrong";
	return NULL;
}

static void expectations_free(struct scenario_line *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].path);
		free(list[i].text);
	}
	free(list);
}

static void texts_free(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

void challenge_free(struct challenge *c)
{
	if (!c)
		return;
	expectations_free(c->goals, c->n_goals);
	for (size_t i = 0; i < c->n_pitfalls; i++) {
		expectations_free(c->pitfalls[i].signs, c->pitfalls[i].n_signs);
		free(c->pitfalls[i].text);
	}
	free(c->pitfalls);
	texts_free(c->without, c->n_without);
	texts_free(c->hints, c->n_hints);
	free(c);
}
