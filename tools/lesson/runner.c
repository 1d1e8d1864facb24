/*
 * The pages of a lesson, one after the other. A page is made anew whenever it is shown: the machine
 * goes back to before its step, and plays it, so that going back, and a window of another size,
 * need no memory of what was on the screen.
 */
#include "lesson/runner.h"

#include "cli/memory.h"
#include "lesson/page.h"
#include "lesson/stage.h"
#include "lesson/typed.h"
#include "scenario/ask.h"
#include "shell/edit.h"
#include "shell/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS        "enter: next | b: back | t: try it yourself | q: quit"
#define KEYS_ASK    "type your answer | ?: some to choose from | b: back | t: try | q: quit"
#define KEYS_RESUME "enter: go on there | f: from the first page | q: quit"
#define KEYS_END    "enter: leave | b: back | t: try it yourself | q: quit"

struct runner {
	const struct runner_settings *set;
	const struct lesson *lesson;
	struct stage stage;
	struct screen_page page;
	size_t at;     /* the step of the page */
	bool answered; /* its question was answered: the page shows what happened */
	char **said;   /* by step: the last answer to its question, or NULL */
	bool *counted; /* by step: its first answer has been counted */
	unsigned right, asked;
	char *note;   /* shown above the keys of the next page, or NULL */
	size_t urged; /* the page, plus one, whose reader was asked to answer */
	int kept;     /* the last error of keeping the progress */
	bool left;
};

static const struct step *step_at(const struct runner *r)
{
	return &r->lesson->steps[r->at];
}

static const struct question *question_at(const struct runner *r)
{
	return step_question(r->lesson, step_at(r));
}

static const struct scenario_line *line_at(const struct runner *r)
{
	return &r->lesson->scenario.lines[step_at(r)->first];
}

