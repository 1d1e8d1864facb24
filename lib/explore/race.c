/*
 * Running a race: programs whose calls go on step by step on a machine that is put back before each
 * run. Which program goes on is not decided here.
 */
#include "explore/race.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/trail.h"
#include "check.h"
#include "explore/replica.h"
#include "explore/watch.h"
#include "machine/call_table.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/line.h"
#include "process/submit.h"
#include "tree/tree.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int race_init(struct race *r, struct fdl_machine *m, char *err, size_t errsize)
{
	int error;

	memset(r, 0, sizeof(*r));
	r->watcher = race_watcher;
	r->heap = heap_new(HEAP_USUAL);
	error = r->heap ? replica_new(m, r->heap, &r->m, err, errsize) : -ENOMEM;
	if (error && errsize && !*err)
		snprintf(err, errsize, "%s", strerror(-error));
	if (error)
		race_free(r);
	return error;
}

void race_free(struct race *r)
{
	if (r->m) {
		heap_current = r->heap;
		if (r->frozen)
			race_restart(r);
		heap_current = r->heap;
		r->m->watcher = NULL;
		fdl_machine_free(r->m);
		heap_current = NULL;
	}
	heap_delete(r->heap);
	for (unsigned i = 0; i < r->n_lines; i++) {
		free(r->line[i].text);
		free(r->line[i].path);
	}
	memset(r, 0, sizeof(*r));
}

/* ---- its programs ---- */

/* The index of a task's program, which may be new; -1, with a message. */
static int add_program(struct race *r, int pid, char *err, size_t errsize)
{
	struct task *task = task_find(r->m, pid);

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].pid == pid)
			return (int)i;
	}
	if (!task || task->state != TASK_RUNNING) {
		snprintf(err, errsize, "there is no task %d where the race begins", pid);
		return -1;
	}
	if (r->n_programs == PROGRAMS_MAX) {
		snprintf(err, errsize, "more than %d tasks race", PROGRAMS_MAX);
		return -1;
	}
	r->program[r->n_programs] = (struct program){ .pid = pid, .task = task };
	return (int)r->n_programs++;
}

