/*
 * Reads scenario files: lines of text become struct scenario_line, and errors in directives are
 * reported with their line. Calls pass through unread, but for finding where their result stands.
 */
#include "scenario/scenario.h"

#include "cli/number.h"
#include "cli/result.h"
#include "fdlab.h"
#include "scenario/ask.h"
#include "scenario/challenge.h"
#include "scenario/differs.h"
#include "scenario/escapes.h"
#include "scenario/expectation.h"
#include "scenario/teaching.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scenario_reader {
	struct scenario *s;
	struct report *report;
	unsigned number;           /* of the line at hand */
	int pid;                   /* that the line before was for, in a race */
	const char *word;          /* of the directive at hand */
	struct question *question; /* for the next line, or NULL */
	bool in_race;
	bool wrong;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

/* Ends the word at p with a NUL and returns what follows it and its blanks. */
static char *end_word(char *p)
{
	while (*p && !is_blank(*p))
		p++;
	if (*p)
		*p++ = '\0';
	return skip_blanks(p);
}

static void cut_trailing_blanks(char *s)
{
	size_t n = strlen(s);

	while (n && is_blank(s[n - 1]))
		s[--n] = '\0';
}

static int fail(struct scenario_reader *r, const char *message, const char *what)
{
	report_failure(r->report, r->number, "%s%s", message, what);
	r->wrong = true;
	return 0;
}

/* Adds an element to an array, which has room up to the next power of two. NULL: no memory. */
static struct scenario_line *grow(struct scenario_line **lines, size_t *n)
{
	if (!(*n & (*n - 1))) {
		size_t room = *n ? *n * 2 : 1;
		struct scenario_line *more = reallocarray(*lines, room, sizeof(*more));

		if (!more)
			return NULL;
		*lines = more;
	}
	return &(*lines)[(*n)++];
}

static int add_line(struct scenario_reader *r, const struct scenario_line *line)
{
	struct scenario *s = r->s;
	struct scenario_line *added =
		r->in_race ? grow(&s->race, &s->n_race) : grow(&s->lines, &s->n_lines);

	if (!added)
		return -ENOMEM;
	*added = *line;
	added->question = r->in_race ? NULL : r->question;
	r->question = NULL;
	added->number = r->number;
	added->pid = r->pid;
	added->path = line->path ? strdup(line->path) : NULL;
	added->text = malloc(line->len + 1);
	if (!added->text || (line->path && !added->path))
		return -ENOMEM;
	memcpy(added->text, line->text, line->len);
	added->text[line->len] = '\0';
	return 0;
}

/* A question is about a line that states a result, waits, or looks at a file. */
static int check_question(struct scenario_reader *r)
{
	const struct scenario_line *line = &r->s->lines[r->s->n_lines - 1];
	char *wrong;

	if (r->in_race || !line->question)
		return 0;
	if (strstr(line->text, "<unfinished") || scenario_is_command(line) ||
	    (line->result && *line->result == '?'))
		return fail(r, "nothing can be asked about a line without a result", "");
	wrong = question_check(line->question, line, NULL);
	if (wrong)
		fail(r, wrong, "");
	free(wrong);
	return 0;
}

static int read_call(struct scenario_reader *r, char *text)
{
	struct scenario_line line = { .kind = LINE_CALL, .text = text, .len = strlen(text) };
	int err = add_line(r, &line);

	if (!err && !r->in_race) {
		struct scenario_line *added = &r->s->lines[r->s->n_lines - 1];

		added->result = stated_result(added->text, added->len);
		err = check_question(r);
	}
	return err;
}

static int read_option(struct scenario_reader *r, char *args)
{
	if (!*args)
		return fail(r, "option takes NAME=VALUE", "");
	if (r->question)
		return fail(r, "ask: options come first", "");
	for (size_t i = 0; i < r->s->n_lines; i++)
		if (r->s->lines[i].kind != LINE_OPTION)
			return fail(r, "option must come before the first call", "");
	while (*args) {
		char *next = end_word(args);
		struct scenario_line line = { .kind = LINE_OPTION,
					      .text = args,
					      .len = strlen(args) };
		int err = add_line(r, &line);

		if (err)
			return err;
		args = next;
	}
	return 0;
}

/*
 * Finds the ">" after the text of an echo line, ends the text there and removes its quotes.
 * Returns what follows the ">"; NULL: an error, which is reported.
 */
