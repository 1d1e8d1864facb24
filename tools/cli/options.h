/*
 * Options of verbs as tables: a row says what an option is called, what it is for and how its
 * argument is read. The rows are used to read a command line and to print the help of a verb. Does
 * not know the use of the settings.
 */
#ifndef FDLAB_TOOLS_OPTIONS_H
#define FDLAB_TOOLS_OPTIONS_H

#include "cli/verb.h"

#include <stdbool.h>
#include <stddef.h>

struct verb_option {
	const char *name;     /* without its dashes */
	const char *argument; /* as usage shows it; NULL: it takes none */
	bool optional;        /* the argument may be left out, and read is given NULL */
	const char *help;     /* lines, the last without its newline */
	/* Reads an argument (or NULL) into a member of the settings. False: it is wrong. */
	bool (*read)(const char *argument, void *member);
	size_t offset;     /* of that member */
	char letter;       /* the same with one dash; NUL: none */
	const char *wrong; /* the complaint before a wrong argument: "--seed takes a number, not" */
	const char *const *(*values)(void); /* arguments that help lists; NULL: none */
};

/* Members of type bool, const char *, uint64_t (any; not 0), and the name of a kernel. */
bool option_flag(const char *argument, void *member);
bool option_text(const char *argument, void *member);
bool option_number(const char *argument, void *member);
bool option_count(const char *argument, void *member);
bool option_kernel(const char *argument, void *member);

/* A number that is a macro, for help. */
#define NUMBER_TEXT(macro)   NUMBER_TEXT_(macro)
#define NUMBER_TEXT_(digits) #digits

/* Rows that several verbs have; the member is named as the option. */
#define OPTION_JSON(settings)                                                                      \
	{                                                                                          \
		.name = "json", .help = "print a report in JSON instead", .read = option_flag,     \
		.offset = offsetof(settings, json)                                                 \
	}
#define OPTION_KERNEL(settings)                                                                    \
	{                                                                                          \
		.name = "kernel", .argument = "NAME",                                              \
		.help = "the kernel of files that name none", .read = option_kernel,               \
		.offset = offsetof(settings, kernel), .wrong = "there is no kernel",               \
		.values = fdl_kernels                                                              \
	}

/*
 * Reads the options of a command line into the verb's settings; the operands begin at argv[optind]
 * then. False: the verb is done, after --help, --version or a usage error, with *status.
 */
bool options_read(const struct verb *verb, void *settings, int argc, char **argv, int *status);

/* Prints the help of a verb. */
void verb_help(const struct verb *verb);

#endif
