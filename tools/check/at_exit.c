/*
 * Shows the tables of a played log under the numbers of its processes.
 */
#include "check/at_exit.h"

#include "cli/number.h"
#include "scenario/play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The model opens files by this call, whose names have a prefix. */
#define PREFIX "anon_inode:"

struct target_log {
	struct target target;
	struct replay *r;
};

/* The path in the machine. False: there is no such process. */
static bool to_model(struct target *t, const char *path, char *to, size_t size)
{
	const struct target_log *l = (struct target_log *)t;
	const struct process *p;
	uint64_t number;
	const char *rest = decimal_at(path, &number);

	LIST_FOREACH(p, &l->r->processes, all)
	{
		if (rest && p->panel + 1 == number) {
			snprintf(to, size, "%d%s", p->model, rest);
			return true;
		}
	}
	return false;
}

static int log_start(struct target *t, const char *const *assignments, size_t n, char *err,
		     size_t errsize)
{
	(void)t, (void)assignments, (void)n, (void)err, (void)errsize;
	return 0;
}

static int log_read(struct target *t, const char *path, char **text, size_t *len)
{
	const struct target_log *l = (struct target_log *)t;
	char model[256];
	int error;

	if (!to_model(t, path, model, sizeof(model)))
		return -ENOENT;
	error = model_read(l->r->model, model, text, len);
	if (!error && strstr(model, "/fd/") && !strncmp(*text, PREFIX, strlen(PREFIX))) {
		*len -= strlen(PREFIX);
		memmove(*text, *text + strlen(PREFIX), *len + 1);
	}
	return error;
}

static int log_find(struct target *t, const char *path)
{
	char model[256], *text;
	const char *rest = strchr(path, '/');
	size_t len;
	int error;

	if (!to_model(t, path, model, sizeof(model)))
		return -ENOENT;
	if (!rest || !rest[1])
		return 0;
	error = log_read(t, path, &text, &len);
	if (!error)
		free(text);
	return error == -EISDIR ? 0 : error;
}

static int log_check(struct target *t, char *err, size_t errsize)
{
	(void)t, (void)err, (void)errsize;
	return 0;
}

static const struct target_ops ops = {
	.start = log_start,
	.read = log_read,
	.find = log_find,
	.check = log_check,
};

void at_exit_expect(struct replay *r, const struct scenario *s, struct report *report)
{
	struct target_log l = { .target.ops = &ops, .r = r };

	play_on(s, &l.target, NULL, report);
}

/* Whether a log tells of a file: its numbers, marks and tables. */
static bool is_told(const char *path)
{
	static const char *const told[] = { "files/open_fds_list", "files/close_on_exec_list",
					    "files/count" };
	uint64_t number;
	const char *rest = decimal_at(path, &number);

	if (!rest || !number || (*rest && *rest != '/'))
		return false;
	if (!*rest || !rest[1] || !strncmp(rest + 1, "fd/", 3))
		return true;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (!strcmp(rest + 1, told[i]))
			return true;
	return false;
}

void at_exit_check(const struct scenario *s, struct report *report)
{
	for (size_t i = 0; i < s->n_lines; i++) {
		const struct scenario_line *line = &s->lines[i];

		if (line->kind == LINE_CALL || line->kind == LINE_ECHO || line->kind == LINE_OPTION)
			report_failure(report, line->number,
				       "only expect lines can be held against a real program");
		else if (!is_told(line->path))
			report_failure(report, line->number,
				       "%s: a log of strace does not tell; it tells of N/fd/M and "
				       "of open_fds_list, close_on_exec_list and count in N/files",
				       line->path);
	}
	if (!s->n_lines)
		report_failure(report, 0, "there is no expect line in it");
}
