/* A reply has the remark; what else is wrong with a line is said by the player. */
#include "scenario/modelled.h"

#include "cli/memory.h"
#include "scenario/play.h"
#include "scenario/remark.h"
#include "scenario/target.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Whether some reply has the remark. */
static bool has_remark(const char *replies)
{
	for (const char *at = replies; at; at = strchr(at, '\n')) {
		const char *remark;

		at += *at == '\n';
		remark = remark_find(at);
		if (remark && !strncmp(remark, REMARK NOT_MODELLED, strlen(REMARK NOT_MODELLED)))
			return true;
	}
	return false;
}

static bool is_modelled(struct target *t, const struct scenario_line *line)
{
	ssize_t written;
	char *replies;
	bool modelled;

	if (line->kind == LINE_ECHO)
		t->ops->write(t, line->path, line->text, line->len);
	if (line->kind != LINE_CALL)
		return true;
	replies = play_submit(t, line, &written);
	if (!replies)
		memory_is_out();
	modelled = !has_remark(replies);
	free(replies);
	return modelled;
}

/* Starts the machine with the options; *first is the line after them. False: it has not started. */
static bool start(struct target *t, const struct scenario *s, size_t *first)
{
	const char **assignments = calloc(s->n_lines + 1, sizeof(*assignments));
	char message[256];
	bool started;

	if (!assignments)
		memory_is_out();
	for (*first = 0; *first < s->n_lines && s->lines[*first].kind == LINE_OPTION; ++*first)
		assignments[*first] = s->lines[*first].text;
	started = !t->ops->start(t, assignments, *first, message, sizeof(message));
	free(assignments);
	return started;
}

unsigned scenario_not_modelled(const struct scenario *s)
{
	struct target *t = target_sim();
	unsigned number = 0;
	size_t i;

	if (!t)
		memory_is_out();
	if (start(t, s, &i)) {
		for (; !number && i < s->n_lines; i++)
			if (!is_modelled(t, &s->lines[i]))
				number = s->lines[i].number;
		t->ops->stop(t);
	}
	t->ops->free(t);
	return number;
}
