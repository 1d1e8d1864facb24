/*
 * fdlab exercise: lists exercises, and has one solved at the prompt, in files, or on a mount.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "exercise/exercise.h"
#include "exercise/judge.h"
#include "exercise/list.h"
#include "exercise/prompt.h"
#include "lesson/progress.h"
#include "scenario/play.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	const char *on;
	bool check, hint, json;
};

/* An exercise to be solved, and how. */
struct job {
	const struct verb *verb;
	const struct settings *set;
	const struct exercise_list *list;
	struct exercise e;
};

#define MOUNT "mount="

/* ---- what was done -------------------------------------------------------------------------- */

/* Exercises stand beside lessons in the file of what was done. */
static void name_of(const char *exercise, char name[PROGRESS_NAME_SIZE])
{
	snprintf(name, PROGRESS_NAME_SIZE, "exercise/%s", exercise);
}

/* Notes that the goal was reached. An exercise that is not installed is not noted. */
static void note_done(const struct job *job)
{
	struct progress_lesson done = { .step = 1, .steps = 1, .right = 1, .asked = 1 };
	int error;

	if (strchr(job->e.name, '/'))
		return;
	name_of(job->e.name, done.name);
	error = progress_note(&done);
	if (error && error != -ENOENT)
		not_run(job->verb, "it cannot be kept that this was done: %s", strerror(-error));
}

/* ---- judging -------------------------------------------------------------------------------- */

/* Reports what stands between the machine and the goal, in a report whose file is the solution. */
static void report_judgement(const struct job *job, struct target *t, struct report *report)
{
	const struct challenge *c = job->e.s.challenge;
	struct judgement j;
	const int error = exercise_judge(&job->e, t, &j);

	if (error) {
		report_failure(report, 0, "%s", strerror(-error));
	} else if (j.undone) {
		report_failure(report, 0, "the machine did not begin with the start of '%s'",
			       job->e.name);
	} else {
		if (j.missing)
			report_failure(report, 0, "%s", j.missing);
		if (j.forbidden)
			report_failure(report, 0, "%s is not allowed", j.forbidden);
		if (judgement_is_long(&job->e, &j))
			report_failure(report, 0, "it has %u calls, and %u are enough", j.calls,
				       c->calls);
		if (j.mistake)
			report_comment(report, j.mistake);
		report_detail(report, "calls", json_integer(j.calls));
	}
	judgement_free(&j);
}

/* ---- solutions in files --------------------------------------------------------------------- */

static void check_solution(const struct job *job, const struct scenario *solution,
			   struct report *report)
{
	struct target *t = target_sim();
	struct scenario joined = { .n_lines = 0 };
	int error = t ? exercise_join(&job->e, solution, &joined) : -ENOMEM;

	if (!error && play_on(&joined, t, NULL, report)) {
		report_judgement(job, t, report);
		t->ops->stop(t);
	}
	if (error)
		report_failure(report, 0, "%s", strerror(-error));
	free(joined.lines);
	if (t)
		t->ops->free(t);
}

static void check_file(const struct job *job, const char *name, struct report *report)
{
	struct scenario solution;
	int error;

	report_file(report, strcmp(name, "-") ? name : "<stdin>");
	error = scenario_read(&solution, name, report);
	if (!error && (solution.has_race || solution.challenge)) {
		report_failure(report, 0, "a solution is calls, without a race and without goals");
		error = -EINVAL;
	}
	if (!error && solution.n_lines && solution.lines[0].kind == LINE_OPTION) {
		report_failure(report, solution.lines[0].number,
			       "the machine is that of the exercise: a solution has no options");
		error = -EINVAL;
	}
	if (!error)
		check_solution(job, &solution, report);
	if (!report_failures(report) && !error)
		note_done(job);
	if (error && error != -EINVAL)
		report_file_end(report, OUTCOME_NOT_RUN, strerror(-error));
	else
		report_file_end(report, OUTCOME_PASSED, NULL);
	scenario_free(&solution);
}

static struct report *begin_report(const struct job *job, size_t n)
{
	return report_begin(job->set->json ? REPORT_JSON : REPORT_TAP, job->e.name, n);
}

