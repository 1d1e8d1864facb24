/*
 * fdlab explore: for each scenario file with a race, prints every outcome of the race and whether
 * its conditions hold. The library explores.
 */
#include "verbs/verbs.h"

#include "cli/memory.h"
#include "cli/number.h"
#include "cli/options.h"
#include "explore/histogram.h"
#include "explore/on_kernel.h"
#include "explore/outcomes.h"
#include "fdlab.h"
#include "scenario/batch.h"
#include "scenario/modelled.h"
#include "scenario/play.h"
#include "scenario/readable.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUNS       20000 /* on the running kernel, unless --runs says otherwise */
#define SHARDS_MAX (1U << 20)

struct shard {
	unsigned part, parts;
};

struct explore_settings {
	const char *kernel;
	bool json, naive, on_kernel;
	struct shard shard;
	struct explore_kernel on;
	struct target *target; /* on which the lines before the race are played */
};

/* ---- one race ------------------------------------------------------------------------------- */

static bool show_progress(void *ctx, uint64_t schedules)
{
	fprintf(stderr, "\r%s: %llu interleavings", (const char *)ctx,
		(unsigned long long)schedules);
	fflush(stderr);
	return true;
}

static char *witness(void *ctx, size_t outcome)
{
	char *text = NULL;

	if (fdl_explorer_witness(ctx, outcome, &text) == -ENOMEM)
		memory_is_out();
	return text;
}

