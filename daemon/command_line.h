/*
 * The command line of fdlabd: its options, what is wrong with them, and the help. Starts nothing.
 */
#ifndef FDLABD_COMMAND_LINE_H
#define FDLABD_COMMAND_LINE_H

#include "fdlab.h"
#include "journal.h"

#include <stdbool.h>
#include <stdint.h>

#include "libfuse.h"

#define STATUS_FAILED 1
#define STATUS_USAGE  2

#define HISTORY_USUAL ((uint64_t)64 << 20) /* bytes of checkpoints */

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

/* Says what is wrong with the command line, and how to get help; ends the program. */
__attribute__((format(printf, 1, 2), noreturn)) void usage_error(const char *format, ...);

/*
 * Reads the command line into *q, which has its usual values. The caller frees q->journal, and
 * q->mount with fuse_opt_free_args. Ends the program after --help and --version, and if something
 * is wrong.
 */
void command_line_parse(struct command_line *q, int argc, char **argv);

#endif
