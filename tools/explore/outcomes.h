/*
 * The race of a scenario and its outcomes, in the order in which they are told.
 */
#ifndef FDLAB_TOOLS_OUTCOMES_H
#define FDLAB_TOOLS_OUTCOMES_H

#include "fdlab.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

#include <stddef.h>

/*
 * Adds the race of a scenario to an explorer, and what its conditions look at. 0 or a negative
 * errno.
 */
int race_add(struct fdl_explorer *e, const struct scenario *s, struct report *report);

/*
 * Compares two outcomes of one array for qsort(3): the most frequent comes first; among equals, the
 * one that was found first.
 */
int outcome_order(const struct fdl_race_outcome *x, const struct fdl_race_outcome *y);

/*
 * The numbers by which an explorer knows its outcomes, in that order, which the caller frees by
 * free; NULL: no memory.
 */
size_t *outcomes_in_order(const struct fdl_explorer *e);

/*
 * Explores the race of a scenario from a machine that is ready for it. *text is the shortest way to
 * the n-th outcome in that order, from 1: lines for a scenario, which the caller frees by free. 0;
 * -ERANGE: there are only *n outcomes; or another negative errno, which the report explains.
 */
int race_witness(struct fdl_machine *m, const struct scenario *s, struct report *report, size_t *n,
		 char **text);

#endif
