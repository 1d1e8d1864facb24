/*
 * Which results two tasks can have whose calls overlap. All orders are run by the library, and of
 * two pairs of results one is possible and one is not.
 */
#include "quiz/problem.h"

#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 3

/* Calls of two tasks at the same time; 3 is open, or the next number. */
static const char *const calls[] = {
	"open(\"/etc/hosts\", O_RDONLY)", "dup(0)",     "close(3)", "dup2(0, 3)",
	"fcntl(0, F_DUPFD, 3)",           "dup2(3, 4)", "dup(3)",   "fcntl(3, F_GETFD)",
};

struct race_play {
	int pid[LINES_MAX];
	const char *call[LINES_MAX];
	size_t n;
};

static void choose(struct maker *k, struct race_play *race)
{
	const unsigned n_calls = k->level < 2 ? 4 : sizeof(calls) / sizeof(calls[0]);

	race->n = k->level > 2 ? 3 : 2;
	for (size_t i = 0; i < race->n; i++) {
		race->pid[i] = i + 1 == race->n ? 2 : 1;
		race->call[i] = calls[maker_below(k, n_calls)];
	}
}

/* The results of an outcome, a line for each call. */
struct results {
	const char *of[LINES_MAX];
};

static bool is_same(const struct results *a, const struct results *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(a->of[i], b->of[i]) != 0)
			return false;
	return true;
}

static bool is_among(const struct results *a, const struct results *all, size_t n_all, size_t n)
{
	for (size_t i = 0; i < n_all; i++)
		if (is_same(a, &all[i], n))
			return true;
	return false;
}

/* Mixes results of several outcomes until no outcome has the mixture. False: it has no end. */
static bool mix(struct maker *k, const struct results *all, size_t n_all, size_t n,
		struct results *impossible)
{
	for (unsigned tries = 0; tries < 16; tries++) {
		for (size_t i = 0; i < n; i++)
			impossible->of[i] = all[maker_below(k, (unsigned)n_all)].of[i];
		if (!is_among(impossible, all, n_all, n))
			return true;
	}
	return false;
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void name_of(const struct race_play *race, size_t line, char name[48])
{
	unsigned nth = 1;
	const size_t len = strcspn(race->call[line], "(");

	for (size_t i = 0; i < line; i++)
		nth += race->pid[i] == race->pid[line] &&
		       !strncmp(race->call[i], race->call[line], len + 1);
	if (nth > 1)
		snprintf(name, 48, "%d:%.*s#%u", race->pid[line], (int)len, race->call[line], nth);
	else
		snprintf(name, 48, "%d:%.*s", race->pid[line], (int)len, race->call[line]);
}

static void put_condition(const struct race_play *race, const char *word, const struct results *r,
			  FILE *to)
{
	char name[48];

	for (size_t i = 0; i < race->n; i++) {
		name_of(race, i, name);
		fprintf(to, "%s %s = %s", i ? " &&" : word, name, r->of[i]);
	}
	fputc('\n', to);
}

static char *results_text(const struct race_play *race, const struct results *r)
{
	char *text = NULL;
	size_t len;
	FILE *f = memory_stream(&text, &len);

	for (size_t i = 0; f && i < race->n; i++)
		fprintf(f, "%s%d %s = %s", i ? ", " : "", race->pid[i], race->call[i], r->of[i]);
	return f && !fclose(f) ? text : NULL;
}

static void put_race(struct maker *k, const struct race_play *race)
{
	fputs("race\n", k->scenario);
	fputs("and at the same time\n", k->program);
	for (size_t i = 0; i < race->n; i++) {
		fprintf(k->scenario, "%d %s\n", race->pid[i], race->call[i]);
		fprintf(k->program, "%d %s\n", race->pid[i], race->call[i]);
	}
	fputs("end\n", k->scenario);
}

static void ask(struct maker *k, const struct race_play *race, const struct results *all, size_t n)
{
	const struct results *possible = &all[maker_below(k, (unsigned)n)];
	const bool first = maker_chance(k, 50);
	struct results impossible;
	char *yes, *no;

	if (!mix(k, all, n, race->n, &impossible)) {
		k->no_luck = true;
		return;
	}
	put_race(k, race);
	put_condition(race, "sometimes", possible, k->scenario);
	put_condition(race, "never", &impossible, k->scenario);
	yes = results_text(race, possible);
	no = results_text(race, &impossible);
	fputs("The results of these calls, in the order in which they stand here, can be", k->why);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < race->n; j++)
			fprintf(k->why, "%s%s", j ? ", " : i ? "; or " : ": ", all[i].of[j]);
	fputs(", and nothing else.", k->why);
	maker_question(k, ANSWER_CHOICE, strdup(first ? "a" : "b"),
		       "Which of these is possible?\na) %s\nb) %s", (first ? yes : no) ?: "",
		       (first ? no : yes) ?: "");
	free(yes);
	free(no);
}

/* ---- exploring ------------------------------------------------------------------------------ */

static bool explore(struct maker *k, const struct race_play *race, struct fdl_explorer *e)
{
	static const struct fdl_explore all = { .naive = false };
	char message[256];

	for (size_t i = 0; i < race->n; i++)
		if (fdl_explorer_add(e, race->pid[i], race->call[i], strlen(race->call[i]), message,
				     sizeof(message)))
			return false;
	k->failed |= fdl_explorer_run(e, &all) != 0;
	return !k->failed;
}

/* The different results of all outcomes; some may differ in their tables alone. */
static size_t gather(const struct fdl_explorer *e, const struct race_play *race,
		     struct results *all)
{
	size_t n = 0;

	for (size_t i = 0; i < fdl_explorer_outcomes(e); i++) {
		struct fdl_race_outcome o;
		struct results r;

		fdl_explorer_outcome(e, i, &o);
		for (size_t j = 0; j < race->n; j++)
			r.of[j] = o.results[j];
		if (!is_among(&r, all, n, race->n))
			all[n++] = r;
	}
	return n;
}

static void make(struct maker *k)
{
	struct fdl_explorer *e = NULL;
	struct race_play race;
	struct results *all;
	char message[256];
	size_t n;

	maker_call(k, 1, "clone(flags=CLONE_FILES|SIGCHLD)");
	if (maker_chance(k, 50))
		maker_call(k, 1, "open(\"/etc/passwd\", O_RDONLY)");
	choose(k, &race);
	if (fdl_explorer_new(k->m, &e, message, sizeof(message)) || !explore(k, &race, e)) {
		k->failed = true;
	} else {
		all = calloc(fdl_explorer_outcomes(e) + 1, sizeof(*all));
		n = all ? gather(e, &race, all) : 0;
		k->no_luck = n < 2;
		k->failed |= !all;
		if (n > 1)
			ask(k, &race, all, n);
		free(all);
	}
	if (e)
		fdl_explorer_free(e);
}

const struct quiz_topic topic_orders = {
	.name = "orders",
	.about = "which results two tasks can have",
	.tasks = true,
	.make = make,
};
