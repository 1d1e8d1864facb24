/*
 * The results of the scenarios, file by file: as TAP while they run, or as one JSON object at the
 * end. The report knows nothing of scenarios but their names and what was said about their lines.
 */
#ifndef FDLAB_TOOLS_REPORT_H
#define FDLAB_TOOLS_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct report;

enum test_outcome {
	OUTCOME_PASSED,
	OUTCOME_FAILED,
	OUTCOME_SKIPPED,
	OUTCOME_NOT_RUN,
};

enum report_form {
	REPORT_TAP,
	REPORT_BRIEF, /* the files that did not pass, and the last line of TAP */
	REPORT_JSON,
};

/* A report of n files, to be given to report_end. NULL: no memory. */
struct report *report_begin(enum report_form form, const char *on, size_t n);

/* A report that prints failures only. Otherwise the same. */
struct report *report_begin_quiet(const char *on);

/* The same on standard error, for a verb whose output is something else. */
struct report *report_begin_aside(const char *on);

/* Begins a file. The following reports about lines are about this file. */
void report_file(struct report *r, const char *file);

/* Reports a failure at a line (0: of the whole file). The file fails. */
void report_failure(struct report *r, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Reports that a line was not checked, and why. The file does not fail. */
void report_skip(struct report *r, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The number of failures of the file so far; forgets all after the first n. */
size_t report_failures(const struct report *r);
void report_forget(struct report *r, size_t n);

/* Shows a text of several lines with the latest failure. */
void report_text(struct report *r, const char *text);

/* The latest failure is about this place, "a.c:7", and not about a line of the file. */
void report_place(struct report *r, const char *place);

/*
 * Adds to the report of the file: a text below its line, for people; a member of its object, for
 * JSON, which the report then owns.
 */
void report_comment(struct report *r, const char *text);
void report_detail(struct report *r, const char *name, json_t *value);

/* A string for JSON. Texts of the tree are bytes: bytes that are no UTF-8 become question marks. */
json_t *report_json(const char *text);

/* Ends a file: skipped or not run for a reason; without one (NULL), failed if it has failures. */
void report_file_end(struct report *r, enum test_outcome outcome, const char *reason);

/*
 * The same, where only what was noted decides, for a file whose reading ended with this error of
 * scenario_read, or 0: a file that could not be read at all was not run.
 */
void report_file_read(struct report *r, int error);

/* Has report_end write the report to a file, too, as JUnit's XML. */
void report_junit(struct report *r, const char *path);

/* Prints what is still to be printed, frees the report and returns the exit status. */
int report_end(struct report *r);

#endif
