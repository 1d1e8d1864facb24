/*
 * The tasks of a log: whose line a line is, who made whom, and what exec and exit leave behind. A
 * child's lines may come before the line that tells whose child it is, so that the log is read
 * ahead as far as that takes, and never twice.
 */
#include "replay/play.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding them --------------------------------------------------------------------------- */

static struct task **bucket_of(struct replay *r, int pid)
{
	return &r->tasks[(unsigned)pid % TASK_BUCKETS];
}

struct task *replay_find(const struct replay *r, int pid)
{
	struct task *t = r->tasks[(unsigned)pid % TASK_BUCKETS];

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

static void insert(struct replay *r, struct task *task)
{
	struct task **at = bucket_of(r, task->pid);

	task->next = *at;
	*at = task;
}

static void take_out(struct replay *r, struct task *task)
{
	struct task **at = bucket_of(r, task->pid);

	while (*at != task)
		at = &(*at)->next;
	*at = task->next;
}

void replay_each_pending(struct replay *r, const struct task *but, const struct table *table,
			 replay_each_fn *each, void *ctx)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct task *t = r->tasks[i]; t; t = t->next)
			if (t != but && t->table == table && t->pending.active)
				each(r, t, ctx);
}

/* ---- making them ---------------------------------------------------------------------------- */

static struct process *process_new(struct replay *r, struct process *parent, int pid, int model)
{
	struct process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->pid = pid;
	p->model = model;
	p->parent = parent;
	p->panel = r->npanels++;
	p->record = (struct process_record){ .pid = pid, .first = r->line };
	p->next = r->processes;
	r->processes = p;
	return p;
}

/* A task with its process and table, both taken over. NULL: no memory; then they are not. */
static struct task *task_new(struct replay *r, int pid, int model, struct process *process,
			     struct table *table)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->pid = pid;
	task->model = model;
	task->process = process;
	task->table = table;
	process->tasks++;
	if (table->nopen > process->record.highest)
		process->record.highest = table->nopen;
	insert(r, task);
	return task;
}

/* What the root has from the start, as far as it is known; 0, 1 and 2 are in the machine. */
static void give_inheritance(struct replay *r, struct task *task)
{
	const struct root *root = &r->inference->roots[task->table->root];

	for (size_t i = 0; i < root->nfds; i++) {
		const struct inherited *in = &root->fds[i];
		bool cloexec = in->belief == BELIEF_CLOEXEC;

		if (in->belief == BELIEF_CLOSED && in->fd < 3) {
			model_close(r->model, task->model, in->fd);
		} else if (in->belief != BELIEF_CLOSED && in->fd < 3) {
			r->no_memory |= !table_open(task->table, in->fd,
						    origin_new(0, 0, NULL, "inherited"), cloexec, 0,
						    r->line);
			if (cloexec)
				model_set_cloexec(r->model, task->model, in->fd, true);
		} else if (in->belief != BELIEF_CLOSED) {
			judge_place(r, task, in->fd, origin_new(0, 0, NULL, "inherited"), cloexec);
		}
		if (table_look(task->table, in->fd))
			table_look(task->table, in->fd)->touched = false;
	}
	task->process->record.highest = task->table->nopen;
}

/* A task that shares all with the first one that was there, which is still there. */
static struct task *root_thread(struct replay *r, const struct task *first, int pid)
{
	int model = model_fork(r->model, first->model, SHARE_THREAD);
	struct task *task = task_new(r, pid, model, first->process, first->table);

	if (task)
		task->table->users++;
	return task;
}

/* A process that was there before the log. */
static struct task *root_new(struct replay *r, int pid)
{
	struct task *first = NULL;
	unsigned root = (unsigned)r->nroots;
	struct process *process;
	struct table *table;
	struct task *task = NULL;
	int model;

	if (r->inference->threads && root)
		first = replay_find(r, r->inference->roots[0].pid);
	if (first)
		return root_thread(r, first, pid);
	if (!inference_root(r->inference, root, pid))
		return NULL;
	r->nroots++;
	model_note(r->model, "process %d", pid);
	model = model_fork(r->model, 1, SHARE_NOTHING);
	process = process_new(r, NULL, pid, model);
	table = table_new(root);
	if (process && table)
		task = task_new(r, pid, model, process, table);
	if (!task) {
		if (table)
			table_free(table);
		return NULL;
	}
	give_inheritance(r, task);
	return task;
}

/* ---- copies of tables that change while they are copied ------------------------------------- */

