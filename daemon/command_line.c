/*
 * Options are read by getopt_long. A word that is none gets the nearest one as a suggestion.
 */
#include "command_line.h"

#include "number.h"
#include "sandbox.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The kernel checks permissions; lists of mounts show the names. */
#define MOUNT_OPTIONS "-odefault_permissions,fsname=fdlab,subtype=fdlab"

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

void usage_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vwarnx(format, args);
	va_end(args);
	fputs("Try `fdlabd --help`.\n", stderr);
	exit(STATUS_USAGE);
}

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

/* Complains about a word that is none of those that an option takes; is says which they are. */
__attribute__((noreturn)) static void wrong_word(const char *option, const char *word,
						 const char *is, const char *const *known)
{
	const char *nearest = fdl_suggest(word, known);

	usage_error("%s: %s is %s%s%s%s", option, word, is, nearest ? " (did you mean \"" : "",
		    nearest ?: "", nearest ? "\"?)" : "");
}

static void set_links(struct command_line *q, const char *how)
{
	static const char *const words[] = { "rootfs", "verbatim", NULL };

	q->verbatim = !strcmp(how, words[1]);
	if (!q->verbatim && strcmp(how, words[0]) != 0)
		wrong_word("--links", how, "neither rootfs nor verbatim", words);
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
		NULL,
	};

	for (size_t i = 0; words[i]; i++) {
		if (!strcmp(when, words[i])) {
			q->sync = (enum journal_sync)i;
			q->syncs = true;
			return;
		}
	}
	wrong_word("--sync", when, "none of batch, each, none", words);
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

static const char letters[] = ":fho:V";

/* Complains about a long option, written with its dashes, that getopt_long did not find. */
__attribute__((noreturn)) static void unknown_option(const char *written)
{
	const char *known[sizeof(long_options) / sizeof(long_options[0])] = { NULL };
	const char *nearest;
	size_t begun = 0;
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(written, "="), written);
	for (size_t i = 0; long_options[i].name; i++) {
		known[i] = long_options[i].name;
		begun += !strncmp(known[i], name + 2, strlen(name + 2));
	}
	if (begun > 1)
		usage_error("there are several options that begin with '%s'", name);
	nearest = fdl_suggest(name + 2, known);
	usage_error("there is no option '%s'%s%s%s", written, nearest ? "; did you mean '--" : "",
		    nearest ?: "", nearest ? "'?" : "");
}

/* Complains about an option that getopt_long did not accept. It has set optopt and optind. */
__attribute__((noreturn)) static void complain(int found, char **argv)
{
	const char *written = argv[optind - 1];

	if (found == ':')
		usage_error("%s takes an argument", written);
	if (optopt >= OPT_HISTORY || (optopt && strchr(letters, optopt)))
		usage_error("%.*s takes no argument", (int)strcspn(written, "="), written);
	if (optopt)
		usage_error("there is no option '-%c'", optopt);
	unknown_option(written);
}

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

void command_line_parse(struct command_line *q, int argc, char **argv)
{
	int opt;

	add_mount_option(q, program_invocation_short_name);
	add_mount_option(q, MOUNT_OPTIONS);
	opterr = 0;
	while ((opt = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		if (opt == ':' || opt == '?')
			complain(opt, argv);
		parse_option(q, opt);
	}
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
