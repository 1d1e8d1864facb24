/*
 * Proofs that a log lacks calls: strace was told to leave them out (-e trace, -P, -z), followed
 * only some of the tasks, or wrote a file for each task. The descriptors of such a log cannot be
 * compared with a machine's, which diverge at one number after the other. A divergence of a log
 * that is whole has one cause and remains one: most proofs need more.
 */
#include "replay/whole.h"

#include <stddef.h>
#include <stdio.h>

/* From so many calls on it is no accident that a log has none of a common kind. */
#define CALLS_SOME   12
#define CALLS_ENOUGH 30
/* A log of fewer calls may be written by hand, without the ends of its tasks. */
#define CALLS_FEW    6
#define CALLS_SHARED 100
#define CALLS_MANY   300

#define DIVERGENCES_ENOUGH 3
/* A call that is left out makes one number after the other diverge, and not one in a long log. */
#define CALLS_EACH 5000

static size_t divergences(const struct findings *f)
{
	return f->of[FINDING_DIVERGENCE].total;
}

/* Threads of a real program overlap sooner or later, if their lines are in the order of time. */
static bool has_no_order(const struct findings *f)
{
	return !f->overlaps && f->in_shared && f->calls >= CALLS_SHARED;
}

/*
 * A program that begins opens and closes its libraries, and one that exits calls exit_group: a log
 * that shows neither needs two numbers as a proof.
 */
static bool proves(const struct findings *f, const struct again *a)
{
	return a->n >= (f->execs || f->exit_unseen ? 1 : 2);
}

static bool has_no_close(const struct findings *f)
{
	return !f->closes && f->given_again.n > 0 &&
	       (proves(f, &f->given_again) || f->calls >= CALLS_SOME);
}

/* A short log may be of a program that opens nothing, and diverge once. */
static bool has_no_open(const struct findings *f)
{
	return !f->opens && proves(f, &f->used_again) &&
	       (f->calls >= CALLS_ENOUGH || f->used_again.n >= DIVERGENCES_ENOUGH);
}

static bool has_no_exit(const struct findings *f)
{
	return f->exit_unseen && f->calls >= CALLS_FEW;
}

/* A program that loads its libraries maps them, and asks for memory. */
static bool has_some_kinds(const struct findings *f)
{
	if (f->plain)
		return false;
	return f->loads || f->calls >= (f->execs ? CALLS_ENOUGH : CALLS_MANY) ||
	       (!f->of_tasks && f->calls >= CALLS_ENOUGH && divergences(f) >= DIVERGENCES_ENOUGH);
}

/* strace -p, or -ff: no line tells what the other tasks do, or did before. */
static bool has_one_task(const struct findings *f)
{
	return !f->has_pids && !f->execs && divergences(f) >= DIVERGENCES_ENOUGH &&
	       f->calls >= CALLS_ENOUGH;
}

/* Of calls that overlap, strace -z does not show which began first. */
static bool has_no_failure(const struct findings *f)
{
	return !f->fails && f->calls >= CALLS_MANY;
}

/* exec closes what is marked. */
static bool has_no_exec(const struct findings *f)
{
	return f->begins && !f->execs && f->given_again.n > 0;
}

/* Without fcntl and ioctl it is not known what exec closes. */
static bool has_no_marks(const struct findings *f)
{
	return f->plain && f->calls >= CALLS_ENOUGH && f->outlived.n > 0;
}

/* A number below 3 is closed to be replaced at once. */
static bool has_no_dup2(const struct findings *f)
{
	return f->plain && !f->places && f->calls >= CALLS_ENOUGH && f->unreplaced.n > 0;
}

/*
 * Whether numbers diverge again and again. Flags and limits that diverge prove nothing of numbers.
 */
static bool many_numbers(const struct findings *f)
{
	const uint64_t n = f->given_again.n + f->used_again.n + f->passed.n;

	return n >= DIVERGENCES_ENOUGH && n >= f->calls / CALLS_EACH;
}

