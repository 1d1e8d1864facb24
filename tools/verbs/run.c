/*
 * fdlab run: plays scenario files, one after another, each on a machine of its own, and reports.
 */
#include "scenario/play.h"
#include "cli/verb.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	const char *on, *kernel;
	bool json;
};

static void print_help(const struct verb *verb)
{
	printf("usage: fdlab %s %s\n\n", verb->name, verb->usage);
	printf("Plays scenario files ('-' is standard input) and compares what comes out with\n"
	       "what they state. Prints TAP: a test point for each file, what failed below it.\n\n"
	       "  --on sim        on a machine in this process (the usual)\n"
	       "  --on kernel     with real tasks and system calls on the running kernel\n"
	       "  --on mount=DIR  on the machine mounted at DIR, started over for each file\n"
	       "  --kernel NAME   the kernel of files that name none:");
	for (const char *const *kernel = fdl_kernels(); *kernel; kernel++)
		printf(" %s", *kernel);
	printf("\n"
	       "  --json          print a report in JSON instead\n"
	       "  -h, --help      this text\n"
	       "  -V, --version   the version\n\n"
	       "Exit status: 0 all passed, 1 something failed, 2 something could not run.\n");
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

static void run_file(const struct settings *settings, struct target *t, const char *name,
		     struct report *report)
{
	struct scenario s;
	char why[128];
	int err;

	report_file(report, strcmp(name, "-") ? name : "<stdin>");
	err = scenario_read(&s, name, report);
	if (err && err != -EINVAL) {
		report_file_end(report, OUTCOME_NOT_RUN, strerror(-err));
	} else if (!err && s.has_race) {
		report_file_end(report, OUTCOME_SKIPPED, "a race is for fdlab explore");
	} else if (!err && play(&s, t, settings->kernel, report, why, sizeof(why))) {
		report_file_end(report, OUTCOME_SKIPPED, why);
	} else {
		report_file_end(report, OUTCOME_PASSED, NULL);
	}
	scenario_free(&s);
}

static int run_files(const struct settings *settings, char **names, size_t n)
{
	char message[256];
	struct target *t = make_target(settings->on, message, sizeof(message));
	struct report *report;

	if (!t) {
		fprintf(stderr, "fdlab run: %s\n", message);
		return EXIT_NOT_RUN;
	}
	report = report_begin(settings->json, settings->on, n);
	if (!report) {
		fprintf(stderr, "fdlab run: %s\n", strerror(ENOMEM));
		t->ops->free(t);
		return EXIT_NOT_RUN;
	}
	for (size_t i = 0; i < n; i++)
		run_file(settings, t, names[i], report);
	t->ops->free(t);
	return report_end(report);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "on",      required_argument, NULL, 'o' },
		{ "kernel",  required_argument, NULL, 'k' },
		{ "json",    no_argument,       NULL, 'j' },
		{ "help",    no_argument,       NULL, 'h' },
		{ "version", no_argument,       NULL, 'V' },
		{ NULL,      0,                 NULL, 0 },
	};
	/* clang-format on */
	struct settings settings = { .on = "sim" };
	int option;

	while ((option = getopt_long(argc, argv, ":hV", options, NULL)) >= 0) {
		switch (option) {
		case 'o':
			settings.on = optarg;
			break;
		case 'k':
			settings.kernel = optarg;
			break;
		case 'j':
			settings.json = true;
			break;
		default:
			return common_option(verb, option, argv, print_help);
		}
	}
	if (settings.kernel && !is_kernel(settings.kernel))
		return usage_error(verb, "there is no kernel '%s'", settings.kernel);
	if (optind == argc)
		return usage_error(verb, "a scenario file is missing");
	return run_files(&settings, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_run = {
	.name = "run",
	.usage = "[--on sim|kernel|mount=DIR] [--kernel NAME] [--json] FILE...",
	.summary = "play scenarios and compare what comes out with what they state",
	.run = run,
};
