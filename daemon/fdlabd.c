/*
 * fdlabd: a simulated machine mounted as a file system, and served over HTTP. This file has the
 * daemon's life: it goes into the background, says when the mount answers, serves it, and ends.
 */
#include "checkpoint.h"
#include "command_line.h"
#include "fuse.h"
#include "http/web.h"
#include "lab.h"
#include "log.h"
#include "loop.h"
#include "makers.h"
#include "mountpoint.h"
#include "notify.h"
#include "sandbox.h"
#include "standard.h"
#include "turns.h"
#include "unmounter.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fuse_log.h>

/* ---- into the background --------------------------------------------------------------------- */

/* The argument of on_ready. */
struct start {
	int waiting; /* the parent's pipe, or -1 in the foreground */
	int null;    /* /dev/null, for the background */
	bool sandbox;
	const struct command_line *request;
	struct web *web;     /* or NULL */
	const char *journal; /* or NULL */
	enum journal_sync sync;
};

static void close_terminal(struct start *start)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(start->null, i);
	close(start->null);
}

static void on_ready(void *ctx)
{
	struct start *start = ctx;

	if (start->web) {
		puts(web_url(start->web));
		fflush(stdout);
	}
	notify("READY=1");
	if (start->waiting >= 0)
		log_in_background();
	if (start->sandbox)
		sandbox_enter(start->web ? web_listener(start->web) : -1);
	if (start->waiting < 0)
		return;
	close_terminal(start);
	(void)!write(start->waiting, "", 1);
	close(start->waiting);
	start->waiting = -1;
}