static char *split_echo(struct scenario_reader *r, char **text, size_t *len)
{
	char *p = *text;
	char quote = *p;
	char *end = NULL;

	if (quote == '\'' || quote == '"') {
		const char *bad;
		ssize_t n;

		*text = ++p;
		for (; *p && *p != quote; p++)
			if (quote == '"' && *p == '\\' && p[1])
				p++;
		end = *p ? skip_blanks(p + 1) : p;
		if (*end != '>') {
			fail(r, "echo TEXT > PATH: expected '>' after the quoted text", "");
			return NULL;
		}
		*p = '\0';
		n = quote == '"' ? escapes_undo(*text, &bad) : p - *text;
		if (n < 0) {
			fail(r, "echo: not an escape: ", bad);
			return NULL;
		}
		*len = (size_t)n;
		return skip_blanks(end + 1);
	}
	for (; *p; p++)
		if (*p == '>' && (p == *text || is_blank(p[-1])))
			end = p;
	if (!end) {
		fail(r, "echo TEXT > PATH: there is no '>'", "");
		return NULL;
	}
	*end = '\0';
	cut_trailing_blanks(*text);
	*len = strlen(*text);
	return skip_blanks(end + 1);
}

/*
 * Reads the error that an echo states after its path: "= -1 EINVAL", "= -1 EINVAL (Invalid
 * argument)".
 */
static int read_stated_error(struct scenario_reader *r, char *p)
{
	static const char wanted[] = "echo states an error as '= -1 EINVAL', not ";
	char *name;
	int error;

	name = end_word(p);
	if (strcmp(p, "=") != 0)
		return fail(r, wanted, p);
	p = name;
	name = end_word(p);
	if (strcmp(p, "-1") != 0)
		return fail(r, wanted, p);
	end_word(name);
	error = fdl_errno(name, strlen(name));
	if (!error)
		return fail(r, "there is no error called ", name);
	return error;
}

static int read_echo(struct scenario_reader *r, char *args)
{
	struct scenario_line line = { .kind = LINE_ECHO, .text = args };
	char *rest;

	line.path = split_echo(r, &line.text, &line.len);
	if (!line.path)
		return 0;
	rest = end_word(line.path);
	if (!path_is_good(line.path))
		return fail(r, "echo: not a path of the tree: ", line.path);
	if (*rest) {
		line.error = read_stated_error(r, rest);
		if (!line.error)
			return 0;
	}
	if (r->question)
		return fail(r, "nothing can be asked about echo", "");
	/*
	 * The newline that echo writes. It overwrites what followed the text, which has been read.
	 */
	line.text[line.len++] = '\n';
	return add_line(r, &line);
}

static int read_expect(struct scenario_reader *r, char *args)
{
	struct scenario_line line;
	char wrong[256];

	if (!expectation_read(args, &line, wrong, sizeof(wrong)))
		return fail(r, "expect", wrong);
	return add_line(r, &line) ?: check_question(r);
}

/* A line of a question, or of what a lesson has beside it. */
static int take(struct scenario_reader *r, int error, const char *wrong)
{
	if (error != -EINVAL)
		return error;
	report_failure(r->report, r->number, "%s: %s", r->word, wrong);
	r->wrong = true;
	return 0;
}

static int read_question(struct scenario_reader *r, char *args)
{
	const char *wrong;
	const int error = question_read(&r->question, r->word, args, &wrong);

	return take(r, error, wrong);
}

/* A line of an exercise. */
static int read_challenge(struct scenario_reader *r, char *args)
{
	char wrong[256] = "";
	const int error =
		challenge_read(&r->s->challenge, r->word, args, r->number, wrong, sizeof(wrong));

	return error == -EINVAL ? fail(r, r->word, wrong) : error;
}

static int read_teaching(struct scenario_reader *r, char *args)
{
	const char *wrong;
	const int error = teaching_read(r->s, r->word, args, &wrong);

	return take(r, error, wrong);
}

static int read_differs(struct scenario_reader *r, char *args)
{
	struct scenario_line *line = r->s->n_lines ? &r->s->lines[r->s->n_lines - 1] : NULL;

	if (!differs_is_good(args))
		return fail(r, "differs takes KERNEL>=VERSION REASON or KERNEL<VERSION REASON", "");
	if (!line || line->kind == LINE_OPTION)
		return fail(r, "differs must follow the line on which a kernel differs", "");
	if (line->differs)
		return fail(r, "there are two differs for one line", "");
	line->differs = strdup(args);
	return line->differs ? 0 : -ENOMEM;
}

static int read_race(struct scenario_reader *r, char *args)
{
	if (*args)
		return fail(r, "race stands on a line of its own, not before ", args);
	if (r->s->has_race)
		return fail(r, "a scenario has one race", "");
	if (r->question)
		return fail(r, "ask: the outcome of a race cannot be asked for", "");
	r->s->has_race = true;
	r->in_race = true;
	r->pid = 1;
	return 0;
}

