/*
 * Prints outcomes: as a histogram for people, and as JSON, in which outcomes of several parts of
 * one race can be added up by their calls and tables.
 */
#include "explore/histogram.h"

#include "cli/memory.h"
#include "cli/verb.h"
#include "explore/outcomes.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *strings(const char *const *s, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, report_json(s[i])))
			return NULL;
	}
	return array;
}

/* The lines of a text. */
static json_t *lines(const char *text)
{
	json_t *array = json_array();

	while (array && *text) {
		size_t len = strcspn(text, "\n");

		if (json_array_append_new(array, json_stringn(text, len)))
			return NULL;
		text += len + (text[len] != '\0');
	}
	return array;
}

/* ---- outcomes that look alike ---------------------------------------------------------------- */

/* An outcome, and the outcomes with the same calls and tables: they differ in watched files. */
struct shown_outcome {
	const struct fdl_race_outcome *o;
	const struct shown_outcome *alike; /* the first of them */
	size_t n_alike;
};

static int compare_looks(const struct fdl_race_outcome *x, const struct fdl_race_outcome *y,
			 size_t n_lines)
{
	int order = strcmp(x->tables, y->tables);

	for (size_t i = 0; !order && i < n_lines; i++)
		order = strcmp(x->calls[i], y->calls[i]);
	return order;
}

static int by_looks(const void *a, const void *b, void *ctx)
{
	const struct shown_outcome *x = a, *y = b;
	const struct histogram *h = ctx;
	const int order = compare_looks(x->o, y->o, h->n_lines);

	return order ? order : (x->o > y->o) - (x->o < y->o);
}

