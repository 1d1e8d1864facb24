/*
 * Finds the task that a line belongs to. A child's lines may come before the line that names its
 * parent; the log is then read ahead up to that line, and never twice.
 */
#include "replay/births.h"

#include "replay/lives.h"
#include "replay/tasks.h"

#include <search.h>
#include <stdlib.h>

static bool is_birth(const struct fdl_log_line *line)
{
	const struct log_call *row = log_call_find((struct span){ line->name, line->name_len });

	return row && row->effect == EFFECT_FORK &&
	       (line->kind == FDL_LOG_CALL || line->kind == FDL_LOG_RESUMED);
}

static int by_child(const void *a, const void *b)
{
	const int x = ((const struct birth *)a)->child, y = ((const struct birth *)b)->child;

	return (x > y) - (x < y);
}

/* The first of the births read ahead with this child, or NULL. */
static struct birth *find_birth(const struct replay *r, int child)
{
	const struct birth key = { .child = child };
	struct birth **found = tfind(&key, &r->births_by_child, by_child);

	return found ? *found : NULL;
}

/* Takes over the birth. False: no memory. */
static bool keep_birth(struct replay *r, struct birth *birth)
{
	struct birth *first = find_birth(r, birth->child);

	if (!first && !tsearch(birth, &r->births_by_child, by_child)) {
		free(birth);
		return false;
	}
	for (; first && first->again; first = first->again)
		;
	if (first)
		first->again = birth;
	TAILQ_INSERT_TAIL(&r->births, birth, all);
	return true;
}

static void note_birth(struct replay *r, const struct fdl_log_line *line)
{
	struct fdl_log_call call;
	struct birth *birth;

	if (replay_read_call(r, r->ahead_values, line->rest, line->rest_len, &call) ||
	    call.result != FDL_LOG_NUMBER || call.value.num <= 0)
		return;
	birth = calloc(1, sizeof(*birth));
	if (!birth) {
		r->no_memory = true;
		return;
	}
	birth->child = pid_in_log(&call.value);
	birth->parent = line->pid;
	birth->line = r->ahead.line;
	birth->share = share_of(log_call_find((struct span){ line->name, line->name_len }), &call,
				&birth->known);
	r->no_memory |= !keep_birth(r, birth);
}

void forget_births(struct replay *r, uint64_t line)
{
	struct birth *birth;

	while ((birth = TAILQ_FIRST(&r->births)) != NULL && birth->line <= line) {
		tdelete(birth, &r->births_by_child, by_child);
		if (birth->again)
			r->no_memory |= !tsearch(birth->again, &r->births_by_child, by_child);
		TAILQ_REMOVE(&r->births, birth, all);
		free(birth);
	}
}

/* Reads ahead for the call that made pid. False: no line shows it. */
static bool read_ahead(struct replay *r, int pid, struct birth *birth)
{
	const struct birth *found;
	struct fdl_log_line line;
	char *text;
	size_t len;

	forget_births(r, r->line);
	if (r->ahead.line < r->line)
		reader_move(&r->ahead, &r->reader);
	while ((found = find_birth(r, pid)) == NULL) {
		if (r->no_memory || !reader_line(&r->ahead, &text, &len))
			return false;
		fdl_log_line_read(text, len, &line);
		if (is_birth(&line))
			note_birth(r, &line);
	}
	*birth = *found;
	return true;
}

/* Whether the lines read ahead name the child of this task's call in flight. */
static bool tells_child_of(const struct replay *r, const struct log_task *task)
{
	const struct birth *birth;

	TAILQ_FOREACH(birth, &r->births, all)
	if (birth->line > r->line && replay_pid(r, birth->parent) == task->pid)
		return true;
	return false;
}

/* The task longest in a fork whose child no line names; or NULL. */
static struct log_task *task_in_fork(const struct replay *r)
{
	struct log_task *t;

	TAILQ_FOREACH(t, &r->forks, pending.fork)
	if (!t->pending.child && !tells_child_of(r, t))
		return t;
	return NULL;
}

/* Lines read ahead to learn how a task of unknown kind ends. */
#define LINES_AHEAD 100000

/*
 * Whether a task is a thread, if the call that made it does not say. A task that ends by exit is a
 * thread; a task that executes a program or ends by exit_group is a process. If the log shows
 * neither, it is taken for a thread.
 */
enum share share_by_end(struct replay *r, int pid)
{
	static const char *const alone[] = { "execve", "execveat", "exit_group" };
	struct log_reader reader;
	enum share share = SHARE_THREAD;
	struct fdl_log_line line;
	char *text;
	size_t len;

	reader_init(&reader, r->log);
	reader_move(&reader, &r->reader);
	for (unsigned n = 0; n < LINES_AHEAD && reader_line(&reader, &text, &len); n++) {
		fdl_log_line_read(text, len, &line);
		if (line.pid != pid)
			continue;
		if (line.kind == FDL_LOG_EXITED ||
		    span_is((struct span){ line.name, line.name_len }, "exit"))
			break;
		for (size_t i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
			if (line.name_len &&
			    span_is((struct span){ line.name, line.name_len }, alone[i]))
				share = SHARE_NOTHING;
		if (share == SHARE_NOTHING)
			break;
	}
	reader_free(&reader);
	return share;
}

/* birth is the later line that tells of it, or NULL. */
static struct log_task *born_ahead(struct replay *r, struct log_task *parent, int pid,
				   const struct birth *birth)
{
	struct log_pending *p = &parent->pending;
	struct fdl_log_call call;
	enum share share;
	bool known;

	/* strace 4 prints the arguments of clone when it returns. */
	replay_read_call(r, r->ahead_values, p->text, p->len, &call);
	share = share_of(p->row, &call, &known);
	if (!known && birth && birth->known)
		share = birth->share;
	else if (!known)
		share = share_by_end(r, pid);
	p->child = pid;
	return replay_born(r, parent, pid, share, p->start);
}

/*
 * strace on standard error omits the pid in its first lines. The first pid that is not a child's is
 * theirs.
 */
static struct log_task *name_first(struct replay *r, int pid)
{
	struct log_task *task = replay_find(r, 0);

	if (!task)
		return NULL;
	replay_take_out(r, task);
	task->pid = pid;
	task->process->pid = task->process->record.pid = pid;
	r->inference->roots[task->table->root].pid = pid;
	r->first_pid = pid;
	replay_insert(r, task);
	return task;
}

/*
 * The task whose call in flight makes pid, as a later line tells, in *birth; or NULL. birth->line
 * is 0 for a guess.
 */
static struct log_task *parent_of(struct replay *r, int pid, struct birth *birth)
{
	struct log_task *parent;

	if (TAILQ_EMPTY(&r->forks))
		return NULL;
	/* Guess if the log ends first, or the call returns a pid of another namespace. */
	if (!read_ahead(r, pid, birth))
		return task_in_fork(r);
	parent = replay_find(r, replay_pid(r, birth->parent));
	if (!parent && birth->parent)
		parent = name_first(r, birth->parent);
	if (!parent || !parent->pending.active || parent->pending.child ||
	    parent->pending.row->effect != EFFECT_FORK)
		return NULL;
	return parent;
}

struct log_task *replay_task_of(struct replay *r, int pid)
{
	struct log_task *task, *parent;
	struct birth birth = { 0 };

	pid = replay_pid(r, pid);
	task = replay_find(r, pid);
	if (task)
		return task;
	parent = parent_of(r, pid, &birth);
	if (parent)
		return born_ahead(r, parent, pid, birth.line ? &birth : NULL);
	task = pid ? name_first(r, pid) : NULL;
	return task ? task : replay_root(r, pid);
}
