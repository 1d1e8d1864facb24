/*
 * A machine with the options of the scenario reads every line, runs none, and explains its errors.
 */
#include "scenario/readable.h"

#include "fdlab.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *scenario_explain(const struct scenario_line *line, const char *message)
{
	static const char before[] = " (did you mean \"";
	const char *found = strstr(message, before);
	const char *word = found ? found + strlen(before) : "";
	char *call = found ? strndup(word, strcspn(word, "\"")) : NULL;
	const char *directive = found && !strstr(message, ": there is no call ")
					? NULL
					: scenario_suggest(line, call);
	char *explained;

	if (!directive)
		explained = strdup(message);
	else if (asprintf(&explained, "%.*s (did you mean \"%s\"?)",
			  (int)(found ? found - message : (ptrdiff_t)strlen(message)), message,
			  directive) < 0)
		explained = NULL;
	free(call);
	return explained;
}

void scenario_report_unread(const struct scenario_line *line, const char *message,
			    struct report *report)
{
	char *explained = scenario_explain(line, message);

	report_failure(report, line->number, "%s", explained ?: message);
	free(explained);
}

static bool read_line(const struct fdl_machine *m, const struct scenario_line *line,
		      struct report *report)
{
	struct fdl_line *read;
	char message[512];
	int error;

	if (line->kind != LINE_CALL || scenario_is_command(line))
		return true;
	error = fdl_line_read(m, line->text, line->len, &read, message, sizeof(message));
	if (error)
		scenario_report_unread(line, *message ? message : strerror(-error), report);
	else
		fdl_line_free(read);
	return !error;
}

/* A machine with the options of the scenario. NULL: an option is wrong, which is reported. */
static struct fdl_machine *make_machine(const struct scenario *s, const char *kernel,
					struct report *report)
{
	struct fdl_options options = { .kernel = kernel };
	struct fdl_machine *m = NULL;
	char message[256] = "";
	unsigned number = 0;
	int error = 0;

	for (size_t i = 0; !error && i < s->n_lines && s->lines[i].kind == LINE_OPTION; i++) {
		number = s->lines[i].number;
		error = fdl_option_set(&options, s->lines[i].text, message, sizeof(message));
	}
	if (!error)
		error = fdl_machine_new(&options, &m);
	if (error)
		report_failure(report, number, "%s", *message ? message : strerror(-error));
	return error ? NULL : m;
}

bool scenario_options_are_right(const struct scenario *s, const char *kernel, struct report *report)
{
	struct fdl_machine *m = make_machine(s, kernel, report);
	const bool right = m;

	fdl_machine_free(m);
	return right;
}

bool scenario_is_readable(const struct scenario *s, const char *kernel, struct report *report)
{
	struct fdl_machine *m = make_machine(s, kernel, report);
	bool readable = m;

	for (size_t i = 0; m && i < s->n_lines; i++)
		readable &= read_line(m, &s->lines[i], report);
	for (size_t i = 0; m && i < s->n_race; i++)
		readable &= read_line(m, &s->race[i], report);
	fdl_machine_free(m);
	return readable;
}