/* What another task may have done, or may not have, when the copy was made. */
static void doubt(struct replay *r, struct task *other, void *ctx)
{
	struct table *copy = ctx;
	struct span at = { other->pending.text, other->pending.len }, first = at, element;
	struct slot *slot;
	int64_t fd;

	table_note_unseen(copy, other->pid, other->pending.reserves);
	r->unseen |= other->pending.reserves > 0;
	if (!span_next(&at, &first))
		return;
	if (other->pending.row->effect == EFFECT_DUP2 && span_next(&at, &element))
		first = element;
	else if (other->pending.row->effect != EFFECT_CLOSE)
		return;
	slot = span_number(first, &fd) ? table_look(copy, fd) : NULL;
	if (slot)
		slot->maybe = true;
}

/* A copy of the task's table, made at some time since start. */
static struct table *copy_table(struct replay *r, struct task *task, uint64_t start)
{
	const struct table *from = task->table;
	struct table *copy = table_copy(from, r->line);

	if (!copy || from->users < 2)
		return copy;
	for (size_t i = 0; i < copy->nchunks * CHUNK; i++) {
		const struct slot *slot = table_look(from, (int64_t)i);

		if (!slot)
			i |= CHUNK - 1;
		else if (slot->closed >= start || (slot->origin && slot->since >= start))
			table_look(copy, (int64_t)i)->maybe = true;
	}
	replay_each_pending(r, task, from, doubt, copy);
	return copy;
}

void replay_unshare(struct replay *r, struct task *task, uint64_t start)
{
	struct table *copy;

	if (task->table->users < 2)
		return;
	copy = copy_table(r, task, start);
	if (!copy) {
		r->no_memory = true;
		return;
	}
	task->table->users--;
	task->table = copy;
}

static enum share share_of(const struct call_row *row, struct span args)
{
	struct span flags = span_behind(args, "flags=");

	if (strncmp(row->name, "clone", 5) != 0)
		return SHARE_NOTHING;
	if (span_has_word(flags, "CLONE_THREAD"))
		return SHARE_THREAD;
	return span_has_word(flags, "CLONE_FILES") ? SHARE_FILES : SHARE_NOTHING;
}

struct task *replay_born(struct replay *r, struct task *parent, int pid, struct span args,
			 const struct call_row *row, uint64_t start)
{
	enum share share = share_of(row, args);
	struct process *process = parent->process;
	struct table *table = parent->table;
	struct task *task = replay_find(r, pid);
	/* A thread's clone without CLONE_FILES is not worth a model of its own. */
	bool thread =
		share == SHARE_THREAD && span_has_word(span_behind(args, "flags="), "CLONE_FILES");
	int model;

	/* It cannot have made itself; and one that was there before has had an end unseen. */
	if (task == parent)
		return task;
	if (task)
		replay_exit(r, task);
	if (share == SHARE_THREAD && !thread)
		share = SHARE_NOTHING;
	model_note(r->model, "process %d", pid);
	model = model_fork(r->model, parent->model, share);
	if (share == SHARE_NOTHING)
		table = copy_table(r, parent, start);
	else
		table->users++;
	if (!thread)
		process = process_new(r, parent->process, pid, model);
	task = table && process ? task_new(r, pid, model, process, table) : NULL;
	if (!task) {
		r->no_memory = true;
		return NULL;
	}
	if (!thread) {
		process->limit_known = parent->process->limit_known;
		process->limit_guessed = parent->process->limit_guessed;
		if (parent->process->record.program)
			process->record.program = strdup(parent->process->record.program);
	}
	return task;
}

/* ---- whose line it is ----------------------------------------------------------------------- */

static bool is_birth(const struct strace_line *line)
{
	const struct call_row *row = call_row_find(line->name);

	return row && row->effect == EFFECT_FORK &&
	       (line->kind == STRACE_CALL || line->kind == STRACE_RESUMED);
}

static void note_birth(struct replay *r, const struct strace_line *line)
{
	struct strace_call call;
	size_t room = r->births_room ? 2 * r->births_room : 16;

	if (!strace_call_read(line->rest, &call) || call.result != RESULT_NUMBER ||
	    call.number <= 0)
		return;
	if (r->nbirths == r->births_room) {
		struct birth *births = realloc(r->births, room * sizeof(*births));

		if (!births) {
			r->no_memory = true;
			return;
		}
		r->births = births;
		r->births_room = room;
	}
	r->births[r->nbirths++] = (struct birth){ .child = (int)call.number,
						  .parent = line->pid,
						  .line = r->ahead.line };
}

/* Forgets what the play itself has come to. */
static void forget_births(struct replay *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nbirths; i++)
		if (r->births[i].line > r->line)
			r->births[n++] = r->births[i];
	r->nbirths = n;
}