static void report_breaches(struct fdl_explorer *e, struct report *report)
{
	for (size_t i = 0; i < fdl_explorer_failures(e); i++) {
		struct fdl_failure f;
		char *text = NULL;

		fdl_explorer_failure(e, i, &f);
		report_failure(report, 0, "%s: %s (%u steps, %llu interleavings)", f.kind, f.why,
			       f.steps, (unsigned long long)f.schedules);
		if (fdl_explorer_failure_witness(e, i, &text))
			memory_is_out();
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
	histogram_report(report, &(struct histogram){ .outcome = outcomes,
						      .n = n,
						      .n_lines = s->n_race,
						      .watched = s->watched,
						      .n_watched = s->n_watched });
	conditions_report(report, s->conditions, s->n_conditions, outcomes, n, witness, e);
	report_breaches(e, report);
	free(outcomes);
}

static int explore_on_kernel(const struct explore_settings *settings, const struct fdl_machine *m,
			     struct fdl_explorer *e, const char *name, const struct scenario *s,
			     struct report *report)
{
	report_breaches(e, report);
	return explore_kernel(&settings->on, m, e, name, s, report);
}

/* A reason to skip a race, with the number of the line if it is one's, in memory of malloc. */
static char *refusal_of(const char *why, unsigned line)
{
	char *text;

	return !line || asprintf(&text, "%s (line %u)", why, line) < 0 ? strdup(why) : text;
}

/*
 * Explores a race from a machine that is ready for it. 0, or the error of exploring it; *refused:
 * why the race cannot be compared with the kernel, in memory of malloc.
 */
static int explore(const struct explore_settings *settings, struct fdl_machine *m, const char *name,
		   const struct scenario *s, struct report *report, char **refused)
{
	unsigned line;
	struct fdl_explore how = {
		.naive = settings->naive,
		.part = settings->shard.part,
		.parts = settings->shard.parts,
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
	err = race_add(e, s, report);
	if (!err) {
		err = fdl_explorer_run(e, &how);
		if (how.progress)
			fprintf(stderr, "\r\033[K");
		if (err)
			report_failure(report, 0, "%s", strerror(-err));
		else if (settings->on_kernel && (line = explore_not_modelled(e, s)) != 0)
			*refused = refusal_of(NOT_MODELLED, line);
		else if (settings->on_kernel)
			err = explore_on_kernel(settings, m, e, name, s, report);
		else
			report_explored(e, s, report);
	}
	fdl_explorer_free(e);
	return err;
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Why a race cannot be run on the kernel, in memory of malloc; NULL: it can, or need not be. */
static char *refusal(const struct explore_settings *settings, struct target *t,
		     const struct scenario *s)
{
	const char *why = NULL;
	unsigned line = 0;

	if (settings->on_kernel)
		why = explore_kernel_refuses(&settings->on, target_sim_machine(t), s, &line);
	return why ? refusal_of(why, line) : NULL;
}

/* The same for a call before the race that the model has not: playing it would fail. */
static char *refusal_before(const struct explore_settings *settings, const struct scenario *s)
{
	const unsigned line = settings->on_kernel ? scenario_not_modelled(s) : 0;

	return line ? refusal_of(NOT_MODELLED, line) : NULL;
}

static void explore_race(void *ctx, const struct scenario *s, const char *name,
			 struct report *report)
{
	const struct explore_settings *settings = ctx;
	struct target *t = settings->target;
	char *refused = refusal_before(settings, s);
	int err = 0;

	if (refused) {
		if (!scenario_is_readable(s, settings->kernel, report))
			err = -EINVAL;
	} else if (play_on(s, t, settings->kernel, report)) {
		refused = refusal(settings, t, s);
		if (refused && !scenario_is_readable(s, settings->kernel, report))
			err = -EINVAL;
		else if (!refused && !report_failures(report))
			err = explore(settings, target_sim_machine(t), name, s, report, &refused);
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

static int explore_files(const struct verb *verb, struct explore_settings *settings, char **names,
			 size_t n)
{
	const struct batch batch = {
		.verb = verb,
		.form = settings->json ? REPORT_JSON : REPORT_TAP,
		.kernel = settings->kernel,
		.on = settings->on_kernel ? "kernel" : "sim",
		.each = explore_race,
		.ctx = settings,
		.races = true,
	};
	int status;

	settings->target = target_sim();
	if (!settings->target)
		return not_run(verb, "%s", strerror(ENOMEM));
	status = batch_run(&batch, names, n);
	settings->target->ops->free(settings->target);
	return status;
}

/* The same with real tasks besides. Some are made first, to see whether they can be made here. */
static int explore_files_on_kernel(const struct verb *verb, struct explore_settings *settings,
				   char **names, size_t n)
{
	struct target *kernel;
	char message[256];

	if (target_kernel(&kernel, message, sizeof(message)))
		return not_run(verb, "%s", message);
	kernel->ops->free(kernel);
	settings->on.kernel = settings->kernel;
	return explore_files(verb, settings, names, n);
}

/* ---- the command line ----------------------------------------------------------------------- */

static bool read_place(const char *argument, void *on_kernel)
{
	*(bool *)on_kernel = !strcmp(argument, "kernel");
	return *(bool *)on_kernel || !strcmp(argument, "sim");
}

/* "2/8". */
static bool read_shard(const char *argument, void *member)
{
	struct shard *shard = member;
	uint64_t part, parts;
	const char *end = decimal_at(argument, &part);

	if (!end || *end != '/')
		return false;
	end = decimal_at(end + 1, &parts);
	if (!end || *end || part < 1 || part > parts || parts > SHARDS_MAX)
		return false;
	shard->part = (unsigned)part;
	shard->parts = (unsigned)parts;
	return true;
}

static const struct verb_option options[] = {
	{ .name = "on",
	  .argument = "sim|kernel",
	  .help = "sim (usual): a machine in this process; kernel: the race is also\n"
		  "run by real tasks, and what they come to must be among that",
	  .read = read_place,
	  .offset = offsetof(struct explore_settings, on_kernel),
	  .wrong = "races run on sim or kernel, not" },
	{ .name = "runs",
	  .argument = "N",
	  .help = "on the kernel: so many times (usually " NUMBER_TEXT(RUNS) ")",
	  .read = option_count,
	  .offset = offsetof(struct explore_settings, on.runs),
	  .wrong = "--runs takes a number, not" },
	{ .name = "seed",
	  .argument = "N",
	  .help = "on the kernel: of the delays that mix the calls",
	  .read = option_number,
	  .offset = offsetof(struct explore_settings, on.seed),
	  .wrong = "--seed takes a number, not" },
	{ .name = "naive",
	  .help = "run orders that make no difference, too",
	  .read = option_flag,
	  .offset = offsetof(struct explore_settings, naive) },
	{ .name = "shard",
	  .argument = "K/N",
	  .help = "run the K-th of N parts: together they are the whole",
	  .read = read_shard,
	  .offset = offsetof(struct explore_settings, shard),
	  .wrong = "--shard takes K/N, not" },
	OPTION_KERNEL(struct explore_settings),
	OPTION_JSON(struct explore_settings),
	{ 0 },
};

static int run(const struct verb *verb, int argc, char **argv)
{
	struct explore_settings settings = { .on = { .runs = RUNS } };
	int status;

	if (!options_read(verb, &settings, argc, argv, &status))
		return status;
	if (settings.on_kernel && settings.shard.parts)
		return usage_error(verb, "--shard divides what is explored, not runs");
	if (settings.on_kernel)
		return explore_files_on_kernel(verb, &settings, argv + optind,
					       (size_t)(argc - optind));
	return explore_files(verb, &settings, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_explore = {
	.name = "explore",
	.operands = "FILE...",
	.missing = "a scenario file is missing",
	.summary = "run every interleaving of a race and show what may come of it",
	.about = "Runs every interleaving of the race in each scenario file ('-' is standard "
		 "input)\n"
		 "and prints the outcomes, how many interleavings have each, and whether the\n"
		 "conditions hold. A forbidden outcome is shown with the shortest way to it, as\n"
		 "lines that fdlab run repeats. Prints TAP: a test point for each file.",
	.options = options,
	.statuses = "0 all conditions hold, 1 one does not, 2 something could not run.",
	.run = run,
};
