/*
 * Births, execs and exits change the tables, in the machine and as the log tells. Other files find
 * their lines.
 */
#include "replay/lives.h"

#include "cli/number.h"
#include "replay/births.h"
#include "replay/judge.h"
#include "replay/tasks.h"
#include "replay/timeline.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static struct process *process_new(struct replay *r, struct process *parent, int pid, int model)
{
	struct process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->pid = pid;
	p->model = model;
	p->parent = parent;
	p->panel = r->npanels++;
	p->parent_panel = parent ? parent->panel : NO_PANEL;
	p->record = (struct process_record){ .pid = pid, .first = r->line };
	LIST_INSERT_HEAD(&r->processes, p, all);
	if (parent)
		LIST_INSERT_HEAD(&parent->children, p, sibling);
	return p;
}

/* A task; takes over process and table, unless it returns NULL: no memory. */
static struct log_task *log_task_new(struct replay *r, int pid, int model, struct process *process,
				     struct table *table)
{
	struct log_task *task = calloc(1, sizeof(*task));

	if (!task)
		return NULL;
	task->pid = pid;
	task->model = model;
	task->process = process;
	task->table = table;
	process->tasks++;
	LIST_INSERT_HEAD(&process->members, task, member);
	if (table->nopen > process->record.highest)
		process->record.highest = table->nopen;
	replay_insert(r, task);
	return task;
}

/* Opens what the root is known to have from the start; the machine has 0, 1 and 2. */
static void give_inheritance(struct replay *r, struct log_task *task)
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

/* A thread of the first root, which is alive. */
static struct log_task *root_thread(struct replay *r, const struct log_task *first, int pid)
{
	int model = model_fork(r->model, first->model, SHARE_THREAD);
	struct log_task *task = log_task_new(r, pid, model, first->process, first->table);

	if (task)
		task->table->users++;
	return task;
}

struct log_task *replay_root(struct replay *r, int pid)
{
	struct log_task *first = NULL;
	unsigned root = (unsigned)r->nroots;
	struct process *process;
	struct table *table;
	struct log_task *task = NULL;
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
	table = log_table_new(root);
	if (process && table)
		task = log_task_new(r, pid, model, process, table);
	if (!task) {
		if (table)
			table_free(table);
		return NULL;
	}
	give_inheritance(r, task);
	return task;
}

/* Marks what a call in flight of another task may have done before the copy was made. */
static void doubt(struct replay *r, struct log_task *other, void *ctx)
{
	struct table *copy = ctx;
	struct log_slot *slot = NULL;

	(void)r;
	table_note_unseen(copy, other->pid, other->pending.reserves);
	other->pending.copied |= other->pending.reserves > 0;
	if (other->pending.row->effect == EFFECT_DUP2)
		slot = table_look(copy, other->pending.number[1]);
	else if (other->pending.row->effect == EFFECT_CLOSE)
		slot = table_look(copy, other->pending.number[0]);
	if (slot)
		slot->maybe = true;
}

/* A copy of the task's table, made at an unknown moment since start. */
static struct table *copy_table(struct replay *r, struct log_task *task, uint64_t start)
{
	const struct table *from = task->table;
	struct table *copy = log_table_copy(from, r->line);

	for (size_t i = 0; copy && from->users > 1 && i < copy->nchunks * CHUNK; i++) {
		const struct log_slot *slot = table_look(from, (int64_t)i);

		if (!slot)
			i |= CHUNK - 1;
		else if (slot->closed >= start || (slot->origin && slot->since >= start))
			table_look(copy, (int64_t)i)->maybe = true;
	}
	if (copy && from->users > 1)
		replay_each_pending(r, task, from, doubt, copy);
	if (copy && copy->nunseen)
		LIST_INSERT_HEAD(&r->unseen, copy, unseen_tables);
	return copy;
}

void replay_unshare(struct replay *r, struct log_task *task, uint64_t start)
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

enum share share_of(const struct log_call *row, const struct fdl_log_call *call, bool *known)
{
	const struct fdl_value *flags = value_find_in(call->args, call->nargs, "flags");
	const struct fdl_value *first = call_argument(call, 1);

