/*
 * Calls that overlap: finds the states of a number that calls in flight may have made, and the call
 * that must have a number that the kernel skipped.
 */
#include "replay/flight.h"

#include "replay/judge.h"
#include "replay/tasks.h"
#include "replay/unseen.h"

#include <stdlib.h>
#include <string.h>

unsigned reserved_by_failed(const struct log_task *task, uint64_t begun)
{
	const struct table *t = task->table;
	unsigned reserved = 0;

	for (unsigned i = 0; i < FAILED_KEPT; i++)
		if (t->failed[i].line > begun && t->failed[i].pid != task->pid)
			reserved += t->failed[i].reserved;
	return reserved;
}

void suspect(struct replay *r, struct log_task *task, const struct others *o,
	     const struct given *given, bool closes)
{
	struct table *t = task->table;
	struct suspect *s;

	if (!t->suspects)
		t->suspects = calloc(SUSPECTS_KEPT, sizeof(*t->suspects));
	if (!t->suspects) {
		r->no_memory = true;
		return;
	}
	for (unsigned i = 0; i < t->nsuspects; i++)
		if (t->suspects[i].fd == o->fd)
			return;
	if (t->nsuspects == SUSPECTS_KEPT)
		return;
	s = &t->suspects[t->nsuspects++];
	*s = (struct suspect){ .fd = o->fd,
			       .npids = o->npids,
			       .judged = task->pid,
			       .line = r->line,
			       .got = given ? given->number : -1,
			       .call = given ? given->call : "close",
			       .closed = closes };
	memcpy(s->pids, o->pids, sizeof(s->pids));
}

/*
 * None of the suspected calls got the number. Either it was open from the start, or the judged call
 * diverges.
 */
static void accuse(struct replay *r, struct log_task *task, const struct suspect *s)
{
	struct log_task *judged = replay_find(r, s->judged);

	if (!table_is_open(task->table, s->fd) && !s->closed && was_copied(r, task, s->fd))
		return;
	if (learn_belief(r, task, s->fd, BELIEF_OPEN, EVIDENCE_SKIPPED))
		return;
	if (s->got < 0) {
		judge_divergence(r, judged ? judged : task, s->line, s->fd,
				 "%s succeeds on %lld, expected EBADF", s->call, (long long)s->fd);
		return;
	}
	judge_divergence(r, judged ? judged : task, s->line, s->got, "%s = %lld, expected %lld",
			 s->call, (long long)s->got, (long long)s->fd);
	r->findings->predicted--;
}

static bool has_number(const int64_t *list, size_t n, int64_t fd)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == fd)
			return true;
	return false;
}

void judge_over(struct replay *r, struct log_task *task, const int64_t *given, size_t n,
		bool failed)
{
	struct table *t = task->table;
	unsigned i = 0;

	replay_settle_unseen(r, task, given, n);
	while (i < t->nsuspects) {
		struct suspect *s = &t->suspects[i];
		bool was_it = false;
		bool has_it = has_number(given, n, s->fd);

		for (unsigned j = 0; j < s->npids; j++) {
			if (s->pids[j] != task->pid)
				continue;
			was_it = failed || has_it;
			if (has_it && s->closed)
				r->gone = s->fd;
			s->pids[j] = s->pids[--s->npids];
			break;
		}
		if (was_it || !s->npids) {
			struct suspect gone = *s;

			*s = t->suspects[--t->nsuspects];
			if (!was_it)
				accuse(r, task, &gone);
		} else {
			i++;
		}
	}
}
