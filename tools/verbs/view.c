/*
 * fdlab view: the page of a machine in the browser, without a mount: an empty machine, or one into
 * which a scenario was played, with the outcomes of its race.
 */
#include "verbs/verbs.h"

#include "cli/options.h"
#include "cli/verb.h"
#include "fdlab.h"
#include "lesson/course.h"
#include "scenario/play.h"
#include "view/client.h"
#include "view/daemon.h"
#include "view/races.h"
#include "view/redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTION     400000 /* bytes of lines in one request; a control file takes some more */
#define ASSIGNMENTS 16     /* options of a machine */

struct settings {
	const char *kernel, *web;
	bool no_browser;
};

/* The page's contents. */
struct show {
	const char *title;
	char *log;   /* the transcript; NULL: of an empty machine */
	char *races; /* for PUT /races; NULL: there is no race */
};

static const struct verb_option options[] = {
	{ .name = "no-browser",
	  .help = "print the URL, and leave it to you to open it",
	  .read = option_flag,
	  .offset = offsetof(struct settings, no_browser) },
	{ .name = "web",
	  .argument = "[ADDRESS:]PORT",
	  .help = "serve the page there; usually at a free port of this computer alone",
	  .read = option_text,
	  .offset = offsetof(struct settings, web) },
	OPTION_KERNEL(struct settings),
	{ 0 },
};

/* ---- the scenario ------------------------------------------------------------------------- */

/*
 * Plays a scenario, and takes its transcript and its race. 0 or a negative errno, which was said.
 */
static int play_show(const struct verb *verb, const struct settings *set, const struct scenario *s,
		     struct report *report, struct show *show)
{
	struct target *t = target_sim();
	struct fdl_machine *m;
	size_t len;
	int error = -EINVAL;

	if (!t)
		return not_run(verb, "%s", strerror(ENOMEM)), -ENOMEM;
	if (play_on(s, t, set->kernel, report)) {
		m = target_sim_machine(t);
		error = fdl_read_file(m, "log", &show->log, &len);
		if (error)
			not_run(verb, "%s", strerror(-error));
		else if (s->has_race)
			error = races_json(m, s, show->title, show->log, report, &show->races);
		t->ops->stop(t);
	}
	t->ops->free(t);
	return error;
}

/* Returns an exit status: the show can be shown unless that is EXIT_NOT_RUN. */
static int read_show(const struct verb *verb, const struct settings *set, const char *name,
		     struct show *show)
{
	struct report *report = report_begin_aside("sim");
	struct scenario s = { 0 };
	int status, unread, error;

	if (!report)
		return not_run(verb, "%s", strerror(ENOMEM));
	report_file(report, name);
	unread = scenario_read(&s, name, report);
	error = unread ? unread : play_show(verb, set, &s, report, show);
	report_file_read(report, unread);
	status = report_end(report);
	scenario_free(&s);
	return error ? EXIT_NOT_RUN : status;
}

/* ---- the daemon --------------------------------------------------------------------------- */

/*
 * Makes the arguments of the daemon. The transcript begins with the options of its machine, which
 * are cut into assignments.
 */
static void make_arguments(const struct settings *set, const struct show *show, char *log,
			   const char **args)
{
	static const char option[] = "option ";
	size_t n = 1;

	args[n++] = "--no-mount";
	args[n++] = "--web";
	args[n++] = set->web ?: "127.0.0.1:0";
	args[n++] = "--title";
	args[n++] = show->title;
	if (!log && set->kernel) {
		args[n++] = "--kernel";
		args[n++] = set->kernel;
	}
	for (size_t i = 0; log && i < ASSIGNMENTS && !strncmp(log, option, strlen(option)); i++) {
		args[n++] = "--option";
		args[n++] = log + strlen(option);
		strsep(&log, "\n");
	}
	args[n] = NULL;
}

static int start(const struct verb *verb, const struct settings *set, const struct show *show,
		 struct daemon *d)
{
	const char *args[2 * ASSIGNMENTS + 12];
	char *log = show->log ? strdup(show->log) : NULL;
	int error = show->log && !log ? -ENOMEM : 0;

	if (!error) {
		make_arguments(set, show, log, args);
		error = daemon_start(d, args);
	}
	if (error == -ENOENT)
		not_run(verb, "there is no fdlabd beside this program or in PATH");
	else if (error && error != -ECHILD)
		not_run(verb, "%s", strerror(-error));
	free(log);
	return error;
}

/* ---- what the daemon is given -------------------------------------------------------------- */

/* The first reply to a line that could not be run; NULL: all could. */
static const char *find_complaint(const char *replies)
{
	while (*replies && *replies != '#') {
		replies += strcspn(replies, "\n");
		replies += *replies == '\n';
	}
	return *replies ? replies : NULL;
}

