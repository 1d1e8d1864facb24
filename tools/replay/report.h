/*
 * The report, as text and as JSON.
 */
#ifndef FDLAB_TOOLS_REPLAY_REPORT_H
#define FDLAB_TOOLS_REPLAY_REPORT_H

#include "replay/findings.h"
#include "replay/infer.h"

#include <jansson.h>

/* The result of replaying a log. */
struct verdict {
	const char *log;      /* its name in the report */
	int error;            /* reading failed: a negative errno, or -EINVAL if it is no log */
	const char *at_fault; /* the file of the error, if not the log */
	const struct findings *findings;
	const struct inference *inference;
};

/* Names of the kinds of findings: as a title, and as a key of JSON. */
extern const char *const finding_titles[N_FINDINGS], *const finding_keys[N_FINDINGS];

/* Prints the report as text. */
void replay_print(const struct verdict *v);

/* The report as a JSON object, owned by the caller. NULL: no memory. */
json_t *replay_json(const struct verdict *v);

#endif
