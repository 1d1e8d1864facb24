/*
 * Running a race: programs whose calls go on step by step on a machine that is put back before each
 * run. What a step touches is gathered here, and what it breaks is noticed here.
 */
#include "explore/race.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/trail.h"
#include "check.h"
#include "machine/deadlock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/line.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* What the copy keeps of its transcript: enough for any one run. */
#define LOG_SIZE ((uint64_t)65536)

/* ---- what steps touch ---- */

bool touched_conflict(const struct touched *a, const struct touched *b)
{
	if (a->everything || b->everything)
		return true;
	if (!((a->write & (b->read | b->update | b->write)) | (b->write & (a->read | a->update)) |
	      (a->update & b->read) | (b->update & a->read)))
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		for (unsigned j = 0; j < b->n; j++) {
			if (a->at[i].place == b->at[j].place &&
			    (a->at[i].how != b->at[j].how || a->at[i].how == TOUCH_WRITE))
				return true;
		}
	}
	return false;
}

static struct race *race_of(struct watcher *w)
{
	return container_of(w, struct race, watcher);
}

static void touched_add(struct touched *t, enum touch how, uint64_t place)
{
	uint64_t bit = UINT64_C(1) << (place * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	uint64_t *set = how == TOUCH_READ ? &t->read : how == TOUCH_UPDATE ? &t->update : &t->write;

	if (*set & bit) {
		for (unsigned i = 0; i < t->n; i++) {
			if (t->at[i].place == place && t->at[i].how == how)
				return;
		}
	}
	*set |= bit;
	if (t->n == TOUCHED_MAX) {
		t->everything = true;
		return;
	}
	t->at[t->n].place = place;
	t->at[t->n++].how = how;
}

static void breach(struct race *r, enum breach kind, const char *why)
{
	if (r->breach)
		return;
	r->breach = kind;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

/* A call that was killed unwinds on its own stack, on behalf of the one that killed it. */
static bool is_unwinding(const struct race *r)
{
	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call && r->program[i].call->killed)
			return true;
	}
	return false;
}

/*
 * Somebody uses what was freed. The call is left where it is and never goes on; where that cannot be
 * done it does, and finds the memory as it was when it was freed.
 */
static void freed(struct race *r)
{
	const struct program *p = &r->program[r->running];
	struct call *c = p->call;
	char why[sizeof(r->why)];

	snprintf(why, sizeof(why), "by task %d in %s", p->pid, c ? c->row->call->name : "no call");
	breach(r, BREACH_FREED, why);
	if (!c || !c->co || c->state != CALL_RUNNING || is_unwinding(r))
		return;
	c->state = CALL_STOPPED;
	coroutine_yield(c->co);
}

static void watch_touch(struct watcher *w, enum touch how, const void *object, uint64_t part,
			bool rcu)
{
	struct race *r = race_of(w);

	/* All of the heap is nearer than that. */
	touched_add(r->touched, how, (uint64_t)(uintptr_t)object >> 4 << 36 | part);
	if (!rcu && __builtin_expect(!heap_is_live(r->heap, object), 0))
		freed(r);
}

static void watch_everything(struct watcher *w)
{
	struct race *r = race_of(w);

	r->touched->everything = true;
	r->everything |= UINT32_C(1) << r->running;
}

static void watch_woke(struct watcher *w, const struct call *c)
{
	struct race *r = race_of(w);

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].call == c)
			r->woken |= UINT32_C(1) << i;
	}
}

/* ---- the copy ---- */

static int open_control(struct fdl_machine *m, struct fdl_handle **hp)
{
	fdl_ino ino;
	int error = fdl_walk(m, "control", &ino);

	return error ? error : fdl_open(m, ino, O_RDWR, hp);
}

/* The path of "echo TEXT > PATH", which the transcript has for writes to the tree's files. */
static const char *find_redirection(const char *line)
{
	const char *found = NULL;

	for (const char *p = line; (p = strstr(p, " > ")) != NULL; p++)
		found = p;
	return found;
}

/* An echo or an option of the transcript; false: the line is a call. */
static bool is_directive(const char *line)
{
	return !strncmp(line, "echo ", 5) || !strncmp(line, "option ", 7) || *line == '#';
}

