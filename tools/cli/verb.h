/*
 * A verb of the command line, and what verbs share: exit statuses, how they complain, colours. Does
 * not know the verbs.
 */
#ifndef FDLAB_TOOLS_VERB_H
#define FDLAB_TOOLS_VERB_H

#include <stdbool.h>
#include <stdio.h>

struct verb_option;

/* A file of verbs/ defines one; the table in main.c lists them. */
struct verb {
	const char *name;
	const char *operands; /* what follows the options, as usage shows it */
	const char *missing;  /* the complaint if there are none; NULL: none are needed */
	const char *summary;  /* what it does, in a line for fdlab --help */
	const char *about;    /* the same in lines, for its own --help */
	const struct verb_option *options; /* its own, up to a row without a name */
	const char *statuses;              /* what its exit statuses mean, for its --help */
	/* argv[0] is the name of the verb. Returns an exit_status. */
	int (*run)(const struct verb *verb, int argc, char **argv);
};

enum exit_status {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,
	EXIT_NOT_RUN = 2,
};

/* The exit status of a child of ours whose program cannot be executed. */
#define NOT_EXECUTED 127

/*
 * Says on standard error what is wrong with the command line, and how to get help. verb is NULL if
 * the line has none. Returns EXIT_NOT_RUN.
 */
int usage_error(const struct verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says on standard error why a verb cannot do its work. Returns EXIT_NOT_RUN. */
int not_run(const struct verb *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The end of a complaint about a word, for "%s%s%s": the nearest word, or nothing for NULL. */
#define DID_YOU_MEAN(nearest)                                                                      \
	(nearest) ? "; did you mean '" : "", (nearest) ?: "", (nearest) ? "'?" : ""

/* Prints what --version prints. */
void print_version(void);

/* Whether a stream gets colours: it is a terminal, and NO_COLOR is not set. */
bool wants_colour(FILE *stream);

#endif
