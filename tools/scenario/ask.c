/* Reads questions, finds the right answer in the line that follows, and compares answers. */
#include "scenario/ask.h"

#include "cli/memory.h"
#include "cli/number.h"
#include "fdlab.h"
#include "scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- reading -------------------------------------------------------------------------------- */

void question_free(struct question *q)
{
	if (!q)
		return;
	for (size_t i = 0; i < q->n_mistakes; i++) {
		free(q->mistakes[i].answer);
		free(q->mistakes[i].text);
	}
	free(q->mistakes);
	free(q->text);
	free(q->part);
	free(q->right);
	free(q->otherwise);
	free(q);
}

/* Sets a text of a question, or adds to it: a second line with the same word goes on. */
static int add_text(char **text, const char *args)
{
	char *longer;

	if (asprintf(&longer, "%s%s%s", *text ? *text : "", *text ? " " : "", args) < 0)
		return -ENOMEM;
	free(*text);
	*text = longer;
	return 0;
}

static int add_mistake(struct question *q, const char *args, const char **wrong)
{
	const char *colon = strstr(args, ": ");
	struct mistake *m;

	if (!colon || colon == args) {
		*wrong = "if takes ANSWER: TEXT";
		return -EINVAL;
	}
	m = reallocarray(q->mistakes, q->n_mistakes + 1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	q->mistakes = m;
	m += q->n_mistakes++;
	m->answer = strndup(args, (size_t)(colon - args));
	m->text = strdup(colon + 2 + strspn(colon + 2, " \t"));
	return m->answer && m->text ? 0 : -ENOMEM;
}

static int set_part(struct question *q, const char *args, const char **wrong)
{
	if (q->part) {
		*wrong = "there are two answers to one question";
		return -EINVAL;
	}
	q->part = strdup(args);
	return q->part ? 0 : -ENOMEM;
}

static int add_question(struct question *q, const char *args, const char **wrong)
{
	(void)wrong;
	return add_text(&q->text, args);
}

static int add_right(struct question *q, const char *args, const char **wrong)
{
	(void)wrong;
	return add_text(&q->right, args);
}

static int add_otherwise(struct question *q, const char *args, const char **wrong)
{
	(void)wrong;
	return add_text(&q->otherwise, args);
}

static const struct {
	const char *word;
	int (*read)(struct question *q, const char *args, const char **wrong);
} words[] = {
	{ "ask", add_question }, { "answer", set_part },    { "right", add_right },
	{ "if", add_mistake },   { "else", add_otherwise },
};

int question_read(struct question **q, const char *word, const char *args, const char **wrong)
{
	const bool begins = !strcmp(word, words[0].word);

	*wrong = !*args ? "a text must follow" : !*q && !begins ? "an ask must come before" : NULL;
	if (*wrong)
		return -EINVAL;
	if (!*q)
		*q = calloc(1, sizeof(**q));
	if (!*q)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i].word))
			return words[i].read(*q, args, wrong);
	}
	*wrong = "not a word of a question";
	return -EINVAL;
}

/* ---- the right answer ------------------------------------------------------------------------ */

char *question_match(const char *expression, const char *text)
{
	regmatch_t match[2];
	regex_t regex;
	char *found = NULL;

	int result = regcomp(&regex, expression, REG_EXTENDED | REG_NEWLINE);

	if (result == REG_ESPACE)
		memory_is_out();
	if (result)
		return NULL;
	result = regexec(&regex, text, 2, match, 0);
	if (result == REG_ESPACE)
		memory_is_out();
	if (!result) {
		const regmatch_t *m = regex.re_nsub ? &match[1] : &match[0];

		if (m->rm_so >= 0)
			found = strndup(text + m->rm_so, (size_t)(m->rm_eo - m->rm_so));
	}
	regfree(&regex);
	return found;
}

/* The result that a call states, without its explanation in brackets and without a comment. */
static char *stated(const struct scenario_line *line)
{
	size_t n;

	if (!line->result)
		return strdup(ANSWER_WAITS);
	n = strcspn(line->result, "(#");
	while (n && isblank((unsigned char)line->result[n - 1]))
		n--;
	return strndup(line->result, n);
}

