/*
 * Plays a log: gives each line to its task, and applies a call when it has returned.
 */
#include "replay/play.h"

#include "cli/memory.h"
#include "replay/births.h"
#include "replay/draw.h"
#include "replay/effects.h"
#include "replay/lives.h"
#include "replay/tasks.h"
#include "replay/torn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How strace ends the line of a call that another task's line interrupts. */
#define UNFINISHED " <unfinished ...>"

/* ---- calls in two pieces -------------------------------------------------------------------- */

static bool append(struct log_pending *p, struct span s)
{
	size_t room = p->room ? p->room : 256;
	char *text;

	while (room < p->len + s.len)
		room *= 2;
	if (room > p->room) {
		text = realloc(p->text, room);
		if (!text)
			return false;
		p->text = text;
		p->room = room;
	}
	memcpy(p->text + p->len, s.s, s.len);
	p->len += s.len;
	return true;
}

static struct span name_of(const struct fdl_log_line *line)
{
	return (struct span){ line->name, line->name_len };
}

/*
 * Whether a call is about neither descriptors, names nor tasks: a filter for those leaves it out.
 */
static bool is_plain(struct span name)
{
	static const char *const plain[] = { "brk",          "munmap",         "mprotect",
					     "rt_sigaction", "rt_sigprocmask", "futex",
					     "getpid",       "arch_prctl",     "set_robust_list",
					     "nanosleep",    "prctl",          "gettid" };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (span_is(name, plain[i]))
			return true;
	return false;
}

/* Whether a call is one of those that open libraries, or of their kin. */
static bool is_open(const struct log_call *row, struct span name)
{
	return row->effect == EFFECT_GIVE && name.len >= 4 && memcmp(name.s, "open", 4) == 0;
}

/* Whether a call asks where the heap ends, as a program that begins does. */
static bool asks_for_brk(const struct fdl_log_line *line)
{
	const char *argument = line->rest;

	if (!span_is(name_of(line), "brk") || !line->rest_len)
		return false;
	return *argument == 'N' ||
	       (*argument == '0' && !(line->rest_len > 1 && argument[1] == 'x'));
}

/* Counts a call for what a log as a whole shows. */
static void count(struct replay *r, const struct log_call *row, const struct fdl_log_line *line)
{
	const struct span name = name_of(line);

	r->findings->begins |= !r->findings->calls && asks_for_brk(line);
	r->findings->plain |= !row && is_plain(name);
	r->findings->of_tasks |= row && (row->effect == EFFECT_EXIT || row->effect == EFFECT_WAIT ||
					 row->effect == EFFECT_FORK);
	r->findings->calls++;
	r->findings->closes += row && row->effect == EFFECT_CLOSE;
	r->findings->opens += row && is_open(row, name);
	r->findings->places += row && row->effect == EFFECT_DUP2;
}

int replay_read_call(struct replay *r, struct fdl_values *values, const char *text, size_t len,
		     struct fdl_log_call *call)
{
	const int error = fdl_log_call_read(values, text, len, call);

	r->no_memory |= error == -ENOMEM;
	return error;
}

/* A call has begun, with the arguments that its first line has. */
static void set_out(struct replay *r, struct log_task *task, const struct log_call *row,
		    const struct fdl_log_line *line)
{
	const struct span written = { line->rest, line->rest_len };
	const struct span args =
		r->on_stderr ? torn_arguments(task, row, written, r->torn) : written;
	struct log_pending *p = &task->pending;
	struct fdl_log_call call;

	p->row = row;
	p->start = r->line;
	p->len = 0;
	p->number[0] = p->number[1] = -1;
	p->reserves = log_call_reserves(row);
	if (!append(p, args)) {
		r->no_memory = true;
		return;
	}
	if (replay_looks_ahead(row)) {
		/* The arguments so far; the rest comes when the call is resumed. */
		replay_read_call(r, r->values, args.s, args.len, &call);
		for (unsigned i = 0; i < 2; i++)
			if (!value_int(call_argument(&call, i + 1), &p->number[i]))
				p->number[i] = -1;
		p->reserves = replay_reserves(row, &call);
	}
	pending_begins(r, task);
	if (row->effect == EFFECT_EXIT)
		replay_effect(r, task, row, &call, r->line);
}

static void begin(struct replay *r, struct log_task *task, const struct fdl_log_line *line)
{
	const struct log_call *row = log_call_find(name_of(line));

	pending_ends(r, task);
	task->pending.applied = task->pending.doubtful = false;
	task->pending.child = 0;
	count(r, row, line);
	if (row)
		set_out(r, task, row, line);
}

