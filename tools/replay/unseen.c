/*
 * Descriptors of which no line tells how they came: those that were open before the log began, those
 * that a table got while it was copied, and those that something opened unseen.
 */
#include "replay/unseen.h"

#include "replay/judge.h"

/* It came with the copy that fork made of a table, of which it was not known whether it had it. */
static void place_copied(struct replay *r, struct log_task *task, int64_t fd)
{
	judge_place(r, task, fd, origin_new(0, r->line, "fork", "opened during fork"), false);
	if (table_look(task->table, fd)) {
		table_look(task->table, fd)->own = false;
		table_look(task->table, fd)->opening = 0;
	}
}

/*
 * Learns what was open at the start. Where other tasks have had to do with the table, what was made
 * of their calls until now may have been wrong.
 */
bool learn(struct replay *r, const struct log_task *task, int64_t fd, enum belief belief,
	   enum evidence evidence)
{
	const struct table *t = task->table;

	if (!table_untouched(t, fd) ||
	    !inference_learn(r->inference, t->root, fd, belief, evidence, r->line))
		return false;
	r->inference->stop |=
		r->inference->changed && (t->users > 1 || t->nunseen || belief == BELIEF_CLOSED);
	return true;
}

/* Something was open at the start that nobody knew of. False: that cannot be. */
bool learn_open(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence)
{
	if (!learn(r, task, fd, BELIEF_OPEN, evidence))
		return false;
	judge_place(r, task, fd, origin_new(0, 0, NULL, "inherited"), false);
	return true;
}

/* Something was not open at the start, or exec has closed it. False: that cannot be. */
bool learn_closed(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence)
{
	enum belief old = inference_belief(r->inference, task->table->root, fd);
	bool by_exec = old == BELIEF_OPEN && task->table->execed;

	if (!learn(r, task, fd, by_exec ? BELIEF_CLOEXEC : BELIEF_CLOSED, evidence))
		return false;
	judge_remove(r, task, fd, 0);
	return true;
}

void place_unseen(struct replay *r, struct log_task *task, int64_t fd)
{
	size_t highest = task->process->record.highest;

	judge_place(r, task, fd, origin_new(0, r->line, "unknown", "unknown"), false);
	table_note_unseen_open(task->table, fd);
	task->process->record.highest = highest;
}

/* Says once that a task shares the table whose calls are in no line. */
static void tell_unfollowed(struct replay *r, const struct log_task *task, int64_t fd,
			    const char *what)
{
	struct table *t = task->table;

	if (t->told_unfollowed)
		return;
	t->told_unfollowed = true;
	finding_add(r->findings, FINDING_INCOMPLETE, r->line, task->pid, fd, NULL,
		    "task %d shares the table, and is not in the log: %lld is %s", t->unfollowed,
		    (long long)fd, what);
}

/* A number is taken: by a task that is not in the log, or a call that does not say so. */
bool opened_unseen(struct replay *r, struct log_task *task, int64_t fd)
{
	char hints[320];

	if (task->table->unfollowed) {
		tell_unfollowed(r, task, fd, "its");
	} else {
		table_hints(task->table, fd, hints, sizeof(hints));
		if (!*hints)
			return false;
		finding_add(
			r->findings, FINDING_INCOMPLETE, r->line, task->pid, fd, NULL,
			"%lld was opened by something that the log does not show, perhaps by %s",
			(long long)fd, hints);
	}
	place_unseen(r, task, fd);
	return true;
}

/* A number is free: what opened it was not seen, and what closed it neither. */
bool closed_unseen(struct replay *r, struct log_task *task, int64_t fd)
{
	const struct log_slot *slot = table_look(task->table, fd);

	if (!slot->unseen && !task->table->unfollowed)
		return false;
	if (!slot->unseen)
		tell_unfollowed(r, task, fd, "closed by it");
	judge_remove(r, task, fd, 0);
	return true;
}

/* Takes one of the descriptors that the table may have from calls that were in flight at its birth. */
static bool has_unseen(struct table *t)
{
	for (unsigned i = 0; i < t->nunseen; i++) {
		if (t->unseen[i].n) {
			t->unseen[i].n--;
			return true;
		}
	}
	return false;
}

/* A number that is free is not, if the copy that the table is may have had it. */
bool was_copied(struct replay *r, struct log_task *task, int64_t fd)
{
	if (!table_look(task->table, fd)->maybe && !has_unseen(task->table))
		return false;
	place_copied(r, task, fd);
	return true;
}
