/*
 * Questions of a scenario about the next line, and the texts for answers to them. The right answer
 * is never written down as such. It is the result that the line states, or the text that it finds,
 * and playing the line checks that. Neither the source of lines nor that of answers is known here.
 * See fdlab-notation(5).
 */
#ifndef FDLAB_TOOLS_ASK_H
#define FDLAB_TOOLS_ASK_H

#include <stdbool.h>
#include <stddef.h>

struct scenario_line;

/* A wrong answer that is often given, and why it is wrong. */
struct mistake {
	char *answer, *text;
};

struct question {
	char *text;
	char *part;  /* what is asked for, if it is not the result, as the line has it; or NULL */
	char *right; /* what is said to the right answer; or NULL */
	char *otherwise; /* the text for any other answer, or NULL */
	struct mistake *mistakes;
	size_t n_mistakes;
};

/* The answer to a question about a call that has to wait. */
#define ANSWER_WAITS "waits"

/* The message of question_check for such a mistake; with the answer. */
#define MISTAKE_IS_RIGHT "an if calls the right answer wrong: "

/*
 * Reads a line of a question: its word (ask, answer, right, if, else) and what follows it. *q is
 * the question so far, or NULL before "ask"; it is the caller's, to be freed by question_free. 0;
 * -EINVAL and what is wrong with it in *wrong; -ENOMEM.
 */
int question_read(struct question **q, const char *word, const char *args, const char **wrong);
void question_free(struct question *q);

/*
 * The fault of a question for its line, in memory of malloc; NULL: there is none. found is the text
 * that an expectation found, or NULL before the line was played.
 */
char *question_check(const struct question *q, const struct scenario_line *line, const char *found);

/*
 * The right answer, in memory of malloc; NULL: it is not known before the line is played. found is
 * as for question_check.
 */
char *question_answer(const struct question *q, const struct scenario_line *line,
		      const char *found);

/*
 * The part of a text that an expression finds, in memory of malloc: the match of its first
 * brackets, or the whole match without brackets. NULL: nothing.
 */
char *question_match(const char *expression, const char *text);

/* Whether two answers are the same, however they are spelt: EBADF and "-1 EBADF", 0x10 and 16. */
bool answer_equals(const char *a, const char *b);

#endif