/* Reads ahead for who makes a task. False: nobody does. */
static bool read_ahead(struct replay *r, int pid, int *parent)
{
	struct strace_line line;
	char *text;
	size_t len;

	forget_births(r);
	if (r->ahead.line < r->line)
		reader_move(&r->ahead, &r->reader);
	for (size_t i = 0;; i++) {
		while (i == r->nbirths) {
			if (!reader_line(&r->ahead, &text, &len))
				return false;
			strace_line_read(text, len, &line);
			if (is_birth(&line))
				note_birth(r, &line);
			if (r->no_memory)
				return false;
		}
		if (r->births[i].child == pid) {
			*parent = r->births[i].parent;
			return true;
		}
	}
}

/* Whether the log, as far as it was read ahead, tells whom this task's call has made. */
static bool tells_child_of(const struct replay *r, const struct task *task)
{
	for (size_t i = 0; i < r->nbirths; i++)
		if (r->births[i].line > r->line && replay_pid(r, r->births[i].parent) == task->pid)
			return true;
	return false;
}

/* The task that has been making another one for longest, of which nothing is known; or NULL. */
static struct task *task_in_fork(struct replay *r)
{
	struct task *found = NULL;

	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct task *t = r->tasks[i]; t; t = t->next)
			if (t->pending.active && t->pending.row->effect == EFFECT_FORK &&
			    !t->pending.child && !tells_child_of(r, t) &&
			    (!found || t->pending.start < found->pending.start))
				found = t;
	return found;
}

/* Whether any task is making another one now. */
static bool is_forking(const struct replay *r)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (const struct task *t = r->tasks[i]; t; t = t->next)
			if (t->pending.active && t->pending.row->effect == EFFECT_FORK)
				return true;
	return false;
}

static struct task *born_ahead(struct replay *r, struct task *parent, int pid)
{
	struct pending *p = &parent->pending;

	p->child = pid;
	return replay_born(r, parent, pid, (struct span){ p->text, p->len }, p->row, p->start);
}

/* A line without a pid is of the only task that there is; if there are several, of the first. */
int replay_pid(const struct replay *r, int pid)
{
	unsigned n = 0;

	if (pid || !r->has_pids)
		return pid;
	pid = r->first_pid;
	for (size_t i = 0; i < TASK_BUCKETS; i++)
		for (struct task *t = r->tasks[i]; t; t = t->next, n++)
			pid = n ? r->first_pid : t->pid;
	return pid;
}

/*
 * The first lines of the form for standard error have no pid; the first one that is not a child's
 * is theirs.
 */
static struct task *name_first(struct replay *r, int pid)
{
	struct task *task = replay_find(r, 0);

	if (!task)
		return NULL;
	take_out(r, task);
	task->pid = pid;
	task->process->pid = task->process->record.pid = pid;
	r->inference->roots[task->table->root].pid = pid;
	r->first_pid = pid;
	insert(r, task);
	return task;
}

/* The one whose call in flight makes this task, as the log tells further on; or NULL. */
static struct task *parent_of(struct replay *r, int pid)
{
	struct task *parent;
	int parent_pid;

	if (!is_forking(r))
		return NULL;
	/*
	 * The log may end before, and in another namespace of pids the call returns another number:
	 * then it is a guess.
	 */
	if (!read_ahead(r, pid, &parent_pid))
		return task_in_fork(r);
	parent = replay_find(r, replay_pid(r, parent_pid));
	if (!parent && parent_pid)
		parent = name_first(r, parent_pid);
	if (!parent || !parent->pending.active || parent->pending.child ||
	    parent->pending.row->effect != EFFECT_FORK)
		return NULL;
	return parent;
}

struct task *replay_task_of(struct replay *r, int pid)
{
	struct task *task, *parent;

	pid = replay_pid(r, pid);
	task = replay_find(r, pid);
	if (task)
		return task;
	parent = parent_of(r, pid);
	if (parent)
		return born_ahead(r, parent, pid);
	task = pid ? name_first(r, pid) : NULL;
	return task ? task : root_new(r, pid);
}

void replay_settle_unseen(struct replay *r, int pid, const int64_t *given, size_t n)
{
	bool unseen = false;

	for (size_t i = 0; r->unseen && i < TASK_BUCKETS; i++) {
		for (struct task *t = r->tasks[i]; t; t = t->next) {
			table_settle_unseen(t->table, pid, given, n);
			unseen |= t->table->nunseen > 0;
		}
	}
	r->unseen = unseen;
}

/* ---- exec and exit -------------------------------------------------------------------------- */

void replay_bar(struct replay *r, const struct task *task, int64_t fd)
{
	const struct slot *slot = table_look(task->table, fd);

	if (r->wishes->timeline && slot && slot->origin)
		timeline_bar(r->wishes->timeline, task->process->panel, fd, slot->origin,
			     slot->cloexec, slot->since, r->line);
}

static bool is_leak(const struct slot *slot, int64_t fd)
{
	return fd > 2 && slot->own && slot->origin->call;
}

