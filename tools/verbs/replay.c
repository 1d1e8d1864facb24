/*
 * fdlab replay: holds the logs of strace against the model, one after another, and reports.
 */
#include "replay/play.h"
#include "replay/report.h"
#include "cli/verb.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	const char *svg;
	bool json, scenario, state;
	int state_pid;
	uint64_t state_line;
};

/* Each pass learns something that the one before did not know; no log needs as many. */
#define PASSES 64

static void print_help(const struct verb *verb)
{
	printf("usage: fdlab %s %s\n\n", verb->name, verb->usage);
	printf("Holds what strace wrote about any program ('-' is standard input) against the\n"
	       "model: every descriptor that the kernel gave must be the one that the model "
	       "gives.\n"
	       "strace -f -o LOG PROGRAM writes such a log; -t -tt -ttt -r -T -y -yy may be "
	       "added.\n\n"
	       "  --json            print the report in JSON\n"
	       "  --svg FILE        draw the lifetimes of all descriptors\n"
	       "  --state PID@LINE  print the table of a process behind a line, and no report\n"
	       "  --scenario        print a scenario for fdlab run, and no report\n"
	       "  -h, --help        this text\n"
	       "  -V, --version     the version\n\n"
	       "Exit status: 0 the kernel and the model agree, 1 they diverge, 2 a log could not "
	       "be "
	       "read.\n");
}

/* ---- a log ---------------------------------------------------------------------------------- */

/* Plays until there is nothing more to learn about what was open before the log began. */
static int learn(const struct strace_log *log, struct verdict *v, struct findings *findings,
		 struct inference *inference)
{
	static const struct wishes none = { .state_pid = -1 };
	bool progress = isatty(STDERR_FILENO);
	unsigned pass = 0;
	char *state;
	int error;

	do {
		if (progress && pass)
			fprintf(stderr, "\r%s: pass %u\r", v->log, pass + 1);
		error = replay_pass(log, inference, findings, &none, &state);
	} while (!error && inference->changed && ++pass < PASSES);
	if (progress && pass)
		fputs("\033[K", stderr);
	if (!error && findings->lines && !findings->calls)
		error = -EINVAL;
	return error;
}

/*
 * strace -p follows the threads of a process, and the log does not say that they are threads. When
 * they make no sense as processes, they may make sense as that.
 */
static int learn_threads(const struct strace_log *log, struct verdict *v, struct findings *findings,
			 struct inference *inference)
{
	struct findings as_threads = { 0 };
	struct inference threads = { .threads = true };
	int error = learn(log, v, findings, inference);

	if (error || inference->nroots < 2 || !findings->of[FINDING_DIVERGENCE].total)
		return error;
	error = learn(log, v, &as_threads, &threads);
	if (!error &&
	    as_threads.of[FINDING_DIVERGENCE].total < findings->of[FINDING_DIVERGENCE].total) {
		findings_clear(findings);
		inference_free(inference);
		*findings = as_threads;
		*inference = threads;
		return 0;
	}
	findings_clear(&as_threads);
	inference_free(&threads);
	return error;
}

/* Plays once more, for what is wished for. */
static int grant(const struct settings *s, const struct strace_log *log, struct verdict *v,
		 struct findings *findings, struct inference *inference)
{
	struct wishes wishes = { .state_pid = s->state ? s->state_pid : -1,
				 .state_line = s->state ? s->state_line : 0 };
	char *state = NULL;
	int error;

	if (s->scenario) {
		wishes.scenario = stdout;
		printf("# %s\n", v->log);
	}
	if (s->svg) {
		wishes.timeline = timeline_new();
		if (!wishes.timeline)
			return -ENOMEM;
	}
	error = replay_pass(log, inference, findings, &wishes, &state);
	if (wishes.timeline) {
		if (!error) {
			error = timeline_write(wishes.timeline, s->svg, v->log);
			v->at_fault = error ? s->svg : NULL;
		}
		timeline_free(wishes.timeline);
	}
	if (state)
		fputs(state, stdout);
	else if (s->state && !error)
		error = -ESRCH;
	free(state);
	return error;
}

