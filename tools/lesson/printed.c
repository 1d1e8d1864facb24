/* Prints each step: its text, the question, what came of its lines, and what is said to answers. */
#include "lesson/printed.h"

#include "cli/memory.h"
#include "cli/wrap.h"
#include "lesson/show.h"
#include "scenario/ask.h"
#include "scenario/play.h"

#include <stdio.h>
#include <stdlib.h>

struct printer {
	struct play_watcher watcher;
	const struct lesson *lesson;
	const struct scenario_line *line; /* at hand */
	struct player player;
	struct drawing *drawing;
	bool colour;
};

static void print_text(const struct printer *p, const char *text)
{
	printf("%s%s%s", p->colour ? "\033[36m" : "", text, p->colour ? "\033[0m" : "");
}

static void print_replies(struct play_watcher *w, const char *replies)
{
	const struct printer *p = (struct printer *)w;

	show_replies(stdout, p->lesson, p->line, replies, p->colour);
}

/* A text after a word that says what it is for. */
static void print_for(const char *word, const char *answer, const char *text)
{
	char *line;

	if (asprintf(&line, "%s%s: %s", word, answer, text) < 0)
		memory_is_out();
	print_wrapped(stdout, "  ", line);
	free(line);
}

static void print_answers(const struct question *q)
{
	if (q->right)
		print_wrapped(stdout, "  ", q->right);
	for (size_t i = 0; i < q->n_mistakes; i++)
		print_for("Not ", q->mistakes[i].answer, q->mistakes[i].text);
	if (q->otherwise)
		print_for("Otherwise", "", q->otherwise);
}

static void print_question(const struct question *q)
{
	char *line;

	if (asprintf(&line, "? %s", q->text) < 0)
		memory_is_out();
	print_wrapped(stdout, "  ", line);
	free(line);
}

static void print_line(struct printer *p, const struct scenario_line *line, bool defers)
{
	if (line->question)
		print_question(line->question);
	p->line = line;
	play_one(&p->player, line);
	show_line(stdout, p->player.t, line);
	if (!defers && (line_changes(line) || line->question))
		show_tables(stdout, p->player.t, p->drawing);
	show_beside(stdout, p->lesson, line);
	if (line->question)
		print_answers(line->question);
}

static void print_end(const struct lesson *l)
{
	const struct scenario *s = &l->scenario;

	if (s->n_learnt)
		puts("\nWhat was learnt:");
	for (size_t i = 0; i < s->n_learnt; i++)
		print_wrapped(stdout, "  ", s->learnt[i]);
	if (s->exercise)
		printf("\nExercise:\n");
	if (s->exercise && lesson_names_exercise(l))
		printf("  fdlab exercise %s\n", s->exercise);
	else if (s->exercise)
		print_wrapped(stdout, "  ", s->exercise);
}

static void print_steps(struct printer *p)
{
	const struct lesson *l = p->lesson;

	if (*l->title) {
		print_text(p, l->title);
		putchar('\n');
	}
	drawing_look(p->drawing, p->player.t, NULL);
	for (size_t i = 0; i < l->n_steps; i++) {
		print_text(p, l->steps[i].text);
		for (size_t j = l->steps[i].first; j < l->steps[i].end; j++)
			print_line(p, &l->scenario.lines[j], step_defers(l, i));
	}
	print_end(l);
}

bool print_lesson(const struct lesson *l, struct report *report, bool colour)
{
	struct printer p = { .watcher = { .replied = print_replies },
			     .lesson = l,
			     .player = { .t = target_sim(), .report = report },
			     .drawing = drawing_new(colour),
			     .colour = colour };
	const bool memory = p.player.t && p.drawing;
	size_t first;

	p.player.watcher = &p.watcher;
	if (memory && !play_begin(&p.player, &l->scenario, NULL, &first)) {
		print_steps(&p);
		p.player.t->ops->stop(p.player.t);
	}
	if (p.player.t)
		p.player.t->ops->free(p.player.t);
	drawing_free(p.drawing);
	return memory;
}
