/*
 * fdlab explore: for each scenario file with a race, every outcome that the race may have, and whether
 * the conditions behind it hold. The exploring is the library's.
 */
#include "explore/on_kernel.h"
#include "explore/histogram.h"
#include "scenario/play.h"
#include "cli/verb.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNS 20000 /* on the running kernel, unless one says otherwise */

struct settings {
	const char *kernel;
	bool json, naive;
	unsigned part, parts;
	bool on_kernel;
	struct explore_kernel on;
};

static void print_help(const struct verb *verb)
{
	printf("usage: fdlab %s %s\n\n", verb->name, verb->usage);
	printf("Runs every interleaving of the race in each scenario file ('-' is standard input)\n"
	       "and prints the outcomes, how many interleavings have each, and whether the\n"
	       "conditions hold. What must not happen is shown with the shortest way to it, as\n"
	       "lines that fdlab run repeats. Prints TAP: a test point for each file.\n\n"
	       "  --on TARGET     sim: a machine in this process (usual); kernel: the race is "
	       "also\n"
	       "                  run by real tasks, and what they come to must be among that\n"
	       "  --runs N        on the kernel: so many times (usually %d)\n"
	       "  --seed N        on the kernel: of the delays that mix the calls\n"
	       "  --naive         run orders that make no difference, too\n"
	       "  --shard K/N     run the K-th of N parts: together they are the whole\n"
	       "  --kernel NAME   the kernel of files that name none:",
	       RUNS);
	for (const char *const *kernel = fdl_kernels(); *kernel; kernel++)
		printf(" %s", *kernel);
	printf("\n"
	       "  --json          print a report in JSON instead\n"
	       "  -h, --help      this text\n"
	       "  -V, --version   the version\n\n"
	       "Exit status: 0 all conditions hold, 1 one does not, 2 something could not run.\n");
}

/* ---- one race ------------------------------------------------------------------------------- */

static bool show_progress(void *ctx, uint64_t schedules)
{
	fprintf(stderr, "\r%s: %llu interleavings", (const char *)ctx,
		(unsigned long long)schedules);
	fflush(stderr);
	return true;
}

static int add_lines(struct fdl_explorer *e, const struct scenario *s, struct report *report)
{
	char message[256] = "";
	int err = 0;

	for (size_t i = 0; !err && i < s->n_race; i++) {
		const struct line *line = &s->race[i];

		if (line->path)
			err = fdl_explorer_add_write(e, line->pid, line->path, line->text,
						     line->len, message, sizeof(message));
		else
			err = fdl_explorer_add(e, line->pid, line->text, line->len, message,
					       sizeof(message));
		if (err)
			report_failure(report, line->number, "%s",
				       *message ? message : strerror(-err));
	}
	for (size_t i = 0; !err && i < s->n_watched; i++)
		err = fdl_explorer_watch(e, s->watched[i]);
	return err;
}

static char *witness(void *ctx, size_t outcome)
{
	char *text;

	return fdl_explorer_witness(ctx, outcome, &text) ? NULL : text;
}

static void report_breaches(struct fdl_explorer *e, struct report *report)
{
	for (size_t i = 0; i < fdl_explorer_failures(e); i++) {
		struct fdl_failure f;
		char *text = NULL;

		fdl_explorer_failure(e, i, &f);
		report_failure(report, 0, "%s: %s (%u steps, %llu interleavings)", f.kind, f.why,
			       f.steps, (unsigned long long)f.schedules);
		if (!fdl_explorer_failure_witness(e, i, &text))
			report_text(report, text);
		free(text);
	}
}

static void report_explored(struct fdl_explorer *e, const struct scenario *s, struct report *report)
{
	const size_t n = fdl_explorer_outcomes(e);
	struct fdl_race_outcome *outcomes = calloc(n + 1, sizeof(*outcomes));
	struct fdl_explored done;
	char line[128];

	if (!outcomes) {
		report_failure(report, 0, "%s", strerror(ENOMEM));
		return;
	}
	for (size_t i = 0; i < n; i++)
		fdl_explorer_outcome(e, i, &outcomes[i]);
	fdl_explorer_done(e, &done);
	report_detail(report, "interleavings", json_integer((json_int_t)done.schedules));
	snprintf(line, sizeof(line), "%llu interleavings, %zu outcomes\n",
		 (unsigned long long)done.schedules, n);
	report_comment(report, line);
	histogram_report(report, outcomes, n, s->n_race);
	conditions_report(report, s->conditions, s->n_conditions, outcomes, n, witness, e);
	report_breaches(e, report);
	free(outcomes);
}

static int explore_on_kernel(const struct settings *settings, const struct fdl_machine *m,
			     struct fdl_explorer *e, const char *name, const struct scenario *s,
			     struct report *report)
{
	report_breaches(e, report);
	return explore_kernel(&settings->on, m, e, name, s, report);
}