static int no_memory(char *err, size_t errsize)
{
	snprintf(err, errsize, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

/* Adds a line that is not yet a call or a write: r->line[r->n_lines - 1]. 0, -EINVAL, -ENOMEM. */
static int add_line(struct race *r, int pid, const char *text, size_t len, char *err,
		    size_t errsize)
{
	int program = add_program(r, pid, err, errsize);
	struct race_line *line = &r->line[r->n_lines];
	struct program *p;

	if (program < 0)
		return -EINVAL;
	p = &r->program[program];
	if (r->n_lines == LINES_MAX) {
		snprintf(err, errsize, "a race has no more than %d lines", LINES_MAX);
		return -EINVAL;
	}
	line->text = strndup(text, len);
	if (!line->text)
		return no_memory(err, errsize);
	line->len = len;
	line->program = (unsigned)program;
	p->line[p->n++] = r->n_lines++;
	return 0;
}

/* Reads a call and binds its arguments, which point into the machine's heap. */
static int bind_call(struct race *r, struct race_line *line, struct text *why)
{
	const struct fdl_row *row;
	struct line parsed;
	int error = notation_parse(&r->args, line->text, line->len, &parsed, why);

	if (error)
		return error;
	if (parsed.kind != LINE_CALL) {
		text_puts(why, "only calls, each run to its end, are lines of a race");
		return -EINVAL;
	}
	if (parsed.has_result) {
		text_puts(why, "a call of a race states no result: the conditions after it do");
		return -EINVAL;
	}
	error = line_row(r->m, &parsed, &row, why);
	if (error)
		return error;
	line->row = row;
	error = args_bind(&r->args, row, &parsed, line->arg, why);
	if (!error)
		args_narrow(row, line->arg);
	return error;
}

int race_add_call(struct race *r, int pid, const char *text, size_t len, char *err, size_t errsize)
{
	struct text why = TEXT_EMPTY;
	int error = add_line(r, pid, text, len, err, errsize);

	if (error)
		return error;
	heap_current = r->heap;
	error = bind_call(r, &r->line[r->n_lines - 1], &why);
	if (error)
		snprintf(err, errsize, "%s", why.len ? why.s : strerror(-error));
	text_free(&why);
	heap_current = NULL;
	return error;
}

int race_add_write(struct race *r, int pid, const char *path, const char *text, size_t len,
		   char *err, size_t errsize)
{
	struct race_line *line;
	int error = add_line(r, pid, text, len, err, errsize);

	if (error)
		return error;
	line = &r->line[r->n_lines - 1];
	line->path = strdup(path);
	return line->path ? 0 : no_memory(err, errsize);
}

/* ---- runs ---- */

/* Whether a line of it changes the machine's limit of files. */
static bool sets_file_max(const struct race *r)
{
	for (unsigned i = 0; i < r->n_lines; i++) {
		if (r->line[i].path && strstr(r->line[i].path, "file-max"))
			return true;
	}
	return false;
}

/*
 * Whether the race may come near a limit of the machine as a whole. Steps do not say that they
 * touch those limits; a race that begins far from them, and does not move them, never reaches them.
 */
static bool is_tight(const struct race *r)
{
	const struct fdl_machine *m = r->m;
	/* A write is of 1 MiB at the most, a pipe's size somewhat more. */
	const size_t room = (16 + 4 * (size_t)r->n_lines) << 20;

	if (sets_file_max(r))
		return true;
	return m->file_max < m->nr_files + 4 * LINES_MAX ||
	       m->options.tasks < m->ntasks + 4 * LINES_MAX ||
	       m->memory.limit - m->memory.used < room ||
	       m->vfs->bytes.limit - m->vfs->bytes.used < room;
}

int race_begin(struct race *r)
{
	struct fdl_machine *m = r->m;
	int error;

	heap_current = r->heap;
	/* An object that is kept to be used again would hide a use after its release. */
	call_free_spare(m);
	file_free_spare(m);
	m->nspare_files = UINT32_MAX;
	r->bugs = m->bugs;
	r->tight = is_tight(r);
	r->log_at = trail_size(&m->log);
	m->watcher = &r->watcher;
	trail_settle(&m->log);
	trail_settle(&m->events);
	tree_settle(m);
	arena_settle(&r->args);
	heap_current = NULL;
	error = heap_freeze(r->heap);
	r->frozen = !error;
	return error;
}

/* Calls that are still in flight never go on: gives back their stacks. */
static void abandon(struct race *r)
{
	list_for_each(pos, &r->m->in_flight) {
		struct call *c = container_of(pos, struct call, flight);

		coroutine_free(c->co);
	}
}

void race_restart(struct race *r)
{
	struct coroutine_pool pool;

	abandon(r);
	pool = r->m->coroutines;
	heap_thaw(r->heap);
	r->m->coroutines = pool;
	for (unsigned i = 0; i < r->n_programs; i++) {
		r->program[i].next = 0;
		r->program[i].call = NULL;
	}
	for (unsigned i = 0; i < r->n_lines; i++) {
		r->line[i].state = FDL_RACE_NOT_RUN;
		r->line[i].filled_len = 0;
	}
	r->breach = BREACH_NONE;
	r->everything = 0;
}

/* p->task may be gone: it can be read, since a frozen heap hands out nothing again. */
static bool can_go_on(const struct program *p)
{
	if (p->call)
		return p->call->state == CALL_STOPPED;
	return p->next < p->n && p->task->state == TASK_RUNNING && !p->task->call;
}

uint32_t race_enabled(const struct race *r)
{
	uint32_t enabled = 0;

	for (unsigned i = 0; i < r->n_programs; i++)
		enabled |= (uint32_t)can_go_on(&r->program[i]) << i;
	return enabled;
}

static struct race_line *current_line(struct race *r, const struct program *p)
{
	return &r->line[p->line[p->next - 1]];
}

/* A program's call is over: keeps what outcomes tell of it, and gives the call back. */
static void returned(struct race *r, struct program *p, bool ended)
{
	struct race_line *line = current_line(r, p);
	struct call *c = p->call;

	line->state = ended || c->row->no_return ? FDL_RACE_ENDED : FDL_RACE_RETURNED;
	line->result = c->result;
	if (line->state == FDL_RACE_RETURNED)
		line->filled_len = outcome_pack(line->row, c->arg, line->result, line->filled);
	p->call = NULL;
	r->everything &= ~(UINT32_C(1) << (p - r->program));
	call_put(r->m, c);
}

/* A call in flight was killed by another program's. */
static void killed(struct call *c, void *ctx)
{
	struct race *r = ctx;

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call == c) {
			returned(r, &r->program[i], true);
			return;
		}
	}
	call_put(r->m, c);
}

