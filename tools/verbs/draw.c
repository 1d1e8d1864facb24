/*
 * fdlab draw: plays a scenario, up to a line, and draws the machine as it is then; with a race, on
 * the way to one of its outcomes. A mounted machine is drawn from its log, which repeats it. A log
 * of strace is replayed.
 */
#include "verbs/verbs.h"

#include "cli/number.h"
#include "cli/options.h"
#include "explore/outcomes.h"
#include "fdlab.h"
#include "replay/draw.h"
#include "scenario/play.h"
#include "scenario/scenario.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TASKS_MAX 256

struct settings {
	const struct verb *verb;
	enum fdl_draw_format format;
	enum fdl_draw_console console;
	uint64_t at;      /* the line after which it is drawn; UINT64_MAX: the last */
	uint64_t outcome; /* of the file's race, from 1; 0: the machine before the race */
	bool log;         /* it is a log of strace, however it looks */
	const char *task;
	const char *kernel;
};

/* ---- options ------------------------------------------------------------------------------ */

static const char *const *format_names(void)
{
	static const char *const names[] = {
		[FDL_DRAW_SVG] = "svg",   [FDL_DRAW_DOT] = "dot",     [FDL_DRAW_TEXT] = "text",
		[FDL_DRAW_JSON] = "json", [FDL_DRAW_JSON + 1] = NULL,
	};

	return names;
}

static bool read_format(const char *argument, void *member)
{
	const char *const *names = format_names();

	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], argument)) {
			*(enum fdl_draw_format *)member = (enum fdl_draw_format)i;
			return true;
		}
	}
	return false;
}

static const char *const *part_names(void)
{
	static const char *const names[] = { "console", NULL };

	return names;
}

static bool read_hidden(const char *argument, void *member)
{
	*(enum fdl_draw_console *)member = FDL_CONSOLE_HIDDEN;
	return !strcmp(argument, part_names()[0]);
}

static bool read_shown(const char *argument, void *member)
{
	*(enum fdl_draw_console *)member = FDL_CONSOLE_SHOWN;
	return !strcmp(argument, part_names()[0]);
}

static const struct verb_option options[] = {
	{ .name = "format",
	  .argument = "FORMAT",
	  .help = "write it as FORMAT; svg if it is not given",
	  .read = read_format,
	  .offset = offsetof(struct settings, format),
	  .wrong = "there is no format",
	  .values = format_names },
	{ .name = "at",
	  .argument = "N",
	  .help = "draw the machine as it is after line N of the file, or of the way to\n"
		  "the outcome",
	  .read = option_number,
	  .offset = offsetof(struct settings, at),
	  .wrong = "--at takes a number, not" },
	{ .name = "outcome",
	  .argument = "N",
	  .help = "draw how the race ends in its N-th outcome, as fdlab explore tells them",
	  .read = option_count,
	  .offset = offsetof(struct settings, outcome),
	  .wrong = "--outcome takes a number, not" },
	{ .name = "log",
	  .help = "the file is a log of strace, even if it looks like a scenario",
	  .read = option_flag,
	  .offset = offsetof(struct settings, log) },
	{ .name = "task",
	  .argument = "PID,...",
	  .help = "draw only these tasks, and what they lead to",
	  .read = option_text,
	  .offset = offsetof(struct settings, task) },
	{ .name = "hide",
	  .argument = "PART",
	  .help = "leave out descriptors of the console, which otherwise are folded",
	  .read = read_hidden,
	  .offset = offsetof(struct settings, console),
	  .wrong = "--hide knows no",
	  .values = part_names },
	{ .name = "show",
	  .argument = "PART",
	  .help = "draw them as all others",
	  .read = read_shown,
	  .offset = offsetof(struct settings, console),
	  .wrong = "--show knows no",
	  .values = part_names },
	OPTION_KERNEL(struct settings),
	{ 0 },
};

