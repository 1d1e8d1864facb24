/*
 * The judge: compares what the log says a call gave with what the machine gives. If they differ, it
 * looks for an explanation in which the kernel is right: calls that overlap in an order that the
 * log does not show; a table copied while it changed; what was open before the log began. A
 * difference without an explanation is a divergence, and the machine then follows the log.
 */
#include "replay/judge.h"

#include "replay/flight.h"
#include "replay/tasks.h"
#include "replay/unseen.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* A call that skips more numbers than this is not explained: no process inherits so many. */
#define GAPS_MAX 1024

/* ---- numbers that must be taken, or free ---------------------------------------------------- */

enum explanation {
	UNEXPLAINED,
	EXPLAINED_ELSEWHERE, /* right at some moment of the call, but not in the machine now */
	EXPLAINED_SETTLED,   /* the machine has been corrected */
};

/* Explains why a free number may have been taken. used counts the reservations used up. */
static enum explanation explain_taken(struct replay *r, struct log_task *task, int64_t fd,
				      unsigned *used, const struct given *given, bool closes)
{
	struct table *t = task->table;
	struct log_slot *slot = table_slot(t, fd);
	struct others o;
	unsigned failed;

	if (!slot) {
		r->no_memory = true;
		return UNEXPLAINED;
	}
	if (slot->closed > r->begun)
		return EXPLAINED_ELSEWHERE;
	o = look_at_others(task, fd);
	if (o.replaces)
		return EXPLAINED_ELSEWHERE;
	if (t->unfollowed && opened_unseen(r, task, fd))
		return EXPLAINED_SETTLED;
	/* Only by mistake does a task use or close a descriptor that a call has yet to return. */
	if (!given && (was_copied(r, task, fd) || learn_open(r, task, fd, EVIDENCE_USED)))
		return EXPLAINED_SETTLED;
	/* A failed call's reservation can be neither used nor closed. */
	failed = given ? reserved_by_failed(task, r->begun) : 0;
	/* The number may be open, or reserved by one of these calls: it stays in doubt. */
	if (slot->maybe && failed + o.reserves > 0)
		return EXPLAINED_ELSEWHERE;
	if (*used < failed + o.reserves) {
		++*used;
		if (!failed)
			suspect(r, task, &o, given, closes);
		return EXPLAINED_ELSEWHERE;
	}
	if (was_copied(r, task, fd) || (given && learn_open(r, task, fd, EVIDENCE_SKIPPED)) ||
	    opened_unseen(r, task, fd))
		return EXPLAINED_SETTLED;
	return UNEXPLAINED;
}

/* Explains why an open number may have been free. EXPLAINED_SETTLED: it is free now. */
static enum explanation explain_free(struct replay *r, struct log_task *task, int64_t fd,
				     bool given)
{
	struct log_slot *slot = table_look(task->table, fd);
	struct others o;

	/* A call that fails with EBADF may have come before the open. */
	if (!given && slot->origin->call && slot->since > r->begun)
		return EXPLAINED_ELSEWHERE;
	if (slot->maybe) {
		judge_remove(r, task, fd, 0);
		return EXPLAINED_SETTLED;
	}
	o = look_at_others(task, fd);
	if (o.closes) {
		o.closes->pending.applied = true;
		judge_remove(r, task, fd, o.closes->pid);
		slot->closing = o.closes->pending.start;
		return EXPLAINED_SETTLED;
	}
	if (slot->origin->call && slot->since > r->begun)
		return EXPLAINED_ELSEWHERE;
	if (closed_unseen(r, task, fd))
		return EXPLAINED_SETTLED;
	return learn_closed(r, task, fd, EVIDENCE_GIVEN) ? EXPLAINED_SETTLED : UNEXPLAINED;
}

void judge_note_use(struct replay *r, const struct log_slot *slot)
{
	r->findings->passed_used |= slot->passed;
	r->findings->passer_used |= slot->passes;
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
		judge_note_use(r, slot);
		if (!slot->origin->call)
			inference_learn(r->inference, task->table->root, fd, BELIEF_OPEN,
					EVIDENCE_USED, r->line);
		return true;
	}
	if (explain_taken(r, task, fd, &used, NULL, closes) != UNEXPLAINED)
		return true;
	finding_count_again(&r->findings->used_again, r->line, task->pid, fd);
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
	if (explain_free(r, task, fd, false) != UNEXPLAINED)
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
	struct origin *origin = origin_new(task->pid, r->line, given->call, given->name);

	if (origin)
		origin->end = given->end;
	return origin;
}

/* Makes the call in the machine. Returns its number, or an error. */
static int attempt(struct replay *r, const struct log_task *task, const struct given *given)
{
	if (given->how == GIFT_NEW || !table_is_open(task->table, given->source))
		return model_open(r->model, task->model, given->name, given->cloexec);
	if (given->how == GIFT_DUP)
		return model_dup(r->model, task->model, (int)given->source);
	return model_dupfd(r->model, task->model, (int)given->source, given->from, given->cloexec);
}

