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

/* Adds the outcomes to the report of the file at hand; each has results of n_lines lines. */
void histogram_report(struct report *report, const struct fdl_race_outcome *o, size_t n,
		      size_t n_lines);

/* Holds the conditions against the outcomes, in the report; those that do not hold are failures. */
void conditions_report(struct report *report, const struct condition *c, size_t n_conditions,
		       const struct fdl_race_outcome *o, size_t n, witness_fn *witness, void *ctx);

#endif
