/*
 * Scenario files, one after another, with a report on all. Does not know the verb that uses them.
 */
#ifndef FDLAB_TOOLS_BATCH_H
#define FDLAB_TOOLS_BATCH_H

#include "cli/verb.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stddef.h>

struct batch {
	const struct verb *verb;
	enum report_form form;
	const char *junit;  /* a file to write the report to, as JUnit's XML; or NULL */
	const char *filter; /* only files whose path matches it (gather.h); or NULL */
	const char *kernel; /* of files that name none; NULL: the usual one */
	const char *on;     /* what the scenarios are played on, as the report has it */
	/*
	 * Does the verb's work on a scenario. The report of its file has begun; the function ends
	 * it by report_file_end.
	 */
	void (*each)(void *ctx, const struct scenario *s, const char *name, struct report *report);
	void *ctx;
	/* Whether it is about races: a file without one, or badly written, cannot be run then. */
	bool races;
};

/*
 * Reads the files, "-" for standard input and all scenarios of a directory, and has each worked on.
 * Returns an exit_status.
 */
int batch_run(const struct batch *b, char **names, size_t n);

#endif
