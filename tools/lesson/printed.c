/* Prints each step: its text, the question, what came of its lines, and what is said to answers. */
#include "lesson/printed.h"

#include "lesson/show.h"
#include "scenario/ask.h"
#include "scenario/play.h"

#include <string.h>

struct printer {
	struct play_watcher watcher;
	const struct lesson *lesson;
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
	show_replies(stdout, replies, ((struct printer *)w)->colour);
}

static void print_answers(const struct question *q)
{
	if (q->right)
		printf("  %s\n", q->right);
	for (size_t i = 0; i < q->n_mistakes; i++)
		printf("  Not %s: %s\n", q->mistakes[i].answer, q->mistakes[i].text);
	if (q->otherwise)
		printf("  Otherwise: %s\n", q->otherwise);
}

static void print_line(struct printer *p, const struct scenario_line *line)
{
	if (line->question)
		printf("  ? %s\n", line->question->text);
	play_one(&p->player, line);
	show_beside(stdout, p->lesson, line);
	show_line(stdout, p->player.t, line);
	if (line_changes(line))
		show_tables(stdout, p->player.t, p->drawing);
	if (line->question)
		print_answers(line->question);
}

static void print_end(const struct lesson *l)
{
	const struct scenario *s = &l->scenario;

	if (s->n_learnt)
		puts("\nWhat was learnt:");
	for (size_t i = 0; i < s->n_learnt; i++)
		printf("- %s\n", s->learnt[i]);
	if (s->exercise)
		printf("\nExercise: %s%s\n", lesson_names_exercise(l) ? "fdlab exercise " : "",
		       s->exercise);
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
			print_line(p, &l->scenario.lines[j]);
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
	if (memory && !play_start(&p.player, &l->scenario, NULL, &first)) {
		print_steps(&p);
		p.player.t->ops->stop(p.player.t);
	}
	if (p.player.t)
		p.player.t->ops->free(p.player.t);
	drawing_free(p.drawing);
	return memory;
}