/* Waits until the daemon is ready, or has ended after saying why. Returns the exit status. */
static int wait_for_daemon(int fd)
{
	char byte;
	ssize_t n;

	do
		n = read(fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : STATUS_FAILED;
}

/*
 * Forks: true in the child, which goes on. False in the parent, with its exit status, once the
 * child is ready or has ended. Descriptors that the process inherited are closed: the reader of a
 * pipe that the caller has open must not wait for the daemon to end.
 */
static bool go_into_background(struct start *start, int *status)
{
	int fds[2];
	pid_t pid;

	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (pipe2(fds, O_CLOEXEC))
		err(STATUS_FAILED, "pipe");
	start->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (start->null < 0)
		err(STATUS_FAILED, "/dev/null");
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(STATUS_FAILED, "fork");
	if (pid) {
		close(fds[1]);
		*status = wait_for_daemon(fds[0]);
		return false;
	}
	close(fds[0]);
	start->waiting = fds[1];
	setsid();
	if (chdir("/"))
		err(STATUS_FAILED, "/");
	return true;
}

/* ---- the daemon ------------------------------------------------------------------------------ */

/* Prints libfuse's messages, which come in pieces, the last of which ends the line. */
static void log_fuse(enum fuse_log_level level, const char *format, va_list args)
{
	static bool in_line;
	size_t len = strlen(format);

	(void)level;
	if (!in_line)
		fputs("fdlabd: ", stderr);
	vfprintf(stderr, format, args);
	in_line = !len || format[len - 1] != '\n';
}

/*
 * Unmounts, unless that has been done. libfuse takes a connection that failed for one that is
 * unmounted already, and cannot unmount for a user in the sandbox. unmounter: a socket to ask then,
 * or -1.
 */
static void unmount(struct fuse_session *se, const char *mountpoint, int unmounter)
{
	int r;

	fuse_session_unmount(se);
	r = unmounter >= 0 ? unmounter_ask(unmounter) : mountpoint_clear(mountpoint);
	if (r)
		warnx("%s: cannot be unmounted: %s", mountpoint, strerror(-r));
}

/* ---- the journal's compaction ---- */

struct compaction {
	struct journal *journal;
	struct loop *loop;
};

static void on_asked(void *ctx)
{
	journal_compact(((struct compaction *)ctx)->journal, true);
}

static void on_compacted(void *ctx)
{
	const struct compaction *c = ctx;

	journal_compacted(c->journal);
	if (journal_compactor(c->journal) < 0)
		loop_unwatch(c->loop);
}

/* 0 or -ENOMEM. */
static int watch_compaction(struct compaction *c)
{
	int r;

	if (!c->journal)
		return 0;
	r = loop_watch(c->loop, journal_compactor(c->journal), on_compacted, c);
	return r ? r : loop_on_usr1(c->loop, on_asked, c);
}

/* ---- serving ---- */

/* The servers of the machine. */
struct service {
	struct lab *lab;
	struct mount *mount;     /* NULL: it is not mounted */
	struct fuse_session *se; /* of the mount */
	const char *mountpoint;
	struct loop *loop;
	struct compaction compaction;
	struct makers *makers; /* or NULL */
	struct turns *turns;
	int unmounter; /* or -1 */
};

/*
 * Opens what the daemon needs while it may still open files and sockets. 0, or an error that was
 * said.
 */
static int prepare(struct service *s, struct start *start)
{
	const struct command_line *q = start->request;
	const char *why;
	int r;

	if (start->journal && lab_journal(s->lab, start->journal, start->sync))
		return -EIO;
	r = loop_new(s->se, &s->loop);
	s->compaction = (struct compaction){ lab_its_journal(s->lab), s->loop };
	if (!r)
		r = watch_compaction(&s->compaction);
	if (!r)
		r = makers_new(loop_base(s->loop), s->lab, &s->makers);
	lab_set_makers(s->lab, s->makers);
	if (!r)
		r = turns_new(loop_base(s->loop), &s->turns);
	lab_set_turns(s->lab, s->turns);
	if (r) {
		warnx("%s", strerror(-r));
		return r;
	}
	if (!q->web)
		return 0;
	r = web_new(loop_base(s->loop), s->lab, q->web, s->mountpoint, q->title, &start->web, &why);
	if (r == -EINVAL)
		warnx("--web: expected [ADDRESS:]PORT, got \"%s\"", q->web);
	else if (r)
		warnx("--web %s: %s", q->web, why ?: strerror(-r));
	return r;
}

static void on_turn(void *ctx)
{
	lab_settle(ctx);
}

/* Serves until the end. 0 or a negative errno. */
static int serve_loop(struct service *s, struct start *start)
{
	int r;

	loop_on_turn(s->loop, on_turn, s->lab);
	r = loop_run(s->loop, on_ready, start);
	notify("STOPPING=1");
	if (r)
		warnx("%s: %s", s->mountpoint ?: "the loop", strerror(-r));
	lab_end(s->lab);
	return r;
}

static void put_away(struct service *s, struct start *start)
{
	if (start->web)
		web_free(start->web);
	lab_set_makers(s->lab, NULL);
	makers_free(s->makers);
	turns_free(s->turns);
	if (s->loop)
		loop_free(s->loop);
}

/* Serves the web alone. Returns the exit status. */
static int serve_web(struct service *s, struct start *start)
{
	int r = prepare(s, start);

	if (!r)
		r = serve_loop(s, start);
	put_away(s, start);
	return r ? STATUS_FAILED : 0;
}

/* Serves the mount, and the web if it is wanted. Returns the exit status. */
static int serve_mount(struct service *s, struct start *start)
{
	const int claim = mountpoint_claim(s->mountpoint);
	int r;

	if (claim < 0)
		return STATUS_FAILED;
	if (start->sandbox)
		s->unmounter = unmounter_start(s->mountpoint);
	if (start->sandbox && s->unmounter < 0)
		errx(STATUS_FAILED, "%s", strerror(-s->unmounter));
	r = prepare(s, start);
	if (!r && fuse_session_mount(s->se, s->mountpoint)) {
		warnx("%s: cannot be mounted on", s->mountpoint);
		r = -EIO;
	}
	close(claim);
	if (!r) {
		r = serve_loop(s, start);
		mount_interrupt(s->mount);
		unmount(s->se, s->mountpoint, s->unmounter);
	}
	put_away(s, start);
	return r ? STATUS_FAILED : 0;
}

/* Makes the session, goes into the background if that is wanted, and serves. */
static int run_mount(struct service *s, struct command_line *q, struct start *start)
{
	int status = STATUS_USAGE;
	char *mountpoint;

	if (mount_new(s->lab, &s->mount))
		errx(STATUS_FAILED, "%s", strerror(ENOMEM));
	s->se = mount_session(s->mount, &q->mount);
	mountpoint = s->se ? mountpoint_resolve(q->mountpoint) : NULL;
	if (s->se)
		status = STATUS_FAILED;
	s->mountpoint = mountpoint;
	if (mountpoint && !q->verbatim && lab_links(s->lab, mountpoint))
		errx(STATUS_FAILED, "%s", strerror(ENOMEM));
	if (mountpoint && (q->foreground || go_into_background(start, &status)))
		status = serve_mount(s, start);
	if (s->se)
		fuse_session_destroy(s->se);
	mount_free(s->mount);
	free(mountpoint);
	return status;
}

int main(int argc, char **argv)
{
	struct command_line q = { .history = HISTORY_USUAL };
	struct start start = { .waiting = -1, .request = &q };
	struct service service = { .unmounter = -1 };
	int r, status;

	if (argc == 2 && !strcmp(argv[1], CHECKPOINT_ARGUMENT))
		return checkpoint_work();
	if (standard_open())
		err(STATUS_FAILED, "/dev/null");
	command_line_parse(&q, argc, argv);
	start.sandbox = sandbox_is_built() && !q.no_sandbox;
	start.journal = q.journal;
	start.sync = q.sync;
	fuse_set_log_func(log_fuse);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a journal may become too long: EFBIG */
	r = lab_new(&q.machine, &service.lab);
	if (!r && q.history)
		r = lab_history(service.lab, (size_t)q.history);
	if (r == -EINVAL)
		usage_error("the options of the machine do not fit each other");
	if (r)
		errx(STATUS_FAILED, "%s", strerror(-r));
	status = q.no_mount ? serve_web(&service, &start) : run_mount(&service, &q, &start);
	fuse_opt_free_args(&q.mount);
	lab_free(service.lab);
	free(q.journal);
	return status;
}
