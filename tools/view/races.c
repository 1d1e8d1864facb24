/* A part that does not fit into a request of the daemon is left out, the rarest outcomes first. */
#include "view/races.h"

#include "explore/outcomes.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define RACES_MAX 1000000 /* bytes of the whole text */

/* The lines of a text, without empty ones and comments, at the end of an array. */
static void add_lines(json_t *array, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");
		char *line = strndup(text, len);

		if (line && len && *line != '#')
			json_array_append_new(array, report_json(line));
		free(line);
		text += len + (text[len] == '\n');
	}
}

static json_t *lines_of_race(const struct scenario *s)
{
	json_t *lines = json_array();
	char *line;

	for (size_t i = 0; i < s->n_race; i++) {
		const struct scenario_line *l = &s->race[i];
		const int n = l->path ? asprintf(&line, "%d echo %s > %s", l->pid, l->text, l->path)
				      : asprintf(&line, "%d %s", l->pid, l->text);

		if (n < 0)
			break;
		json_array_append_new(lines, report_json(line));
		free(line);
	}
	return lines;
}

static json_t *new_outcome(uint64_t orders, const char *before, char *witness)
{
	json_t *lines = json_array();

	add_lines(lines, before);
	add_lines(lines, witness);
	free(witness);
	return json_pack("{sI so}", "orders", (json_int_t)orders, "witness", lines);
}

static json_t *outcome_json(struct fdl_explorer *e, size_t i, size_t n_lines, const char *before)
{
	struct fdl_race_outcome o;
	json_t *outcome, *results = json_array();
	char *witness;

	if (fdl_explorer_witness(e, i, &witness)) {
		json_decref(results);
		return NULL;
	}
	fdl_explorer_outcome(e, i, &o);
	for (size_t line = 0; line < n_lines; line++)
		json_array_append_new(results, report_json(o.calls[line]));
	outcome = new_outcome(o.schedules, before, witness);
	json_object_set_new(outcome, "results", results);
	json_object_set_new(outcome, "tables", report_json(o.tables));
	return outcome;
}

/* A violated invariant, a deadlock. */
static json_t *failure_json(struct fdl_explorer *e, size_t i, const char *before)
{
	struct fdl_failure f;
	json_t *outcome;
	char *witness;

	if (fdl_explorer_failure_witness(e, i, &witness))
		return NULL;
	fdl_explorer_failure(e, i, &f);
	outcome = new_outcome(f.schedules, before, witness);
	json_object_set_new(outcome, "failure", report_json(f.kind));
	json_object_set_new(outcome, "results", json_pack("[s]", f.why));
	return outcome;
}

/* Adds an outcome if it fits. False: it does not. */
static bool add(json_t *array, json_t *outcome, size_t *room)
{
	const size_t size = outcome ? json_dumpb(outcome, NULL, 0, 0) + 2 : 0;

	if (!size || size > *room) {
		json_decref(outcome);
		return false;
	}
	*room -= size;
	return !json_array_append_new(array, outcome);
}

/* Failures first: they are what a race is explored for. */
static json_t *all_outcomes(struct fdl_explorer *e, size_t n_lines, const char *before,
			    size_t *left_out)
{
	const size_t n = fdl_explorer_outcomes(e), n_failures = fdl_explorer_failures(e);
	size_t *numbers = outcomes_in_order(e);
	json_t *array = json_array();
	size_t room = RACES_MAX, shown = 0;

	for (size_t i = 0; i < n_failures && add(array, failure_json(e, i, before), &room); i++)
		shown++;
	for (size_t i = 0; numbers && i < n; i++) {
		if (!add(array, outcome_json(e, numbers[i], n_lines, before), &room))
			break;
		shown++;
	}
	free(numbers);
	*left_out = n + n_failures - shown;
	return array;
}

static int explore(struct fdl_explorer *e, const struct scenario *s, const char *title,
		   const char *before, struct report *report, char **json)
{
	const struct fdl_explore how = { .naive = false };
	int error = race_add(e, s, report);
	size_t left_out;
	json_t *races;

	if (!error) {
		error = fdl_explorer_run(e, &how);
		if (error)
			report_failure(report, 0, "%s", strerror(-error));
	}
	if (error)
		return error;
	races = all_outcomes(e, s->n_race, before, &left_out);
	races = json_pack("[{ss so so sI}]", "title", title, "race", lines_of_race(s), "outcomes",
			  races, "left_out", (json_int_t)left_out);
	*json = races ? json_dumps(races, JSON_INDENT(1)) : NULL;
	json_decref(races);
	return *json ? 0 : -ENOMEM;
}

int races_json(struct fdl_machine *m, const struct scenario *s, const char *title,
	       const char *before, struct report *report, char **json)
{
	struct fdl_explorer *e;
	char message[256];
	int error = fdl_explorer_new(m, &e, message, sizeof(message));

	if (error) {
		report_failure(report, 0, "%s", message);
		return error;
	}
	error = explore(e, s, title, before, report, json);
	fdl_explorer_free(e);
	return error;
}
