/* Results of calls: the lowest number, the number that was asked for, an error. */
#include "quiz/problem.h"

#include <errno.h>
#include <stdlib.h>

static const char *const files[] = { "/etc/passwd", "/etc/hosts", "/dev/null" };

#define N_FILES (sizeof(files) / sizeof(files[0]))

static void run_open(struct maker *k)
{
	maker_call(k, 1, "open(\"%s\", O_RDONLY)", files[maker_below(k, N_FILES)]);
}

static void run_dup(struct maker *k)
{
	const struct number_set open = maker_open(k, 1);

	maker_call(k, 1, "dup(%u)", maker_pick(k, &open));
}

static void run_dup2(struct maker *k)
{
	const struct number_set open = maker_open(k, 1);

	maker_call(k, 1, "dup2(%u, %u)", maker_pick(k, &open), 1 + maker_below(k, 7));
}

static void run_close(struct maker *k)
{
	const struct number_set open = maker_open(k, 1);

	maker_call(k, 1, "close(%u)", maker_pick(k, &open));
}

static void run_dupfd(struct maker *k)
{
	const struct number_set open = maker_open(k, 1);

	maker_call(k, 1, "fcntl(%u, F_DUPFD, %u)", maker_pick(k, &open), 4 + maker_below(k, 5));
}

static void run_setfd(struct maker *k)
{
	const struct number_set open = maker_open(k, 1);

	maker_call(k, 1, "fcntl(%u, F_SETFD, FD_CLOEXEC)", maker_pick(k, &open));
}

/* The calls of the program; the harder ones come last. */
static void (*const steps[])(struct maker *k) = { run_open, run_dup,   run_close, run_dup2,
						  run_open, run_close, run_dupfd, run_setfd };

/* ---- the question --------------------------------------------------------------------------- */

static void tell_lowest(struct maker *k, const char *open, unsigned from)
{
	if (from)
		fprintf(k->why, "Open are %s: %s is the lowest free number from %u on.", open,
			k->p->answer, from);
	else
		fprintf(k->why, "Open are %s: %s is the lowest free number.", open, k->p->answer);
}

static void ask_open(struct maker *k, const struct number_set *open, const char *text)
{
	(void)open;
	maker_ask_call(k, 1, "open(\"%s\", O_RDONLY)", files[maker_below(k, N_FILES)]);
	tell_lowest(k, text, 0);
}

/* A number that is likely to be open, or one at random. */
static unsigned any_fd(struct maker *k, const struct number_set *open)
{
	return maker_chance(k, k->level < 2 ? 80 : 65) ? maker_pick(k, open) : maker_below(k, 8);
}

static void tell_not_open(struct maker *k, unsigned fd, const char *text)
{
	fprintf(k->why, "%u is not open; open are %s.", fd, text);
}

static void ask_dup(struct maker *k, const struct number_set *open, const char *text)
{
	const unsigned fd = any_fd(k, open);

	maker_ask_call(k, 1, "dup(%u)", fd);
	if (numbers_have(open, fd))
		tell_lowest(k, text, 0);
	else
		tell_not_open(k, fd, text);
}

static void ask_dup2(struct maker *k, const struct number_set *open, const char *text)
{
	const unsigned from = any_fd(k, open);
	const unsigned to = maker_chance(k, 15) ? from : 1 + maker_below(k, 7);

	maker_ask_call(k, 1, "dup2(%u, %u)", from, to);
	if (!numbers_have(open, from))
		tell_not_open(k, from, text);
	else if (from == to)
		fprintf(k->why, "dup2 of a number onto itself changes nothing, and returns it.");
	else if (numbers_have(open, to))
		fprintf(k->why,
			"dup2 returns its second argument. What %u was before is closed silently.",
			to);
	else
		fprintf(k->why, "dup2 returns its second argument, whichever numbers are free.");
}

static void ask_close(struct maker *k, const struct number_set *open, const char *text)
{
	const unsigned fd = maker_chance(k, 50) ? maker_pick(k, open) : 1 + maker_below(k, 8);

	maker_ask_call(k, 1, "close(%u)", fd);
	if (numbers_have(open, fd))
		fprintf(k->why, "%u is open, so close returns 0; open were %s.", fd, text);
	else
		tell_not_open(k, fd, text);
}

static void ask_dupfd(struct maker *k, const struct number_set *open, const char *text)
{
	const unsigned fd = any_fd(k, open), from = 1 + maker_below(k, 8);

	maker_ask_call(k, 1, "fcntl(%u, F_DUPFD, %u)", fd, from);
	if (numbers_have(open, fd))
		tell_lowest(k, text, from);
	else
		tell_not_open(k, fd, text);
}

static void (*const questions[])(struct maker *k, const struct number_set *open,
				 const char *text) = {
	ask_open, ask_dup, ask_dup2, ask_close, ask_dupfd,
};

static void make(struct maker *k)
{
	static const unsigned lines[] = { 3, 5, 7 }, kinds[] = { 4, 7, 8 }, asks[] = { 3, 4, 5 };
	struct number_set open;
	char *text;

	run_open(k);
	for (unsigned i = 1; i < lines[k->level - 1]; i++)
		steps[maker_below(k, kinds[k->level - 1])](k);
	open = maker_open(k, 1);
	text = maker_open_text(k, 1);
	if (open.n && text)
		questions[maker_below(k, asks[k->level - 1])](k, &open, text);
	else
		k->no_luck = true;
	free(text);
}

const struct quiz_topic topic_numbers = {
	.name = "numbers",
	.about = "what a call returns",
	.make = make,
};
