/*
 * The outcomes of a scenario's race as the page of fdlab view takes them: fdlab-http(7), /races.
 */
#ifndef FDLAB_TOOLS_RACES_H
#define FDLAB_TOOLS_RACES_H

#include "fdlab.h"
#include "scenario/report.h"
#include "scenario/scenario.h"

/*
 * Explores the race of a scenario from a machine that is ready for it. before is the transcript of
 * that machine, with which every witness begins. *json is a text for PUT /races, which the caller
 * frees by free. 0 or a negative errno, which the report explains.
 */
int races_json(struct fdl_machine *m, const struct scenario *s, const char *title,
	       const char *before, struct report *report, char **json);

#endif
