/*
 * Prints what came of the scenarios. Outcomes and failures are kept as JSON; TAP is printed from it
 * at the end of each file, JSON at the end of all.
 */
#include "scenario/report.h"

#include "fdlab.h"
#include "cli/verb.h"
#include "scenario/junit.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report {
	FILE *to;
	bool json, brief, quiet, colour;
	const char *junit; /* a file to write; or NULL */
	json_t *root;
	json_t *file, *failures, *skips; /* of the file at hand; borrowed from root */
	char *comment;                   /* what is to be shown below its line */
	size_t number;                   /* of the file at hand, from 1 */
	size_t outcomes[OUTCOME_NOT_RUN + 1];
};

static const char *const outcome_names[] = {
	[OUTCOME_PASSED] = "passed",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_SKIPPED] = "skipped",
	[OUTCOME_NOT_RUN] = "not run",
};

/* Without memory there is no report: ends the program. */
static json_t *need(json_t *value)
{
	if (!value) {
		fputs("fdlab: out of memory\n", stderr);
		exit(EXIT_NOT_RUN);
	}
	return value;
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, need(value)))
		need(NULL);
}

json_t *report_json(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value)
		return value;
	copy = strdup(text);
	if (!copy)
		return need(NULL);
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

static struct report *new_report(bool json, const char *on, FILE *to)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->to = to;
	r->json = json;
	r->colour = wants_colour(to);
	r->root = need(json_object());
	set(r->root, "version", json_string(fdl_version()));
	set(r->root, "on", report_json(on));
	set(r->root, "files", json_array());
	return r;
}

struct report *report_begin(enum report_form form, const char *on, size_t n)
{
	struct report *r = new_report(form == REPORT_JSON, on, stdout);

	if (r)
		r->brief = form == REPORT_BRIEF;
	if (r && form == REPORT_TAP)
		printf("TAP version 13\n1..%zu\n", n);
	return r;
}

struct report *report_begin_quiet(const char *on)
{
	struct report *r = new_report(false, on, stdout);

	if (r)
		r->quiet = true;
	return r;
}

struct report *report_begin_aside(const char *on)
{
	struct report *r = new_report(false, on, stderr);

	if (r)
		r->quiet = true;
	return r;
}

void report_file(struct report *r, const char *file)
{
	r->number++;
	r->file = need(json_object());
	if (json_array_append_new(json_object_get(r->root, "files"), r->file))
		need(NULL);
	set(r->file, "file", report_json(file));
	set(r->file, "outcome", json_null());
	r->failures = need(json_array());
	r->skips = need(json_array());
	set(r->file, "failures", r->failures);
	set(r->file, "skips", r->skips);
}

static void add_remark(json_t *to, unsigned line, const char *format, va_list args)
{
	json_t *remark = need(json_object());
	char *message;

	if (vasprintf(&message, format, args) < 0)
		need(NULL);
	set(remark, "line", line ? json_integer(line) : json_null());
	set(remark, "message", report_json(message));
	free(message);
	if (json_array_append_new(to, remark))
		need(NULL);
}

void report_failure(struct report *r, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_remark(r->failures, line, format, args);
	va_end(args);
}

void report_skip(struct report *r, unsigned line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_remark(r->skips, line, format, args);
	va_end(args);
}

size_t report_failures(const struct report *r)
{
	return json_array_size(r->failures);
}

void report_forget(struct report *r, size_t n)
{
	while (json_array_size(r->failures) > n)
		if (json_array_remove(r->failures, json_array_size(r->failures) - 1))
			need(NULL);
}

void report_text(struct report *r, const char *text)
{
	json_t *failure = json_array_get(r->failures, json_array_size(r->failures) - 1);

	set(failure, "text", report_json(text));
}

void report_place(struct report *r, const char *place)
{
	json_t *failure = json_array_get(r->failures, json_array_size(r->failures) - 1);

	set(failure, "place", report_json(place));
}

/* Prints each line of a text as a comment of TAP. */
static void print_comment(const struct report *r, const char *indent, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(r->to, "# %s%.*s\n", indent, (int)n, text);
		text += n;
		if (*text)
			text++;
	}
}

static void print_failure(const struct report *r, const char *file, const json_t *failure)
{
	const json_t *line = json_object_get(failure, "line");
	const json_t *text = json_object_get(failure, "text");
	const char *place = json_string_value(json_object_get(failure, "place"));
	const char *message = json_string_value(json_object_get(failure, "message"));
	size_t first = strcspn(message, "\n");

	if (json_is_integer(line))
		fprintf(r->to, "# %s%s:%lld:%s %.*s\n", r->colour ? "\033[1m" : "", file,
			(long long)json_integer_value(line), r->colour ? "\033[0m" : "", (int)first,
			message);
	else
		fprintf(r->to, "# %s: %.*s\n", place ?: file, (int)first, message);
	if (message[first])
		print_comment(r, "", message + first + 1);
	if (text)
		print_comment(r, "    ", json_string_value(text));
}

/* In TAP, "#" ends a description and begins a directive: escapes it in names. */
static void print_description(const struct report *r, const char *name)
{
	for (; *name; name++) {
		if (*name == '#' || *name == '\\')
			fputc('\\', r->to);
		fputc(*name == '\n' ? ' ' : *name, r->to);
	}
}