/*
 * A log that leaves out a few calls (-e trace=!dup2) shows all other kinds. No machine gives a
 * number that nothing opened, so that one is enough; the others need several.
 */
static bool lacks_a_few(const struct findings *f, const struct again *a, bool enough)
{
	return a->n > 0 &&
	       (f->plain ? f->calls >= CALLS_ENOUGH
			 : f->calls >= CALLS_SHARED && a == &f->used_again) &&
	       (enough || (a->n > 1 && many_numbers(f)));
}

static bool lacks_opener(const struct findings *f)
{
	return lacks_a_few(f, &f->used_again, !f->given_again.n);
}

/* If both the number that is passed over and the one given instead are used, both were opened. */
static bool passes_over(const struct findings *f)
{
	const bool both = f->passed_used && f->passer_used;

	return lacks_a_few(f, &f->passed, (f->passed.n > 1 || both) && !f->given_again.n);
}

static bool lacks_closer(const struct findings *f)
{
	return lacks_a_few(f, &f->given_again, false);
}

/* The number that a proof names; the first divergence has its line otherwise. */
#define GIVEN    offsetof(struct findings, given_again)
#define USED     offsetof(struct findings, used_again)
#define OUTLIVED offsetof(struct findings, outlived)
#define PASSED   offsetof(struct findings, passed)
#define CLOSED   offsetof(struct findings, unreplaced)
#define NONE     SIZE_MAX

/* Tried in this order. */
static const struct proof {
	bool (*holds)(const struct findings *f);
	size_t number;
	const char *before, *after; /* of the number, in the text */
} proofs[] = {
	{ has_no_close, GIVEN, "the log shows no close, and ",
	  " is given again, as with -e trace" },
	{ has_no_open, USED, "the log shows no open, and ",
	  " is used after its close, as with -e trace" },
	{ has_no_order, NONE,
	  "tasks share a table, and no call of the log overlaps with another, as after strace -ff",
	  NULL },
	{ has_no_exit, NONE, "the log shows no call that exits, as with -e trace", NULL },
	{ has_some_kinds, NONE, "the log shows only some kinds of calls, as with -e trace", NULL },
	{ has_one_task, NONE, "tasks that are not in the log may share the table", NULL },
	{ has_no_failure, NONE, "no call of the log fails, as with -z", NULL },
	{ has_no_exec, GIVEN, "the log shows no exec, and ", " is given again, as with -e trace" },
	{ has_no_marks, OUTLIVED, "the log shows no call that marks ",
	  " for exec to close, and it is given again, as with -e trace" },
	{ has_no_dup2, CLOSED, "the log shows no dup2, and ", " is passed over, as with -e trace" },
	{ lacks_opener, USED, "the log shows no call that opens ",
	  ", which is used, as with -e trace" },
	{ passes_over, PASSED, "the log shows no call that opens ",
	  ", which is passed over, as with -e trace" },
	{ lacks_closer, GIVEN, "the log shows no call that closes ",
	  ", which is given again, as with -e trace" },
};

static void tell(struct findings *f, const struct proof *proof)
{
	const struct finding *first = f->of[FINDING_DIVERGENCE].list;
	struct again at = { .line = first->line, .fd = first->fd, .pid = first->pid };
	char text[192], number[24] = "";

	if (proof->number != NONE) {
		at = *(const struct again *)((const char *)f + proof->number);
		snprintf(number, sizeof(number), "%lld", (long long)at.fd);
	}
	snprintf(text, sizeof(text), "numbers cannot be compared: %s%s%s", proof->before, number,
		 proof->after ? proof->after : "");
	findings_replace(f, at.line, at.pid, at.fd, text);
}

void findings_check_whole(struct findings *f)
{
	if (!divergences(f))
		return;
	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		if (!proofs[i].holds(f))
			continue;
		tell(f, &proofs[i]);
		return;
	}
}