static int give(const struct verb *verb, const char *url, const char *method, const char *path,
		const char *body, size_t len)
{
	const char *wrong;
	char *answer;
	int error = client_request(url, method, path, body, len, &answer);

	if (error == -EPROTO)
		not_run(verb, "fdlabd answers: %s", answer);
	else if (error)
		not_run(verb, "fdlabd does not answer: %s", strerror(-error));
	wrong = error ? NULL : find_complaint(answer);
	if (wrong) {
		not_run(verb, "fdlabd cannot play it: %.*s", (int)strcspn(wrong, "\n"), wrong);
		error = -EPROTO;
	}
	free(answer);
	return error;
}

/* Sends the transcript to the daemon to be run, in portions of whole lines. */
static int give_log(const struct verb *verb, const char *url, const char *log)
{
	static const char option[] = "option ";
	int error = 0;

	while (!strncmp(log, option, strlen(option)))
		log += strcspn(log, "\n") + 1;
	while (!error && *log) {
		size_t len = strlen(log);

		if (len > PORTION) {
			const char *end = memrchr(log, '\n', PORTION);

			len = end ? (size_t)(end - log) + 1 : strcspn(log, "\n") + 1;
		}
		error = give(verb, url, "POST", "/calls", log, len);
		log += len;
	}
	return error;
}

static int give_show(const struct verb *verb, const char *url, const struct show *show)
{
	int error = show->log ? give_log(verb, url, show->log) : 0;

	if (!error && show->races)
		error = give(verb, url, "PUT", "/races", show->races, strlen(show->races));
	return error;
}

/* ---- the browser --------------------------------------------------------------------------- */

/* In the child. The browser lives on, whatever becomes of this program, and prints nothing here. */
static void become_browser(const char *page, int failed)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	execlp("xdg-open", "xdg-open", page, (char *)NULL);
	(void)!write(failed, "", 1);
	_exit(NOT_EXECUTED);
}

/* Asks the desktop to open a page. The pipe is closed when the program is executed. */
static void open_browser(const char *page)
{
	bool failed = true;
	int fds[2];
	pid_t pid;
	char byte;

	if (page && !pipe2(fds, O_CLOEXEC)) {
		pid = fork();
		if (!pid)
			become_browser(page, fds[1]);
		close(fds[1]);
		failed = pid < 0 || read(fds[0], &byte, 1) != 0;
		close(fds[0]);
	}
	if (failed)
		fputs(page ? "There is no xdg-open to start a browser: open the URL yourself.\n"
			   : "No page can be written for a browser: open the URL yourself.\n",
		      stderr);
}

static int serve(const struct verb *verb, const struct settings *set, const struct show *show)
{
	struct daemon d = { .pid = -1 };
	int status = EXIT_NOT_RUN, ended;
	char *page = NULL;

	if (!start(verb, set, show, &d) && !give_show(verb, d.url, show)) {
		puts(d.url);
		fflush(stdout);
		if (!set->no_browser) {
			page = redirect_new(d.url);
			open_browser(page);
		}
		ended = daemon_wait(&d);
		status = WIFEXITED(ended) && !WEXITSTATUS(ended) ? EXIT_PASSED : EXIT_NOT_RUN;
	}
	daemon_end(&d);
	redirect_end(page);
	return status;
}

/* The file of a lesson of the course that is named so, in memory of malloc. NULL: there is none. */
static char *lesson_file(const char *name)
{
	struct course c;
	char *path = NULL;

	if (!course_read(&c) && course_find(&c, name))
		path = course_path(&c, name);
	course_free(&c);
	return path;
}

/*
 * Reads a file for the page, which may be named as a lesson is, if there is no file of that name.
 */
static int read_operand(const struct verb *verb, const struct settings *set, const char *name,
			struct show *show)
{
	const bool may_be_lesson = !strchr(name, '/') && strcmp(name, "-") != 0;
	char *path = may_be_lesson && access(name, F_OK) ? lesson_file(name) : NULL;
	const char *slash = strrchr(name, '/');
	int status;

	show->title = slash ? slash + 1 : name;
	status = read_show(verb, set, path ?: name, show);
	free(path);
	return status;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct settings set = { 0 };
	struct show show = { .title = "an empty machine" };
	int status, served;

	if (!options_read(verb, &set, argc, argv, &status))
		return status;
	if (argc - optind > 1)
		return usage_error(verb, "one file at a time");
	status = optind < argc ? read_operand(verb, &set, argv[optind], &show) : EXIT_PASSED;
	served = status == EXIT_NOT_RUN ? status : serve(verb, &set, &show);
	free(show.log);
	free(show.races);
	return served == EXIT_PASSED ? status : served;
}

const struct verb verb_view = {
	.name = "view",
	.operands = "[FILE|LESSON|-]",
	.summary = "show a machine in the browser",
	.about = "Opens a page in the browser that shows a machine, without a mount: an empty one, "
		 "or\n"
		 "the one that a scenario or a lesson makes. The outcomes of a race are explored, "
		 "and\n"
		 "can be played. Prints the page's URL, and serves it until it is interrupted.",
	.options = options,
	.statuses = "0 it was shown, 1 it was, but the scenario did not go as it states, 2 it\n"
		    "could not be shown.",
	.run = run,
};