static void print_point(const struct report *r, enum test_outcome outcome, const char *reason)
{
	const char *file = json_string_value(json_object_get(r->file, "file"));
	bool good = outcome == OUTCOME_PASSED || outcome == OUTCOME_SKIPPED;

	if (r->colour)
		fputs(good ? "\033[32m" : "\033[31m", r->to);
	fputs(good ? "ok" : "not ok", r->to);
	if (r->colour)
		fputs("\033[0m", r->to);
	fprintf(r->to, " %zu - ", r->number);
	print_description(r, file);
	if (outcome == OUTCOME_SKIPPED)
		fprintf(r->to, " # SKIP %s", reason);
	fputc('\n', r->to);
	for (size_t i = 0; i < json_array_size(r->failures); i++)
		print_failure(r, file, json_array_get(r->failures, i));
	for (size_t i = 0; i < json_array_size(r->skips); i++) {
		const json_t *skip = json_array_get(r->skips, i);

		fprintf(r->to, "# %s:%lld: skipped: %s\n", file,
			(long long)json_integer_value(json_object_get(skip, "line")),
			json_string_value(json_object_get(skip, "message")));
	}
	if (outcome == OUTCOME_NOT_RUN)
		fprintf(r->to, "# %s: could not run: %s\n", file, reason);
}

void report_comment(struct report *r, const char *text)
{
	size_t old = r->comment ? strlen(r->comment) : 0, len = strlen(text);
	char *comment;

	if (r->json)
		return;
	comment = realloc(r->comment, old + len + 1);
	if (!comment) {
		need(NULL);
		return;
	}
	memcpy(comment + old, text, len + 1);
	r->comment = comment;
}

void report_detail(struct report *r, const char *name, json_t *value)
{
	set(r->file, name, value);
}

/* Of the whole file: after all lines. */
static json_int_t line_of(const json_t *failure)
{
	const json_t *line = json_object_get(failure, "line");

	return json_is_integer(line) ? json_integer_value(line) : INT64_MAX;
}

/*
 * Directives are read before any call is: puts what was found later in its place, by line. The sort
 * is stable, and lists are short.
 */
static void sort_failures(json_t *failures)
{
	for (size_t i = 1; i < json_array_size(failures); i++) {
		json_t *failure = json_incref(json_array_get(failures, i));
		size_t j = i;

		while (j && line_of(json_array_get(failures, j - 1)) > line_of(failure))
			j--;
		if (j < i &&
		    (json_array_remove(failures, i) || json_array_insert(failures, j, failure)))
			need(NULL);
		json_decref(failure);
	}
}

void report_file_end(struct report *r, enum test_outcome outcome, const char *reason)
{
	sort_failures(r->failures);
	if (!reason)
		outcome = json_array_size(r->failures) ? OUTCOME_FAILED : OUTCOME_PASSED;
	r->outcomes[outcome]++;
	set(r->file, "outcome", json_string(outcome_names[outcome]));
	if (reason)
		set(r->file, "reason", report_json(reason));
	if (!r->json && (outcome == OUTCOME_FAILED || outcome == OUTCOME_NOT_RUN ||
			 (!r->brief && (!r->quiet || outcome != OUTCOME_PASSED))))
		print_point(r, outcome, reason);
	if (r->comment)
		print_comment(r, "", r->comment);
	free(r->comment);
	r->comment = NULL;
	fflush(r->to);
}

void report_file_read(struct report *r, int error)
{
	const bool noted = !error || json_array_size(r->failures);

	report_file_end(r, OUTCOME_NOT_RUN, noted ? NULL : strerror(-error));
}

void report_junit(struct report *r, const char *path)
{
	r->junit = path;
}

/* False, and it is said: the file could not be written. */
static bool write_junit(struct report *r)
{
	int error;

	for (size_t i = 0; i <= OUTCOME_NOT_RUN; i++)
		set(r->root, outcome_names[i], json_integer((json_int_t)r->outcomes[i]));
	error = junit_write(r->root, r->junit);
	if (error)
		fprintf(stderr, "fdlab: %s: %s\n", r->junit, strerror(-error));
	return !error;
}

int report_end(struct report *r)
{
	int status = EXIT_PASSED;

	for (size_t i = 0; i <= OUTCOME_NOT_RUN; i++) {
		if (r->json)
			set(r->root, outcome_names[i], json_integer((json_int_t)r->outcomes[i]));
		else if (!r->quiet && (r->outcomes[i] || i <= OUTCOME_FAILED))
			fprintf(r->to, "%s%zu %s", i ? ", " : "# ", r->outcomes[i],
				outcome_names[i]);
	}
	if (r->json)
		json_dumpf(r->root, r->to, JSON_INDENT(2));
	if (!r->quiet)
		fputc('\n', r->to);

	if (r->outcomes[OUTCOME_NOT_RUN])
		status = EXIT_NOT_RUN;
	else if (r->outcomes[OUTCOME_FAILED])
		status = EXIT_FAILED;
	if (r->junit && !write_junit(r))
		status = EXIT_NOT_RUN;
	json_decref(r->root);
	free(r);
	return status;
}
