/* Reads the file of a lesson a second time, for its comments, and takes it apart into steps. */
#include "lesson/steps.h"

#include "cli/memory.h"
#include "cli/result.h"
#include "scenario/ask.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- steps ---------------------------------------------------------------------------------- */

struct step_reader {
	struct lesson *lesson;
	FILE *text; /* of the step that begins next */
	char *buf;
	size_t len;
	bool breaks;  /* a comment or an empty line came after the line before */
	size_t lines; /* of the scenario so far */
};

static int begin_text(struct step_reader *r)
{
	r->text = memory_stream(&r->buf, &r->len);
	return r->text ? 0 : -ENOMEM;
}

/* Begins a step with the text so far. */
static int add_step(struct step_reader *r)
{
	struct lesson *l = r->lesson;
	struct step *steps = reallocarray(l->steps, l->n_steps + 1, sizeof(*steps));

	if (!steps)
		return -ENOMEM;
	l->steps = steps;
	if (fclose(r->text)) {
		r->text = NULL;
		return -ENOMEM;
	}
	steps[l->n_steps++] = (struct step){ .text = r->buf, .first = r->lines, .end = r->lines };
	r->buf = NULL;
	return begin_text(r);
}

static bool asks(const struct lesson *l, size_t i)
{
	return l->scenario.lines[i].question;
}

/* The next line of the scenario: it belongs to the last step, or begins one. */
static int take_line(struct step_reader *r)
{
	struct lesson *l = r->lesson;
	const bool first = !l->n_steps, new = r->breaks || asks(l, r->lines);
	int error = 0;

	if (first || new || asks(l, r->lines - 1))
		error = add_step(r);
	if (error)
		return error;
	l->n_questions += asks(l, r->lines);
	l->steps[l->n_steps - 1].end = ++r->lines;
	r->breaks = false;
	return 0;
}

/* A line of the file that is none of the scenario's. */
static void take_comment(struct step_reader *r, const char *line, unsigned number)
{
	line += strspn(line, " \t");
	if (*line == '#' && number > 1) {
		line++;
		line += *line == ' ';
		fputs(line, r->text);
	} else if (*line == '\n') {
		putc('\n', r->text);
	} else {
		return;
	}
	r->breaks = true;
}

static int read_steps(struct step_reader *r, FILE *f)
{
	const struct scenario *s = &r->lesson->scenario;
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	int error = begin_text(r);

	while (!error && getline(&line, &room, f) >= 0) {
		number++;
		while (r->lines < s->n_lines && s->lines[r->lines].kind == LINE_OPTION &&
		       s->lines[r->lines].number <= number)
			r->lines++;
		if (number == 1 && *line == '#')
			r->lesson->title = strndup(line + strspn(line, "# "),
						   strcspn(line + strspn(line, "# "), "\r\n"));
		if (r->lines < s->n_lines && s->lines[r->lines].number == number)
			error = take_line(r);
		else
			take_comment(r, line, number);
	}
	if (!error)
		error = ferror(f) ? -EIO : add_step(r);
	free(line);
	return error;
}

/*
 * Writes the pid before each call that has none. A machine's control file gives such a call to the
 * task of the line before, which is another one after a step back.
 */
static int write_pids(struct scenario *s)
{
	int pid = 1;

	for (size_t i = 0; i < s->n_lines; i++) {
		struct scenario_line *line = &s->lines[i];
		struct fdl_log_line log;
		char *text;

		if (line->kind != LINE_CALL || scenario_is_command(line))
			continue;
		fdl_log_line_read(line->text, line->len, &log);
		pid = log.pid ?: pid;
		if (log.pid)
			continue;
		if (asprintf(&text, "%d %s", pid, line->text) < 0)
			return -ENOMEM;
		free(line->text);
		line->text = text;
		line->len = strlen(text);
		line->result = stated_result(text, line->len);
	}
	return 0;
}

static int play_beside(struct lesson *l, struct report *report)
{
	char message[256];
	const int error = side_play(&l->beside, &l->scenario, l->scenario.other_kernel, message,
				    sizeof(message));

	if (error)
		report_failure(report, 0, "%s: %s", l->scenario.other_kernel,
			       *message ? message : strerror(-error));
	return error;
}

