/* Looks at a scenario's lines before it is played, and at the machine afterwards. */
#include "scenario/strict.h"

#include "fdlab.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A line of which no result is due: a call that is to stop on its way, or what becomes of one. */
static bool goes_on(const struct scenario_line *line)
{
	static const char *const words[] = { "step", "finish", "interrupt", "+++", "---" };
	struct fdl_log_line log;
	const char *text = line->text;

	fdl_log_line_read(text, line->len, &log);
	if (log.pid)
		text = log.before;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t n = strlen(words[i]);

		if (!strncmp(text, words[i], n) && (!text[n] || text[n] == ' ' || text[n] == '\t'))
			return true;
	}
	return strstr(text, "<unfinished") != NULL;
}

static bool is_expectation(const struct scenario_line *line)
{
	return line->kind == LINE_EXPECT_TEXT || line->kind == LINE_EXPECT_MATCH ||
	       line->kind == LINE_EXPECT_NOTHING;
}

void strict_lines(const struct scenario *s, struct report *report)
{
	bool checks = s->n_conditions;

	for (size_t i = 0; i < s->n_lines; i++) {
		const struct scenario_line *line = &s->lines[i];

		checks |= is_expectation(line) || line->result || line->error;
		if (line->kind == LINE_CALL && !line->result && !scenario_is_command(line) &&
		    !goes_on(line) && !line->question)
			report_failure(report, line->number, "%s: it states no result", line->text);
	}
	if (!checks)
		report_failure(report, 0, "nothing is checked");
}

void strict_end(struct target *t, struct report *report)
{
	char *text;
	size_t len, i;
	json_t *state, *task;

	if (t->ops->read(t, "state.json", &text, &len))
		return;
	state = json_loadb(text, len, 0, NULL);
	free(text);
	json_array_foreach(json_object_get(state, "tasks"), i, task)
	{
		const json_t *call = json_object_get(task, "call");

		if (json_is_object(call))
			report_failure(report, 0, "task %lld is still in %s (%s at %s)",
				       (long long)json_integer_value(json_object_get(task, "pid")),
				       json_string_value(json_object_get(call, "name")),
				       json_string_value(json_object_get(call, "state")),
				       json_string_value(json_object_get(call, "at")));
	}
	json_decref(state);
}
