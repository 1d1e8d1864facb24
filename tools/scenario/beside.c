/* Compares the replies of the other kernel with what the lines say of it. */
#include "scenario/beside.h"

#include "cli/result.h"
#include "fdlab.h"
#include "scenario/ask.h"
#include "scenario/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * The result in a call's own reply; NULL: the call waits. Replies of calls that it woke follow it.
 */
static const char *result_of(char *replies)
{
	char *end = strchr(replies, '\n');

	if (end)
		*end = '\0';
	return stated_result(replies, strlen(replies));
}

static void check_line(const struct scenario_line *line, const char *kernel, char *replies,
		       struct report *report)
{
	const char *said = line->beside ?: line->result;
	const char *result = result_of(replies);

	if (!said || *said == '?')
		return;
	if (!result && answer_equals(said, ANSWER_WAITS))
		return;
	if (result && (answer_equals(said, result) || (!line->beside && *result == '?')))
		return;
	report_failure(report, line->number, "%s: on %s expected %s, got %s", line->text, kernel,
		       said, result ?: ANSWER_WAITS);
}

void beside_check(const struct scenario *s, struct report *report)
{
	struct side side;
	char message[256];
	const int error = side_play(&side, s, s->other_kernel, message, sizeof(message));

	if (error)
		report_failure(report, 0, "%s: %s", s->other_kernel,
			       *message ? message : strerror(-error));
	for (size_t i = 0; i < side.n_answers; i++) {
		if (side.answer[i] && s->lines[i].kind == LINE_CALL)
			check_line(&s->lines[i], s->other_kernel, side.answer[i], report);
	}
	side_free(&side);
}