static int check_files(const struct job *job, char **names, size_t n)
{
	struct report *report = begin_report(job, n);

	if (!report)
		return not_run(job->verb, "%s", strerror(ENOMEM));
	for (size_t i = 0; i < n; i++)
		check_file(job, names[i], report);
	return report_end(report);
}

/* ---- on a mount ----------------------------------------------------------------------------- */

/* The mounted machine, which is to be stopped and freed. NULL: it is said why. */
static struct target *open_mount(const struct job *job)
{
	const char *on = job->set->on;
	char message[256] = "";
	struct target *t = NULL;
	int error;

	if (strncmp(on, MOUNT, strlen(MOUNT)) != 0 || !on[strlen(MOUNT)]) {
		usage_error(job->verb, "--on takes mount=DIR, not '%s'", on);
		return NULL;
	}
	error = target_mount(on + strlen(MOUNT), &t, message, sizeof(message));
	if (!error)
		return t;
	not_run(job->verb, "%s", *message ? message : strerror(-error));
	return NULL;
}

static int check_mount(const struct job *job, struct target *t)
{
	char message[256] = "";
	struct report *report;
	int error = t->ops->join(t, message, sizeof(message));

	if (error)
		return not_run(job->verb, "%s", *message ? message : strerror(-error));
	report = begin_report(job, 1);
	if (report) {
		report_file(report, job->set->on);
		report_judgement(job, t, report);
		if (!report_failures(report))
			note_done(job);
		report_file_end(report, OUTCOME_PASSED, NULL);
	}
	t->ops->stop(t);
	return report ? report_end(report) : not_run(job->verb, "%s", strerror(ENOMEM));
}

/* Puts the machine into the start state. */
static int prepare_mount(const struct job *job, struct target *t)
{
	struct report *report = report_begin_aside(job->set->on);
	int status;

	if (!report)
		return not_run(job->verb, "%s", strerror(ENOMEM));
	report_file(report, job->e.name);
	if (play_on(&job->e.s, t, NULL, report))
		t->ops->stop(t);
	report_file_end(report, OUTCOME_PASSED, NULL);
	status = report_end(report);
	if (status)
		return EXIT_NOT_RUN;
	exercise_print(&job->e, stdout);
	printf("The machine at %s is in the start state. When you are done:\n"
	       "  fdlab exercise %s --on %s --check\n",
	       job->set->on + strlen(MOUNT), job->e.name, job->set->on);
	return EXIT_PASSED;
}

static int on_mount(const struct job *job)
{
	struct target *t = open_mount(job);
	int status = EXIT_NOT_RUN;

	if (t) {
		status = job->set->check ? check_mount(job, t) : prepare_mount(job, t);
		t->ops->free(t);
	}
	return status;
}

/* ---- at the prompt -------------------------------------------------------------------------- */

static void name_next(const struct job *job)
{
	for (size_t i = 0; i + 1 < job->list->n; i++)
		if (!strcmp(job->list->names[i], job->e.name))
			printf("The next one: fdlab exercise %s\n", job->list->names[i + 1]);
}

static int at_prompt(const struct job *job)
{
	const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct report *report = report_begin_aside("sim");
	struct target *t = target_sim();
	bool reached = false;
	int status = EXIT_NOT_RUN, error = -ENOMEM;

	if (t && report) {
		report_file(report, job->e.name);
		error = play_on(&job->e.s, t, NULL, report) ? 0 : -EINVAL;
		report_file_end(report, OUTCOME_PASSED, NULL);
	}
	if (!error) {
		error = exercise_prompt(&job->e, t, wants_colour(stdout), &reached);
		status = reached || terminal ? EXIT_PASSED : EXIT_FAILED;
		if (reached) {
			note_done(job);
			name_next(job);
		}
		t->ops->stop(t);
	}
	if (error)
		status = not_run(job->verb, "%s", strerror(-error));
	if (report)
		report_end(report);
	if (t)
		t->ops->free(t);
	return status;
}

/* ---- which exercise ------------------------------------------------------------------------- */