int lesson_read(struct lesson *l, const char *path, struct report *report)
{
	struct step_reader r = { .lesson = l };
	int error;
	FILE *f;

	*l = (struct lesson){ 0 };
	error = scenario_read(&l->scenario, path, report);
	if (!error)
		error = write_pids(&l->scenario);
	if (error)
		return error;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	error = read_steps(&r, f);
	if (r.text)
		fclose(r.text);
	free(r.buf);
	fclose(f);
	if (!error && l->scenario.other_kernel)
		error = play_beside(l, report);
	if (!error && !l->title)
		l->title = strdup("");
	return error ?: l->title ? 0 : -ENOMEM;
}

void lesson_free(struct lesson *l)
{
	for (size_t i = 0; i < l->n_steps; i++)
		free(l->steps[i].text);
	free(l->steps);
	free(l->title);
	side_free(&l->beside);
	scenario_free(&l->scenario);
}

bool lesson_names_exercise(const struct lesson *l)
{
	return l->scenario.exercise && !strpbrk(l->scenario.exercise, " \t");
}

const struct question *step_question(const struct lesson *l, const struct step *s)
{
	return s->first < s->end ? l->scenario.lines[s->first].question : NULL;
}

bool step_defers(const struct lesson *l, size_t i)
{
	return i + 1 < l->n_steps && step_question(l, &l->steps[i + 1]) && !*l->steps[i + 1].text;
}

/* ---- what a question hides ------------------------------------------------------------------- */

/* The end of an argument: the comma or the bracket that follows it. */
static const char *argument_end(const char *s)
{
	unsigned depth = 0;

	for (; *s; s++) {
		if (*s == '"') {
			for (s++; *s && *s != '"'; s++)
				s += *s == '\\' && s[1];
			if (!*s)
				break;
		} else if (strchr("([{", *s)) {
			depth++;
		} else if (strchr(")]}", *s)) {
			if (!depth)
				break;
			depth--;
		} else if (*s == ',' && !depth) {
			break;
		}
	}
	return s;
}

/* Writes the arguments that follow the bracket, those that the call fills in as dots. */
static void put_arguments(FILE *to, const char *s, const struct fdl_param *param, size_t n)
{
	for (size_t i = 0; *s && *s != ')'; i++) {
		const char *end;

		s += strspn(s, ", ");
		end = argument_end(s);
		fputs(i ? ", " : "", to);
		if (i < n && param[i].out && !param[i].inout && strncmp(s, "NULL", 4) != 0)
			fputs("...", to);
		else
			fprintf(to, "%.*s", (int)(end - s), s);
		s = end;
	}
	putc(')', to);
}

/* The values that a resumed call fills in follow its name. */
static void put_resumed(FILE *to, const char *text)
{
	const char *end = strchr(text, '>');

	if (end)
		fprintf(to, "%.*s", (int)(end + 1 - text), text);
}

static void put_call(FILE *to, const struct scenario_line *line, const struct fdl_machine *m)
{
	struct fdl_param param[FDL_PARAMS_MAX];
	const char *bracket = strchr(line->text, '(');
	struct fdl_line *read;
	char message[128];
	size_t n;

	if (fdl_line_read(m, line->text, line->len, &read, message, sizeof(message))) {
		fputs(line->text, to);
		return;
	}
	if (read->kind == FDL_LINE_RESUMED) {
		put_resumed(to, line->text);
	} else if (read->row && bracket) {
		n = fdl_row_params(read->row, param);
		fprintf(to, "%.*s", (int)(bracket + 1 - line->text), line->text);
		put_arguments(to, bracket + 1, param, n);
	} else if (line->result) {
		fprintf(to, "%.*s", (int)(strrchr(line->text, '=') - line->text), line->text);
	} else {
		fputs(line->text, to);
	}
	fdl_line_free(read);
}

char *line_hidden(const struct scenario_line *line, const struct fdl_machine *m)
{
	char *text = NULL;
	size_t len;
	FILE *to = memory_stream(&text, &len);

	if (!to)
		return NULL;
	if (line->kind == LINE_CALL)
		put_call(to, line, m);
	else
		fprintf(to, "the file %s", line->path);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}
