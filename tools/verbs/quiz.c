/*
 * fdlab quiz: asks about random programs, or prints them as a sheet. The questions and their
 * answers are in quiz/.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "cli/wrap.h"
#include "fdlab.h"
#include "quiz/problem.h"
#include "quiz/sheet.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT_MAX 100000

enum output { OUTPUT_ASK, OUTPUT_TEXT, OUTPUT_MARKDOWN };

struct settings {
	const char *topic, *save;
	uint64_t level, seed, count;
	bool compute;
	enum output output;
};

/* ---- making --------------------------------------------------------------------------------- */

static void free_problems(struct problem *p, size_t n)
{
	for (size_t i = 0; p && i < n; i++)
		problem_free(&p[i]);
	free(p);
}

/* The problems of the settings, to be freed by free_problems; NULL: *error. */
static struct problem *make_problems(const struct settings *set, int *error)
{
	const struct quiz_topic *topic = set->topic ? quiz_topic_find(set->topic) : NULL;
	struct problem *p = calloc(set->count, sizeof(*p));

	*error = p ? 0 : -ENOMEM;
	for (uint64_t i = 0; !*error && i < set->count; i++)
		*error = problem_make(&p[i], topic, (unsigned)set->level, set->seed, i);
	if (!*error)
		return p;
	free_problems(p, p ? set->count : 0);
	return NULL;
}

/* ---- asking --------------------------------------------------------------------------------- */

/* Reads an answer without blanks at its ends. False: there is none, the reader has left. */
static bool read_answer(char **answer, size_t *room)
{
	ssize_t n;

	do {
		fputs("> ", stdout);
		fflush(stdout);
		n = getline(answer, room, stdin);
		if (n <= 0) {
			putchar('\n');
			return false;
		}
		while (n && strchr(" \t\r\n", (*answer)[n - 1]))
			(*answer)[--n] = '\0';
		memmove(*answer, *answer + strspn(*answer, " \t"),
			strlen(*answer + strspn(*answer, " \t")) + 1);
		if (!isatty(STDIN_FILENO))
			puts(*answer);
	} while (!**answer);
	return strcmp(*answer, "q") != 0 && strcmp(*answer, "quit") != 0;
}

static void say(bool right, const struct problem *p)
{
	const bool colour = wants_colour(stdout);

	if (right)
		printf("%sRight.%s\n", colour ? "\033[32m" : "", colour ? "\033[0m" : "");
	else
		printf("%sNo, it is: %s%s\n", colour ? "\033[31m" : "", p->answer,
		       colour ? "\033[0m" : "");
	print_wrapped(stdout, "  ", p->why);
}

static int ask(const struct problem *p, size_t n)
{
	size_t right = 0, asked = 0, room = 0;
	char *answer = NULL;

	for (; asked < n; asked++) {
		bool good;

		problem_print(&p[asked], asked + 1, SHEET_TEXT, stdout);
		if (!read_answer(&answer, &room))
			break;
		good = problem_is_right(&p[asked], answer);
		right += good;
		say(good, &p[asked]);
		putchar('\n');
	}
	printf("%zu of %zu right.\n", right, asked);
	free(answer);
	return right == n ? EXIT_PASSED : EXIT_FAILED;
}

/* ---- printing ------------------------------------------------------------------------------- */

static int compute(const struct problem *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		problem_print(&p[i], i + 1, SHEET_TEXT, stdout);
		printf("   Answer: %s\n", p[i].answer);
		print_wrapped(stdout, "   ", p[i].why);
		if (i + 1 < n)
			putchar('\n');
	}
	return EXIT_PASSED;
}

static int print_sheet(const struct settings *set, const char *title, const struct problem *p)
{
	sheet_print(p, set->count, title,
		    set->output == OUTPUT_MARKDOWN ? SHEET_MARKDOWN : SHEET_TEXT, stdout);
	return EXIT_PASSED;
}

/* Writes each problem as a scenario, whose results and expectations are the answer. */
static int save(const struct verb *verb, const struct settings *set, const struct problem *p)
{
	int status = EXIT_PASSED;

	if (mkdir(set->save, 0777) && errno != EEXIST)
		return not_run(verb, "%s: %s", set->save, strerror(errno));
	for (uint64_t i = 0; !status && i < set->count; i++) {
		char path[4096];
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s-%05" PRIu64 ".fdl", set->save, p[i].topic,
			 i + 1);
		f = fopen(path, "we");
		if (f)
			fprintf(f, "# fdlab quiz --seed %" PRIu64 ": problem %" PRIu64 "\n%s",
				set->seed, i + 1, p[i].scenario);
		if (!f || fclose(f))
			status = not_run(verb, "%s: %s", path, strerror(errno));
	}
	return status;
}

