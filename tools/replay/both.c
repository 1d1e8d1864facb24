/*
 * Changes the log's table and the machine's together, so that they stay alike.
 */
#include "replay/judge.h"

#include "replay/tasks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void judge_divergence(struct replay *r, const struct log_task *task, uint64_t line, int64_t fd,
		      const char *format, ...)
{
	char *text;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0) {
		r->no_memory = true;
		return;
	}
	finding_add(r->findings, FINDING_DIVERGENCE, line, task->pid, fd, NULL, "%s", text);
	r->findings->in_shared |= task->table->users > 1;
	model_note(r->model, "diverges: %s", text);
	free(text);
}

/*
 * Whether a close of this number overlaps with the current call, which opens it. The log does not
 * show which was last, so the number may be open or closed.
 */
static bool was_closed_meanwhile(const struct replay *r, const struct table *t, int64_t fd)
{
	const struct log_slot *slot = table_look(t, fd);

	if (t->range_line > r->begun && fd >= t->range_first && fd <= t->range_last)
		return true;
	return slot && slot->closed > r->begun;
}

void judge_opened(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		  bool cloexec)
{
	bool maybe = was_closed_meanwhile(r, task->table, fd);

	if (table_is_open(task->table, fd))
		replay_bar(r, task, fd);
	table_close(task->table, fd, task->pid, r->begun, r->line);
	if (!table_open(task->table, fd, origin, cloexec, r->begun, r->line))
		r->no_memory = true;
	else
		table_look(task->table, fd)->maybe = maybe;
	if (task->table->nopen - task->table->nguessed > task->process->record.highest)
		task->process->record.highest = task->table->nopen - task->table->nguessed;
}

void judge_place(struct replay *r, struct log_task *task, int64_t fd, struct origin *origin,
		 bool cloexec)
{
	bool inherited = origin && !origin->call;
	int lowest;

	if (!origin) {
		r->no_memory = true;
		return;
	}
	lowest = model_open(r->model, task->model, origin->name, cloexec);
	if (lowest >= 0 && lowest != fd) {
		model_dup2(r->model, task->model, lowest, fd, cloexec);
		model_close(r->model, task->model, lowest);
	}
	judge_opened(r, task, fd, origin, cloexec);
	if (inherited && table_look(task->table, fd)) {
		table_look(task->table, fd)->touched = false;
		table_look(task->table, fd)->opening = 0;
	}
}

void judge_remove(struct replay *r, struct log_task *task, int64_t fd, int closer)
{
	const struct log_slot *slot = table_look(task->table, fd);
	/* The call that opened it overlaps with this close, and may have come after it. */
	bool maybe = slot && slot->origin && slot->own && slot->since > r->begun &&
		     slot->opening < r->line && closer;

	model_close(r->model, task->model, fd);
	replay_bar(r, task, fd);
	table_close(task->table, fd, closer, r->begun, r->line);
	if (slot)
		table_look(task->table, fd)->maybe = maybe;
}
