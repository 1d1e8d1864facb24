/*
 * Outcomes of a race, as a report shows them: how often each was seen, and how the conditions stand.
 * Whoever saw them fills in what fdlab.h calls an outcome.
 */
#ifndef FDLAB_TOOLS_HISTOGRAM_H
#define FDLAB_TOOLS_HISTOGRAM_H

#include "scenario/condition.h"
#include "fdlab.h"
#include "scenario/report.h"

#include <stddef.h>

/*
 * How an outcome comes about: lines for a scenario, in memory of malloc, or NULL where nobody knows.
 */
typedef char *witness_fn(void *ctx, size_t outcome);

#define OUTCOMES_SHOWN 50 /* to people, of one race; JSON has all */

/* The outcomes of a race of n_lines lines, and the files that were looked at in each. */
struct histogram {
	const struct fdl_race_outcome *outcome;
	size_t n, n_lines;
	const char *const *watched;
	size_t n_watched;
};

/* Adds the outcomes to the report of the file at hand, the most frequent first. */
void histogram_report(struct report *report, const struct histogram *h);

/* An outcome as lines, its calls and its tables, in memory of malloc; NULL: there is none. */
char *outcome_text(const struct fdl_race_outcome *o, size_t n_lines);

/* Holds the conditions against the outcomes, in the report; those that do not hold are failures. */
void conditions_report(struct report *report, const struct condition *c, size_t n_conditions,
		       const struct fdl_race_outcome *o, size_t n, witness_fn *witness, void *ctx);

#endif