static void finish(struct replay *r, struct log_task *task, const struct fdl_log_line *line)
{
	struct log_pending *p = &task->pending;
	struct fdl_log_call call;

	if (!p->active || log_call_find(name_of(line)) != p->row)
		return;
	pending_ends(r, task);
	if (!append(p, (struct span){ line->rest, line->rest_len }))
		r->no_memory = true;
	else if (!replay_read_call(r, r->values, p->text, p->len, &call))
		replay_effect(r, task, p->row, &call, p->start);
	else
		r->findings->passed_over++;
}

/*
 * A line that only continues the one before, which broke off: strace -z leaves out whose call it
 * is, and what a program writes to the standard error that strace writes to, too, tears lines.
 * False: it is none.
 */
static bool goes_on(struct replay *r, struct log_task *task, const char *text, size_t len)
{
	struct log_pending *p = &task->pending;
	struct fdl_log_call call;
	size_t before = p->len;

	if (!p->active || (p->start + 1 != r->line && !r->torn))
		return false;
	if (r->torn && len == strlen(UNFINISHED) && !memcmp(text, UNFINISHED, len))
		return true;
	if (!append(p, (struct span){ text, len })) {
		r->no_memory = true;
		return false;
	}
	if (replay_read_call(r, r->values, p->text, p->len, &call)) {
		p->len = before;
		return false;
	}
	pending_ends(r, task);
	replay_effect(r, task, p->row, &call, p->start);
	return true;
}

/* Reads a call whose arguments have a program's output in them. 0 or a negative errno. */
static int mend(struct replay *r, struct log_task *task, const struct log_call *row,
		const struct fdl_log_line *line, struct fdl_log_call *call)
{
	struct log_pending *p = &task->pending;
	struct span args = { line->rest, torn_end(line->rest, line->rest_len) };
	const struct span end = { args.s + args.len, line->rest_len - args.len };

	p->len = 0;
	args = torn_arguments(task, row, args, false);
	if (!append(p, args) || !append(p, end)) {
		r->no_memory = true;
		return -ENOMEM;
	}
	return replay_read_call(r, r->values, p->text, p->len, call);
}