	*known = true;
	if (strncmp(row->name, "clone", 5) != 0)
		return SHARE_NOTHING;
	/* -e raw=clone prints no names; clone3 then has an address. */
	if (!flags && first && !first->key && !row->name[5])
		flags = first;
	*known = flags && (flags->kind == FDL_VALUE_WORD || flags->kind == FDL_VALUE_NUMBER);
	if (!value_has(flags, "cloneflags", "CLONE_FILES"))
		return SHARE_NOTHING;
	return value_has(flags, "cloneflags", "CLONE_THREAD") ? SHARE_THREAD : SHARE_FILES;
}

int pid_in_log(const struct fdl_value *v)
{
	static const char outside[] = "in strace's PID NS";
	uint64_t pid;

	if (v->comment && memmem(v->comment, v->comment_len, outside, strlen(outside)) &&
	    decimal_at(v->comment, &pid) && pid <= INT_MAX)
		return (int)pid;
	return (int)v->num;
}

struct log_task *replay_born(struct replay *r, struct log_task *parent, int pid, enum share share,
			     uint64_t start)
{
	struct process *process = parent->process;
	struct table *table = parent->table;
	struct log_task *task = replay_find(r, pid);
	bool thread = share == SHARE_THREAD;
	int model;

	/* A task cannot make itself. An older task with this pid has ended without a line. */
	if (task == parent)
		return task;
	if (task)
		replay_exit(r, task);
	model_note(r->model, "process %d", pid);
	model = model_fork(r->model, parent->model, share);
	if (share == SHARE_NOTHING)
		table = copy_table(r, parent, start);
	else
		table->users++;
	if (!thread)
		process = process_new(r, parent->process, pid, model);
	task = table && process ? log_task_new(r, pid, model, process, table) : NULL;
	if (!task) {
		r->no_memory = true;
		return NULL;
	}
	if (!thread) {
		process->limit = parent->process->limit;
		process->limit_known = parent->process->limit_known;
		process->limit_guessed = parent->process->limit_guessed;
		if (parent->process->record.program)
			process->record.program = strdup(parent->process->record.program);
		r->no_memory |= parent->process->record.program && !process->record.program;
	}
	return task;
}

static bool is_leak(const struct log_slot *slot, int64_t fd)
{
	return fd > 2 && slot->own && slot->origin->call && !slot->maybe && !slot->unseen;
}

/* Drops the table after its last task, with what is open in it. */
static void drop_table(struct replay *r, struct log_task *task, bool exited)
{
	struct table *t = task->table;

	if (--t->users)
		return;
	for (int64_t fd = table_next(t, 0); fd >= 0; fd = table_next(t, fd + 1)) {
		const struct log_slot *slot = table_look(t, fd);

		replay_bar(r, task, fd);
		if (exited && is_leak(slot, fd))
			finding_add(r->findings, FINDING_LEAK, r->line, task->process->pid, fd,
				    slot->origin, "open at exit");
	}
	table_free(t);
}

/* The size only grows, so it is read at the end of the task. */
static void note_size(struct replay *r, struct log_task *task)
{
	uint64_t size;

	if (model_table_size(r->model, task->model, &size))
		r->no_memory = true;
	else if (size > task->process->record.table_size)
		task->process->record.table_size = size;
}

static void process_free(struct replay *r, struct process *p, bool ended)
{
	struct process *child;

	while ((child = LIST_FIRST(&p->children)) != NULL) {
		LIST_REMOVE(child, sibling);
		child->parent = NULL;
	}
	if (p->parent)
		LIST_REMOVE(p, sibling);
	LIST_REMOVE(p, all);
	p->record.last = r->line;
	p->record.ended = ended;
	finding_process(r->findings, &p->record);
	if (r->wishes->timeline)
		timeline_process(r->wishes->timeline, p->panel, p->parent_panel, &p->record);
	free(p->record.program);
	free(p);
}

