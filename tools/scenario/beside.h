/*
 * A scenario played on another kernel beside the one that it is for. Its beside lines say where a
 * call gives another result there; every other call that states a result gives the same.
 */
#ifndef FDLAB_TOOLS_BESIDE_H
#define FDLAB_TOOLS_BESIDE_H

#include "scenario/report.h"
#include "scenario/scenario.h"

/*
 * Plays the scenario on its other kernel, and reports which calls give another result than is said.
 */
void beside_check(const struct scenario *s, struct report *report);

#endif
