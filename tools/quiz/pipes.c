/* Results of reading a pipe, and the tasks that keep a pipe open. */
#include "quiz/problem.h"

#include <stdlib.h>
#include <string.h>

/* A pipe of task 1, 3 and 4, and the children that got both ends from fork. */
struct pipe_play {
	unsigned tasks;
	bool gone[4];
	unsigned bytes; /* in the pipe */
};

static bool has(struct maker *k, const struct pipe_play *pipe, unsigned pid, unsigned fd)
{
	const struct number_set open =
		pipe->gone[pid] ? (struct number_set){ .n = 0 } : maker_open(k, (int)pid);

	return numbers_have(&open, fd);
}

static struct number_set holders(struct maker *k, const struct pipe_play *pipe, unsigned fd)
{
	struct number_set who = { .n = 0 };

	for (unsigned pid = 1; pid <= pipe->tasks; pid++)
		if (has(k, pipe, pid, fd))
			who.of[who.n++] = pid;
	return who;
}

static void write_some(struct maker *k, struct pipe_play *pipe, unsigned pid)
{
	static const char *const texts[] = { "a", "hello", "one two", "done" };
	const char *text = texts[maker_below(k, 4)];

	if (!has(k, pipe, pid, 4) || !holders(k, pipe, 3).n)
		return;
	maker_call(k, (int)pid, "write(4, \"%s\", %zu)", text, strlen(text));
	pipe->bytes += (unsigned)strlen(text);
}

static void read_all(struct maker *k, struct pipe_play *pipe, unsigned pid)
{
	if (!pipe->bytes || !has(k, pipe, pid, 3))
		return;
	maker_call(k, (int)pid, "read(3, ..., 100)");
	pipe->bytes = 0;
}

static void close_ends(struct maker *k, struct pipe_play *pipe, unsigned pid)
{
	const unsigned fd = maker_chance(k, 75) ? 4 : 3;

	/* A child that goes takes its ends with it. */
	if (pid > 1 && k->level > 1 && maker_chance(k, 25)) {
		maker_call(k, (int)pid, "exit(0)");
		pipe->gone[pid] = true;
	} else if (has(k, pipe, pid, fd)) {
		maker_call(k, (int)pid, "close(%u)", fd);
	}
}

/* ---- questions ------------------------------------------------------------------------------ */

static void ask_read(struct maker *k, struct pipe_play *pipe, unsigned reader)
{
	const struct number_set writers = holders(k, pipe, 4);
	char *who = numbers_text(&writers);

	maker_ask_call(k, (int)reader, "read(3, ..., 10)");
	if (pipe->bytes)
		fprintf(k->why,
			"%u bytes are in the pipe. A read gives what is there, up to its length, "
			"and does not wait for more.",
			pipe->bytes);
	else if (!writers.n)
		fputs("The pipe is empty, and no task has the write end any more: this is the end.",
		      k->why);
	else
		fprintf(k->why,
			"The pipe is empty, and the write end is still open in task%s %s%s: the "
			"read waits.",
			writers.n == 1 ? "" : "s", who,
			numbers_have(&writers, reader) ? " (a reader that has it waits for itself)"
						       : "");
	free(who);
}

static void ask_holders(struct maker *k, struct pipe_play *pipe, unsigned reader)
{
	const struct number_set writers = holders(k, pipe, 4);
	char *who = numbers_text(&writers);

	for (unsigned pid = 1; pid <= pipe->tasks; pid++) {
		if (pipe->gone[pid])
			continue;
		if (numbers_have(&writers, pid))
			fprintf(k->scenario, "expect %u/fd/4 ~ ^pipe:\n", pid);
		else
			fprintf(k->scenario, "expect no %u/fd/4\n", pid);
	}
	fprintf(k->why,
		"The write end, descriptor 4, is open in task%s %s.%s fork gave every child both "
		"ends; close and exit drop those of one task alone.",
		writers.n == 1 ? "" : "s", who,
		numbers_have(&writers, reader) ? " The reader is one of them: it would wait for "
						 "itself."
					       : "");
	maker_question(k, ANSWER_SET, who,
		       "Task %u reads the pipe to its end. Which tasks keep it open for writing? "
		       "As in 1,2, or none.",
		       reader);
}

static void make(struct maker *k)
{
	struct pipe_play pipe = { .tasks = 1 };
	struct number_set readers;

	maker_call(k, 1, "pipe2([3, 4], 0)");
	for (unsigned i = 0; i < (k->level > 1 ? 2 : 1); i++) {
		maker_call(k, 1, "fork()");
		pipe.tasks++;
	}
	for (unsigned i = 0; i < 2 + k->level; i++) {
		const unsigned pid = 1 + maker_below(k, pipe.tasks);

		if (maker_chance(k, 30))
			write_some(k, &pipe, pid);
		else if (maker_chance(k, 20))
			read_all(k, &pipe, pid);
		else
			close_ends(k, &pipe, pid);
	}
	readers = holders(k, &pipe, 3);
	/* The reader is a child, if there is one that can read. */
	if (!readers.n) {
		k->no_luck = true;
		return;
	}
	if (maker_chance(k, 60))
		ask_read(k, &pipe, readers.of[readers.n - 1]);
	else
		ask_holders(k, &pipe, readers.of[readers.n - 1]);
}

const struct quiz_topic topic_pipes = {
	.name = "pipes",
	.about = "what a read of a pipe gives, and which tasks keep it open",
	.tasks = true,
	.make = make,
};
