/* Reads scenario files in turn. What cannot be worked on is reported here. */
#include "scenario/batch.h"

#include <errno.h>
#include <string.h>

static void end_unread(const struct batch *b, int error, struct report *report)
{
	if (error != -EINVAL)
		report_file_end(report, OUTCOME_NOT_RUN, strerror(-error));
	else if (b->races)
		report_file_end(report, OUTCOME_NOT_RUN, "it is not well written");
	else
		report_file_end(report, OUTCOME_PASSED, NULL);
}

static void run_file(const struct batch *b, const char *name, struct report *report)
{
	struct scenario s;
	int error;

	report_file(report, strcmp(name, "-") ? name : "<stdin>");
	error = scenario_read(&s, name, report);
	if (error)
		end_unread(b, error, report);
	else if (s.has_race && !b->races)
		report_file_end(report, OUTCOME_SKIPPED, "a race is for fdlab explore");
	else if (!s.has_race && b->races)
		report_file_end(report, OUTCOME_NOT_RUN, "there is no race in it");
	else
		b->each(b->ctx, &s, name, report);
	scenario_free(&s);
}

int batch_run(const struct batch *b, char **names, size_t n)
{
	struct report *report = report_begin(b->json, b->on, n);

	if (!report)
		return not_run(b->verb, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < n; i++)
		run_file(b, names[i], report);
	return report_end(report);
}
