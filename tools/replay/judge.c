/*
 * The judge: what the log says a call gave, held against what the machine gives. Where they differ,
 * it looks for a reason that leaves the kernel right: calls that overlap, in an order that the log
 * does not show; a table that was copied while it changed; what was open before the log began. What
 * none of these explains is a divergence, and the machine then follows the log.
 */
#include "replay/judge.h"

#include "replay/flight.h"
#include "replay/tasks.h"
#include "replay/unseen.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* Nobody inherits as many descriptors as one call would then have passed over. */
#define GAPS_MAX 1024

/* ---- numbers that must be taken, or free ---------------------------------------------------- */

enum verdict {
	VERDICT_WRONG,
	VERDICT_ELSEWHERE, /* right at some moment, though the machine is at another one */
	VERDICT_SETTLED,   /* the machine has learned it */
};

/* Why a number that is free may have been taken: used counts what reservations have been used up. */
static enum verdict explain_taken(struct replay *r, struct log_task *task, int64_t fd,
				  unsigned *used, const struct given *given, bool closes)
{
	struct table *t = task->table;
	struct log_slot *slot = table_slot(t, fd);
	struct others o;
	unsigned failed;

	if (!slot) {
		r->no_memory = true;
		return VERDICT_WRONG;
	}
	if (slot->closed > r->begun)
		return VERDICT_ELSEWHERE;
	o = look_at_others(r, task, fd);
	if (o.replaces)
		return VERDICT_ELSEWHERE;
	if (t->unfollowed && opened_unseen(r, task, fd))
		return VERDICT_SETTLED;
	/* Nobody uses or closes what another task has not come back with yet, but by mistake. */
	if (!given && (was_copied(r, task, fd) || learn_open(r, task, fd, EVIDENCE_USED)))
		return VERDICT_SETTLED;
	/* What a call that failed had reserved could not be used, nor closed. */
	failed = given ? reserved_by_failed(task, r->begun) : 0;
	/* It may be open, or one of these may have it: it stays as doubtful as it was. */
	if (slot->maybe && failed + o.reserves > 0)
		return VERDICT_ELSEWHERE;
	if (*used < failed + o.reserves) {
		++*used;
		if (!failed)
			suspect(r, task, &o, given, closes);
		return VERDICT_ELSEWHERE;
	}
	if (was_copied(r, task, fd) || (given && learn_open(r, task, fd, EVIDENCE_SKIPPED)) ||
	    opened_unseen(r, task, fd))
		return VERDICT_SETTLED;
	return VERDICT_WRONG;
}

/* Why a number that is open may have been free. Settled: it is free now. */
static enum verdict explain_free(struct replay *r, struct log_task *task, int64_t fd, bool given)
{
	struct log_slot *slot = table_look(task->table, fd);
	struct others o;

	if (slot->maybe) {
		judge_remove(r, task, fd, 0);
		return VERDICT_SETTLED;
	}
	/* A call that says EBADF may have happened before. */
	if (!given && slot->origin->call && slot->since > r->begun)
		return VERDICT_ELSEWHERE;
	o = look_at_others(r, task, fd);
	if (o.closes) {
		o.closes->pending.applied = true;
		judge_remove(r, task, fd, o.closes->pid);
		slot->closing = o.closes->pending.start;
		return VERDICT_SETTLED;
	}
	if (slot->origin->call && slot->since > r->begun)
		return VERDICT_ELSEWHERE;
	if (closed_unseen(r, task, fd))
		return VERDICT_SETTLED;
	return learn_closed(r, task, fd, EVIDENCE_GIVEN) ? VERDICT_SETTLED : VERDICT_WRONG;
}

static bool must_be_open(struct replay *r, struct log_task *task, const char *call, int64_t fd,
			 bool closes)
{
	struct log_slot *slot = table_look(task->table, fd);
	unsigned used = 0;

	if (fd < 0 || fd >= FD_LIMIT)
		return true;
	if (slot && slot->origin) {
		slot->users |= (uint64_t)1 << (task->pid % 64);
		slot->maybe = false;
		if (!slot->origin->call)
			inference_learn(r->inference, task->table->root, fd, BELIEF_OPEN,
					EVIDENCE_USED, r->line);
		return true;
	}
	if (explain_taken(r, task, fd, &used, NULL, closes) != VERDICT_WRONG)
		return true;
	judge_divergence(r, task, r->line, fd, "%s succeeds on %lld, expected EBADF", call,
			 (long long)fd);
	place_unseen(r, task, fd);
	return false;
}

bool judge_open(struct replay *r, struct log_task *task, const char *call, int64_t fd)
{
	return must_be_open(r, task, call, fd, false);
}

bool judge_close(struct replay *r, struct log_task *task, int64_t fd)
{
	return must_be_open(r, task, "close", fd, true);
}

bool judge_closed(struct replay *r, struct log_task *task, const char *call, int64_t fd)
{
	struct log_slot *slot = table_look(task->table, fd);

	if (!table_is_open(task->table, fd)) {
		if (slot)
			slot->maybe = false;
		return true;
	}
	if (explain_free(r, task, fd, false) != VERDICT_WRONG)
		return true;
	judge_divergence(r, task, r->line, fd, "%s is EBADF on %lld, expected it open", call,
			 (long long)fd);
	judge_remove(r, task, fd, 0);
	return false;
}

