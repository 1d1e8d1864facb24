/*
 * Options by their rows: a table for getopt_long is made of them, and help prints them. --help and
 * --version, which every verb has, are added here.
 */
#include "cli/options.h"

#include "cli/number.h"
#include "fdlab.h"

#include <getopt.h>
#include <stdint.h>
#include <string.h>

#define ROWS_MAX 16
#define FIRST    256 /* getopt_long returns it for the first row; it is above all characters */
#define COLUMN   20  /* where help texts begin, after the indent */

/* clang-format off */
static const struct verb_option common[] = {
	{ .name = "help",    .letter = 'h', .help = "this text" },
	{ .name = "version", .letter = 'V', .help = "the version" },
};
/* clang-format on */

#define N_COMMON (sizeof(common) / sizeof(common[0]))

/* ---- arguments ------------------------------------------------------------------------------ */

bool option_flag(const char *argument, void *member)
{
	(void)argument;
	*(bool *)member = true;
	return true;
}

bool option_text(const char *argument, void *member)
{
	*(const char **)member = argument;
	return true;
}

bool option_number(const char *argument, void *member)
{
	return number_read(argument, member);
}

bool option_count(const char *argument, void *member)
{
	return number_read(argument, member) && *(uint64_t *)member;
}

bool option_kernel(const char *argument, void *member)
{
	*(const char **)member = argument;
	for (const char *const *kernel = fdl_kernels(); *kernel; kernel++)
		if (!strcmp(*kernel, argument))
			return true;
	return false;
}

/* ---- reading -------------------------------------------------------------------------------- */

static size_t count_rows(const struct verb *verb)
{
	size_t n = 0;

	while (verb->options && verb->options[n].name)
		n++;
	return n < ROWS_MAX ? n : ROWS_MAX;
}

/* The table of long options, and the letters of short ones, which take no argument. */
static void make_table(const struct verb *verb, struct option table[ROWS_MAX + N_COMMON + 1],
		       char letters[ROWS_MAX + N_COMMON + 2])
{
	const size_t n = count_rows(verb);

	for (size_t i = 0; i < n; i++) {
		const struct verb_option *row = &verb->options[i];

		table[i] = (struct option){
			.name = row->name,
			.has_arg = !row->argument  ? no_argument
				   : row->optional ? optional_argument
						   : required_argument,
			.val = FIRST + (int)i,
		};
	}
	*letters++ = ':';
	*letters++ = 'h';
	*letters++ = 'V';
	for (size_t i = 0; i < n; i++) {
		if (verb->options[i].letter)
			*letters++ = verb->options[i].letter;
	}
	*letters = '\0';
	table[n] = (struct option){ .name = "help", .val = 'h' };
	table[n + 1] = (struct option){ .name = "version", .val = 'V' };
	table[n + N_COMMON] = (struct option){ 0 };
}

/* Complains about an option that the verb does not have. */
static int unknown_option(const struct verb *verb, const struct option *table, const char *written)
{
	const char *known[ROWS_MAX + N_COMMON + 1] = { NULL };
	const char *nearest;
	char name[64];

	for (size_t i = 0; table[i].name; i++)
		known[i] = table[i].name;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(written, "="), written);
	nearest = fdl_suggest(name + strspn(name, "-"), known);
	if (nearest)
		return usage_error(verb, "there is no option '%s'; did you mean '--%s'?", written,
				   nearest);
	return usage_error(verb, "there is no option '%s'", written);
}

/* Complains about an option that getopt_long did not accept. It has set optopt and optind. */
static int complain(const struct verb *verb, const struct option *table, int found, char **argv)
{
	const char letter[] = { '-', (char)optopt, '\0' };

	if (found == ':')
		return usage_error(verb, "%s takes an argument", argv[optind - 1]);
	if (optopt >= FIRST)
		return usage_error(verb, "--%s takes no argument",
				   verb->options[optopt - FIRST].name);
	return unknown_option(verb, table, optopt ? letter : argv[optind - 1]);
}

/* Reads the argument of an option. False: it is wrong, which is said. */
static bool take(const struct verb *verb, void *settings, const struct verb_option *row)
{
	const char *nearest = NULL;

	if (row->read(optarg, (char *)settings + row->offset))
		return true;
	if (row->values)
		nearest = fdl_suggest(optarg, row->values());
	usage_error(verb, "%s '%s'%s%s%s", row->wrong, optarg, DID_YOU_MEAN(nearest));
	return false;
}

/* The row that getopt_long has found: FIRST and its index, or its letter. */
static const struct verb_option *row_of(const struct verb *verb, int found)
{
	const struct verb_option *row = verb->options;

	if (found >= FIRST)
		return &row[found - FIRST];
	while (row->letter != found)
		row++;
	return row;
}

bool options_read(const struct verb *verb, void *settings, int argc, char **argv, int *status)
{
	struct option table[ROWS_MAX + N_COMMON + 1];
	char letters[ROWS_MAX + N_COMMON + 2];
	int found;

	make_table(verb, table, letters);
	*status = EXIT_NOT_RUN;
	opterr = 0;
	optind = 0;
	while ((found = getopt_long(argc, argv, letters, table, NULL)) >= 0) {
		switch (found) {
		case 'h':
			verb_help(verb);
			*status = EXIT_PASSED;
			return false;
		case 'V':
			print_version();
			*status = EXIT_PASSED;
			return false;
		case ':':
		case '?':
			complain(verb, table, found, argv);
			return false;
		default:
			if (!take(verb, settings, row_of(verb, found)))
				return false;
		}
	}
	if (optind == argc && verb->missing)
		usage_error(verb, "%s", verb->missing);
	return optind < argc || !verb->missing;
}

/* ---- help ----------------------------------------------------------------------------------- */

static const char *before_argument(const struct verb_option *row)
{
	return row->optional ? "[=" : row->argument ? " " : "";
}

static void print_usage(const struct verb *verb)
{
	const size_t n = count_rows(verb);

	printf("usage: fdlab %s", verb->name);
	for (size_t i = 0; i < n; i++) {
		const struct verb_option *row = &verb->options[i];

		printf(" [--%s%s%s%s]", row->name, before_argument(row), row->argument ?: "",
		       row->optional ? "]" : "");
	}
	printf("%s%s\n", *verb->operands ? " " : "", verb->operands);
}

/* Prints an option and its help, in a column beside it, or below it if it is long. */
static void print_row(const struct verb_option *row)
{
	const char letter[] = { '-', row->letter, ',', ' ', '\0' };
	const int len =
		printf("  %s--%s%s%s%s", row->letter ? letter : "", row->name, before_argument(row),
		       row->argument ?: "", row->optional ? "]" : "") -
		2;

	printf("%*s", len < COLUMN ? COLUMN - len : 0, "");
	for (const char *line = row->help; *line;) {
		const int n = (int)strcspn(line, "\n");

		if (line > row->help || len >= COLUMN)
			printf("\n  %*s", COLUMN, "");
		printf("%.*s", n, line);
		line += n + (line[n] == '\n');
	}
	if (row->values) {
		putchar(':');
		for (const char *const *value = row->values(); *value; value++)
			printf(" %s", *value);
	}
	putchar('\n');
}

void verb_help(const struct verb *verb)
{
	const size_t n = count_rows(verb);

	print_usage(verb);
	printf("\n%s\n\n", verb->about);
	for (size_t i = 0; i < n; i++)
		print_row(&verb->options[i]);
	print_row(&common[0]);
	print_row(&common[1]);
	printf("\nExit status: %s\n", verb->statuses);
}
