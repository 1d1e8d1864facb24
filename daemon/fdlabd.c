/*
 * fdlabd: a simulated machine mounted as a file system, and served over HTTP. This file has the
 * command line and the daemon's life: it goes into the background, says when the mount answers,
 * serves it, and ends.
 */
#include "checkpoint.h"
#include "fuse.h"
#include "http/web.h"
#include "lab.h"
#include "log.h"
#include "loop.h"
#include "makers.h"
#include "mountpoint.h"
#include "notify.h"
#include "number.h"
#include "sandbox.h"
#include "standard.h"
#include "unmounter.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fuse_log.h>

#define STATUS_FAILED 1
#define STATUS_USAGE  2

#define HISTORY_USUAL ((uint64_t)64 << 20) /* bytes of checkpoints */

/* The kernel checks permissions; lists of mounts show the names. */
#define MOUNT_OPTIONS "-odefault_permissions,fsname=fdlab,subtype=fdlab"

/* The command line, read. */
struct command_line {
	struct fdl_options machine;
	struct fuse_args mount; /* options of the mount */
	const char *mountpoint; /* NULL: there is none */
	const char *web;        /* [ADDRESS:]PORT, or NULL */
	const char *title;      /* of its page, or NULL */
	char *journal;          /* its absolute path; or NULL */
	enum journal_sync sync;
	bool syncs; /* sync was given */
	bool foreground;
	bool no_sandbox;
	bool no_mount;
	bool verbatim;    /* links are the bare text of procfs */
	uint64_t history; /* bytes of checkpoints; 0: none are kept */
};

static const char help_text[] =
	"Usage: fdlabd [options] MOUNTPOINT\n"
	"       fdlabd [options] --no-mount --web [ADDRESS:]PORT\n"
	"\n"
	"Mounts a laboratory for file-descriptor tables on a directory, and returns when it\n"
	"can be used. Unmount it with `umount MOUNTPOINT` or `fusermount3 -u MOUNTPOINT`.\n"
	"\n"
	"  -f, --foreground         stay in the foreground\n"
	"      --journal FILE       keep every command in a file, and come back from it\n"
	"      --kernel NAME        the kernel that the machine runs: ";

static const char help_text_rest[] =
	"\n"
	"      --option NAME=VALUE  an option of the machine: nofile, nofile_hard, nr_open,\n"
	"                           file_max, tasks, bytes, memory, log, uid, gid, kernel\n"
	"      --history SIZE       bytes for checkpoints of the past, which at/ and changes/ "
	"show:\n"
	"                           64M, the usual; 0: they are left out\n"
	"      --links HOW          what links of tasks show: rootfs, the usual (where the file\n"
	"                           lies for the reader, below MOUNTPOINT/rootfs), or verbatim\n"
	"                           (the bare name, as the task knows it)\n"
	"      --sync WHEN          when the journal is synced with the disk: batch, the usual\n"
	"                           (once for the commands that came together), each (for\n"
	"                           each command), none (when the computer likes to)\n"
	"      --web [ADDRESS:]PORT show the machine to browsers, too, at a URL that is printed;\n"
	"                           without an address to this computer's; port 0 chooses one\n"
	"      --title TEXT         what the page calls the machine\n"
	"      --no-mount           serve --web alone, in the foreground, without a MOUNTPOINT\n"
	"      --no-sandbox         keep all system calls, tracers and core dumps\n"
	"  -o OPTION[,OPTION...]    options of the mount, such as ro, allow_other, auto_unmount\n"
	"  -h, --help               print this\n"
	"  -V, --version            print the version\n"
	"\n"
	"Exit status: 0 if all went well, 1 if the mount failed, 2 for a wrong command line.\n"
	"See fdlabd(8) and fdlab(7).\n";

static void print_help(void)
{
	const char *const *kernels = fdl_kernels();

	fputs(help_text, stdout);
	for (size_t i = 0; kernels[i]; i++)
		printf("%s%s", i ? ", " : "", kernels[i]);
	fputs(help_text_rest, stdout);
}

__attribute__((format(printf, 1, 2), noreturn)) static void usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	fputs("Try `fdlabd --help`.\n", stderr);
	exit(STATUS_USAGE);
}

/* ---- the command line ------------------------------------------------------------------------ */

static void set_machine_option(struct command_line *q, const char *assignment)
{
	char message[256];

	if (fdl_option_set(&q->machine, assignment, message, sizeof(message)))
		usage_error("%s", message);
}

static void set_kernel(struct command_line *q, const char *name)
{
	char assignment[64];

	if (snprintf(assignment, sizeof(assignment), "kernel=%s", name) >= (int)sizeof(assignment))
		usage_error("--kernel: no kernel has so long a name: %s", name);
	set_machine_option(q, assignment);
}

static void set_links(struct command_line *q, const char *how)
{
	if (strcmp(how, "verbatim") && strcmp(how, "rootfs"))
		usage_error("--links: %s is neither rootfs nor verbatim", how);
	q->verbatim = !strcmp(how, "verbatim");
}