/* Explores a race whose machine is ready. 0, or why it could not be explored. */
static int explore(const struct settings *settings, struct fdl_machine *m, const char *name,
		   const struct scenario *s, struct report *report)
{
	struct fdl_explore how = {
		.naive = settings->naive,
		.part = settings->part,
		.parts = settings->parts,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.ctx = (void *)(uintptr_t)name,
	};
	struct fdl_explorer *e;
	char message[256];
	int err = fdl_explorer_new(m, &e, message, sizeof(message));

	if (err) {
		report_failure(report, 0, "%s", message);
		return err;
	}
	err = add_lines(e, s, report);
	if (!err) {
		err = fdl_explorer_run(e, &how);
		if (how.progress)
			fprintf(stderr, "\r\033[K");
		if (err)
			report_failure(report, 0, "%s", strerror(-err));
		else if (settings->on_kernel)
			err = explore_on_kernel(settings, m, e, name, s, report);
		else
			report_explored(e, s, report);
	}
	fdl_explorer_free(e);
	return err;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Why the race of a machine that is ready is not explored, in memory of malloc; NULL: it is. */
static char *refusal(const struct settings *settings, struct target *t, const struct scenario *s)
{
	const char *why = NULL;
	unsigned line = 0;
	char *text;

	if (settings->on_kernel)
		why = explore_kernel_refuses(&settings->on, target_sim_machine(t), s, &line);
	if (!why)
		return NULL;
	return asprintf(&text, "%s (line %u)", why, line) < 0 ? strdup(why) : text;
}

static void explore_race(const struct settings *settings, struct target *t, const char *name,
			 const struct scenario *s, struct report *report)
{
	char *refused = NULL;
	int err = 0;

	if (play_on(s, t, settings->kernel, report)) {
		refused = refusal(settings, t, s);
		if (!refused && !report_failures(report))
			err = explore(settings, target_sim_machine(t), name, s, report);
		t->ops->stop(t);
	}
	if (err)
		report_file_end(report, OUTCOME_NOT_RUN, "the race cannot be run");
	else if (refused)
		report_file_end(report, OUTCOME_SKIPPED, refused);
	else
		report_file_end(report, OUTCOME_PASSED, NULL);
	free(refused);
}

static void explore_file(const struct settings *settings, struct target *t, const char *name,
			 struct report *report)
{
	struct scenario s;
	int err;

	report_file(report, strcmp(name, "-") ? name : "<stdin>");
	err = scenario_read(&s, name, report);
	if (err && err != -EINVAL) {
		report_file_end(report, OUTCOME_NOT_RUN, strerror(-err));
	} else if (err) {
		report_file_end(report, OUTCOME_NOT_RUN, "it is not well written");
	} else if (!s.has_race) {
		report_file_end(report, OUTCOME_NOT_RUN, "there is no race in it");
	} else {
		explore_race(settings, t, name, &s, report);
	}
	scenario_free(&s);
}

static int explore_files(const struct settings *settings, char **names, size_t n)
{
	struct target *t = target_sim();
	const char *on = settings->on_kernel ? "kernel" : "sim";
	struct report *report = t ? report_begin(settings->json, on, n) : NULL;

	if (!report) {
		fprintf(stderr, "fdlab explore: %s\n", strerror(ENOMEM));
		if (t)
			t->ops->free(t);
		return EXIT_NOT_RUN;
	}
	for (size_t i = 0; i < n; i++)
		explore_file(settings, t, names[i], report);
	t->ops->free(t);
	return report_end(report);
}

/* The same, with real tasks besides. */
static int explore_files_on_kernel(struct settings *settings, char **names, size_t n)
{
	char message[256];
	int status;

	if (target_kernel(&settings->on.target, message, sizeof(message))) {
		fprintf(stderr, "fdlab explore: %s\n", message);
		return EXIT_NOT_RUN;
	}
	settings->on.kernel = settings->kernel;
	status = explore_files(settings, names, n);
	settings->on.target->ops->free(settings->on.target);
	return status;
}

static bool read_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return isdigit((unsigned char)*text) && !*end && !errno;
}

/* "2/8". */
static bool read_shard(const char *text, struct settings *settings)
{
	char end;

	return sscanf(text, "%u/%u%c", &settings->part, &settings->parts, &end) == 2 &&
	       settings->part >= 1 && settings->part <= settings->parts &&
	       settings->parts <= 1U << 20;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "on",      required_argument, NULL, 'o' },
		{ "runs",    required_argument, NULL, 'r' },
		{ "seed",    required_argument, NULL, 'S' },
		{ "naive",   no_argument,       NULL, 'n' },
		{ "shard",   required_argument, NULL, 's' },
		{ "kernel",  required_argument, NULL, 'k' },
		{ "json",    no_argument,       NULL, 'j' },
		{ "help",    no_argument,       NULL, 'h' },
		{ "version", no_argument,       NULL, 'V' },
		{ NULL,      0,                 NULL, 0 },
	};
	/* clang-format on */
	struct settings settings = { .on = { .runs = RUNS } };
	int option;

	while ((option = getopt_long(argc, argv, ":hV", options, NULL)) >= 0) {
		switch (option) {
		case 'o':
			settings.on_kernel = !strcmp(optarg, "kernel");
			if (!settings.on_kernel && strcmp(optarg, "sim") != 0)
				return usage_error(verb, "races run on sim or kernel, not '%s'",
						   optarg);
			break;
		case 'r':
			if (!read_number(optarg, &settings.on.runs) || !settings.on.runs)
				return usage_error(verb, "--runs takes a number, not '%s'", optarg);
			break;
		case 'S':
			if (!read_number(optarg, &settings.on.seed))
				return usage_error(verb, "--seed takes a number, not '%s'", optarg);
			break;
		case 'n':
			settings.naive = true;
			break;
		case 's':
			if (!read_shard(optarg, &settings))
				return usage_error(verb, "--shard takes K/N, not '%s'", optarg);
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
	if (settings.on_kernel && settings.parts)
		return usage_error(verb, "--shard divides what is explored, not runs%s", "");
	if (settings.on_kernel)
		return explore_files_on_kernel(&settings, argv + optind, (size_t)(argc - optind));
	return explore_files(&settings, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_explore = {
	.name = "explore",
	.usage = "[--on sim|kernel] [--runs N] [--seed N] [--naive] [--shard K/N] [--kernel NAME] "
		 "[--json] FILE...",
	.summary = "run every interleaving of a race and show what may come of it",
	.run = run,
};
