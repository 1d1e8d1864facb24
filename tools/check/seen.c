/*
 * Notes descriptors while a log is played.
 */
#include "check/seen.h"

#include <stdlib.h>
#include <string.h>

static void note(struct seen_list *s, struct replay *r, const struct log_task *task, int64_t fd,
		 enum occasion moment, const char *program)
{
	const struct log_slot *slot = table_look(task->table, fd);
	struct seen *more, new = { .moment = moment,
				   .process = task->process->panel + 1,
				   .pid = task->process->pid,
				   .line = r->line,
				   .opened = slot->origin->line,
				   .fd = fd,
				   .end = slot->origin->end,
				   .own = slot->own,
				   .kept = slot->kept,
				   .call = slot->origin->call };

	/* A descriptor that was open before, or is not certain to be open, is not the program's. */
	if (!slot->origin->call || slot->maybe || slot->unseen)
		return;
	more = reallocarray(s->list, s->n + 1, sizeof(*more));
	new.name = strdup(slot->origin->name);
	new.program = program ? strdup(program) : NULL;
	if (more)
		s->list = more;
	if (!more || !new.name || (program && !new.program)) {
		s->no_memory = true;
		free(new.name);
		free(new.program);
		return;
	}
	s->list[s->n++] = new;
}

static void note_all(struct seen_list *s, struct replay *r, const struct log_task *task,
		     enum occasion moment, const char *program)
{
	for (int64_t fd = table_next(task->table, 3); fd >= 0; fd = table_next(task->table, fd + 1))
		note(s, r, task, fd, moment, program);
}

static void exits(struct replay_watcher *w, struct replay *r, const struct log_task *task)
{
	struct seen_list *s = (struct seen_list *)w;

	note_all(s, r, task, AT_EXIT, NULL);
	if (task->process->panel)
		return;
	s->ended = true;
	if (s->at_exit)
		s->at_exit(s->ctx, r);
}

static void execs(struct replay_watcher *w, struct replay *r, const struct log_task *task,
		  const char *program)
{
	note_all((struct seen_list *)w, r, task, AT_EXEC, program);
}

void seen_begin(struct seen_list *s)
{
	*s = (struct seen_list){ .watcher = { .exits = exits, .execs = execs } };
}

void seen_free(struct seen_list *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->list[i].name);
		free(s->list[i].program);
	}
	free(s->list);
}

bool seen_is_end(const struct seen *d)
{
	return d->end || !strncmp(d->name, "pipe:[", 6) || !strncmp(d->name, "socket:[", 8);
}
