/*
 * The fdlab command: finds the verb of a command line in the table and hands the rest of the line
 * to it. What a verb does, and which options it takes, this file does not know.
 */
#include "cli/verb.h"

#include "fdlab.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
	&verb_run, &verb_explore, &verb_lesson, &verb_compare, &verb_replay, &verb_fuzz,
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	printf("usage: fdlab VERB [options] ...\n\n"
	       "A laboratory for file-descriptor tables.\n\n");
	for (size_t i = 0; i < N_VERBS; i++)
		printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n"
	       "  -h, --help     this text; fdlab VERB --help tells about a verb\n"
	       "  -V, --version  the version\n"
	       "\n"
	       "Exit status: 0 all passed, 1 something failed, 2 something could not run.\n");
}

void print_version(void)
{
	printf("fdlab %s\n", fdl_version());
}

int common_option(const struct verb *verb, int option, char **argv,
		  void (*print_verbs_help)(const struct verb *verb))
{
	switch (option) {
	case 'h':
		print_verbs_help(verb);
		return EXIT_PASSED;
	case 'V':
		print_version();
		return EXIT_PASSED;
	case ':':
		return usage_error(verb, "%s takes an argument", argv[optind - 1]);
	default:
		return usage_error(verb, "there is no option '%s'", argv[optind - 1]);
	}
}

bool is_kernel(const char *name)
{
	for (const char *const *kernel = fdl_kernels(); *kernel; kernel++)
		if (!strcmp(*kernel, name))
			return true;
	return false;
}

bool wants_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(fileno(stream)) && !(no_color && *no_color);
}

int usage_error(const struct verb *verb, const char *format, ...)
{
	const char *name = verb ? verb->name : "";
	const char *space = verb ? " " : "";
	va_list args;

	fprintf(stderr, "fdlab%s%s: ", space, name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry: fdlab%s%s --help\n", space, name);
	return EXIT_NOT_RUN;
}

/* How many letters must be changed, put in or left out to make a into b; b is short. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32];
	size_t n = strlen(b);

	if (n >= sizeof(row) / sizeof(row[0]))
		return n;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

static int unknown_verb(const char *name)
{
	const struct verb *nearest = NULL;
	size_t least = 3;

	for (size_t i = 0; i < N_VERBS; i++) {
		size_t d = distance(name, verbs[i]->name);

		if (d < least) {
			least = d;
			nearest = verbs[i];
		}
	}
	if (nearest)
		return usage_error(NULL, "there is no verb '%s'; did you mean '%s'?", name,
				   nearest->name);
	return usage_error(NULL, "there is no verb '%s'", name);
}

/* What was printed must also have arrived: a full disk is not a pass. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("fdlab: standard output");
		return EXIT_NOT_RUN;
	}
	return status;
}

int main(int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "help",    no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL,      0,           NULL, 0 },
	};
	/* clang-format on */

	opterr = 0;
	switch (getopt_long(argc, argv, "+hV", options, NULL)) {
	case -1:
		break;
	case 'h':
		print_help();
		return finish(EXIT_PASSED);
	case 'V':
		print_version();
		return finish(EXIT_PASSED);
	default:
		return usage_error(NULL, "there is no option '%s'", argv[optind - 1]);
	}
	if (optind >= argc)
		return usage_error(NULL, "a verb is missing");

	argv += optind;
	argc -= optind;
	optind = 0;
	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(argv[0], verbs[i]->name))
			return finish(verbs[i]->run(verbs[i], argc, argv));
	return unknown_verb(argv[0]);
}