/* Ends a task. tell: the machine has not ended it yet. */
static void task_free(struct replay *r, struct log_task *task, bool tell, bool exited)
{
	struct process *process = task->process;

	/* Its call in flight may have reserved descriptors until now. */
	if (task->pending.active) {
		pending_ends(r, task);
		table_note_failed(task->table, task->pid, r->line, task->pending.reserves);
		judge_over(r, task, NULL, 0, true);
	}
	if (exited && task->table->users == 1 && r->wishes->watcher)
		r->wishes->watcher->exits(r->wishes->watcher, r, task);
	if (tell) {
		note_size(r, task);
		model_exit(r->model, task->model);
	}
	drop_table(r, task, exited);
	if (r->wishes->timeline && task->pid != process->pid)
		timeline_thread(r->wishes->timeline, process->panel, task->pid);
	replay_take_out(r, task);
	LIST_REMOVE(task, member);
	free(task->pending.text);
	free(task);
	if (--process->tasks)
		return;
	if (tell)
		model_reap(r->model, process->parent ? process->parent->model : 1, process->model);
	process_free(r, process, exited);
}

void replay_exit(struct replay *r, struct log_task *task)
{
	task_free(r, task, true, true);
}

void replay_process_exit(struct replay *r, struct process *process)
{
	uint64_t line = r->line;

	r->line = process->exit_line;
	for (unsigned n = process->tasks; n; n--)
		replay_exit(r, LIST_FIRST(&process->members));
	r->line = line;
}

void replay_supersede(struct replay *r, int pid, int by)
{
	struct log_task *leader = replay_find(r, pid), *task = replay_find(r, by);

	if (!task || task == leader)
		return;
	/* The machine ends the leader when the exec is over. */
	if (leader)
		task_free(r, leader, false, false);
	replay_take_out(r, task);
	task->pid = pid;
	replay_insert(r, task);
}

/* Reports descriptors from 3 on that exec left open, but not those from the start or unseen. */
static void note_handed_on(struct replay *r, struct log_task *task, const char *program)
{
	struct table *t = task->table;

	for (int64_t fd = table_next(t, 3); fd >= 0; fd = table_next(t, fd + 1)) {
		struct origin *origin = table_look(t, fd)->origin;

		if (!origin->call || table_look(t, fd)->unseen)
			continue;
		if (origin->execs)
			finding_again(r->findings, FINDING_EXEC, origin->execs);
		else
			origin->execs =
				finding_add(r->findings, FINDING_EXEC, r->line, task->process->pid,
					    fd, origin, "handed on to %s", program);
	}
}

/* Exec ends the other threads. Their last lines may come later, and find no task. */
static void end_other_threads(struct replay *r, struct log_task *task)
{
	struct log_task *t, *next;

	for (t = LIST_FIRST(&task->process->members); t; t = next) {
		next = LIST_NEXT(t, member);
		if (t != task)
			task_free(r, t, false, false);
	}
}

void replay_exec(struct replay *r, struct log_task *task, const char *program)
{
	struct table *t;

	r->findings->execs++;
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
	t->exec_line = r->line;
	free(task->process->record.program);
	task->process->record.program = strdup(program);
	r->no_memory |= !task->process->record.program;
	if (r->wishes->timeline)
		timeline_exec(r->wishes->timeline, task->process->panel, r->line, program);
	note_handed_on(r, task, program);
	if (r->wishes->watcher)
		r->wishes->watcher->execs(r->wishes->watcher, r, task, program);
}

/* The line at which a task ended without a line "+++ exited"; 0: it is alive. */
static uint64_t ended_at(const struct log_task *task)
{
	return task->process->exit_line ? task->process->exit_line : task->exit_line;
}

void replay_end(struct replay *r)
{
	uint64_t line = r->line;
	struct log_task *task;

	while ((task = TAILQ_FIRST(&r->tasks)) != NULL) {
		r->line = ended_at(task) ? ended_at(task) : line;
		note_size(r, task);
		pending_ends(r, task);
		task_free(r, task, false, ended_at(task));
	}
	r->line = line;
	while (!LIST_EMPTY(&r->processes))
		process_free(r, LIST_FIRST(&r->processes), false);
	reader_free(&r->reader);
	reader_free(&r->ahead);
	forget_births(r, UINT64_MAX);
}