/* The pids of a list "1,4". Their number; -1: it is no such list. */
static int read_pids(const char *list, int pids[TASKS_MAX])
{
	int n = 0;

	while (list) {
		uint64_t pid;
		const char *end = decimal_at(list, &pid);

		if (!end || (*end && *end != ',') || pid > INT_MAX || n == TASKS_MAX)
			return -1;
		pids[n++] = (int)pid;
		list = *end ? end + 1 : NULL;
	}
	return n;
}

/* ---- drawing ------------------------------------------------------------------------------ */

struct drawer {
	struct play_watcher watcher;
	uint64_t at;
};

static bool before_line(struct play_watcher *w, struct target *t, const struct scenario_line *line)
{
	(void)t;
	return line->number <= ((struct drawer *)w)->at;
}

/* All pids are of tasks that there are. False, and it is said. */
static bool are_tasks(const struct verb *verb, struct fdl_machine *m, const int *pids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char path[32];
		fdl_ino ino;

		snprintf(path, sizeof(path), "%d", pids[i]);
		if (pids[i] <= 0 || fdl_walk(m, path, &ino)) {
			not_run(verb, "there is no task %d", pids[i]);
			return false;
		}
	}
	return true;
}

static int print_drawing(const struct settings *set, struct fdl_machine *m,
			 const struct fdl_drawing *how)
{
	char *text;
	size_t len;
	int error;

	if (!are_tasks(set->verb, m, how->pids, how->npids))
		return EXIT_NOT_RUN;
	error = fdl_draw(m, how, &text, &len);
	if (error)
		return not_run(set->verb, "%s", strerror(-error));
	fwrite(text, 1, len, stdout);
	free(text);
	return EXIT_PASSED;
}

/*
 * Runs the way to an outcome of the race, up to a line of it. False: there is none, and it is said.
 */
static bool run_outcome(const struct settings *set, struct fdl_machine *m, const struct scenario *s,
			struct report *report)
{
	size_t n = (size_t)set->outcome;
	uint64_t number = 0;
	char *text = NULL, *rest, *reply;
	int error = s->has_race ? race_witness(m, s, report, &n, &text) : 0;

	if (!s->has_race)
		not_run(set->verb, "there is no race in the scenario");
	else if (error == -ERANGE)
		not_run(set->verb, "the race has %zu outcomes", n);
	rest = text;
	for (char *line;
	     (line = strsep(&rest, "\n")) != NULL && number < set->at && error != -ENOMEM;) {
		/* Calls that fail in the race fail here, too: the error is theirs. */
		error = *line ? fdl_run_line(m, line, &reply) : 0;
		if (error != -ENOMEM && *line)
			free(reply);
		number += *line != '\0';
	}
	if (error == -ENOMEM)
		not_run(set->verb, "%s", strerror(ENOMEM));
	free(text);
	return text && error != -ENOMEM;
}

static int play_and_draw(const struct scenario *s, const struct settings *set,
			 const struct fdl_drawing *how, struct report *report)
{
	struct drawer d = { { .before = before_line }, set->outcome ? UINT64_MAX : set->at };
	struct target *t = target_sim();
	int status = EXIT_NOT_RUN;

	if (!t)
		return not_run(set->verb, "%s", strerror(ENOMEM));
	if (play_watched(s, t, set->kernel, report, &d.watcher)) {
		struct fdl_machine *m = target_sim_machine(t);

		if (!set->outcome || run_outcome(set, m, s, report))
			status = print_drawing(set, m, how);
		t->ops->stop(t);
	}
	t->ops->free(t);
	return status;
}

static int draw_log(const struct settings *set, const struct strace_log *log, const char *name,
		    const struct fdl_drawing *how)
{
	struct log_drawing drawing = { .line = set->at, .how = *how };
	const int error = log_draw(log, name, &drawing);

	if (error == -ESRCH)
		return not_run(set->verb, "there is no task %d", drawing.missing);
	if (error == -EINVAL)
		return not_run(set->verb, "%s: there is no call of strace in it", name);
	if (error)
		return not_run(set->verb, "%s: %s", name, strerror(-error));
	fwrite(drawing.text, 1, drawing.len, stdout);
	free(drawing.text);
	return EXIT_PASSED;
}