void judge_cloexec(struct replay *r, struct log_task *task, int64_t fd, bool cloexec)
{
	struct log_slot *slot;
	bool predicted;

	if (!judge_open(r, task, "fcntl(F_GETFD)", fd) || !table_is_open(task->table, fd))
		return;
	slot = table_look(task->table, fd);
	predicted = model_get_cloexec(r->model, task->model, fd) > 0;
	if (predicted == cloexec)
		return;
	if (!slot->origin->call && !slot->touched && cloexec) {
		inference_learn(r->inference, task->table->root, fd, BELIEF_CLOEXEC, EVIDENCE_FLAG,
				r->line);
	} else if (task->table->users < 2 && !task->table->unfollowed && !slot->unseen) {
		judge_divergence(r, task, r->line, fd, "fcntl(%lld, F_GETFD) = %d, expected %d",
				 (long long)fd, cloexec, predicted);
	}
	model_set_cloexec(r->model, task->model, fd, cloexec);
	slot->cloexec = cloexec;
}

/* ---- numbers that were given ---------------------------------------------------------------- */

static struct origin *origin_of(const struct replay *r, const struct log_task *task,
				const struct given *given)
{
	return origin_new(task->pid, r->line, given->call, given->name);
}

/* Makes the call in the machine. Its number, or an error. */
static int attempt(struct replay *r, const struct log_task *task, const struct given *given)
{
	if (given->how == GIFT_NEW || !table_is_open(task->table, given->source))
		return model_open(r->model, task->model, given->name, given->cloexec);
	if (given->how == GIFT_DUP)
		return model_dup(r->model, task->model, (int)given->source);
	return model_dupfd(r->model, task->model, (int)given->source, given->from, given->cloexec);
}

/* Gives this very number, whatever the machine would give. */
static void force(struct replay *r, struct log_task *task, const struct given *given)
{
	if (given->how != GIFT_NEW && table_is_open(task->table, given->source)) {
		model_dup2(r->model, task->model, (int)given->source, given->number,
			   given->cloexec);
		judge_opened(r, task, given->number, origin_of(r, task, given), given->cloexec);
	} else {
		judge_place(r, task, given->number, origin_of(r, task, given), given->cloexec);
	}
}

/*
 * Whether there is a moment in the call at which the number was free and those below it were taken,
 * each for itself having been so at some moment of it. One that was closed twice since the call
 * began says nothing; nor does one that is free where a call in flight may have it, and nothing
 * does where one that has failed may have had it.
 */
static bool has_moment(struct replay *r, const struct log_task *task, const struct given *given,
		       unsigned used)
{
	const struct table *t = task->table;
	unsigned failed = reserved_by_failed(task, r->begun);
	bool may_be_in_flight = look_at_others(r, task, -1).reserves + failed > used;
	uint64_t from = r->begun, to = r->line;

	if (failed)
		return true;
	for (int64_t fd = given->from; fd <= given->number; fd++) {
		const struct log_slot *slot = table_look(t, fd);
		bool closed_since = slot && slot->closed > r->begun;

		if (!slot || slot->maybe || (closed_since && slot->closed_before > r->begun))
			continue;
		if (fd == given->number) {
			/* It may have been free before as well, where it was opened since. */
			if (closed_since && slot->opening <= r->begun && slot->closing > from)
				from = slot->closing;
		} else if (slot->origin) {
			if (!closed_since && slot->opening > from)
				from = slot->opening;
		} else if (closed_since && !may_be_in_flight) {
			from = slot->opening > from ? slot->opening : from;
			to = slot->closed < to ? slot->closed : to;
		}
	}
	return from < to;
}

static bool passes_too_many(struct table *t, const struct given *given)
{
	unsigned gaps = 0;

	for (int64_t fd = table_lowest(t, given->from); fd < given->number;
	     fd = table_lowest(t, fd + 1))
		if (++gaps > GAPS_MAX)
			return true;
	return false;
}

/* Whether the number can be explained; *exactly: the machine must give it now. */
static bool explain_given(struct replay *r, struct log_task *task, const struct given *given,
			  bool *exactly)
{
	struct table *t = task->table;
	unsigned used = 0;

	*exactly = true;
	if (given->number < 0 || given->number >= FD_LIMIT || passes_too_many(t, given))
		return false;
	if (table_is_open(t, given->number) &&
	    explain_free(r, task, given->number, true) != VERDICT_SETTLED)
		return false;
	for (int64_t fd = table_lowest(t, given->from); fd < given->number;
	     fd = table_lowest(t, fd + 1)) {
		switch (explain_taken(r, task, fd, &used, given, false)) {
		case VERDICT_WRONG:
			return false;
		case VERDICT_ELSEWHERE:
			*exactly = false;
			break;
		case VERDICT_SETTLED:
			break;
		}
	}
	return *exactly || has_moment(r, task, given, used);
}

