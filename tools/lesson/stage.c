/* Plays steps, and goes back to the moments of the machine's log that it has noted before each. */
#include "lesson/stage.h"

#include "lesson/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void write_replies(struct play_watcher *w, const char *replies)
{
	const struct stage *s = (struct stage *)w;

	if (s->to)
		show_replies(s->to, s->lesson, s->line, replies, s->colour);
}

static char *read_log(struct stage *s)
{
	char *text;
	size_t len;

	return s->player.t->ops->read(s->player.t, "log", &text, &len) ? NULL : text;
}

static uint64_t count_lines(const char *text)
{
	uint64_t n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The log begins with the options. */
static void note_start(struct stage *s)
{
	char *log = read_log(s);

	s->moment[0] = log ? count_lines(log) : 0;
	free(log);
}

int stage_begin(struct stage *s, const struct lesson *l, struct report *report, bool colour)
{
	size_t first;

	*s = (struct stage){
		.watcher = { .replied = write_replies },
		.lesson = l,
		.player = { .t = target_sim(), .report = report },
		.drawing = drawing_new(colour),
		.colour = colour,
		.moment = calloc(l->n_steps + 1, sizeof(*s->moment)),
		.failures = calloc(l->n_steps + 1, sizeof(*s->failures)),
	};
	s->player.watcher = &s->watcher;
	if (!s->player.t || !s->drawing || !s->moment || !s->failures)
		return -ENOMEM;
	if (play_begin(&s->player, &l->scenario, NULL, &first)) {
		s->player.t->ops->free(s->player.t);
		s->player.t = NULL;
		return -EINVAL;
	}
	note_start(s);
	return drawing_look(s->drawing, s->player.t, NULL);
}

void stage_end(struct stage *s)
{
	if (s->player.t) {
		s->player.t->ops->stop(s->player.t);
		s->player.t->ops->free(s->player.t);
	}
	drawing_free(s->drawing);
	free(s->moment);
	free(s->failures);
}

/*
 * Notes the moment after the step that was just played. The log had another end before, unless the
 * step made no call: the comment about undone lines gets into the log with the next call.
 */
static void note_moment(struct stage *s, const char *before)
{
	char *log = read_log(s);
	const bool same = !log || (before && !strcmp(log, before));

	s->moment[s->played] = same ? s->moment[s->played - 1] : count_lines(log);
	s->failures[s->played] = report_failures(s->player.report);
	free(log);
}

void stage_play(struct stage *s, FILE *to)
{
	const struct lesson *l = s->lesson;
	const struct step *step = &l->steps[s->played];
	char *log = read_log(s);

	s->to = to;
	for (size_t i = step->first; i < step->end; i++) {
		const struct scenario_line *line = &l->scenario.lines[i];

		s->line = line;
		play_one(&s->player, line);
		if (to)
			show_line(to, s->player.t, line);
	}
	if (to && !step_defers(l, s->played))
		show_tables(to, s->player.t, s->drawing);
	for (size_t i = step->first; to && i < step->end; i++)
		show_beside(to, l, &l->scenario.lines[i]);
	s->played++;
	note_moment(s, log);
	free(log);
}

int stage_go(struct stage *s, size_t step)
{
	struct fdl_machine *m = target_sim_machine(s->player.t);
	size_t drawn = step;
	int error = 0;

	/* Tables that the steps before have not shown are shown with this one. */
	while (drawn && step_defers(s->lesson, drawn - 1))
		drawn--;
	if (drawn < s->played) {
		error = fdl_goto(m, s->moment[drawn]);
		if (error)
			return error;
		report_forget(s->player.report, s->failures[drawn]);
		s->played = drawn;
	}
	while (s->played < drawn)
		stage_play(s, NULL);
	/* Replies of the lines that were undone are none of the next line's. */
	free(play_replies(s->player.t));
	error = drawing_look(s->drawing, s->player.t, NULL);
	while (s->played < step)
		stage_play(s, NULL);
	return error;
}

char *stage_found(struct stage *s, const struct scenario_line *line)
{
	char *text;
	size_t len;

	if (line->kind != LINE_EXPECT_MATCH ||
	    s->player.t->ops->read(s->player.t, line->path, &text, &len))
		return NULL;
	return text;
}

char *stage_log(struct stage *s, size_t step, const struct scenario_line *asked)
{
	char *log = read_log(s), *to = log;
	const uint64_t end = step < s->played ? s->moment[step] : UINT64_MAX;
	uint64_t n = 0;

	for (const char *line = log; log && *line;) {
		const size_t len = strcspn(line, "\n"), whole = len + (line[len] == '\n');

		const bool shown = *line != '#' && strncmp(line, "option ", 7) != 0 &&
				   !(asked && reply_is_answer(asked, line));

		if (n++ < end && shown) {
			memmove(to, line, whole);
			to += whole;
		}
		line += whole;
	}
	if (to)
		*to = '\0';
	return log;
}
