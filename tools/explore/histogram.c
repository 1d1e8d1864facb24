/*
 * Showing outcomes: as a histogram for people, and as JSON, where those of several parts of one race
 * can be added up by their calls and tables.
 */
#include "explore/histogram.h"

#include "cli/verb.h"

#include <jansson.h>
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

static json_t *outcome_json(const struct fdl_race_outcome *o, size_t n_lines)
{
	return json_pack("{s:I, s:o, s:o}", "count", (json_int_t)o->schedules, "calls",
			 strings(o->calls, n_lines), "tables", lines(o->tables));
}

/* How often, then the calls and the tables, one below the other. */
static void print_outcome(struct report *report, const struct fdl_race_outcome *o, size_t n_lines)
{
	char count[32];
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	snprintf(count, sizeof(count), "%llu", (unsigned long long)o->schedules);
	for (size_t i = 0; i < n_lines; i++)
		fprintf(f, "%8s  %s\n", i ? "" : count, o->calls[i]);
	for (const char *p = o->tables; *p;) {
		int len = (int)strcspn(p, "\n");

		fprintf(f, "%8s    %.*s\n", "", len, p);
		p += len + (p[len] != '\0');
	}
	if (!fclose(f))
		report_comment(report, text);
	free(text);
}

/* The most frequent first; those that are as frequent as they were found. */
static int by_count(const void *a, const void *b)
{
	const struct fdl_race_outcome *x = *(const struct fdl_race_outcome *const *)a,
				      *y = *(const struct fdl_race_outcome *const *)b;

	if (x->schedules != y->schedules)
		return x->schedules < y->schedules ? 1 : -1;
	return (x > y) - (x < y);
}

void histogram_report(struct report *report, const struct fdl_race_outcome *o, size_t n,
		      size_t n_lines)
{
	const struct fdl_race_outcome **sorted = calloc(n + 1, sizeof(*sorted));
	json_t *array = json_array();

	for (size_t i = 0; sorted && i < n; i++)
		sorted[i] = &o[i];
	if (sorted)
		qsort(sorted, n, sizeof(*sorted), by_count);
	for (size_t i = 0; sorted && array && i < n; i++) {
		print_outcome(report, sorted[i], n_lines);
		if (json_array_append_new(array, outcome_json(sorted[i], n_lines)))
			break;
	}
	free(sorted);
	report_detail(report, "outcomes", array);
}

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
