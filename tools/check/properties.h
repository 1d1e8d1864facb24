/*
 * The properties that a program is held against, each a row with its name and its judgement.
 */
#ifndef FDLAB_TOOLS_PROPERTIES_H
#define FDLAB_TOOLS_PROPERTIES_H

#include "check/seen.h"
#include "check/source.h"
#include "check/traced.h"
#include "scenario/report.h"

/* A program that ran, and what is known about it. */
struct subject {
	const char *name; /* as on the command line */
	const struct traced *traced;
	const struct strace_log *log;
	const struct seen_list *seen;
};

struct property {
	const char *name;
	/* Reports what is against it, in a report whose file is the property. */
	void (*judge)(const struct subject *s, struct report *report);
};

extern const struct property property_ends, property_no_leaks, property_all_ends_closed,
	property_cloexec;

#endif
