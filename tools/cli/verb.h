/*
 * A verb of the command line: one file of this folder each, and one row of the table in main.c.
 * What all verbs share is declared here: the exit statuses and how they speak to a person.
 */
#ifndef FDLAB_TOOLS_VERB_H
#define FDLAB_TOOLS_VERB_H

#include <stdbool.h>
#include <stdio.h>

struct verb {
	const char *name;
	const char *usage;   /* the arguments, as usage lines show them */
	const char *summary; /* what it does, in a line for fdlab --help */
	/* argv[0] is the name of the verb. Returns an exit_status. */
	int (*run)(const struct verb *verb, int argc, char **argv);
};

enum exit_status {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,
	EXIT_NOT_RUN = 2,
};

extern const struct verb verb_run, verb_explore, verb_lesson, verb_compare, verb_replay, verb_fuzz;

/* Says on standard error what is wrong with the command line, and returns EXIT_NOT_RUN. */
int usage_error(const struct verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * What getopt_long returned that is no option of the verb alone: help, version, or something that it
 * could not take, which is said. Returns the exit status that follows.
 */
int common_option(const struct verb *verb, int option, char **argv,
		  void (*print_help)(const struct verb *verb));

/* Whether machines can run a kernel of this name. */
bool is_kernel(const char *name);

/* What --version prints. */
void print_version(void);

/* Whether a stream gets colours: it is a terminal, and the person has not said NO_COLOR. */
bool wants_colour(FILE *stream);

#endif