/* The last task of a table is gone, and what was open with it. */
static void drop_table(struct replay *r, struct task *task, bool exited)
{
	struct table *t = task->table;

	if (--t->users)
		return;
	for (int64_t fd = table_next(t, 0); fd >= 0; fd = table_next(t, fd + 1)) {
		const struct slot *slot = table_look(t, fd);

		replay_bar(r, task, fd);
		if (exited && is_leak(slot, fd))
			finding_add(r->findings, FINDING_LEAK, r->line, task->process->pid, fd,
				    slot->origin, "open at exit");
	}
	table_free(t);
}

/* The size only grows, so that the end of a task is the time to look. */
static void note_size(struct replay *r, struct task *task)
{
	uint64_t size = model_table_size(r->model, task->model);

	if (size > task->process->record.table_size)
		task->process->record.table_size = size;
}

static void process_free(struct replay *r, struct process *p, bool ended)
{
	struct process **at = &r->processes;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	for (struct process *child = r->processes; child; child = child->next)
		if (child->parent == p)
			child->parent = NULL;
	p->record.last = r->line;
	p->record.ended = ended;
	finding_process(r->findings, &p->record);
	if (r->wishes->timeline)
		timeline_process(r->wishes->timeline, p->panel, p->pid, p->record.program,
				 p->record.first, p->record.last);
	free(p->record.program);
	free(p);
}

/* A task is gone; the machine is told, or knows already. */
static void task_free(struct replay *r, struct task *task, bool tell, bool exited)
{
	struct process *process = task->process;

	/* Whatever it was in the middle of, it may have reserved something until now. */
	if (task->pending.active) {
		task->pending.active = false;
		table_note_failed(task->table, task->pid, r->line, task->pending.reserves);
		judge_over(r, task, NULL, 0, true);
	}
	if (tell) {
		note_size(r, task);
		model_exit(r->model, task->model);
	}
	drop_table(r, task, exited);
	take_out(r, task);
	free(task->pending.text);
	free(task);
	if (--process->tasks)
		return;
	if (tell)
		model_reap(r->model, process->parent ? process->parent->model : 1, process->model);
	process_free(r, process, exited);
}

void replay_exit(struct replay *r, struct task *task)
{
	task_free(r, task, true, true);
}

void replay_supersede(struct replay *r, int pid, int by)
{
	struct task *leader = replay_find(r, pid), *task = replay_find(r, by);

	if (!task || task == leader)
		return;
	/* The machine ends the leader itself, when the exec is over. */
	if (leader)
		task_free(r, leader, false, false);
	take_out(r, task);
	task->pid = pid;
	insert(r, task);
}

/* What exec left open for a program that did not ask for it. */
static void note_handed_on(struct replay *r, struct task *task, const char *program)
{
	struct table *t = task->table;

	for (int64_t fd = table_next(t, 3); fd >= 0; fd = table_next(t, fd + 1)) {
		struct origin *origin = table_look(t, fd)->origin;

		if (!origin->call)
			continue;
		if (origin->execs)
			finding_again(r->findings, FINDING_EXEC, origin->execs);
		else
			origin->execs =
				finding_add(r->findings, FINDING_EXEC, r->line, task->process->pid,
					    fd, origin, "handed on to %s", program);
	}
}

/* The other threads end with exec; their own lines may still come, and are nobody's then. */
static void end_other_threads(struct replay *r, struct task *task)
{
	for (size_t i = 0; i < TASK_BUCKETS && task->process->tasks > 1; i++) {
		struct task *next;

		for (struct task *t = r->tasks[i]; t; t = next) {
			next = t->next;
			if (t != task && t->process == task->process)
				task_free(r, t, false, false);
		}
	}
}

void replay_exec(struct replay *r, struct task *task, const char *program)
{
	struct table *t;

	end_other_threads(r, task);
	note_size(r, task);
	model_exec(r->model, task->model, program);
	task->model = task->process->model;
	replay_unshare(r, task, r->line);
	t = task->table;
	for (int64_t fd = table_next(t, 0); fd >= 0; fd = table_next(t, fd + 1)) {
		if (!table_look(t, fd)->cloexec)
			continue;
		replay_bar(r, task, fd);
		table_close(t, fd, task->pid, r->begun, r->line);
	}
	t->execed = true;
	free(task->process->record.program);
	task->process->record.program = strdup(program);
	note_handed_on(r, task, program);
}

void replay_end(struct replay *r)
{
	for (size_t i = 0; i < TASK_BUCKETS; i++) {
		while (r->tasks[i]) {
			note_size(r, r->tasks[i]);
			r->tasks[i]->pending.active = false;
			task_free(r, r->tasks[i], false, false);
		}
	}
	while (r->processes)
		process_free(r, r->processes, false);
	reader_free(&r->reader);
	reader_free(&r->ahead);
	free(r->births);
}