static int run_echo(struct fdl_machine *m, char *line)
{
	char *text = line + strlen("echo "), *to = (char *)(uintptr_t)find_redirection(line);
	int error;

	if (!to)
		return -EINVAL;
	*to = '\n';
	error = fdl_write_file(m, to + strlen(" > "), text, (size_t)(to + 1 - text));
	return error < 0 ? error : 0;
}

/* Runs a transcript, line by line. */
static int run_log(struct race *r, char *log)
{
	struct fdl_handle *control;
	int error = open_control(r->m, &control);

	if (error)
		return error;
	for (char *line = log, *end; *line && !error; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		if (!strncmp(line, "echo ", 5))
			error = run_echo(r->m, line);
		else if (!is_directive(line))
			fdl_write(control, line, strlen(line), O_NONBLOCK, NULL, NULL);
	}
	fdl_close(control);
	return error;
}

int race_init(struct race *r, struct fdl_machine *m, char *err, size_t errsize)
{
	struct fdl_options o = m->options;
	char *log = NULL;
	size_t len;
	int error;

	memset(r, 0, sizeof(*r));
	r->watcher = (struct watcher){ watch_touch, watch_everything, watch_woke };
	if (!list_empty(&m->in_flight)) {
		snprintf(err, errsize, "a call is still in flight where the race begins");
		return -EBUSY;
	}
	error = fdl_read_file(m, "log", &log, &len);
	if (!error && m->log.dropped) {
		snprintf(err, errsize, "too much happens before the race");
		error = -E2BIG;
	}
	if (error)
		goto out;
	r->heap = heap_new();
	error = -ENOMEM;
	if (!r->heap)
		goto out;
	heap_current = r->heap;
	o.log = LOG_SIZE;
	error = fdl_machine_new(&o, &r->m);
	if (!error)
		error = run_log(r, log);
	heap_current = NULL;
out:
	if (error && !*err)
		snprintf(err, errsize, "%s", strerror(-error));
	free(log);
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

static int add_program(struct race *r, int pid, char *err, size_t errsize)
{
	struct task *task = task_find(r->m, pid);

	for (unsigned i = 0; i < r->n_programs; i++) {
		if (r->program[i].pid == pid)
			return (int)i;
	}
	if (!task || task->state != TASK_RUNNING) {
		snprintf(err, errsize, "there is no task %d where the race begins", pid);
		return -ESRCH;
	}
	if (r->n_programs == PROGRAMS_MAX) {
		snprintf(err, errsize, "more than %d tasks race", PROGRAMS_MAX);
		return -E2BIG;
	}
	r->program[r->n_programs] = (struct program){ .pid = pid, .task = task };
	return (int)r->n_programs++;
}

static struct race_line *add_line(struct race *r, int pid, const char *text, size_t len, char *err,
				  size_t errsize)
{
	int program = add_program(r, pid, err, errsize);
	struct race_line *line = &r->line[r->n_lines];
	struct program *p;

	if (program < 0)
		return NULL;
	p = &r->program[program];
	if (r->n_lines == LINES_MAX) {
		snprintf(err, errsize, "a race has no more than %d lines", LINES_MAX);
		return NULL;
	}
	line->text = strndup(text, len);
	if (!line->text) {
		snprintf(err, errsize, "%s", strerror(ENOMEM));
		return NULL;
	}
	line->len = len;
	line->program = (unsigned)program;
	p->line[p->n++] = r->n_lines++;
	return line;
}

/* Reads a call and binds its arguments; what they point to is part of the machine's heap. */
static int bind_call(struct race *r, struct race_line *line, struct text *why)
{
	const struct call_table *t = r->m->table;
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
		text_puts(why, "a call of a race states no result: the conditions behind it do");
		return -EINVAL;
	}
	row = call_table_named(t, parsed.name, parsed.name_len);
	if (row)
		row = row_select(row, t->rows + t->nrows, &parsed);
	if (!row) {
		text_printf(why, "there is no call \"%.*s\"", (int)parsed.name_len, parsed.name);
		return -EINVAL;
	}
	line->row = row;
	return args_bind(&r->args, row, &parsed, line->arg, why);
}

