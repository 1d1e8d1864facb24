/*
 * Finds the verb of a command line and runs it with the rest of the line. help, version and
 * completion are words in place of a verb.
 */
#include "cli/command.h"

#include "cli/completion.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "fdlab.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define VERBS_MAX 32

static const struct verb *find_verb(const struct verb *const *verbs, const char *name)
{
	for (; *verbs; verbs++)
		if (!strcmp((*verbs)->name, name))
			return *verbs;
	return NULL;
}

static int unknown_verb(const struct verb *const *verbs, const char *name)
{
	const char *known[VERBS_MAX + 4] = { "help", "version", "completion" };
	const char *nearest;

	for (size_t i = 0; verbs[i] && i < VERBS_MAX; i++)
		known[i + 3] = verbs[i]->name;
	nearest = fdl_suggest(name, known);
	if (nearest)
		return usage_error(NULL, "there is no verb '%s'; did you mean '%s'?", name,
				   nearest);
	return usage_error(NULL, "there is no verb '%s'", name);
}

static void print_help(const struct verb *const *verbs)
{
	printf("usage: fdlab VERB [options] ...\n\n"
	       "A laboratory for file-descriptor tables.\n\n");
	for (; *verbs; verbs++)
		printf("  %-10s %s\n", (*verbs)->name, (*verbs)->summary);
	printf("\n"
	       "  completion SHELL prints how bash, zsh or fish complete a command line\n"
	       "  -h, --help     this text, as fdlab help; fdlab help VERB tells about a verb\n"
	       "  -V, --version  the version, as fdlab version\n"
	       "\n"
	       "Exit status: 0 all passed, 1 something failed, 2 something could not run.\n");
}

/* The words in place of a verb, which the text for all of them explains. */
static bool is_told_by_help(const char *name)
{
	return !strcmp(name, "help") || !strcmp(name, "version") || !strcmp(name, "completion");
}

static int help(const struct verb *const *verbs, char **argv)
{
	const struct verb *verb;

	if (!argv[1] || *argv[1] == '-' || is_told_by_help(argv[1])) {
		print_help(verbs);
		return EXIT_PASSED;
	}
	if (argv[2])
		return usage_error(NULL, "help is about one verb, not '%s' too", argv[2]);
	verb = find_verb(verbs, argv[1]);
	if (!verb)
		return unknown_verb(verbs, argv[1]);
	verb_help(verb);
	return EXIT_PASSED;
}

static int version(const struct verb *const *verbs, char **argv)
{
	(void)verbs, (void)argv;
	print_version();
	return EXIT_PASSED;
}

static int completion(const struct verb *const *verbs, char **argv)
{
	const char *nearest;

	if (argv[1] && !argv[2] && completion_print(verbs, argv[1]))
		return EXIT_PASSED;
	if (!argv[1] || argv[2])
		return usage_error(NULL, "completion takes a shell: bash, zsh or fish");
	nearest = fdl_suggest(argv[1], completion_shells());
	return usage_error(NULL, "there is no completion for '%s'%s%s%s", argv[1],
			   DID_YOU_MEAN(nearest));
}

/* Words in place of a verb. */
static const struct command_word {
	const char *name;
	int (*run)(const struct verb *const *verbs, char **argv);
} words[] = {
	{ "help", help },       { "--help", help },
	{ "-h", help },         { "completion", completion },
	{ "version", version }, { "--version", version },
	{ "-V", version },
};

static int unknown_option(const char *name)
{
	static const char *const known[] = { "--help", "--version", NULL };
	const char *nearest = fdl_suggest(name, known);

	return usage_error(NULL, "there is no option '%s'%s%s%s", name, DID_YOU_MEAN(nearest));
}

static int run_word(const struct verb *const *verbs, int argc, char **argv)
{
	const struct verb *verb;

	if (!argc)
		return usage_error(NULL, "a verb is missing");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].name, argv[0]))
			return words[i].run(verbs, argv);
	if (*argv[0] == '-')
		return unknown_option(argv[0]);
	verb = find_verb(verbs, argv[0]);
	return verb ? verb->run(verb, argc, argv) : unknown_verb(verbs, argv[0]);
}

int command_run(const struct verb *const *verbs, int argc, char **argv)
{
	int status;

	memory_for_json();
	status = run_word(verbs, argc - 1, argv + 1);

	/* Output that was not written, to a full disk say, is an error. */
	if (fflush(stdout) || ferror(stdout)) {
		perror("fdlab: standard output");
		return EXIT_NOT_RUN;
	}
	return status;
}
