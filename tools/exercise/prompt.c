/* Judges the machine after each line of the prompt. */
#include "exercise/prompt.h"

#include "cli/wrap.h"
#include "exercise/judge.h"
#include "shell/edit.h"
#include "shell/session.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct prompt {
	struct session_extra extra; /* the first member */
	const struct exercise *e;
	size_t hints;       /* that were given */
	const char *said;   /* the mistake that was told last */
	unsigned told;      /* calls when a limit was told */
	bool reached, good; /* once; and now */
};

static struct prompt *prompt_of(struct session *s)
{
	return (struct prompt *)s->extra;
}

static void run_hint(struct session *s, char *arguments)
{
	struct prompt *p = prompt_of(s);

	(void)arguments;
	if (!exercise_hint(p->e, p->hints++, stdout))
		puts("  there are no more hints");
}

static void run_goal(struct session *s, char *arguments)
{
	(void)arguments;
	exercise_print(prompt_of(s)->e, stdout);
}

static const struct shell_command commands[] = {
	{ "hint", "", "the next hint", run_hint },
	{ "goal", "", "what is to be reached", run_goal },
	{ 0 },
};

static void congratulate(const struct session *s, const struct prompt *p, unsigned calls)
{
	printf("%sThe goal is reached, by %u call%s.%s\n", s->colour ? "\033[32m" : "", calls,
	       calls == 1 ? "" : "s", s->colour ? "\033[0m" : "");
	exercise_learnt(p->e, stdout);
}

/* Breaches of the goal besides its missing parts; each is said once. */
static void object(struct prompt *p, const struct judgement *j)
{
	const unsigned most = p->e->s.challenge->calls;

	if (j->forbidden && p->told != j->calls)
		printf("  %s is not allowed here; undo takes it back\n", j->forbidden);
	else if (!j->missing && judgement_is_long(p->e, j) && p->told != j->calls)
		printf("  the goal holds, but after %u calls; %u are enough: undo takes one back\n",
		       j->calls, most);
	else if (j->mistake && j->mistake != p->said)
		print_wrapped(stdout, "  ", j->mistake);
	p->told = j->calls;
	p->said = j->mistake;
}

static void after(struct session *s, struct session_extra *extra)
{
	struct prompt *p = (struct prompt *)extra;
	struct judgement j;
	const int error = exercise_judge(p->e, s->target, &j);

	if (error) {
		session_complain(s, "%s", strerror(-error));
	} else if (judgement_is_good(p->e, &j)) {
		if (!p->good)
			congratulate(s, p, j.calls);
		p->reached = true;
	} else if (j.undone && p->told != UINT_MAX) {
		puts("  that was the start of the exercise; redo brings it back");
		p->told = UINT_MAX;
	} else if (!j.undone) {
		object(p, &j);
	}
	p->good = !error && judgement_is_good(p->e, &j);
	judgement_free(&j);
}

int exercise_prompt(const struct exercise *e, struct target *t, bool colour, bool *reached)
{
	struct prompt p = { .extra = { commands, after }, .e = e };
	struct session s;
	int error = session_begin(&s, t, target_sim_machine(t), colour);

	s.extra = &p.extra;
	exercise_print(e, stdout);
	puts("Type calls; hint and goal help, undo takes a call back, quit leaves.");
	if (!error)
		error = edit_lines(&s);
	session_end(&s);
	*reached = p.reached;
	return error;
}
