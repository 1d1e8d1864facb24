/*
 * What a log has shown, for people and for programs.
 */
#ifndef FDLAB_TOOLS_REPLAY_REPORT_H
#define FDLAB_TOOLS_REPLAY_REPORT_H

#include "replay/findings.h"
#include "replay/infer.h"

#include <jansson.h>

/* What came of a log. */
struct verdict {
	const char *log; /* its name, as the report has it */
	int error;       /* it could not be read: a negative errno, or -EINVAL for no log at all */
	const char *at_fault; /* which file that is about, if it is not the log */
	const struct findings *findings;
	const struct inference *inference;
};

/* How findings are called: as a title, and as a key of JSON. */
extern const char *const finding_titles[N_FINDINGS], *const finding_keys[N_FINDINGS];

/* Prints the report for people. */
void replay_print(const struct verdict *v);

/* The report as an object, the caller's. NULL: no memory. */
json_t *replay_json(const struct verdict *v);

#endif