char *question_answer(const struct question *q, const struct scenario_line *line, const char *found)
{
	if (q->part)
		return strdup(q->part);
	switch (line->kind) {
	case LINE_CALL:
		return stated(line);
	case LINE_EXPECT_TEXT:
		return strdup(line->text);
	case LINE_EXPECT_NOTHING:
		return strdup("no");
	case LINE_EXPECT_MATCH:
		return found ? question_match(line->text, found) : NULL;
	default:
		return NULL;
	}
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Whether a text stands in a line as a word or a string of its own. */
static bool stands_in(const char *line, const char *part)
{
	const size_t n = strlen(part);

	for (const char *p = strstr(line, part); p; p = strstr(p + 1, part)) {
		const bool begins = p == line || !isalnum((unsigned char)p[-1]) ||
				    !isalnum((unsigned char)*part);

		if (begins && (!isalnum((unsigned char)p[n]) || !isalnum((unsigned char)p[n - 1])))
			return true;
	}
	return false;
}

/* Whether the line, played, makes true what an "answer" line says. */
static bool part_is_checked(const char *part, const struct scenario_line *line)
{
	const bool empty = line->kind == LINE_EXPECT_TEXT && !line->len;

	if (line->kind == LINE_CALL)
		return stands_in(line->text, part);
	if (!strcmp(part, "yes"))
		return line->kind != LINE_EXPECT_NOTHING && !empty;
	return !strcmp(part, "no") && (line->kind == LINE_EXPECT_NOTHING || empty);
}

char *question_check(const struct question *q, const struct scenario_line *line, const char *found)
{
	char *answer = question_answer(q, line, found), *message = NULL;

	if (q->part && !part_is_checked(q->part, line)) {
		free(answer);
		if (asprintf(&message,
			     "the answer '%s' does not stand in the line that is asked about",
			     q->part) < 0)
			return NULL;
		return message;
	}
	for (size_t i = 0; answer && !message && i < q->n_mistakes; i++) {
		if (answer_equals(q->mistakes[i].answer, answer) &&
		    asprintf(&message, MISTAKE_IS_RIGHT "%s", q->mistakes[i].answer) < 0)
			message = NULL;
	}
	for (size_t i = 1; !message && i < q->n_mistakes; i++) {
		for (size_t j = 0; !message && j < i; j++) {
			if (answer_equals(q->mistakes[i].answer, q->mistakes[j].answer) &&
			    asprintf(&message, "there are two ifs for the answer %s",
				     q->mistakes[i].answer) < 0)
				message = NULL;
		}
	}
	free(answer);
	return message;
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Words that mean the same as an answer. */
static const struct {
	const char *said, *meant;
} synonyms[] = {
	{ "wait", ANSWER_WAITS },
	{ "it waits", ANSWER_WAITS },
	{ "block", ANSWER_WAITS },
	{ "blocks", ANSWER_WAITS },
	{ "it blocks", ANSWER_WAITS },
	{ "hang", ANSWER_WAITS },
	{ "hangs", ANSWER_WAITS },
	{ "it hangs", ANSWER_WAITS },
	{ "sleep", ANSWER_WAITS },
	{ "sleeps", ANSWER_WAITS },
	{ "blocked", ANSWER_WAITS },
	{ "waiting", ANSWER_WAITS },
	{ "y", "yes" },
	{ "n", "no" },
	{ "none", "" },
	{ "nothing", "" },
	{ "empty", "" },
};

/*
 * The answer without quotes or brackets around it, blanks at its ends, and blanks beside commas;
 * others are single.
 */
static char *bare(const char *s)
{
	size_t n = strlen(s);
	char *copy, *to;

	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	for (; n && isspace((unsigned char)*s); n--)
		s++;
	if (n >= 2 &&
	    (((*s == '"' || *s == '\'') && s[n - 1] == *s) || (*s == '[' && s[n - 1] == ']'))) {
		s++;
		n -= 2;
	}
	to = copy = malloc(n + 1);
	for (size_t i = 0; copy && i < n; i++) {
		const bool blank = isspace((unsigned char)s[i]);

		if (blank && (to == copy || to[-1] == ' ' || to[-1] == ',' || s[i + 1] == ','))
			continue;
		*to++ = blank ? ' ' : s[i];
	}
	if (copy)
		*to = '\0';
	return copy;
}

/* The error that an answer is: "EBADF", "-EBADF", "ebadf", "-1 EBADF (Bad file…)"; or 0. */
static int error_of(const char *s)
{
	char name[32];
	size_t n;

	if (!strncmp(s, "-1 ", 3))
		s += 3;
	else if (*s == '-')
		s++;
	n = strcspn(s, " (");
	if (!n || n >= sizeof(name))
		return 0;
	for (size_t i = 0; i < n; i++)
		name[i] = (char)toupper((unsigned char)s[i]);
	return fdl_errno(name, n);
}

/* The number that an answer is, in the forms of C, before a remark in brackets. */
static bool number_of(const char *s, int64_t *number)
{
	const char *end = integer_at(s, number);

	if (!end)
		return false;
	end += strspn(end, " ");
	return !*end || *end == '(';
}

static bool bare_equal(const char *a, const char *b)
{
	int64_t m, n;

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
		a = strcasecmp(a, synonyms[i].said) ? a : synonyms[i].meant;
		b = strcasecmp(b, synonyms[i].said) ? b : synonyms[i].meant;
	}
	if (!strcasecmp(a, b))
		return true;
	if (error_of(a) || error_of(b))
		return error_of(a) == error_of(b);
	return number_of(a, &m) && number_of(b, &n) && m == n;
}

bool answer_equals(const char *a, const char *b)
{
	char *x = bare(a), *y = bare(b);
	const bool equal = x && y && bare_equal(x, y);

	free(x);
	free(y);
	return equal;
}