static int list(const struct verb *verb, const struct exercise_list *l)
{
	struct progress p;
	const int error = progress_read(&p);

	for (size_t i = 0; i < l->n; i++) {
		char *title = exercise_title(l, l->names[i]), name[PROGRESS_NAME_SIZE];
		const char *text = title ?: "";

		name_of(l->names[i], name);
		if (progress_find(&p, name))
			printf("  %-12s %-54s done\n", l->names[i], text);
		else
			printf("  %-12s %s\n", l->names[i], text);
		free(title);
	}
	if (error && error != -ENOENT)
		not_run(verb, "what was done cannot be read: %s", strerror(-error));
	progress_free(&p);
	return EXIT_PASSED;
}

static int unknown(const struct verb *verb, const struct exercise_list *l, const char *name)
{
	const char *nearest = fdl_suggest(name, (const char *const *)l->names);

	if (nearest)
		return not_run(verb, "there is no exercise '%s'; did you mean '%s'?", name,
			       nearest);
	return not_run(verb, "there is no exercise '%s'; fdlab exercise lists them", name);
}

static int give_hints(const struct exercise *e)
{
	for (size_t i = 0; exercise_hint(e, i, stdout); i++)
		;
	return EXIT_PASSED;
}

static int do_job(const struct job *job, char **files, size_t n)
{
	if (job->set->hint)
		return give_hints(&job->e);
	if (job->set->on)
		return on_mount(job);
	return n ? check_files(job, files, n) : at_prompt(job);
}

static int do_exercise(const struct verb *verb, const struct settings *set,
		       const struct exercise_list *l, char **words, size_t n)
{
	struct job job = { .verb = verb, .set = set, .list = l };
	char *path = exercise_path(l, words[0]);
	struct report *report = report_begin_aside("sim");
	int error = -ENOMEM, status;

	if (path && report) {
		report_file(report, path);
		error = exercise_read(&job.e, words[0], path, report);
		report_file_end(report, OUTCOME_PASSED, NULL);
	}
	if (error == -ENOENT && !strchr(words[0], '/'))
		status = unknown(verb, l, words[0]);
	else if (error)
		status = not_run(verb, "%s: %s", words[0],
				 error == -EINVAL ? "it has errors" : strerror(-error));
	else
		status = do_job(&job, words + 1, n - 1);
	if (path && report)
		exercise_free(&job.e);
	if (report)
		report_end(report);
	free(path);
	return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

static const struct verb_option options[] = {
	{ .name = "on",
	  .argument = "mount=DIR",
	  .help = "put the machine mounted at DIR into the start state",
	  .read = option_text,
	  .offset = offsetof(struct settings, on) },
	{ .name = "check",
	  .help = "with --on: see whether that machine has reached the goal",
	  .read = option_flag,
	  .offset = offsetof(struct settings, check) },
	{ .name = "hint",
	  .help = "print the hints",
	  .read = option_flag,
	  .offset = offsetof(struct settings, hint) },
	OPTION_JSON(struct settings),
	{ 0 },
};

static int run(const struct verb *verb, int argc, char **argv)
{
	struct exercise_list l;
	struct settings set = { .on = NULL };
	const char *name;
	int status, error;

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (set.check && !set.on)
		return usage_error(verb, "--check is of a machine: --on mount=DIR names it");
	if (set.on && argc - optind != 1)
		return usage_error(verb, "--on takes one exercise and no file");
	name = argv[optind];
	error = exercise_list_read(&l);
	if (error == -ENOMEM)
		status = not_run(verb, "%s", strerror(ENOMEM));
	else if (error && !(name && strchr(name, '/')))
		status = not_run(verb, "there are no exercises in " FDLAB_DATADIR "/exercises");
	else
		status = name ? do_exercise(verb, &set, &l, argv + optind, (size_t)(argc - optind))
			      : list(verb, &l);
	exercise_list_free(&l);
	return status;
}

const struct verb verb_exercise = {
	.name = "exercise",
	.operands = "[NAME [FILE...]]",
	.summary = "reach a goal by calls: at a prompt, in a file, or on a mount",
	.about =
		"An exercise is a machine and a goal. Without FILE it is solved at a prompt; with\n"
		"FILE, the calls in it are judged, as a report in TAP. Without NAME, lists the\n"
		"exercises. A NAME with a slash in it is a file of one.",
	.options = options,
	.statuses = "0 the goal is reached, 1 it is not, 2 there is no such exercise, or it has\n"
		    "errors.",
	.run = run,
};
