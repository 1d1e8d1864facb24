/*
 * The text about a call: its arguments, by the library's table of calls, and a line of
 * words.
 */
#include "shell/about.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NAMES_MAX 512

const char *const *about_names(void)
{
	static const char *names[NAMES_MAX + 1];
	const struct fdl_about *about;

	for (size_t i = 0; i < NAMES_MAX && (about = fdl_about(i)) != NULL; i++)
		names[i] = about->name;
	return names;
}

static const struct fdl_about *find(const char *name)
{
	const struct fdl_about *about;

	for (size_t i = 0; (about = fdl_about(i)) != NULL; i++) {
		if (!strcmp(about->name, name))
			return about;
	}
	return NULL;
}

/* "dup2(fd oldfd, fd newfd)": arguments that the call fills in are marked. */
static void print_arguments(const struct fdl_row *row, FILE *to)
{
	struct fdl_param params[FDL_PARAMS_MAX];
	const size_t n = fdl_row_params(row, params);

	fprintf(to, "  %s(", fdl_row_name(row));
	for (size_t i = 0; i < n; i++)
		fprintf(to, "%s%s%s %s", i ? ", " : "", params[i].out ? "out " : "", params[i].type,
			params[i].name);
	fputs(")\n", to);
}

int about_call(const struct fdl_machine *m, const char *name, FILE *to)
{
	const struct fdl_row *row = fdl_row_find(m, name);
	const struct fdl_about *about = find(name);

	if (!row && !about)
		return -ENOENT;
	if (row)
		print_arguments(row, to);
	if (row && fdl_row_is_internal(row))
		fputs("  a function of the kernel, which no program calls: see fdlab-notation(5)\n",
		      to);
	if (about)
		fprintf(to, "  %s\n", about->words);
	if (about && *about->errors)
		fprintf(to, "  errors: %s\n", about->errors);
	return 0;
}