static void find_alike(const struct histogram *h, struct shown_outcome *shown)
{
	for (size_t i = 0; i < h->n; i++)
		shown[i].o = &h->outcome[i];
	qsort_r(shown, h->n, sizeof(*shown), by_looks, (void *)(uintptr_t)h);
	for (size_t i = 0, end; i < h->n; i = end) {
		for (end = i + 1; end < h->n; end++)
			if (compare_looks(shown[i].o, shown[end].o, h->n_lines))
				break;
		for (size_t k = i; k < end; k++) {
			shown[k].alike = &shown[i];
			shown[k].n_alike = end - i;
		}
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Whether a watched file differs among outcomes that look alike. */
static bool file_differs(const struct shown_outcome *s, size_t file)
{
	for (size_t i = 1; i < s->n_alike; i++)
		if (!same_text(s->alike[0].o->watched[file], s->alike[i].o->watched[file]))
			return true;
	return false;
}

/* ---- one outcome ----------------------------------------------------------------------------- */

static json_t *outcome_json(const struct histogram *h, const struct shown_outcome *s)
{
	json_t *outcome =
		json_pack("{s:I, s:o, s:o}", "count", (json_int_t)s->o->schedules, "calls",
			  strings(s->o->calls, h->n_lines), "tables", lines(s->o->tables));
	json_t *files = json_object();

	for (size_t i = 0; i < h->n_watched; i++) {
		const char *text = s->o->watched[i];

		if (file_differs(s, i))
			json_object_set_new(files, h->watched[i],
					    text ? report_json(text) : json_null());
	}
	if (json_object_size(files))
		json_object_set(outcome, "files", files);
	json_decref(files);
	return outcome;
}

/* Prints calls and tables in lines, with the count before the first. */
static void put_outcome(FILE *f, const char *count, int width, const struct fdl_race_outcome *o,
			size_t n_lines)
{
	const char *gap = width ? "  " : "";

	for (size_t i = 0; i < n_lines; i++)
		fprintf(f, "%*s%s%s\n", width, i ? "" : count, gap, o->calls[i]);
	for (const char *p = o->tables; *p;) {
		int len = (int)strcspn(p, "\n");

		fprintf(f, "%*s%s%s%.*s\n", width, "", gap, gap, len, p);
		p += len + (p[len] != '\0');
	}
}

char *outcome_text(const struct fdl_race_outcome *o, size_t n_lines)
{
	char *text = NULL;
	size_t len;
	FILE *f = memory_stream(&text, &len);

	if (!f)
		return NULL;
	put_outcome(f, "", 0, o, n_lines);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* Prints a file as a condition names it: "1/files/count = 2". */
static void put_file(FILE *f, const char *path, const char *text)
{
	fprintf(f, "%8s    ", "");
	if (!text) {
		fprintf(f, "no %s\n", path);
		return;
	}
	fprintf(f, "%s = ", path);
	for (; *text; text++) {
		if (*text == '\n' || *text == '\t')
			fputs(*text == '\n' ? "\\n" : "\\t", f);
		else
			fputc(*text, f);
	}
	fputc('\n', f);
}

static void print_outcome(struct report *report, const struct histogram *h,
			  const struct shown_outcome *s)
{
	char count[32];
	char *text = NULL;
	size_t size;
	FILE *f = memory_stream(&text, &size);

	if (!f)
		memory_is_out();
	snprintf(count, sizeof(count), "%llu", (unsigned long long)s->o->schedules);
	put_outcome(f, count, 8, s->o, h->n_lines);
	for (size_t i = 0; i < h->n_watched; i++)
		if (file_differs(s, i))
			put_file(f, h->watched[i], s->o->watched[i]);
	if (fclose(f))
		memory_is_out();
	report_comment(report, text);
	free(text);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	return outcome_order((*(const struct shown_outcome *const *)a)->o,
			     (*(const struct shown_outcome *const *)b)->o);
}

static void report_left_out(struct report *report, size_t n)
{
	char line[64];

	snprintf(line, sizeof(line), "and %zu outcomes more\n", n);
	report_comment(report, line);
}

void histogram_report(struct report *report, const struct histogram *h)
{
	struct shown_outcome *shown = calloc(h->n + 1, sizeof(*shown));
	const struct shown_outcome **sorted = calloc(h->n + 1, sizeof(*sorted));
	json_t *array = json_array();

	if (!shown || !sorted)
		memory_is_out();
	find_alike(h, shown);
	for (size_t i = 0; i < h->n; i++)
		sorted[i] = &shown[i];
	qsort(sorted, h->n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < h->n; i++) {
		if (i < OUTCOMES_SHOWN)
			print_outcome(report, h, sorted[i]);
		json_array_append_new(array, outcome_json(h, sorted[i]));
	}
	if (h->n > OUTCOMES_SHOWN)
		report_left_out(report, h->n - OUTCOMES_SHOWN);
	free(sorted);
	free(shown);
	report_detail(report, "outcomes", array);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void report_broken(struct report *report, const struct condition *c, const char *witness)
{
	static const char *const how[] = {
		[SOMETIMES] = "it never is so",
		[NEVER] = "but it can be so",
		[ALWAYS] = "but it can be otherwise",
	};

	report_failure(report, c->number, "%s: %s", c->text, how[c->quantifier]);
	if (witness)
		report_text(report, witness);
}

void conditions_report(struct report *report, const struct condition *c, size_t n_conditions,
		       const struct fdl_race_outcome *o, size_t n, witness_fn *witness, void *ctx)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n_conditions; i++) {
		size_t at;
		const bool holds = condition_holds(&c[i], o, n, &at);
		char *text = at < n ? witness(ctx, at) : NULL;
		char line[64];

		snprintf(line, sizeof(line), "%s ", holds ? "holds:" : "does not hold:");
		report_comment(report, line);
		report_comment(report, c[i].text);
		report_comment(report, "\n");
		if (!holds)
			report_broken(report, &c[i], text);
		json_array_append_new(array,
				      json_pack("{s:i, s:o, s:b, s:o}", "line", c[i].number,
						"condition", report_json(c[i].text), "holds", holds,
						"witness", text ? report_json(text) : json_null()));
		free(text);
	}
	report_detail(report, "conditions", array);
}
