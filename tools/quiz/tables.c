/* Which descriptors a task has open, after fork, exec and closes in either of two tasks. */
#include "quiz/problem.h"

#include <stdlib.h>
#include <string.h>

static const char *const files[] = { "/etc/passwd", "/etc/hosts", "/dev/null", "/dev/zero" };

static void run_open(struct maker *k, int pid)
{
	maker_call(k, pid, "open(\"%s\", O_RDONLY%s)", files[maker_below(k, 4)],
		   maker_chance(k, 50) ? "|O_CLOEXEC" : "");
}

/* One step of the task that changes its table. */
static void step(struct maker *k, int pid)
{
	const struct number_set open = maker_open(k, pid);
	const unsigned fd = maker_pick(k, &open);

	switch (maker_below(k, k->level < 2 ? 3 : 5)) {
	case 0:
		run_open(k, pid);
		break;
	case 1:
		maker_call(k, pid, "close(%u)", fd);
		break;
	case 2:
		maker_call(k, pid, "dup(%u)", fd);
		break;
	case 3:
		maker_call(k, pid, "dup2(%u, %u)", fd, 3 + maker_below(k, 5));
		break;
	default:
		maker_call(k, pid, "fcntl(%u, F_SETFD, %s)", fd,
			   maker_chance(k, 60) ? "FD_CLOEXEC" : "0");
		break;
	}
}

/* Makes task 2. True: it shares the table. */
static bool run_birth(struct maker *k)
{
	const bool shares = k->level > 2 && maker_chance(k, 50);
	char *text = maker_open_text(k, 1);

	if (shares) {
		maker_call(k, 1, "clone(flags=CLONE_FILES|SIGCHLD)");
		fputs("CLONE_FILES: tasks 1 and 2 share one table, and what one opens or closes "
		      "is so for both. ",
		      k->why);
	} else {
		maker_call(k, 1, "fork()");
		fprintf(k->why,
			"fork gave task 2 a copy of the table, with %s; from then on each "
			"task has its own. ",
			text ?: "?");
	}
	free(text);
	return shares;
}

static void run_exec(struct maker *k, bool shares)
{
	const struct number_set before = maker_open(k, 2);
	struct number_set after, closed = { .n = 0 };
	char *text;

	maker_call(k, 2, "execve(\"/bin/true\", [\"true\"])");
	after = maker_open(k, 2);
	for (size_t i = 0; i < before.n; i++)
		if (!numbers_have(&after, before.of[i]))
			closed.of[closed.n++] = before.of[i];
	text = numbers_text(&closed);
	if (shares)
		fputs("exec gave task 2 a copy of the table, and from then on each has its own. ",
		      k->why);
	if (closed.n)
		fprintf(k->why,
			"exec closed what was marked close-on-exec: %s. "
			"Duplicates by dup and dup2 have no mark. ",
			text ?: "?");
	else
		fputs("exec closed nothing: no descriptor of task 2 was marked close-on-exec. ",
		      k->why);
	free(text);
}

static void make(struct maker *k)
{
	const int asked = maker_chance(k, 65) ? 2 : 1;
	bool shares;
	char *answer;

	run_open(k, 1);
	run_open(k, 1);
	if (k->level > 1)
		step(k, 1);
	shares = run_birth(k);
	for (unsigned i = 0; i < k->level; i++)
		step(k, 1 + (int)maker_below(k, 2));
	if (k->level > 1 && maker_chance(k, 75))
		run_exec(k, shares);
	if (k->level > 2)
		step(k, asked);
	answer = maker_open_text(k, asked);
	if (!answer || !*answer) {
		k->no_luck = true;
		free(answer);
		return;
	}
	fprintf(k->scenario, "expect %d/files/open_fds_list = %s\n", asked, answer);
	fprintf(k->why, "In the end task %d has %s.", asked, answer);
	maker_question(k, ANSWER_SET, answer, "Which descriptors are open in task %d? As in 0-2,4.",
		       asked);
}

const struct quiz_topic topic_tables = {
	.name = "tables",
	.about = "which descriptors are open",
	.tasks = true,
	.make = make,
};