/* Gives this number, whatever the machine would give. */
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
 * Whether the call has a moment at which the number was free and all below it were taken. Each
 * number narrows the interval, except a number closed twice since the call began, and a free number
 * below that a call in flight may have. If a call that failed may have reserved descriptors, any
 * moment will do.
 */
static bool has_moment(struct replay *r, const struct log_task *task, const struct given *given,
		       unsigned used)
{
	const struct table *t = task->table;
	unsigned failed = reserved_by_failed(task, r->begun);
	bool may_be_in_flight = look_at_others(task, -1).reserves + failed > used;
	uint64_t from = r->begun, to = r->line;

	if (failed)
		return true;
	for (int64_t fd = given->from; fd <= given->number; fd++) {
		const struct log_slot *slot = table_look(t, fd);
		bool closed_since = slot && slot->closed > r->begun;

		if (!slot || slot->maybe || (closed_since && slot->closed_before > r->begun))
			continue;
		if (fd == given->number) {
			/* Opened and closed since: it may have been free before as well. */
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

/* Whether the number can be explained. *exactly: the machine must give it now. */
static bool explain_given(struct replay *r, struct log_task *task, const struct given *given,
			  bool *exactly)
{
	struct table *t = task->table;
	unsigned used = 0;

	*exactly = true;
	if (given->number < 0 || given->number >= FD_LIMIT || passes_too_many(t, given))
		return false;
	if (table_is_open(t, given->number) &&
	    explain_free(r, task, given->number, true) != EXPLAINED_SETTLED)
		return false;
	for (int64_t fd = table_lowest(t, given->from); fd < given->number;
	     fd = table_lowest(t, fd + 1)) {
		switch (explain_taken(r, task, fd, &used, given, false)) {
		case UNEXPLAINED:
			return false;
		case EXPLAINED_ELSEWHERE:
			*exactly = false;
			break;
		case EXPLAINED_SETTLED:
			break;
		}
	}
	return *exactly || has_moment(r, task, given, used);
}

/* The machine fails with EMFILE, the log does not: the limit was a guess, or this diverges. */
static void raise_limit(struct replay *r, struct log_task *task, const struct given *given)
{
	if (!task->process->limit_guessed)
		judge_divergence(r, task, r->line, given->number, "%s = %lld, expected EMFILE",
				 given->call, (long long)given->number);
	task->process->limit_known = task->process->limit_guessed = false;
	model_limit(r->model, task->model, INT_MAX, INT_MAX);
}

/* A close in flight may come before or after the open just shown. */
static void doubt_close(const struct log_task *task, int64_t fd)
{
	struct others o = look_at_others(task, fd);

	if (o.closes)
		o.closes->pending.doubtful = true;
}

/*
 * Whether other tasks have already closed the number, and perhaps opened it again: dup2 does both;
 * and if a call that began later got the number, a close came between.
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

/* Whether an open number is one that exec left open, and the log shows no call that marks it. */
static bool outlived_exec(const struct table *t, int64_t fd)
{
	const struct log_slot *slot = table_look(t, fd);

	return slot && slot->origin && slot->origin->call && !slot->marked &&
	       slot->since < t->exec_line;
}

/* Whether a number is open; its slot is then in *slot. */
static bool find_open(const struct table *t, int64_t fd, struct log_slot **slot)
{
	*slot = table_look(t, fd);
	return *slot && (*slot)->origin;
}

/*
 * Follows the log after a divergence. Skipped numbers count as taken until a call opens them, so
 * that a cause makes a single divergence.
 */
static void follow(struct replay *r, struct log_task *task, const struct given *given)
{
	struct table *t = task->table;
	struct findings *f = r->findings;
	const int64_t lowest = table_lowest(t, given->from);
	const bool passes = !table_is_open(t, given->number) && lowest < given->number;
	struct log_slot *slot;

	if (table_is_open(t, given->number))
		finding_count_again(&f->given_again, r->line, task->pid, given->number);
	else if (passes)
		finding_count_again(&f->passed, r->line, task->pid, lowest);
	if (outlived_exec(t, given->number))
		finding_count_again(&f->outlived, r->line, task->pid, given->number);
	if (lowest < 3 && table_look(t, lowest) && table_look(t, lowest)->closed)
		finding_count_again(&f->unreplaced, r->line, task->pid, lowest);
	if (!passes_too_many(t, given))
		for (int64_t fd = table_lowest(t, given->from); fd < given->number;
		     fd = table_lowest(t, fd + 1)) {
			place_unseen(r, task, fd);
			if (find_open(t, fd, &slot))
				slot->passed = true;
		}
	force(r, task, given);
	if (passes && find_open(t, given->number, &slot))
		slot->passes = true;
}

void judge_given(struct replay *r, struct log_task *task, const struct given *given)
{
	int64_t expected = table_lowest(task->table, given->from);
	bool exactly, explained;
	int number;

	r->findings->judged++;
	if (was_replaced(r, task, given)) {
		doubt_close(task, given->number);
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
		model_note(r->model,
			   "at some time during the call, which overlaps with other calls");
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
	struct others o = look_at_others(task, -1);
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
