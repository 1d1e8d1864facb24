/*
 * Draws the machine that a log was replayed on, under the names of the log.
 */
#include "replay/draw.h"

#include "replay/learn.h"
#include "replay/play.h"
#include "replay/tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The processes and threads of the log, by the pid of the machine. */
struct labelled {
	int model, pid;
	const char *program;
};

struct labels {
	struct labelled *list;
	size_t n;
};

static int by_model(const void *a, const void *b)
{
	const struct labelled *x = a, *y = b;

	return (x->model > y->model) - (x->model < y->model);
}

/* The last part of a program's name; empty: the log does not show it. */
static const char *short_name(const char *program)
{
	const char *slash = program ? strrchr(program, '/') : NULL;

	return !program ? "" : slash && slash[1] ? slash + 1 : program;
}

/* False: no memory. */
static bool make_labels(const struct replay *r, struct labels *labels)
{
	const struct process *p;
	const struct log_task *t;
	size_t room = r->ntasks;

	LIST_FOREACH(p, &r->processes, all)
	room++;
	labels->list = calloc(room + 1, sizeof(*labels->list));
	if (!labels->list)
		return false;
	TAILQ_FOREACH(t, &r->tasks, all)
	labels->list[labels->n++] =
		(struct labelled){ t->model, t->pid, short_name(t->process->record.program) };
	/* The leader of a thread may have exited. */
	LIST_FOREACH(p, &r->processes, all)
	if (!replay_find(r, p->pid))
		labels->list[labels->n++] =
			(struct labelled){ p->model, p->pid, short_name(p->record.program) };
	qsort(labels->list, labels->n, sizeof(*labels->list), by_model);
	return true;
}

/* Processes that are not in the log, the first of the machine for one, have no name. */
static void label(void *ctx, int pid, struct fdl_task_label *label)
{
	const struct labels *labels = ctx;
	const struct labelled key = { .model = pid }, *found;

	found = bsearch(&key, labels->list, labels->n, sizeof(key), by_model);
	label->pid = found ? found->pid : 0;
	label->name = found ? found->program : "";
}

/* The machine's pids of the tasks that are asked for, or of all in the log. */
static int choose(const struct replay *r, struct log_drawing *drawing, int *pids, size_t *n)
{
	const struct log_task *t;

	*n = 0;
	for (size_t i = 0; i < drawing->how.npids; i++) {
		t = replay_find(r, drawing->how.pids[i]);
		drawing->missing = drawing->how.pids[i];
		if (!t)
			return -ESRCH;
		pids[(*n)++] = t->model;
	}
	if (drawing->how.npids)
		return 0;
	TAILQ_FOREACH(t, &r->tasks, all)
	pids[(*n)++] = t->model;
	/* No process is left: the picture shows that none is, and not the machine's first one. */
	if (!*n)
		pids[(*n)++] = 0;
	return 0;
}

int replay_draw(struct replay *r, struct log_drawing *drawing, const char *text)
{
	struct fdl_drawing how = drawing->how;
	struct labels labels = { 0 };
	int *pids = calloc(r->ntasks + how.npids + 1, sizeof(*pids));
	char *caption = NULL;
	int error = -ENOMEM;

	if (pids && make_labels(r, &labels) &&
	    asprintf(&caption, "line %llu: %s", (unsigned long long)r->line, text) >= 0)
		error = choose(r, drawing, pids, &how.npids);
	if (!error) {
		how.pids = pids;
		how.label = label;
		how.ctx = &labels;
		how.caption = caption;
		error = model_draw(r->model, &how, &drawing->text, &drawing->len);
	}
	free(caption);
	free(labels.list);
	free(pids);
	return error;
}

int log_draw(const struct strace_log *log, const char *name, struct log_drawing *drawing)
{
	const struct wishes wishes = { .state_pid = -1, .drawing = drawing };
	struct findings findings = { 0 };
	struct inference inference = { 0 };
	char *state;
	int error = replay_learn(log, name, &findings, &inference);

	if (!error)
		error = replay_pass(log, &inference, &findings, &wishes, &state);
	findings_clear(&findings);
	inference_free(&inference);
	return error;
}

/* ---- logs and scenarios --------------------------------------------------------------------- */

#define LINES_TOLD_BY 200

static bool is_of_strace(const struct fdl_machine *m, const struct fdl_log_line *line)
{
	static const char vars[] = " vars */";
	char name[64];

	if (line->kind == FDL_LOG_ATTACHED || line->kind == FDL_LOG_SUPERSEDED)
		return true;
	if (line->kind != FDL_LOG_CALL || line->name_len >= sizeof(name))
		return false;
	memcpy(name, line->name, line->name_len);
	name[line->name_len] = '\0';
	if (fdl_syscall(name, line->name_len) >= 0 && !fdl_row_find(m, name))
		return true;
	return !strcmp(name, "execve") &&
	       memmem(line->rest, line->rest_len, vars, sizeof(vars) - 1);
}

int log_is_strace(const struct strace_log *log, bool *told)
{
	struct fdl_machine *m;
	struct log_reader reader;
	struct fdl_log_line line;
	char *text;
	size_t len;
	int error = fdl_machine_new(NULL, &m);

	*told = false;
	if (error)
		return error;
	reader_init(&reader, log);
	while (!*told && reader.line < LINES_TOLD_BY && reader_line(&reader, &text, &len)) {
		fdl_log_line_read(text, len, &line);
		*told = is_of_strace(m, &line);
	}
	reader_free(&reader);
	fdl_machine_free(m);
	return reader.error == -ENOMEM ? -ENOMEM : 0;
}
