/*
 * Reports the outcomes of a race with the number of times that each was seen, and the conditions
 * that hold. The caller gives them as struct fdl_race_outcome, of the explorer or of the running
 * kernel.
 */
#ifndef FDLAB_TOOLS_HISTOGRAM_H
#define FDLAB_TOOLS_HISTOGRAM_H

#include "scenario/condition.h"
#include "fdlab.h"
#include "scenario/report.h"

#include <stddef.h>

/*
 * How an outcome comes about: lines for a scenario, in memory of malloc, or NULL if not known.
 */
typedef char *witness_fn(void *ctx, size_t outcome);

#define OUTCOMES_SHOWN 50 /* printed for one race; JSON has all */

/* The outcomes of a race of n_lines lines, and the files that were watched. */
struct histogram {
	const struct fdl_race_outcome *outcome;
	size_t n, n_lines;
	const char *const *watched;
	size_t n_watched;
};

/* Adds the outcomes to the report of the file at hand, the most frequent first. */
void histogram_report(struct report *report, const struct histogram *h);

/* The calls and tables of an outcome in lines, in memory of malloc; NULL: no memory. */
char *outcome_text(const struct fdl_race_outcome *o, size_t n_lines);

/* Reports which conditions hold over the outcomes. A condition that does not hold is a failure. */
void conditions_report(struct report *report, const struct condition *c, size_t n_conditions,
		       const struct fdl_race_outcome *o, size_t n, witness_fn *witness, void *ctx);

#endif