/* The machine says EMFILE where the log has a number: its limit was a guess, or it is wrong. */
static void raise_limit(struct replay *r, struct log_task *task, const struct given *given)
{
	if (!task->process->limit_guessed)
		judge_divergence(r, task, r->line, given->number, "%s = %lld, expected EMFILE",
				 given->call, (long long)given->number);
	task->process->limit_known = task->process->limit_guessed = false;
	model_limit(r->model, task->model, INT_MAX, INT_MAX);
}

/* A close in flight may come before or after what has just been told of this number. */
static void doubt_close(struct replay *r, const struct log_task *task, int64_t fd)
{
	struct others o = look_at_others(r, task, fd);

	if (o.closes)
		o.closes->pending.doubtful = true;
}

/*
 * Whether other tasks have closed it already, and perhaps put something else in its place: dup2 does
 * both, and where a call has it that began later, some close came between.
 */
static bool was_replaced(struct replay *r, const struct log_task *task, const struct given *given)
{
	const struct log_slot *slot = table_look(task->table, given->number);
	bool gone = given->number == r->gone;

	if (gone)
		r->gone = -1;
	if (gone || !slot || !slot->origin || !slot->origin->call || slot->since <= r->begun)
		return gone;
	return slot->closed > r->begun ||
	       (strncmp(slot->origin->call, "dup", 3) == 0 && slot->origin->call[3]);
}

/*
 * Follows the log where it diverges. Numbers that were passed over are taken from now on, until
 * something opens them, so that one cause makes one divergence.
 */
static void follow(struct replay *r, struct log_task *task, const struct given *given)
{
	struct table *t = task->table;
	struct findings *f = r->findings;

	if (table_is_open(t, given->number) && !f->given_again++) {
		f->again_line = r->line;
		f->again_fd = given->number;
		f->again_pid = task->pid;
	}
	if (!passes_too_many(t, given))
		for (int64_t fd = table_lowest(t, given->from); fd < given->number;
		     fd = table_lowest(t, fd + 1))
			place_unseen(r, task, fd);
	force(r, task, given);
}

void judge_given(struct replay *r, struct log_task *task, const struct given *given)
{
	int64_t expected = table_lowest(task->table, given->from);
	bool exactly, explained;
	int number;

	r->findings->judged++;
	if (was_replaced(r, task, given)) {
		doubt_close(r, task, given->number);
		r->findings->predicted++;
		return;
	}
	explained = explain_given(r, task, given, &exactly);
	if (!explained) {
		judge_divergence(r, task, r->line, given->number, "%s = %lld, expected %lld",
				 given->call, (long long)given->number, (long long)expected);
		if (given->number >= 0 && given->number < FD_LIMIT)
			follow(r, task, given);
		return;
	}
	if (!exactly) {
		model_note(r->model, "at some time during the call, which overlaps with others");
		force(r, task, given);
		r->findings->predicted++;
		return;
	}
	number = attempt(r, task, given);
	if (number == -EMFILE) {
		raise_limit(r, task, given);
		number = attempt(r, task, given);
	}
	if (number == given->number) {
		r->findings->predicted++;
		judge_opened(r, task, number, origin_of(r, task, given), given->cloexec);
		return;
	}
	judge_divergence(r, task, r->line, given->number, "%s = %lld, expected %d", given->call,
			 (long long)given->number, number);
	if (number >= 0)
		model_close(r->model, task->model, number);
	force(r, task, given);
}

void judge_pair(struct replay *r, struct log_task *task, const struct given given[2])
{
	int64_t first = table_lowest(task->table, 0);
	int fds[2];

	if (given[0].number != first || given[1].number != table_lowest(task->table, first + 1) ||
	    model_pipe(r->model, task->model, given[0].cloexec, fds)) {
		judge_given(r, task, &given[0]);
		judge_given(r, task, &given[1]);
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		r->findings->judged++;
		if (fds[i] == given[i].number)
			r->findings->predicted++;
		else
			judge_divergence(r, task, r->line, given[i].number,
					 "%s = %lld, expected %d", given[i].call,
					 (long long)given[i].number, fds[i]);
		judge_opened(r, task, given[i].number, origin_of(r, task, &given[i]),
			     given[i].cloexec);
	}
}

void judge_full(struct replay *r, struct log_task *task, const char *call, int64_t from)
{
	int64_t lowest = table_lowest(task->table, from);
	struct others o = look_at_others(r, task, -1);
	int number;

	r->findings->judged++;
	if (!task->process->limit_known && !o.reserves) {
		model_limit(r->model, task->model, (uint64_t)lowest, INT_MAX);
		task->process->limit_known = task->process->limit_guessed = true;
	}
	number = model_open(r->model, task->model, "probe", false);
	if (number < 0 || number < from || o.reserves) {
		r->findings->predicted++;
	} else {
		judge_divergence(r, task, r->line, -1, "%s is EMFILE, expected %lld", call,
				 (long long)lowest);
	}
	if (number >= 0)
		model_close(r->model, task->model, number);
}
