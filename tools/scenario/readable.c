/* A machine with the options of the scenario reads every line, and runs none. */
#include "scenario/readable.h"

#include "fdlab.h"

#include <stddef.h>
#include <string.h>

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
		report_failure(report, line->number, "%s", *message ? message : strerror(-error));
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

	fdl_machine_free(m);
	return m;
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
