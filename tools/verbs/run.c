/*
 * fdlab run: plays scenario files, one after another, each on a machine of its own, and reports.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "fdlab.h"
#include "scenario/batch.h"
#include "scenario/play.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

struct run_settings {
	const char *on, *kernel;
	bool json;
	struct target *target;
};

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
	char why[128];

	(void)name;
	if (play(s, settings->target, settings->kernel, report, why, sizeof(why)))
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
	OPTION_KERNEL(struct run_settings),
	OPTION_JSON(struct run_settings),
	{ 0 },
};

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
	batch.json = settings.json;
	batch.on = settings.on;
	status = batch_run(&batch, argv + optind, (size_t)(argc - optind));
	settings.target->ops->free(settings.target);
	return status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "FILE...",
	.missing = "a scenario file is missing",
	.summary = "play scenarios and compare what comes out with what they state",
	.about = "Plays scenario files ('-' is standard input) and compares what comes out with\n"
		 "what they state. Prints TAP: a test point for each file, what failed below it.",
	.options = options,
	.statuses = "0 all passed, 1 something failed, 2 something could not run.",
	.run = run,
};
