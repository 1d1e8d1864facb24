/* Reads scenario files in turn. Files that cannot be read are reported here. */
#include "scenario/batch.h"

#include "scenario/gather.h"
#include "scenario/readable.h"

#include <errno.h>
#include <string.h>

/* A file with errors: those of its calls are reported, too, so that all come in one go. */
static void end_unread(const struct batch *b, int error, const struct scenario *s,
		       struct report *report)
{
	if (error == -EINVAL)
		scenario_is_readable(s, b->kernel, report);
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
		end_unread(b, error, &s, report);
	else if (s.has_race && !b->races && !scenario_is_readable(&s, b->kernel, report))
		report_file_end(report, OUTCOME_PASSED, NULL);
	else if (s.has_race && !b->races)
		report_file_end(report, OUTCOME_SKIPPED, "a race is for fdlab explore");
	else if (!s.has_race && b->races)
		report_file_end(report, OUTCOME_NOT_RUN, "there is no race in it");
	else
		b->each(b->ctx, &s, name, report);
	scenario_free(&s);
}

/* Says why the files could not be gathered. */
static int not_gathered(const struct batch *b, const char *operand, int error)
{
	if (error == -ENOENT)
		return not_run(b->verb, "%s: there are no scenarios (*.fdl) in it", operand);
	return not_run(b->verb, "%s: %s", operand, strerror(-error));
}

int batch_run(const struct batch *b, char **names, size_t n)
{
	struct gathered files;
	struct report *report;
	const char *failed;
	int error = gather_files(names, n, b->filter, &files, &failed), status;

	if (error) {
		status = not_gathered(b, failed, error);
		goto out;
	}
	if (!files.n) {
		status = not_run(b->verb, "no file matches '%s'", b->filter);
		goto out;
	}
	report = report_begin(b->form, b->on, files.n);
	if (!report) {
		status = not_run(b->verb, "%s", strerror(ENOMEM));
		goto out;
	}
	if (b->junit)
		report_junit(report, b->junit);
	for (size_t i = 0; i < files.n; i++)
		run_file(b, files.names[i], report);
	status = report_end(report);
out:
	gathered_free(&files);
	return status;
}