static int read_end(struct scenario_reader *r, char *args)
{
	(void)args;
	if (!r->in_race)
		return fail(r, "end without race", "");
	r->in_race = false;
	if (!r->s->n_race)
		return fail(r, "there is nothing in the race", "");
	return 0;
}

bool scenario_is_command(const struct scenario_line *line)
{
	const struct fdl_command *command;

	if (line->kind != LINE_CALL)
		return false;
	for (size_t i = 0; (command = fdl_command_at(i)) != NULL; i++) {
		const size_t n = strlen(command->name);

		if (!strncmp(line->text, command->name, n) &&
		    (!line->text[n] || is_blank(line->text[n])))
			return true;
	}
	return false;
}

/* The length of the name of the call in a line of a race. */
static size_t name_length(const struct scenario_line *line)
{
	return line->path ? 0 : strcspn(line->text, "( \t");
}

static bool is_named(const struct scenario_line *line, const char *name)
{
	size_t len = name_length(line);

	return len ? strlen(name) == len && !memcmp(line->text, name, len) : !strcmp(name, "echo");
}

/* Finds the line of the race that a term is about. */
static bool find_line(const struct scenario *s, struct term *t)
{
	unsigned nth = t->nth;

	for (size_t i = 0; i < s->n_race; i++) {
		if (s->race[i].pid != t->pid || !is_named(&s->race[i], t->name) || --nth)
			continue;
		t->place = i;
		return true;
	}
	return false;
}

static int watch(struct scenario *s, struct term *t)
{
	const char **watched;

	for (t->place = 0; t->place < s->n_watched; t->place++) {
		if (!strcmp(s->watched[t->place], t->path))
			return 0;
	}
	watched = reallocarray(s->watched, s->n_watched + 1, sizeof(*watched));
	if (!watched)
		return -ENOMEM;
	s->watched = watched;
	watched[s->n_watched++] = t->path;
	return 0;
}

static int place_terms(struct scenario_reader *r, struct condition *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < c->n_terms; i++) {
		struct term *t = &c->terms[i];

		if (t->path && !path_is_good(t->path))
			fail(r, "not a path of the tree: ", t->path);
		else if (t->path)
			err = watch(r->s, t);
		else if (!find_line(r->s, t))
			fail(r, "the race has no such call: ", c->text);
	}
	return err;
}

static int read_condition(struct scenario_reader *r, enum quantifier quantifier, const char *args)
{
	struct scenario *s = r->s;
	struct condition *conditions;
	char err[256] = "";
	int error;

	if (!s->has_race || r->in_race)
		return fail(r, "a condition on the outcomes of a race must follow its end", "");
	conditions = reallocarray(s->conditions, s->n_conditions + 1, sizeof(*conditions));
	if (!conditions)
		return -ENOMEM;
	s->conditions = conditions;
	conditions += s->n_conditions++;
	error = condition_read(conditions, quantifier, args, err, sizeof(err));
	conditions->number = r->number;
	if (error == -EINVAL)
		return fail(r, err, "");
	return error ? error : place_terms(r, conditions);
}

static int read_sometimes(struct scenario_reader *r, char *args)
{
	return read_condition(r, SOMETIMES, args);
}

static int read_never(struct scenario_reader *r, char *args)
{
	return read_condition(r, NEVER, args);
}

static int read_always(struct scenario_reader *r, char *args)
{
	return read_condition(r, ALWAYS, args);
}

/* clang-format off */
static const struct directive {
	const char *name;
	int (*read)(struct scenario_reader *r, char *args);
} directives[] = {
	{ "option",    read_option },
	{ "echo",      read_echo },
	{ "expect",    read_expect },
	{ "differs",   read_differs },
	{ "beside",    read_teaching },
	{ "ask",       read_question },
	{ "answer",    read_question },
	{ "right",     read_question },
	{ "if",        read_question },
	{ "else",      read_question },
	{ "learnt",    read_teaching },
	{ "exercise",  read_teaching },
	{ "goal",      read_challenge },
	{ "calls",     read_challenge },
	{ "without",   read_challenge },
	{ "hint",      read_challenge },
	{ "wrong",     read_challenge },
	{ "say",       read_challenge },
	{ "race",      read_race },
	{ "end",       read_end },
	{ "sometimes", read_sometimes },
	{ "never",     read_never },
	{ "always",    read_always },
};
/* clang-format on */

static int read_directive(struct scenario_reader *r, const struct directive *d, char *args)
{
	r->word = d->name;
	return d->read(r, args);
}

