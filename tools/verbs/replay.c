/*
 * fdlab replay: compares logs of strace with the model, one after another, and reports.
 */
#include "verbs/verbs.h"

#include "cli/number.h"
#include "cli/options.h"
#include "replay/learn.h"
#include "replay/play.h"
#include "replay/timeline.h"
#include "replay/report.h"
#include "replay/whole.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct state_wish {
	bool wanted;
	int pid;
	uint64_t line;
};

struct replay_settings {
	const struct verb *verb;
	const char *svg, *html; /* the files to write; NULL: none */
	bool json, scenario;
	struct state_wish state;
};

/* ---- a log ---------------------------------------------------------------------------------- */

/* Writes the timeline in the forms that were asked for. */
static int draw(const struct replay_settings *s, struct timeline *t, struct verdict *v)
{
	const char *const files[] = { [TIMELINE_SVG] = s->svg, [TIMELINE_HTML] = s->html };
	int error = 0;

	for (enum timeline_form form = TIMELINE_SVG; !error && form <= TIMELINE_HTML; form++) {
		if (!files[form])
			continue;
		error = timeline_write(t, form, files[form], v->log, v->findings);
		v->at_fault = error ? files[form] : NULL;
	}
	return error;
}

/* Plays once more, for the outputs that were asked for. */
static int grant(const struct replay_settings *s, const struct strace_log *log, struct verdict *v,
		 struct findings *findings, struct inference *inference)
{
	struct wishes wishes = { .state_pid = s->state.wanted ? s->state.pid : -1,
				 .state_line = s->state.line };
	char *state = NULL;
	int error;

	if (s->scenario) {
		wishes.scenario = stdout;
		printf("# %s\n", v->log);
	}
	if (s->svg || s->html) {
		wishes.timeline = timeline_new();
		if (!wishes.timeline)
			return -ENOMEM;
	}
	error = replay_pass(log, inference, findings, &wishes, &state);
	if (wishes.timeline) {
		if (!error)
			error = draw(s, wishes.timeline, v);
		timeline_free(wishes.timeline);
	}
	if (state)
		fputs(state, stdout);
	else if (s->state.wanted && !error)
		error = -ESRCH;
	free(state);
	return error;
}

static const char *explain(const struct replay_settings *s, int error)
{
	if (error == -EINVAL)
		return "there is no call of strace in it";
	if (error == -ESRCH && s->state.wanted)
		return "there is no such process at that line";
	return strerror(-error);
}

static int replay_file(const struct replay_settings *s, const char *name, json_t *list)
{
	struct findings findings = { 0 };
	struct inference inference = { 0 };
	struct verdict v = { .log = strcmp(name, "-") ? name : "<stdin>",
			     .findings = &findings,
			     .inference = &inference };
	struct strace_log log;
	int status = EXIT_PASSED;
	json_t *report;

	v.error = log_open(&log, name);
	if (!v.error) {
		v.error = replay_learn(&log, v.log, &findings, &inference);
		if (!v.error && (s->scenario || s->svg || s->html || s->state.wanted))
			v.error = grant(s, &log, &v, &findings, &inference);
		if (!v.error)
			findings_check_whole(&findings);
		if (!v.error && findings.no_memory)
			v.error = -ENOMEM;
		log_close(&log);
	}
	if (v.error) {
		status = not_run(s->verb, "%s: %s", v.at_fault ? v.at_fault : v.log,
				 explain(s, v.error));
	} else if (findings.of[FINDING_DIVERGENCE].total) {
		status = EXIT_FAILED;
	}
	if (list) {
		report = replay_json(&v);
		if (!report || json_array_append_new(list, report))
			status = EXIT_NOT_RUN;
	} else if (!v.error && !s->scenario && !s->state.wanted) {
		replay_print(&v);
	}
	findings_clear(&findings);
	inference_free(&inference);
	return status;
}

static int replay_files(const struct replay_settings *s, char **names, size_t n)
{
	json_t *list = s->json ? json_array() : NULL;
	int status = EXIT_PASSED;

	for (size_t i = 0; i < n; i++) {
		int of_file = replay_file(s, names[i], list);

		if (of_file > status)
			status = of_file;
		if (!list && !s->scenario && !s->state.wanted && i + 1 < n)
			putchar('\n');
	}
	if (list) {
		json_dumpf(list, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(list);
	}
	return status;
}

/* ---- the command line ----------------------------------------------------------------------- */

/* PID@LINE. */
static bool read_state(const char *argument, void *member)
{
	struct state_wish *state = member;
	uint64_t pid;
	const char *end = decimal_at(argument, &pid);

	if (!end || *end != '@' || pid > INT_MAX)
		return false;
	end = decimal_at(end + 1, &state->line);
	state->pid = (int)pid;
	state->wanted = true;
	return end && !*end && state->line > 0;
}

static const struct verb_option options[] = {
	{ .name = "json",
	  .help = "print the report in JSON",
	  .read = option_flag,
	  .offset = offsetof(struct replay_settings, json) },
	{ .name = "svg",
	  .argument = "FILE",
	  .help = "draw the lifetimes of all descriptors",
	  .read = option_text,
	  .offset = offsetof(struct replay_settings, svg) },
	{ .name = "html",
	  .argument = "FILE",
	  .help = "the same as a page, which lists the processes that are folded",
	  .read = option_text,
	  .offset = offsetof(struct replay_settings, html) },
	{ .name = "state",
	  .argument = "PID@LINE",
	  .help = "print the table of a process after a line, and no report",
	  .read = read_state,
	  .offset = offsetof(struct replay_settings, state),
	  .wrong = "--state takes PID@LINE, not" },
	{ .name = "scenario",
	  .help = "print a scenario for fdlab run, and no report",
	  .read = option_flag,
	  .offset = offsetof(struct replay_settings, scenario) },
	{ 0 },
};

static int check(const struct verb *verb, const struct replay_settings *s, int nfiles)
{
	if (s->json + s->scenario + s->state.wanted > 1)
		return usage_error(verb,
				   "only one of --json, --scenario and --state can be printed");
	if (nfiles > 1 && (s->svg || s->html || s->scenario || s->state.wanted))
		return usage_error(verb, "--svg, --html, --scenario and --state are of one log");
	return EXIT_PASSED;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct replay_settings s = { .verb = verb };
	int status;

	if (!options_read(verb, &s, argc, argv, &status))
		return status;
	status = check(verb, &s, argc - optind);
	if (status)
		return status;
	return replay_files(&s, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_replay = {
	.name = "replay",
	.operands = "LOG...",
	.missing = "a log is missing",
	.summary = "hold logs of strace against the model",
	.about = "Holds what strace wrote about any program ('-' is standard input) against the\n"
		 "model: every descriptor that the kernel gave must be the one that the model "
		 "gives.\n"
		 "strace -f -o LOG PROGRAM writes such a log; -t -tt -ttt -r -T -y -yy may be "
		 "added.",
	.options = options,
	.statuses = "0 the kernel and the model agree, 1 they diverge, 2 a log could not\n"
		    "be read.",
	.run = run,
};