/* A number of bytes that K, M or G may follow. */
static void set_history(struct command_line *q, const char *size)
{
	static const char units[] = "KMG";
	const char *unit, *end = decimal_begin(size, &q->history);
	unsigned shift = 0;

	if (end && *end && (unit = strchr(units, toupper((unsigned char)*end))) != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (!end || *end || q->history > SIZE_MAX >> shift)
		usage_error("--history: expected a number of bytes, got \"%s\"", size);
	q->history <<= shift;
}

/* The daemon's working directory will be another one. */
static void set_journal(struct command_line *q, const char *path)
{
	char *here = *path == '/' ? strdup("") : getcwd(NULL, 0);

	if (!*path)
		usage_error("--journal: the name is empty");
	free(q->journal);
	if (!here || asprintf(&q->journal, "%s%s%s", here, *here ? "/" : "", path) < 0)
		err(STATUS_FAILED, "%s", path);
	free(here);
}

static void set_sync(struct command_line *q, const char *when)
{
	static const char *const words[] = {
		[JOURNAL_SYNC_BATCH] = "batch",
		[JOURNAL_SYNC_EACH] = "each",
		[JOURNAL_SYNC_NONE] = "none",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(when, words[i])) {
			q->sync = (enum journal_sync)i;
			q->syncs = true;
			return;
		}
	}
	usage_error("--sync: %s is none of batch, each, none", when);
}

/* A device of the machine is none of the computer's, and neither is a set-uid program. */
static void check_mount_options(const char *options)
{
	static const char *const refused[] = { "dev", "suid" };
	const size_t n = sizeof(refused) / sizeof(refused[0]);

	for (const char *at = options; *at;
	     at += at[strcspn(at, ",")] ? strcspn(at, ",") + 1 : strlen(at)) {
		for (size_t i = 0; i < n; i++) {
			if (strcspn(at, ",") == strlen(refused[i]) &&
			    !strncmp(at, refused[i], strlen(refused[i])))
				usage_error(
					"-o %s: files of the machine may not act on this computer",
					refused[i]);
		}
	}
}

static void add_mount_option(struct command_line *q, const char *option)
{
	if (fuse_opt_add_arg(&q->mount, option))
		errx(STATUS_FAILED, "%s", strerror(ENOMEM));
}

enum {
	OPT_HISTORY = 256,
	OPT_JOURNAL,
	OPT_KERNEL,
	OPT_LINKS,
	OPT_NO_MOUNT,
	OPT_NO_SANDBOX,
	OPT_OPTION,
	OPT_SYNC,
	OPT_TITLE,
	OPT_WEB,
};

static const struct option long_options[] = {
	{ "foreground", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "history", required_argument, NULL, OPT_HISTORY },
	{ "journal", required_argument, NULL, OPT_JOURNAL },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "links", required_argument, NULL, OPT_LINKS },
	{ "no-mount", no_argument, NULL, OPT_NO_MOUNT },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "option", required_argument, NULL, OPT_OPTION },
	{ "sync", required_argument, NULL, OPT_SYNC },
	{ "title", required_argument, NULL, OPT_TITLE },
	{ "version", no_argument, NULL, 'V' },
	{ "web", required_argument, NULL, OPT_WEB },
	{ NULL, 0, NULL, 0 },
};

static void parse_option(struct command_line *q, int opt)
{
	switch (opt) {
	case 'f':
		q->foreground = true;
		break;
	case 'h':
		print_help();
		exit(0);
	case 'o':
		check_mount_options(optarg);
		add_mount_option(q, "-o");
		add_mount_option(q, optarg);
		break;
	case 'V':
		printf("fdlabd %s (libfuse %s)\nsandbox: %s\n", fdl_version(), fuse_pkgversion(),
		       sandbox_name());
		exit(0);
	case OPT_HISTORY:
		set_history(q, optarg);
		break;
	case OPT_JOURNAL:
		set_journal(q, optarg);
		break;
	case OPT_KERNEL:
		set_kernel(q, optarg);
		break;
	case OPT_LINKS:
		set_links(q, optarg);
		break;
	case OPT_NO_MOUNT:
		q->no_mount = true;
		break;
	case OPT_NO_SANDBOX:
		q->no_sandbox = true;
		break;
	case OPT_OPTION:
		set_machine_option(q, optarg);
		break;
	case OPT_SYNC:
		set_sync(q, optarg);
		break;
	case OPT_TITLE:
		q->title = optarg;
		break;
	case OPT_WEB:
		q->web = optarg;
		break;
	default: /* getopt has said what is wrong */
		fputs("Try `fdlabd --help`.\n", stderr);
		exit(STATUS_USAGE);
	}
}

static void check_no_mount(struct command_line *q, int argc, char **argv)
{
	if (!q->web)
		usage_error("--no-mount is for --web, which is not given");
	if (optind < argc)
		usage_error("%s: --no-mount takes no MOUNTPOINT", argv[optind]);
	q->foreground = true; /* nothing but a signal would end it in the background */
}

static void parse(struct command_line *q, int argc, char **argv)
{
	int opt;

	argv[0] = program_invocation_short_name; /* as getopt is to call it */
	add_mount_option(q, argv[0]);
	add_mount_option(q, MOUNT_OPTIONS);
	while ((opt = getopt_long(argc, argv, "fho:V", long_options, NULL)) != -1)
		parse_option(q, opt);
	if (q->syncs && !q->journal)
		usage_error("--sync is for a journal, and --journal is not given");
	if (q->title && !q->web)
		usage_error("--title is for the page, and --web is not given");
	if (q->no_mount) {
		check_no_mount(q, argc, argv);
		return;
	}
	if (optind == argc)
		usage_error("MOUNTPOINT is missing");
	if (optind + 1 < argc)
		usage_error("%s: there can be only one MOUNTPOINT, and that is %s",
			    argv[optind + 1], argv[optind]);
	q->mountpoint = argv[optind];
}

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
 * Unmounts, unless that has been done. libfuse takes a connection that failed for one that is unmounted
 * already, and cannot unmount for a user in the sandbox. unmounter: a socket to ask then, or -1.
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
	int unmounter;         /* or -1 */
};

/* Opens what the daemon needs while it may still open files and sockets. 0, or an error that was said. */
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
	parse(&q, argc, argv);
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
