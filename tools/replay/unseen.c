/*
 * Descriptors whose opening no line shows: open before the log began, received while a table was
 * copied, or opened by a call that the log does not show.
 */
#include "replay/unseen.h"

#include "replay/judge.h"

/* Opens a number that came with fork's copy of a table, which may have had it. */
static void place_copied(struct replay *r, struct log_task *task, int64_t fd)
{
	judge_place(r, task, fd, origin_new(0, r->line, "fork", "opened during fork"), false);
	if (table_look(task->table, fd)) {
		table_look(task->table, fd)->own = false;
		table_look(task->table, fd)->opening = 0;
	}
}

/*
 * Learns what was open at the start. If other tasks used the table, earlier judgements may have
 * been wrong: the log is played again at once.
 */
bool learn_belief(struct replay *r, const struct log_task *task, int64_t fd, enum belief belief,
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

bool learn_open(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence)
{
	if (!learn_belief(r, task, fd, BELIEF_OPEN, evidence))
		return false;
	judge_place(r, task, fd, origin_new(0, 0, NULL, "inherited"), false);
	return true;
}

/* Learns that a number was closed at the start, or by exec. False: this contradicts the log. */
bool learn_closed(struct replay *r, struct log_task *task, int64_t fd, enum evidence evidence)
{
	enum belief old = inference_belief(r->inference, task->table->root, fd);
	bool by_exec = old == BELIEF_OPEN && task->table->execed;

	if (!learn_belief(r, task, fd, by_exec ? BELIEF_CLOEXEC : BELIEF_CLOSED, evidence))
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

/* Reports once that a task which the log does not follow shares the table. */
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

/*
 * Reports the first number that a call may have opened without a line for it, and counts the rest.
 */
static void tell_hinted(struct replay *r, const struct log_task *task, int64_t fd,
			const char *hints)
{
	struct findings *f = r->findings;

	if (f->hinted)
		finding_again(f, FINDING_INCOMPLETE, f->hinted);
	else
		f->hinted = finding_add(
			f, FINDING_INCOMPLETE, r->line, task->pid, fd, NULL,
			"%lld was opened by something that the log does not show, perhaps by %s",
			(long long)fd, hints);
}

bool opened_unseen(struct replay *r, struct log_task *task, int64_t fd)
{
	char hints[320];

	if (task->table->unfollowed) {
		tell_unfollowed(r, task, fd, "its");
	} else {
		table_hints(task->table, fd, hints, sizeof(hints));
		if (!*hints)
			return false;
		tell_hinted(r, task, fd, hints);
	}
	place_unseen(r, task, fd);
	return true;
}

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

/* Takes one of the descriptors that the table may have from calls in flight when it was copied. */
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

/* Takes one of the descriptors whose numbers strace does not show. */
static bool was_hidden(struct table *t)
{
	if (!t->hidden)
		return false;
	t->hidden--;
	return true;
}

bool was_copied(struct replay *r, struct log_task *task, int64_t fd)
{
	if (!table_look(task->table, fd)->maybe && !has_unseen(task->table) &&
	    !was_hidden(task->table))
		return false;
	place_copied(r, task, fd);
	return true;
}