static void set_note(struct runner *r, const char *text)
{
	free(r->note);
	r->note = text ? strdup(text) : NULL;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void show(struct runner *r, const char *keys)
{
	char place[64];
	const bool asks = question_at(r) && !r->answered;
	char *before = stage_log(&r->stage, r->at, asks ? line_at(r) : NULL);

	if (r->note) {
		putc('\n', r->page.body);
		page_text(&r->page, r->note, STYLE_PLAIN);
		set_note(r, NULL);
	}
	snprintf(place, sizeof(place), "page %zu of %zu", r->at + 1, r->lesson->n_steps);
	page_show(&r->page, r->lesson->title, place, before ?: "", keys);
	free(before);
}

/* Plays the step of the page, and adds what came of it to the body. */
static int add_outcome(struct runner *r)
{
	char *text = NULL;
	size_t len;
	FILE *to = memory_stream(&text, &len);

	if (!to)
		return -ENOMEM;
	stage_play(&r->stage, to);
	if (fclose(to)) {
		free(text);
		return -ENOMEM;
	}
	for (const char *line = text; *line; line += *line == '\n') {
		page_line(&r->page, 0, line, STYLE_PLAIN);
		line += strcspn(line, "\n");
	}
	free(text);
	return 0;
}

static int show_plain(struct runner *r)
{
	const bool has_text = step_at(r)->text[strspn(step_at(r)->text, "\n")];
	int error;

	page_text(&r->page, step_at(r)->text, STYLE_TEXT);
	if (has_text && step_at(r)->first < step_at(r)->end)
		putc('\n', r->page.body);
	error = add_outcome(r);
	show(r, KEYS);
	return error;
}

/* The question, with what it hides. */
static void add_question(struct runner *r)
{
	char *hidden = line_hidden(line_at(r), target_sim_machine(r->stage.player.t));
	char *text;

	page_text(&r->page, step_at(r)->text, STYLE_TEXT);
	if (step_at(r)->text[strspn(step_at(r)->text, "\n")])
		putc('\n', r->page.body);
	if (hidden)
		page_line(&r->page, 2, hidden, STYLE_BOLD);
	putc('\n', r->page.body);
	if (asprintf(&text, "? %s", question_at(r)->text) >= 0) {
		page_text(&r->page, text, STYLE_PLAIN);
		free(text);
	}
	free(hidden);
}

static void show_question(struct runner *r)
{
	char *text;

	add_question(r);
	if (r->said[r->at] && !r->note &&
	    asprintf(&text, "You said %s. Answer again, or enter.", r->said[r->at]) >= 0) {
		set_note(r, text);
		free(text);
	}
	show(r, KEYS_ASK);
}

/* The reply to an answer: the text for it, or for every other answer. */
static const char *explanation(const struct question *q, const char *said, bool right)
{
	for (size_t i = 0; !right && i < q->n_mistakes; i++) {
		if (answer_equals(q->mistakes[i].answer, said))
			return q->mistakes[i].text;
	}
	return (right || !q->otherwise ? q->right : q->otherwise) ?: "";
}

/* The right answer to the question of the page, before its line is played. */
static char *right_answer(struct runner *r)
{
	char *found = stage_found(&r->stage, line_at(r));
	char *answer = question_answer(question_at(r), line_at(r), found);

	free(found);
	return answer;
}

static int show_answer(struct runner *r)
{
	const char *said = r->said[r->at];
	char *answer = right_answer(r), *text = NULL;
	const bool right = said && answer && answer_equals(said, answer);
	const char *why = explanation(question_at(r), said ?: "", right);
	const char *verdict = right ? "Right: " : said && *said ? "Not " : "";
	int error;

	page_text(&r->page, question_at(r)->text, STYLE_TEXT);
	putc('\n', r->page.body);
	error = add_outcome(r);
	putc('\n', r->page.body);
	if (!answer || asprintf(&text, "%s%s%s%s%s%s", verdict,
				right ? "" : said ?: "", right || !said || !*said ? "" : ", but ",
				*answer ? answer : "nothing", *why ? ". " : ".", why) < 0)
		text = NULL;
	page_text(&r->page, text ?: why, STYLE_BOLD);
	show(r, KEYS);
	free(text);
	free(answer);
	return error;
}

static void add_line(struct runner *r, const char *before, const char *text)
{
	char *line;

	if (asprintf(&line, "%s%s", before, text) < 0)
		return;
	page_text(&r->page, line, STYLE_PLAIN);
	free(line);
}

static void show_end(struct runner *r)
{
	const struct scenario *s = &r->lesson->scenario;
	char score[96];

	page_text(&r->page, step_at(r)->text, STYLE_TEXT);
	if (s->n_learnt)
		page_text(&r->page, "What you learnt:", STYLE_BOLD);
	for (size_t i = 0; i < s->n_learnt; i++)
		add_line(r, "- ", s->learnt[i]);
	if (r->lesson->n_questions) {
		snprintf(score, sizeof(score), "%u of %u predictions were right.", r->right,
			 r->lesson->n_questions);
		putc('\n', r->page.body);
		page_text(&r->page, score, STYLE_BOLD);
	}
	putc('\n', r->page.body);
	if (s->exercise)
		add_line(r,
			 lesson_names_exercise(r->lesson) ? "An exercise: fdlab exercise "
							  : "An exercise: ",
			 s->exercise);
	if (r->set->next)
		add_line(r, "The next lesson: fdlab lesson ", r->set->next);
	show(r, KEYS_END);
}

static int show_page(struct runner *r)
{
	int error = stage_go(&r->stage, r->at);

	if (!error)
		error = page_begin(&r->page, r->set->colour);
	if (error)
		return error;
	if (r->at + 1 == r->lesson->n_steps)
		show_end(r);
	else if (!question_at(r))
		return show_plain(r);
	else if (r->answered)
		return show_answer(r);
	else
		show_question(r);
	return 0;
}

/* ---- answers --------------------------------------------------------------------------------- */

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The right answer among the usual wrong ones. */
static void note_choices(struct runner *r)
{
	const struct question *q = question_at(r);
	char *answer = right_answer(r), *text = NULL;
	const char **all = calloc(q->n_mistakes + 1, sizeof(*all));
	size_t n = 0, len;
	FILE *to = memory_stream(&text, &len);

	for (size_t i = 0; all && i < q->n_mistakes; i++)
		all[n++] = q->mistakes[i].answer;
	if (all && answer)
		all[n++] = *answer ? answer : "nothing";
	if (n)
		qsort(all, n, sizeof(*all), compare_texts);
	if (to) {
		fputs("One of these:", to);
		for (size_t i = 0; i < n; i++)
			fprintf(to, "%s %s", i ? "," : "", all[i]);
		if (!fclose(to))
			set_note(r, text);
	}
	free(text);
	free(all);
	free(answer);
}

/* The first answer to a question counts. */
static void count_answer(struct runner *r)
{
	char *answer = right_answer(r);

	if (!r->counted[r->at]) {
		r->counted[r->at] = true;
		r->asked++;
		r->right += answer && answer_equals(r->said[r->at], answer);
	}
	free(answer);
}

static void take_answer(struct runner *r, const char *text)
{
	if (!strcmp(text, "-1")) {
		set_note(r, "With which error? EBADF, say.");
		return;
	}
	if (*text || !r->said[r->at]) {
		free(r->said[r->at]);
		r->said[r->at] = strdup(text);
	}
	if (!r->said[r->at])
		return;
	count_answer(r);
	r->answered = true;
}

/* ---- the reader ------------------------------------------------------------------------------ */

/* Plays what the machine of the lesson has played on a second one. */
static int copy_machine(const struct runner *r, struct stage *copy, struct report *report)
{
	int error = stage_begin(copy, r->lesson, report, false);

	return error ?: stage_go(copy, r->stage.played);
}

static void try_it(struct runner *r)
{
	struct report *report = report_begin_quiet("sim");
	struct stage copy = { 0 };
	struct session session;
	int error;

	if (!report)
		return;
	report_file(report, "a copy");
	error = copy_machine(r, &copy, report);
	if (!error) {
		puts("\nA machine in this state, to try on.\n"
		     "help lists commands; quit goes back to the lesson.");
		error = session_begin(&session, copy.player.t, target_sim_machine(copy.player.t),
				      r->set->colour);
		if (!error)
			edit_lines(&session);
		session_end(&session);
		clearerr(stdin);
	}
	stage_end(&copy);
	report_forget(report, 0);
	report_file_end(report, OUTCOME_PASSED, NULL);
	report_end(report);
}

static void keep(struct runner *r)
{
	struct progress_lesson p = { .step = (unsigned)r->at,
				     .steps = (unsigned)r->lesson->n_steps - 1,
				     .right = r->right,
				     .asked = r->asked };
	int error;

	if (!r->set->name || !r->at)
		return;
	snprintf(p.name, sizeof(p.name), "%s", r->set->name);
	error = progress_note(&p);
	r->kept = error ?: r->kept;
}

static void go_next(struct runner *r)
{
	if (r->at + 1 == r->lesson->n_steps) {
		r->left = true;
		return;
	}
	r->at++;
	r->answered = false;
	keep(r);
}

static void go_back(struct runner *r)
{
	if (r->answered)
		r->answered = false;
	else if (r->at)
		r->at--;
	else
		set_note(r, "This is the first page.");
}

static void take_command(struct runner *r, const struct typed *typed)
{
	const bool asks = question_at(r) && !r->answered;

	switch (typed->kind) {
	case TYPED_NOTHING:
		if (asks && !r->said[r->at] && r->urged != r->at + 1) {
			r->urged = r->at + 1;
			set_note(r,
				 "Say what you expect: it is remembered better so, right or wrong. "
				 "Enter once more shows it.");
		} else if (asks) {
			take_answer(r, "");
		} else {
			go_next(r);
		}
		break;
	case TYPED_BACK:
		go_back(r);
		break;
	case TYPED_TRY:
		try_it(r);
		break;
	case TYPED_QUIT:
		r->left = true;
		break;
	case TYPED_RESIZED:
		break;
	case TYPED_CHOICES:
	case TYPED_TEXT:
		if (!asks)
			set_note(r, "t opens a prompt, at which calls can be typed.");
		else if (typed->kind == TYPED_CHOICES)
			note_choices(r);
		else
			take_answer(r, typed->text);
		break;
	}
}

/* Whether to go on at the step where the reader left, which is asked. */
static void resume(struct runner *r, const struct progress_lesson *done)
{
	struct typed typed;
	char text[160];

	if (!done || !done->step || done->step >= done->steps ||
	    done->steps != r->lesson->n_steps - 1 || page_begin(&r->page, r->set->colour))
		return;
	snprintf(text, sizeof(text), "You left this lesson at page %u of %u.", done->step + 1,
		 done->steps + 1);
	page_text(&r->page, text, STYLE_PLAIN);
	page_show(&r->page, r->lesson->title, "", "", KEYS_RESUME);
	do
		typed_read(&typed, "> ");
	while (typed.kind == TYPED_RESIZED);
	r->left = typed.kind == TYPED_QUIT;
	if (typed.kind == TYPED_NOTHING) {
		r->at = done->step;
		r->right = done->right;
		r->asked = done->asked;
		for (size_t i = 0; i < r->at; i++)
			r->counted[i] = true;
	}
	typed_free(&typed);
}

static int run_pages(struct runner *r)
{
	int error = 0;

	resume(r, r->set->done);
	while (!r->left && !error) {
		struct typed typed;

		error = show_page(r);
		if (error)
			break;
		typed_read(&typed, question_at(r) && !r->answered ? "answer> " : "> ");
		take_command(r, &typed);
		typed_free(&typed);
	}
	return error;
}

int run_lesson(const struct runner_settings *set, struct report *report, int *kept)
{
	const size_t n = set->lesson->n_steps;
	struct runner r = {
		.set = set,
		.lesson = set->lesson,
		.said = calloc(n, sizeof(*r.said)),
		.counted = calloc(n, sizeof(*r.counted)),
	};
	int error = r.said && r.counted ? 0 : -ENOMEM;

	if (!error) {
		error = stage_begin(&r.stage, set->lesson, report, set->colour);
		if (!error)
			error = run_pages(&r);
		stage_end(&r.stage);
	}
	for (size_t i = 0; r.said && i < n; i++)
		free(r.said[i]);
	free(r.said);
	free(r.counted);
	free(r.note);
	*kept = r.kept;
	return error;
}