static const char *explain(const struct settings *s, int error)
{
	if (error == -EINVAL)
		return "there is no call of strace in it";
	if (error == -ESRCH && s->state)
		return "there is no such process at that line";
	return strerror(-error);
}

static int replay_file(const struct settings *s, const char *name, json_t *list)
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
		v.error = learn_threads(&log, &v, &findings, &inference);
		if (!v.error && (s->scenario || s->svg || s->state))
			v.error = grant(s, &log, &v, &findings, &inference);
		log_close(&log);
	}
	if (v.error) {
		fprintf(stderr, "fdlab replay: %s: %s\n", v.at_fault ? v.at_fault : v.log,
			explain(s, v.error));
		status = EXIT_NOT_RUN;
	} else if (findings.of[FINDING_DIVERGENCE].total) {
		status = EXIT_FAILED;
	}
	if (list) {
		report = replay_json(&v);
		if (!report || json_array_append_new(list, report))
			status = EXIT_NOT_RUN;
	} else if (!v.error && !s->scenario && !s->state) {
		replay_print(&v);
	}
	findings_clear(&findings);
	inference_free(&inference);
	return status;
}

static int replay_files(const struct settings *s, char **names, size_t n)
{
	json_t *list = s->json ? json_array() : NULL;
	int status = EXIT_PASSED;

	for (size_t i = 0; i < n; i++) {
		int of_file = replay_file(s, names[i], list);

		if (of_file > status)
			status = of_file;
		if (!list && !s->scenario && !s->state && i + 1 < n)
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

/* PID@LINE. False: it is none. */
static bool read_state_option(struct settings *s, const char *text)
{
	char *end;
	unsigned long pid, line;

	if (*text < '0' || *text > '9')
		return false;
	pid = strtoul(text, &end, 10);
	if (*end != '@' || end[1] < '0' || end[1] > '9' || pid > INT_MAX)
		return false;
	line = strtoul(end + 1, &end, 10);
	s->state = true;
	s->state_pid = (int)pid;
	s->state_line = line;
	return !*end && line > 0;
}

static int check(const struct verb *verb, const struct settings *s, int nfiles)
{
	if (!nfiles)
		return usage_error(verb, "a log is missing");
	if (s->json + s->scenario + s->state > 1)
		return usage_error(verb,
				   "only one of --json, --scenario and --state can be printed");
	if (nfiles > 1 && (s->svg || s->scenario || s->state))
		return usage_error(verb, "--svg, --scenario and --state are of one log");
	return EXIT_PASSED;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	/* clang-format off */
	static const struct option options[] = {
		{ "json",     no_argument,       NULL, 'j' },
		{ "svg",      required_argument, NULL, 'g' },
		{ "state",    required_argument, NULL, 's' },
		{ "scenario", no_argument,       NULL, 'c' },
		{ "help",     no_argument,       NULL, 'h' },
		{ "version",  no_argument,       NULL, 'V' },
		{ NULL,       0,                 NULL, 0 },
	};
	/* clang-format on */
	struct settings s = { 0 };
	int option, status;

	while ((option = getopt_long(argc, argv, ":hV", options, NULL)) >= 0) {
		switch (option) {
		case 'j':
			s.json = true;
			break;
		case 'g':
			s.svg = optarg;
			break;
		case 's':
			if (!read_state_option(&s, optarg))
				return usage_error(verb, "--state takes PID@LINE, not '%s'",
						   optarg);
			break;
		case 'c':
			s.scenario = true;
			break;
		default:
			return common_option(verb, option, argv, print_help);
		}
	}
	status = check(verb, &s, argc - optind);
	if (status)
		return status;
	return replay_files(&s, argv + optind, (size_t)(argc - optind));
}

const struct verb verb_replay = {
	.name = "replay",
	.usage = "[--json] [--svg FILE] [--state PID@LINE] [--scenario] LOG...",
	.summary = "hold logs of strace against the model",
	.run = run,
};