static int do_work(const struct verb *verb, const struct settings *set)
{
	char title[128];
	int error, status;
	struct problem *p = make_problems(set, &error);

	if (!p)
		return not_run(verb, "no problem could be made: %s", strerror(-error));
	snprintf(title, sizeof(title), "fdlab quiz, level %" PRIu64 ", seed %" PRIu64, set->level,
		 set->seed);
	if (set->save) {
		status = save(verb, set, p);
	} else if (set->output != OUTPUT_ASK) {
		status = print_sheet(set, title, p);
	} else {
		printf("%s\n\n", title);
		status = set->compute ? compute(p, set->count) : ask(p, set->count);
	}
	free_problems(p, set->count);
	return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

static bool read_topic(const char *argument, void *member)
{
	*(const char **)member = argument;
	return quiz_topic_find(argument) != NULL;
}

static bool read_level(const char *argument, void *member)
{
	return option_count(argument, member) && *(uint64_t *)member <= LEVELS;
}

static bool read_count(const char *argument, void *member)
{
	return option_count(argument, member) && *(uint64_t *)member <= COUNT_MAX;
}

static bool read_form(const char *argument, void *member)
{
	enum output *output = member;

	*output = argument && !strcmp(argument, "markdown") ? OUTPUT_MARKDOWN : OUTPUT_TEXT;
	return !argument || !strcmp(argument, "markdown") || !strcmp(argument, "text");
}

static const struct verb_option options[] = {
	{ .name = "topic",
	  .argument = "NAME",
	  .help = "problems of one topic",
	  .read = read_topic,
	  .offset = offsetof(struct settings, topic),
	  .wrong = "there is no topic",
	  .values = quiz_topic_names },
	{ .name = "level",
	  .argument = "N",
	  .help = "how hard they are, from 1 to " NUMBER_TEXT(LEVELS) "; the default is 1",
	  .read = read_level,
	  .offset = offsetof(struct settings, level),
	  .wrong = "--level takes a number from 1 to " NUMBER_TEXT(LEVELS) ", not" },
	{ .name = "seed",
	  .argument = "N",
	  .help = "the same problems each time; without it, new ones",
	  .read = option_number,
	  .offset = offsetof(struct settings, seed),
	  .wrong = "--seed takes a number, not" },
	{ .name = "count",
	  .argument = "N",
	  .help = "how many problems; the default is 5",
	  .read = read_count,
	  .offset = offsetof(struct settings, count),
	  .wrong = "--count takes a number from 1 to " NUMBER_TEXT(COUNT_MAX) ", not" },
	{ .name = "compute",
	  .letter = 'c',
	  .help = "print the answers, and why, with the problems",
	  .read = option_flag,
	  .offset = offsetof(struct settings, compute) },
	{ .name = "print",
	  .argument = "FORM",
	  .optional = true,
	  .help = "print a sheet, text or markdown, and its solutions",
	  .read = read_form,
	  .offset = offsetof(struct settings, output),
	  .wrong = "--print takes text or markdown, not" },
	{ .name = "save",
	  .argument = "DIR",
	  .help = "write the problems with their answers as scenarios",
	  .read = option_text,
	  .offset = offsetof(struct settings, save) },
	{ 0 },
};

static int run(const struct verb *verb, int argc, char **argv)
{
	struct settings set = { .level = 1, .count = 5 };
	uint32_t seed = 0;
	int status;

	/* A short number, that people can hand on. */
	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint32_t)getpid();
	set.seed = seed % 1000000;
	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (optind < argc)
		return usage_error(verb, "it takes options alone, not '%s'", argv[optind]);
	if (set.compute + (set.output != OUTPUT_ASK) + (set.save != NULL) > 1)
		return usage_error(verb, "only one of -c, --print and --save at a time");
	return do_work(verb, &set);
}

const struct verb verb_quiz = {
	.name = "quiz",
	.operands = "",
	.summary = "ask about random short programs, or print them as a sheet",
	.about = "Makes short programs by chance, and asks what a call returns, which descriptors\n"
		 "are open, at which position one is, which tasks keep a pipe open, and which of\n"
		 "two outcomes is possible. Says what is right and why. q leaves.",
	.options = options,
	.statuses = "0 all answers were right, or something was printed; 1 one was not;\n"
		    "2 nothing could be asked.",
	.run = run,
};
