/*
 * fdlab run: plays scenario files, one after another, each on a machine of its own, and reports.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "fdlab.h"
#include "scenario/batch.h"
#include "scenario/play.h"
#include "scenario/strict.h"
#include "scenario/watch.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

struct run_settings {
	const char *on, *kernel, *filter, *junit;
	bool json, quiet, strict, watch;
	struct target *target;
};

/* A watcher that looks at the end of a strict run. */
struct strict_run {
	struct play_watcher watcher;
	struct report *report;
};

static void look_at_the_end(struct play_watcher *w, struct target *t)
{
	strict_end(t, ((struct strict_run *)w)->report);
}

static struct target *make_target(const char *on, char *err, size_t errsize)
{
	static const char mount[] = "mount=";
	struct target *t = NULL;

	if (!strcmp(on, "sim")) {
		t = target_sim();
		if (!t)
			snprintf(err, errsize, "%s", strerror(ENOMEM));
	} else if (!strcmp(on, "kernel")) {
		if (target_kernel(&t, err, errsize))
			t = NULL;
	} else if (!strncmp(on, mount, strlen(mount)) && on[strlen(mount)]) {
		if (target_mount(on + strlen(mount), &t, err, errsize))
			t = NULL;
	} else {
		snprintf(err, errsize, "--on takes sim, kernel or mount=DIR, not '%s'", on);
	}
	return t;
}

static void run_scenario(void *ctx, const struct scenario *s, const char *name,
			 struct report *report)
{
	const struct run_settings *settings = ctx;
	struct strict_run strict = { { .end = look_at_the_end }, report };
	char why[128];

	(void)name;
	if (settings->strict)
		strict_lines(s, report);
	if (play_scenario(s, settings->target, settings->kernel, report,
			  settings->strict ? &strict.watcher : NULL, why, sizeof(why)))
		report_file_end(report, OUTCOME_SKIPPED, why);
	else
		report_file_end(report, OUTCOME_PASSED, NULL);
}

static const struct verb_option options[] = {
	{ .name = "on",
	  .argument = "sim|kernel|mount=DIR",
	  .help = "sim (usual): a machine in this process;\n"
		  "kernel: real tasks and system calls of the running kernel;\n"
		  "mount=DIR: the machine mounted at DIR, started over for each file",
	  .read = option_text,
	  .offset = offsetof(struct run_settings, on) },
	{ .name = "strict",
	  .help = "fail files that check nothing, calls that state no result, and calls that\n"
		  "still wait at the end",
	  .read = option_flag,
	  .offset = offsetof(struct run_settings, strict) },
	{ .name = "filter",
	  .argument = "PATTERN",
	  .help = "only files whose path has PATTERN in it, or matches it if it has * ? or [",
	  .read = option_text,
	  .offset = offsetof(struct run_settings, filter) },
	{ .name = "quiet",
	  .letter = 'q',
	  .help = "print only the files that did not pass, and how many did",
	  .read = option_flag,
	  .offset = offsetof(struct run_settings, quiet) },
	{ .name = "watch",
	  .help = "when a file has changed, play all again, until it is interrupted",
	  .read = option_flag,
	  .offset = offsetof(struct run_settings, watch) },
	{ .name = "junit",
	  .argument = "FILE",
	  .help = "write the report to FILE, too, as JUnit's XML",
	  .read = option_text,
	  .offset = offsetof(struct run_settings, junit) },
	OPTION_KERNEL(struct run_settings),
	OPTION_JSON(struct run_settings),
	{ 0 },
};

/* Plays all files now, and whenever one has changed. Returns only after an error. */
static int run_again(const struct verb *verb, const struct batch *batch, char **names, size_t n)
{
	const int watch = watch_open(names, n);
	int error = watch < 0 ? watch : 0;

	while (!error) {
		batch_run(batch, names, n);
		fflush(stdout);
		error = watch_wait(watch);
	}
	if (watch >= 0)
		close(watch);
	return not_run(verb, "the files cannot be watched: %s", strerror(-error));
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct run_settings settings = { .on = "sim" };
	struct batch batch = { .verb = verb, .each = run_scenario, .ctx = &settings };
	char message[256];
	int status;

	if (!options_read(verb, &settings, argc, argv, &status))
		return status;
	settings.target = make_target(settings.on, message, sizeof(message));
	if (!settings.target)
		return not_run(verb, "%s", message);
	batch.form = settings.json ? REPORT_JSON : settings.quiet ? REPORT_BRIEF : REPORT_TAP;
	batch.on = settings.on;
	batch.kernel = settings.kernel;
	batch.filter = settings.filter;
	batch.junit = settings.junit;
	status = settings.watch ? run_again(verb, &batch, argv + optind, (size_t)(argc - optind))
				: batch_run(&batch, argv + optind, (size_t)(argc - optind));
	settings.target->ops->free(settings.target);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "FILE|DIR...",
	.missing = "a scenario file is missing",
	.summary = "play scenarios and compare what comes out with what they state",
	.about =
		"Plays scenario files ('-' is standard input, a directory stands for all *.fdl in\n"
		"it) and compares what comes out with what they state. Prints TAP: a test point\n"
		"for each file, what failed below it.",
	.options = options,
	.statuses = "0 all passed, 1 something failed, 2 something could not run.",
	.run = run,
};
