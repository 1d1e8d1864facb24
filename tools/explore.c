/*
 * fdlab explore: for each scenario file with a race, every outcome that the race may have, and whether
 * the conditions behind it hold. The exploring is the library's.
 */
#include "histogram.h"
#include "play.h"
#include "verb.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	const char *kernel;
	bool json, naive;
	unsigned part, parts;
};

static void print_help(const struct verb *verb)
{
	printf("usage: fdlab %s %s\n\n", verb->name, verb->usage);
	printf("Runs every interleaving of the race in each scenario file ('-' is standard input)\n"
	       "and prints the outcomes, how many interleavings have each, and whether the\n"
	       "conditions hold. What must not happen is shown with the shortest way to it, as\n"
	       "lines that fdlab run repeats. Prints TAP: a test point for each file.\n\n"
	       "  --naive         run orders that make no difference, too\n"
	       "  --shard K/N     run the K-th of N parts: together they are the whole\n"
	       "  --kernel NAME   the kernel of files that name none:");
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
		if (!err)
			report_explored(e, s, report);
		else
			report_failure(report, 0, "%s", strerror(-err));
	}
	fdl_explorer_free(e);
	return err;
}

/* ---- files ---------------------------------------------------------------------------------- */

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
		if (play_on(&s, t, settings->kernel, report)) {
			if (!report_failures(report))
				err = explore(settings, target_sim_machine(t), name, &s, report);
			t->ops->stop(t);
		}
		if (err)
			report_file_end(report, OUTCOME_NOT_RUN, "the race cannot be run");
		else
			report_file_end(report, OUTCOME_PASSED, NULL);
	}
	scenario_free(&s);
}

static int explore_files(const struct settings *settings, char **names, size_t n)
{
	struct target *t = target_sim();
	struct report *report = t ? report_begin(settings->json, "sim", n) : NULL;

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

/* "2/8". */
static bool read_shard(const char *text, struct settings *settings)
{
	char end;

	return sscanf(text, "%u/%u%c", &settings->part, &settings->parts, &end) == 2 &&
	       settings->part >= 1 && settings->part <= settings->parts &&
	       settings->parts <= 1U << 20;
}

static bool is_kernel(const char *name)
{
	for (const char *const *kernel = fdl_kernels(); *kernel; kernel++)
		if (!strcmp(*kernel, name))
			return true;
	return false;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "naive",   no_argument,       NULL, 'n' },
		{ "shard",   required_argument, NULL, 's' },
		{ "kernel",  required_argument, NULL, 'k' },
		{ "json",    no_argument,       NULL, 'j' },
		{ "help",    no_argument,       NULL, 'h' },
		{ "version", no_argument,       NULL, 'V' },
		{ NULL,      0,                 NULL, 0 },
	};
	/* clang-format on */
	struct settings settings = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, ":hV", options, NULL)) >= 0) {
		switch (option) {
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
		case 'h':
			print_help(verb);
			return EXIT_PASSED;
		case 'V':
			print_version();
			return EXIT_PASSED;
		case ':':
			return usage_error(verb, "%s takes an argument", argv[optind - 1]);
		default:
			return usage_error(verb, "there is no option '%s'", argv[optind - 1]);
		}
	}
	if (settings.kernel && !is_kernel(settings.kernel))
		return usage_error(verb, "there is no kernel '%s'", settings.kernel);
	if (optind == argc)
		return usage_error(verb, "a scenario file is missing");
	return explore_files(&settings, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_explore = {
	.name = "explore",
	.usage = "[--naive] [--shard K/N] [--kernel NAME] [--json] FILE...",
	.summary = "run every interleaving of a race and show what may come of it",
	.run = run,
};