/*
 * The directive that is nearest to the first word of a text; NULL: none, the word itself, or the
 * call.
 */
static const char *nearest_directive(const char *text, const char *call)
{
	const char *known[sizeof(directives) / sizeof(directives[0]) + 2] = { NULL };
	const size_t first = call != NULL;
	const char *nearest;
	const size_t n = strcspn(text, " \t(");
	char word[32];

	if (n >= sizeof(word))
		return NULL;
	snprintf(word, sizeof(word), "%.*s", (int)n, text);
	known[0] = call;
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
		known[first + i] = directives[i].name;
	nearest = fdl_suggest(word, known);
	return nearest && nearest != call && strcmp(nearest, word) != 0 ? nearest : NULL;
}

const char *scenario_suggest(const struct scenario_line *line, const char *call)
{
	return nearest_directive(line->text, call);
}

/* Reports a line after a race that is no condition. */
static int fail_after_race(struct scenario_reader *r, const char *text)
{
	const char *nearest = nearest_directive(text, NULL);
	char hint[64] = "";

	if (nearest)
		snprintf(hint, sizeof(hint), " (did you mean \"%s\"?)", nearest);
	return fail(r, "only conditions may follow a race", hint);
}

/*
 * Reads the pid before a line of a race, in either form of strace, and returns what follows. A line
 * without a pid belongs to the task of the line before.
 */
static char *read_pid(struct scenario_reader *r, char *text)
{
	struct fdl_log_line line;

	fdl_log_line_read(text, strlen(text), &line);
	if (!line.pid)
		return text;
	r->pid = line.pid;
	return text + (line.before - text);
}

/* Reads a line of a race: a call, an echo or the end. */
static int read_race_line(struct scenario_reader *r, char *text)
{
	text = read_pid(r, text);
	if (!strcmp(text, "end"))
		return read_end(r, text);
	if (!strncmp(text, "echo", 4) && is_blank(text[4]))
		return read_echo(r, skip_blanks(text + 4));
	return read_call(r, text);
}

static int read_line(struct scenario_reader *r, char *text, size_t len)
{
	size_t n;

	if (len && text[len - 1] == '\n')
		text[--len] = '\0';
	if (len && text[len - 1] == '\r')
		text[--len] = '\0';
	if (len > FDL_LINE_MAX)
		return fail(r, "the line is too long", "");
	if (strlen(text) != len)
		return fail(r, "there is a NUL byte in the line", "");
	text = skip_blanks(text);
	cut_trailing_blanks(text);
	if (!*text || *text == '#')
		return 0;
	if (r->in_race)
		return read_race_line(r, text);
	n = strcspn(text, " \t");
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++)
		if (n == strlen(directives[i].name) && !strncmp(text, directives[i].name, n))
			return read_directive(r, &directives[i], skip_blanks(text + n));
	if (r->s->has_race)
		return fail_after_race(r, text);
	return read_call(r, text);
}

int scenario_read(struct scenario *s, const char *name, struct report *report)
{
	struct scenario_reader r = { .s = s, .report = report };
	FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int err = 0;

	*s = (struct scenario){ 0 };
	if (!file)
		return -errno;
	for (;;) {
		errno = 0;
		len = getline(&text, &room, file);
		if (len < 0)
			break;
		r.number++;
		if (r.number == 1 && len >= 3 && !memcmp(text, BYTE_ORDER_MARK, 3)) {
			len -= 3;
			memmove(text, text + 3, (size_t)len + 1);
		}
		err = read_line(&r, text, (size_t)len);
		if (err)
			goto out;
	}
	if (!feof(file)) {
		err = errno ? -errno : -EIO;
		goto out;
	}
	if (r.in_race)
		fail(&r, "race without end", "");
	if (r.question)
		fail(&r, "ask: no line follows that would answer", "");
	if (s->challenge && challenge_check(s->challenge))
		fail(&r, challenge_check(s->challenge), "");
	if (r.wrong)
		err = -EINVAL;
out:
	question_free(r.question);
	free(text);
	if (file != stdin)
		fclose(file);
	return err;
}

static void lines_free(struct scenario_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(lines[i].path);
		free(lines[i].text);
		free(lines[i].differs);
		free(lines[i].beside);
		question_free(lines[i].question);
	}
	free(lines);
}

void scenario_free(struct scenario *s)
{
	lines_free(s->lines, s->n_lines);
	lines_free(s->race, s->n_race);
	for (size_t i = 0; i < s->n_conditions; i++)
		condition_free(&s->conditions[i]);
	teaching_free(s);
	challenge_free(s->challenge);
	free(s->conditions);
	free(s->watched);
	*s = (struct scenario){ 0 };
}
