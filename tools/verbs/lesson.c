/*
 * fdlab lesson: lists the course, and plays a lesson: with questions on a terminal, else all at
 * once.
 */
#include "verbs/verbs.h"

#include "fdlab.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "lesson/course.h"
#include "lesson/printed.h"
#include "lesson/progress.h"
#include "lesson/runner.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the list ------------------------------------------------------------------------------- */

/* The progress in a lesson, as the list has it; "" for nothing. */
static void say_done(char *buf, size_t size, const struct progress_lesson *done)
{
	*buf = '\0';
	if (done && done->step == done->steps && done->asked)
		snprintf(buf, size, "done, %u of %u right", done->right, done->asked);
	else if (done && done->step == done->steps)
		snprintf(buf, size, "done");
	else if (done)
		snprintf(buf, size, "at page %u of %u", done->step + 1, done->steps + 1);
}

static void list_lessons(const struct course *c, const struct progress *p)
{
	const char *chapter = NULL;

	for (size_t i = 0; i < c->n_lessons; i++) {
		const struct course_lesson *l = &c->lessons[i];
		char done[64];

		if (l->chapter != chapter || !i) {
			if (l->chapter || i)
				printf("%s%s\n", i ? "\n" : "", l->chapter ?: "Others");
			chapter = l->chapter;
		}
		say_done(done, sizeof(done), progress_find(p, l->name));
		if (*done)
			printf("  %-12s %-42s %s\n", l->name, l->title, done);
		else
			printf("  %-12s %s\n", l->name, l->title);
	}
}

static void list_course(const struct verb *verb, const struct course *c)
{
	struct progress p;
	const int error = progress_read(&p);

	list_lessons(c, &p);
	if (error && error != -ENOENT)
		not_run(verb, "what was done cannot be read: %s", strerror(-error));
	progress_free(&p);
}

/* The names after each other with commas, in memory of malloc. */
static char *join_names(const struct course *c)
{
	char *joined = NULL;
	size_t len;
	FILE *to = memory_stream(&joined, &len);

	for (size_t i = 0; to && i < c->n_lessons; i++)
		fprintf(to, "%s%s", i ? ", " : "", c->lessons[i].name);
	if (to && fclose(to)) {
		free(joined);
		joined = NULL;
	}
	return joined;
}

/* Says that there is no such lesson, and which one may be meant, or which there are. */
static int unknown_lesson(const struct verb *verb, const struct course *c, const char *name)
{
	const char **known = calloc(c->n_lessons + 1, sizeof(*known)), *nearest = NULL;
	char *joined;

	for (size_t i = 0; known && i < c->n_lessons; i++)
		known[i] = c->lessons[i].name;
	if (known)
		nearest = fdl_suggest(name, known);
	free(known);
	if (nearest)
		return not_run(verb, "there is no lesson '%s'; did you mean '%s'?", name, nearest);
	joined = join_names(c);
	not_run(verb, "there is no lesson '%s'; there are %s", name, joined ?: "others");
	free(joined);
	return EXIT_NOT_RUN;
}

/* ---- playing one ---------------------------------------------------------------------------- */

/* Goes through a lesson with its reader. */
static int run_on_terminal(const struct verb *verb, const struct lesson *l, const char *name,
			   const struct course *c, struct report *report)
{
	const struct course_lesson *next = name ? course_next(c, name) : NULL;
	struct progress p = { 0 };
	int kept = name ? progress_read(&p) : 0, error;
	const struct runner_settings settings = {
		.lesson = l,
		.name = name,
		.next = next ? next->name : NULL,
		.done = name ? progress_find(&p, name) : NULL,
		.colour = wants_colour(stdout),
	};

	error = run_lesson(&settings, report, &kept);
	if (kept)
		not_run(verb, "what was done is not kept: %s", strerror(-kept));
	progress_free(&p);
	return error;
}

/* Plays the lesson in a file; name is its name in the course, or NULL. */
static int play_path(const struct verb *verb, const char *path, const char *name,
		     const struct course *c)
{
	struct report *report = report_begin_quiet("sim");
	struct lesson l = { 0 };
	int error, status;

	if (!report)
		return not_run(verb, "%s", strerror(ENOMEM));
	report_file(report, path);
	error = lesson_read(&l, path, report);
	if (!error && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		error = run_on_terminal(verb, &l, name, c, report);
	else if (!error && !print_lesson(&l, report, wants_colour(stdout)))
		error = -ENOMEM;
	report_file_end(report, OUTCOME_PASSED, NULL);
	status = report_end(report);
	lesson_free(&l);
	if (error == -EINVAL && status == EXIT_FAILED)
		return EXIT_NOT_RUN;
	return error ? not_run(verb, "%s: %s", path, strerror(-error)) : status;
}

static int play_name(const struct verb *verb, const struct course *c, const char *name)
{
	char *path;
	int status;

	if (!course_find(c, name))
		return unknown_lesson(verb, c, name);
	path = course_path(c, name);
	if (!path)
		return not_run(verb, "%s", strerror(ENOMEM));
	status = play_path(verb, path, name, c);
	free(path);
	return status;
}

static int run_course(const struct verb *verb, const char *name)
{
	struct course c;
	const int error = course_read(&c);
	int status = EXIT_PASSED;

	if (error == -ENOENT)
		status = not_run(verb, "there are no lessons in " FDLAB_DATADIR "/lessons");
	else if (error)
		status = not_run(verb, "%s", strerror(-error));
	else if (name)
		status = play_name(verb, &c, name);
	else
		list_course(verb, &c);
	course_free(&c);
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *name;
	int status;

	if (!options_read(verb, NULL, argc, argv, &status))
		return status;
	if (argc - optind > 1)
		return usage_error(verb, "one lesson at a time");
	name = argv[optind];
	if (name && strchr(name, '/'))
		return play_path(verb, name, NULL, NULL);
	return run_course(verb, name);
}

const struct verb verb_lesson = {
	.name = "lesson",
	.operands = "[NAME|FILE]",
	.summary = "go through a lesson that asks, or list the course",
	.about =
		"Goes through a lesson: a scenario with its explanations and questions. On a\n"
		"terminal it asks what a call will do before the call is made; enter goes on, b\n"
		"back, t opens a prompt on the same machine, q leaves. Otherwise the whole lesson\n"
		"is printed. Without a name, lists the course, and what was done of it. A name\n"
		"with a slash in it is a file.",
	.statuses = "0 all came out as the lesson says, 1 something did not, 2 it could not\n"
		    "be played.",
	.run = run,
};