int race_add_call(struct race *r, int pid, const char *text, size_t len, char *err, size_t errsize)
{
	struct race_line *line = add_line(r, pid, text, len, err, errsize);
	struct text why = TEXT_EMPTY;
	int error;

	if (!line)
		return -EINVAL;
	heap_current = r->heap;
	error = bind_call(r, line, &why);
	if (error)
		snprintf(err, errsize, "%s", why.len ? why.s : strerror(-error));
	text_free(&why);
	heap_current = NULL;
	return error;
}

int race_add_write(struct race *r, int pid, const char *path, const char *text, size_t len,
		   char *err, size_t errsize)
{
	struct race_line *line = add_line(r, pid, text, len, err, errsize);

	if (!line)
		return -EINVAL;
	line->path = strdup(path);
	return line->path ? 0 : -ENOMEM;
}

/* ---- runs ---- */

/* Whether it moves the machine's limit of files. */
static bool sets_file_max(const struct race *r)
{
	for (unsigned i = 0; i < r->n_lines; i++) {
		if (r->line[i].path && strstr(r->line[i].path, "file-max"))
			return true;
	}
	return false;
}

/*
 * Limits of the machine as a whole, which steps do not say that they touch: no race comes near them
 * but one that begins there, or moves them.
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
	/* What is kept to be used again would hide who uses what was freed. */
	call_free_spare(m);
	file_free_spare(m);
	m->nspare_files = UINT32_MAX;
	r->bugs = m->bugs;
	r->tight = is_tight(r);
	r->log_at = trail_size(&m->log);
	m->watcher = &r->watcher;
	heap_current = NULL;
	error = heap_freeze(r->heap);
	r->frozen = !error;
	return error;
}

/* Calls that are still in flight never go on: their stacks are for others. */
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
		r->line[i].state = RACE_NOT_RUN;
		r->line[i].filled_len = 0;
	}
	r->breach = BREACH_NONE;
	r->everything = 0;
}

/* A task that is gone is still to be read: nothing that was freed is handed out again. */
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

/* A program's call is over: what outcomes tell of it. The call goes back. */
static void returned(struct race *r, struct program *p, bool ended)
{
	struct race_line *line = current_line(r, p);
	struct call *c = p->call;

	line->state = ended || c->row->no_return ? RACE_ENDED : RACE_RETURNED;
	line->result = c->result;
	if (line->state == RACE_RETURNED && line->row->has_out && line->result >= 0) {
		size_t n = args_pack(line->row, c->arg, line->filled, FILLED_MAX, FILLED_MAX / 4);

		line->filled_len = n <= FILLED_MAX ? (unsigned)n : 0;
	}
	p->call = NULL;
	r->everything &= ~(UINT32_C(1) << (p - r->program));
	call_put(r->m, c);
}

/* A call in flight was killed by somebody else's. */
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
	line->state = RACE_RETURNED;
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
	line->state = RACE_IN_FLIGHT;
	if (!c) {
		breach(r, BREACH_BUG, strerror(ENOMEM));
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
		watch_everything(&r->watcher);
	if (machine_submit(r->m, c, true, NULL))
		breach(r, BREACH_BUG, strerror(ENOMEM));
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
		breach(r, BREACH_INVARIANT, why.s);
	}
	text_free(&why);
}

bool race_step(struct race *r, unsigned program, struct touched *t)
{
	struct program *p = &r->program[program];

	t->read = t->update = t->write = 0;
	t->n = 0;
	t->everything = r->everything >> program & 1;
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
	 * Runs that begin with the same steps allocate at the same places, checked or not: what steps
	 * touch is compared from one run to the other.
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
				breach(r, BREACH_DEADLOCK, why.s ? why.s : "deadlock");
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

char *race_read(struct race *r, const char *path)
{
	char *text, *copy = NULL;
	size_t len;
	int error;

	heap_current = r->heap;
	error = fdl_read_file(r->m, path, &text, &len);
	heap_current = NULL;
	if (!error) {
		if (len && text[len - 1] == '\n')
			len--;
		copy = strndup(text, len);
	}
	return copy;
}