/* A directory is a mounted machine: its log is the scenario. False: the name is too long. */
static bool scenario_path(char *path, size_t size, const char *name)
{
	struct stat st;
	const bool dir = strcmp(name, "-") != 0 && !stat(name, &st) && S_ISDIR(st.st_mode);

	return snprintf(path, size, "%s%s", name, dir ? "/log" : "") < (int)size;
}

static int draw_scenario(const struct settings *set, const char *name,
			 const struct fdl_drawing *how)
{
	struct report *report = report_begin_aside("sim");
	struct scenario s = { 0 };
	int status = EXIT_NOT_RUN, drawn = EXIT_NOT_RUN, unread;

	if (!report)
		return not_run(set->verb, "%s", strerror(ENOMEM));
	report_file(report, name);
	unread = scenario_read(&s, name, report);
	if (!unread)
		drawn = play_and_draw(&s, set, how, report);
	report_file_read(report, unread);
	status = report_end(report);
	scenario_free(&s);
	return drawn != EXIT_PASSED ? drawn : status;
}

/* Whether a file can be a log: standard input is one only if that is said. */
static bool may_be_log(const struct settings *set, const char *name)
{
	const char *end = strrchr(name, '.');

	return set->log || (strcmp(name, "-") != 0 && !(end && !strcmp(end, SCENARIO_SUFFIX)));
}

static int draw(const struct settings *set, const char *name, const struct fdl_drawing *how)
{
	struct strace_log log;
	char path[PATH_MAX];
	int error, status;
	bool is_log;

	if (!scenario_path(path, sizeof(path), name))
		return usage_error(set->verb, "the name is too long");
	if (set->outcome || !may_be_log(set, path))
		return draw_scenario(set, path, how);
	error = log_open(&log, path);
	if (error)
		return not_run(set->verb, "%s: %s", path, strerror(-error));
	is_log = set->log;
	if (!is_log)
		error = log_is_strace(&log, &is_log);
	if (error) {
		log_close(&log);
		return not_run(set->verb, "%s: %s", path, strerror(-error));
	}
	status = is_log ? draw_log(set, &log, strcmp(path, "-") ? path : "<stdin>", how)
			: EXIT_PASSED;
	log_close(&log);
	return is_log ? status : draw_scenario(set, path, how);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct settings set = { .verb = verb, .at = UINT64_MAX };
	int pids[TASKS_MAX], n, status;
	struct fdl_drawing how = { .pids = pids };

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (argc - optind != 1)
		return usage_error(verb, "one file at a time");
	n = read_pids(set.task, pids);
	if (n < 0)
		return usage_error(verb, "--task takes pids with commas between them, not '%s'",
				   set.task);
	how.npids = (size_t)n;
	how.format = set.format;
	how.console = set.console;
	if (set.log && set.outcome)
		return usage_error(verb, "--outcome is of the race of a scenario, not of a log");
	return draw(&set, argv[optind], &how);
}

const struct verb verb_draw = {
	.name = "draw",
	.operands = "FILE|DIR|-",
	.missing = "no file to draw",
	.summary = "draw the tables of a scenario, a mounted machine or a log of strace",
	.about =
		"Plays a scenario, and draws the machine as it is at the end, or after a line of "
		"it:\n"
		"tasks with their tables, open file descriptions, and what they refer to. A\n"
		"directory is a mounted machine; a log of strace is replayed. The picture goes to\n"
		"standard output.",
	.options = options,
	.statuses = "0 it was drawn, 1 it was, but the scenario did not go as it states, 2 it\n"
		    "could not be drawn.",
	.run = run,
};