static void start_write(struct race *r, struct race_line *line)
{
	r->touched->everything = true;
	line->result = fdl_write_file(r->m, line->path, line->text, line->len);
	line->result = line->result < 0 ? line->result : 0;
	line->state = FDL_RACE_RETURNED;
	r->recorded = true;
}

/* Starts the next call of a program. */
static void start_line(struct race *r, struct program *p)
{
	struct race_line *line = &r->line[p->line[p->next++]];
	struct call *c;

	if (!line->row) {
		start_write(r, line);
		return;
	}
	c = call_get(r->m);
	line->state = FDL_RACE_IN_FLIGHT;
	if (!c) {
		race_breach(r, BREACH_BUG, strerror(ENOMEM));
		return;
	}
	memcpy(c->own, line->arg, sizeof(c->own));
	c->arg = c->own;
	c->current = p->task;
	c->row = line->row;
	c->done = killed;
	c->ctx = r;
	p->call = c;
	if (!(line->row->call->flags & CALL_TRACED))
		race_touch_all(r);
	if (machine_submit(r->m, c, true, NULL))
		race_breach(r, BREACH_BUG, strerror(ENOMEM));
}

static void check(struct race *r)
{
	struct text why = TEXT_EMPTY;

	if (r->m->bugs != r->bugs) {
		const char *bug = r->m->kmsg.s ? strstr(r->m->kmsg.s, "kernel BUG") : NULL;

		if (!bug)
			bug = r->m->kmsg.s ? r->m->kmsg.s : "BUG";
		snprintf(r->why, sizeof(r->why), "%.*s", (int)strcspn(bug, "\n"), bug);
		r->breach = r->breach ? r->breach : BREACH_BUG;
	} else if (machine_check(r->m, &why) == -EUCLEAN) {
		race_breach(r, BREACH_INVARIANT, why.s);
	}
	text_free(&why);
}

bool race_step(struct race *r, unsigned program, struct touched *t)
{
	struct program *p = &r->program[program];

	touched_init(t, r->everything >> program & 1);
	r->touched = t;
	r->running = program;
	r->woken = 0;
	r->recorded = false;
	heap_current = r->heap;
	if (p->call)
		machine_resume(r->m, p->call, true, NULL);
	else
		start_line(r, p);
	if (!r->breach) {
		r->recorded = true;
		if (p->call && p->call->state == CALL_DONE)
			returned(r, p, p->call->ended);
	}
	heap_current = NULL;
	return !r->breach;
}

bool race_sound(struct race *r)
{
	size_t mark;

	if (r->breach)
		return false;
	/*
	 * Runs that begin with the same steps must allocate at the same places, checked or not,
	 * because the search compares the addresses that they touch.
	 */
	mark = heap_mark(r->heap);
	heap_current = r->heap;
	check(r);
	heap_current = NULL;
	heap_release(r->heap, mark);
	return !r->breach;
}

bool race_ended(struct race *r)
{
	struct text why = TEXT_EMPTY;

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call) {
			heap_current = r->heap;
			if (deadlock_find(r->m, &why))
				race_breach(r, BREACH_DEADLOCK, why.s ? why.s : "deadlock");
			text_free(&why);
			heap_current = NULL;
			break;
		}
	}
	return !r->breach;
}

int race_log(struct race *r, struct text *out)
{
	ssize_t size, n = 0;
	char *text;

	heap_current = r->heap;
	size = trail_size(&r->m->log) - r->log_at;
	text = size > 0 ? malloc((size_t)size) : NULL;
	if (text)
		n = trail_read(&r->m->log, text, (size_t)size, r->log_at);
	heap_current = NULL;
	if (n < 0 || (size > 0 && !text))
		return -ENOMEM;
	if (n)
		text_put(out, text, (size_t)n);
	return out->error;
}

int race_read(struct race *r, const char *path, char **text)
{
	char *read;
	size_t len;
	int error;

	*text = NULL;
	heap_current = r->heap;
	error = fdl_read_file(r->m, path, &read, &len);
	heap_current = NULL;
	if (error)
		return error == -ENOMEM ? error : 0;
	if (len && read[len - 1] == '\n')
		len--;
	*text = strndup(read, len);
	return *text ? 0 : -ENOMEM;
}
