/*
 * fdlab check: runs a program under strace, and holds it against properties.
 */
#include "verbs/verbs.h"

#include "check/at_exit.h"
#include "check/properties.h"
#include "check/traced.h"
#include "cli/number.h"
#include "cli/options.h"
#include "replay/learn.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	const char *expect;
	bool no_leaks, all_ends_closed, cloexec, json;
	uint64_t seconds;
};

/* A log that was read, and what is needed to read it again. */
struct run {
	struct traced traced;
	struct strace_log log;
	struct findings findings;
	struct inference inference;
};

/* Plays the log once more, for a watcher. */
static int watch(struct run *run, struct seen_list *seen)
{
	const struct wishes wishes = { .watcher = &seen->watcher, .state_pid = -1 };
	char *state;
	int error = replay_pass(&run->log, &run->inference, &run->findings, &wishes, &state);

	return error ?: seen->no_memory ? -ENOMEM : 0;
}

/* ---- expectations --------------------------------------------------------------------------- */

struct expectation {
	const struct scenario *s;
	struct report *report;
};

static void expect_now(void *ctx, struct replay *r)
{
	const struct expectation *e = ctx;

	at_exit_expect(r, e->s, e->report);
}

static void judge_expectations(struct run *run, const char *file, struct report *report)
{
	struct scenario s;
	struct expectation e = { &s, report };
	struct seen_list seen;
	int error;

	seen_begin(&seen);
	seen.at_exit = expect_now;
	seen.ctx = &e;
	report_file(report, file);
	error = scenario_read(&s, file, report);
	if (!error)
		at_exit_check(&s, report);
	if (error && error != -EINVAL) {
		report_file_end(report, OUTCOME_NOT_RUN, strerror(-error));
	} else if (report_failures(report)) {
		report_file_end(report, OUTCOME_NOT_RUN, "it has errors");
	} else {
		error = watch(run, &seen);
		if (error || !seen.ended)
			report_file_end(report, OUTCOME_NOT_RUN,
					error ? strerror(-error) : "the log has no exit in it");
		else
			report_file_end(report, OUTCOME_PASSED, NULL);
	}
	scenario_free(&s);
	seen_free(&seen);
}

/* ---- the report ----------------------------------------------------------------------------- */

static void judge(const struct property *p, const struct subject *s, struct report *report)
{
	report_file(report, p->name);
	p->judge(s, report);
	report_file_end(report, OUTCOME_PASSED, NULL);
}

static int judge_all(const struct verb *verb, const struct settings *set, struct run *run,
		     const char *program)
{
	const struct {
		bool wanted;
		const struct property *property;
	} properties[] = { { true, &property_ends },
			   { set->no_leaks, &property_no_leaks },
			   { set->all_ends_closed, &property_all_ends_closed },
			   { set->cloexec, &property_cloexec } };
	struct seen_list seen;
	const struct subject subject = { program, &run->traced, &run->log, &seen };
	const size_t n = sizeof(properties) / sizeof(properties[0]);
	size_t points = set->expect != NULL;
	struct report *report;
	int error;

	seen_begin(&seen);
	error = watch(run, &seen);
	if (error) {
		seen_free(&seen);
		return not_run(verb, "%s", strerror(-error));
	}
	for (size_t i = 0; i < n; i++)
		points += properties[i].wanted;
	report = report_begin(set->json ? REPORT_JSON : REPORT_TAP, program, points);
	for (size_t i = 0; report && i < n; i++)
		if (properties[i].wanted)
			judge(properties[i].property, &subject, report);
	if (report && set->expect)
		judge_expectations(run, set->expect, report);
	seen_free(&seen);
	return report ? report_end(report) : not_run(verb, "%s", strerror(ENOMEM));
}

static int judge_log(const struct verb *verb, const struct settings *set, struct run *run,
		     const char *program)
{
	int error = log_open(&run->log, run->traced.log), status;
	const struct finding *first;

	if (error)
		return not_run(verb, "%s: %s", run->traced.log, strerror(-error));
	error = replay_learn(&run->log, NULL, &run->findings, &run->inference);
	first = run->findings.of[FINDING_DIVERGENCE].list;
	if (error)
		status = not_run(verb, "the log of %s: %s", program, strerror(-error));
	else if (!run->findings.execs)
		status = not_run(verb, "%s could not be executed", program);
	else if (run->findings.of[FINDING_DIVERGENCE].total)
		status = not_run(verb, "the log of %s cannot be followed: line %llu: %s", program,
				 (unsigned long long)first->line, first->text);
	else
		status = judge_all(verb, set, run, program);
	findings_clear(&run->findings);
	inference_free(&run->inference);
	log_close(&run->log);
	return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

static const struct verb_option options[] = {
	{ .name = "no-leaks",
	  .help = "what a process opens, it closes before it exits",
	  .read = option_flag,
	  .offset = offsetof(struct settings, no_leaks) },
	{ .name = "all-ends-closed",
	  .help = "no process exits with an end of a pipe or a socket, but as 0, 1, 2",
	  .read = option_flag,
	  .offset = offsetof(struct settings, all_ends_closed) },
	{ .name = "cloexec",
	  .help = "exec hands on what it was told to, by F_SETFD or dup2, and 0, 1, 2",
	  .read = option_flag,
	  .offset = offsetof(struct settings, cloexec) },
	{ .name = "expect",
	  .argument = "FILE",
	  .help = "the expect lines of FILE hold when the program exits",
	  .read = option_text,
	  .offset = offsetof(struct settings, expect) },
	{ .name = "timeout",
	  .argument = "SECONDS",
	  .help = "kill what runs longer; the default is 10, and 0 has no limit",
	  .read = option_number,
	  .offset = offsetof(struct settings, seconds),
	  .wrong = "--timeout takes a number of seconds, not" },
	OPTION_JSON(struct settings),
	{ 0 },
};

static int run(const struct verb *verb, int argc, char **argv)
{
	struct settings set = { .seconds = 10 };
	struct run run = { .log.fd = -1 };
	char message[512];
	int status;

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (!set.expect && !set.no_leaks && !set.all_ends_closed && !set.cloexec)
		set.no_leaks = set.all_ends_closed = set.cloexec = true;
	if (traced_run(&run.traced, argv + optind, set.seconds, set.json, message, sizeof(message)))
		status = not_run(verb, "%s", message);
	else
		status = judge_log(verb, &set, &run, argv[optind]);
	traced_forget(&run.traced);
	return status;
}

const struct verb verb_check = {
	.name = "check",
	.operands = "-- PROGRAM [ARGUMENT...]",
	.missing = "a program is missing",
	.summary = "run a program under strace, and hold it against properties",
	.about = "Runs a program under strace, and holds what it did with descriptors against\n"
		 "properties; without an option for any, against the first three.",
	.options = options,
	.statuses = "0 the program has all of the properties, 1 it lacks one, 2 it could not be\n"
		    "run or followed.",
	.run = run,
};