static void whole(struct replay *r, struct log_task *task, const struct fdl_log_line *line)
{
	const struct log_call *row = log_call_find(name_of(line));
	struct fdl_log_call call;
	int error;

	count(r, row, line);
	if (!row)
		return;
	pending_ends(r, task);
	task->pending.child = 0;
	task->pending.applied = task->pending.doubtful = false;
	error = replay_read_call(r, r->values, line->rest, line->rest_len, &call);
	if (r->on_stderr && torn_is_suspect(row, &call, error))
		error = mend(r, task, row, line, &call);
	if (!error) {
		replay_effect(r, task, row, &call, r->line);
	} else if (r->on_stderr) {
		/* Its end follows the output that tore it, or is in a line of its own. */
		r->torn = true;
		set_out(r, task, row, line);
	} else {
		r->findings->passed_over++;
	}
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* "+++ exited with 0 +++", or "+++ killed by SIGKILL +++", which needs no call. */
static void play_exited(struct replay *r, struct log_task *task, const char *text, size_t len)
{
	static const char exited[] = "+++ exited with ";

	if (task->process->tasks == 1 && !task->process->exit_line && !task->exit_line &&
	    !task->pending.active && memmem(text, len, exited, strlen(exited)))
		r->findings->exit_unseen = true;
	replay_exit(r, task);
}

static void play_line(struct replay *r, const char *text, size_t len,
		      const struct fdl_log_line *line)
{
	struct log_task *task;

	switch (line->kind) {
	case FDL_LOG_REMARK:
	case FDL_LOG_ATTACHED:
		return;
	case FDL_LOG_OTHER:
		task = LIST_FIRST(&r->in_flight);
		if (!task || !goes_on(r, task, text, len))
			r->findings->passed_over++;
		return;
	case FDL_LOG_SUPERSEDED:
		replay_supersede(r, line->pid, line->number);
		return;
	case FDL_LOG_EXITED:
		task = replay_find(r, replay_pid(r, line->pid));
		if (task)
			play_exited(r, task, text, len);
		return;
	default:
		break;
	}
	task = replay_task_of(r, line->pid);
	if (!task) {
		r->no_memory = true;
		return;
	}
	r->torn = false;
	r->findings->overlaps |= line->kind == FDL_LOG_RESUMED;
	if (line->kind == FDL_LOG_UNFINISHED)
		begin(r, task, line);
	else if (line->kind == FDL_LOG_RESUMED)
		finish(r, task, line);
	else
		whole(r, task, line);
}

/* A cut last line may look complete, with a different result. */
static bool is_cut(const struct replay *r, const struct fdl_log_line *line)
{
	return r->reader.cut && (line->kind == FDL_LOG_CALL || line->kind == FDL_LOG_RESUMED ||
				 line->kind == FDL_LOG_OTHER);
}

/* Keeps the text of a line for the picture that is drawn after it. False: no memory. */
static bool keep_line(struct replay *r, const char *text, size_t len)
{
	free(r->drawn_line);
	r->drawn_line = strndup(text, len);
	return r->drawn_line;
}

static bool lacks_memory(const struct replay *r)
{
	return r->no_memory || r->findings->no_memory || r->inference->no_memory;
}

static int play_lines(struct replay *r)
{
	struct fdl_log_line line;
	char *text;
	size_t len;

	while (reader_line(&r->reader, &text, &len)) {
		r->line = r->reader.line;
		r->begun = r->line - 1;
		r->findings->lines = r->line;
		model_line(r->model, r->line);
		fdl_log_line_read(text, len, &line);
		r->on_stderr |= line.pid > 0 && *text == '[';
		if (is_cut(r, &line))
			r->findings->cut = true;
		else if (len)
			play_line(r, text, len, &line);
		if (lacks_memory(r))
			return -ENOMEM;
		if (r->inference->stop)
			break;
		if (r->wishes->state_pid >= 0 && r->line == r->wishes->state_line)
			break;
		if (r->wishes->drawing && !keep_line(r, text, len))
			return -ENOMEM;
		if (r->wishes->drawing && r->line == r->wishes->drawing->line)
			break;
	}
	return r->reader.error ? r->reader.error : model_error(r->model);
}

/*
 * Finds out whether any line has a pid. Without pids, children are not visible. 0 or a negative
 * errno.
 */
static int find_pids(const struct strace_log *log, bool *has_pids)
{
	struct log_reader reader;
	struct fdl_log_line line;
	char *text;
	size_t len;

	*has_pids = false;
	reader_init(&reader, log);
	while (!*has_pids && reader_line(&reader, &text, &len)) {
		fdl_log_line_read(text, len, &line);
		*has_pids = line.pid > 0 && line.kind != FDL_LOG_OTHER;
	}
	reader_free(&reader);
	return reader.error;
}

/* Writes the tasks of the log that share a table, in place of the machine's. */
static void print_sharers(const struct replay *r, const struct table *table, FILE *f)
{
	const char *separator = " ";
	const struct log_task *t;

	fputs("tasks", f);
	TAILQ_FOREACH(t, &r->tasks, all)
	{
		if (t->table != table)
			continue;
		fprintf(f, "%s%d", separator, t->pid);
		separator = ",";
	}
	putc('\n', f);
}

static char *read_state(struct replay *r)
{
	struct log_task *task = replay_find(r, r->has_pids ? r->wishes->state_pid : 0);
	char path[64], *text = NULL, *shown = NULL;
	const char *tasks, *rest;
	size_t len;
	FILE *f;

	if (!task)
		return NULL;
	snprintf(path, sizeof(path), "%d/files/fdtable", task->model);
	if (model_read(r->model, path, &text, &len)) {
		r->no_memory = true;
		return NULL;
	}
	tasks = strstr(text, "\ntasks ");
	rest = tasks ? strchr(tasks + 1, '\n') : NULL;
	f = rest ? memory_stream(&shown, &len) : NULL;
	if (f) {
		fwrite(text, 1, (size_t)(tasks + 1 - text), f);
		print_sharers(r, task->table, f);
		fputs(rest + 1, f);
		r->no_memory |= fclose(f) != 0;
	}
	free(text);
	return shown;
}

int replay_pass(const struct strace_log *log, struct inference *inference,
		struct findings *findings, const struct wishes *wishes, char **state)
{
	struct replay r = { .log = log,
			    .inference = inference,
			    .findings = findings,
			    .gone = -1,
			    .wishes = wishes };
	int error = find_pids(log, &r.has_pids);

	*state = NULL;
	if (error)
		return error;
	TAILQ_INIT(&r.tasks);
	TAILQ_INIT(&r.forks);
	TAILQ_INIT(&r.births);
	findings_clear(findings);
	inference->changed = inference->stop = false;
	findings->has_pids = r.has_pids;
	r.model = model_new(wishes->scenario);
	if (!r.model)
		return -ENOMEM;
	reader_init(&r.reader, log);
	reader_init(&r.ahead, log);
	r.values = fdl_values_new();
	r.ahead_values = fdl_values_new();
	error = r.values && r.ahead_values ? play_lines(&r) : -ENOMEM;
	*state = !error && wishes->state_pid >= 0 ? read_state(&r) : NULL;
	if (!error && wishes->drawing)
		error = replay_draw(&r, wishes->drawing, r.drawn_line ? r.drawn_line : "");
	free(r.drawn_line);
	replay_end(&r);
	if (!error && lacks_memory(&r))
		error = -ENOMEM;
	fdl_values_free(r.values);
	fdl_values_free(r.ahead_values);
	model_free(r.model);
	return error;
}
