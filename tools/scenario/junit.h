/*
 * A report as JUnit's XML, which build servers read: a suite of test cases, one a file.
 */
#ifndef FDLAB_TOOLS_JUNIT_H
#define FDLAB_TOOLS_JUNIT_H

#include <jansson.h>

/* Writes the report of a run, as report.c keeps it, to a file. 0 or a negative errno. */
int junit_write(const json_t *report, const char *path);

#endif
