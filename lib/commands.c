/*
 * The commands of a machine's control file. A new command is a function and a row.
 */
#include "commands.h"

#include "base/heap.h"
#include "base/number.h"
#include "base/text.h"
#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/transcript.h"
#include "options.h"
#include "process/submit.h"
#include "undo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r";

/* Sets options word by word, up to a comment. */
static int set_options(struct fdl_options *o, char *words, struct text *why)
{
	char err[160], *save = NULL;

	for (char *word = strtok_r(words, blanks, &save); word;
	     word = strtok_r(NULL, blanks, &save)) {
		int error;

		if (*word == '#')
			return 0;
		error = fdl_option_set(o, word, err, sizeof(err));
		if (error) {
			text_puts(why, err);
			return error;
		}
	}
	return 0;
}

static const char reset[] = "reset";

/* Sets the options that stand after "reset". 0, -ENOMEM, or -EINVAL and why. */
static int read_reset(struct fdl_options *o, const char *args, size_t len, struct text *why)
{
	char *words;
	int error;

	/* The usual reset asks for no memory before it frees some. */
	if (!len)
		return 0;
	if (memchr(args, '\0', len)) {
		text_puts(why, "a NUL byte");
		return -EINVAL;
	}
	words = strndup(args, len);
	if (!words)
		return -ENOMEM;
	error = set_options(o, words, why);
	free(words);
	return error;
}

/* "reset [OPTION=VALUE]...": from the options that the machine was made with. */
static int do_reset(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	struct fdl_options o = m->given;
	const int error = read_reset(&o, args, len, why);

	return error ? error : fdl_machine_reset(m, &o);
}

bool command_restarts(const struct fdl_options *given, const char *line, size_t len)
{
	const size_t word = sizeof(reset) - 1;
	struct fdl_options o = *given, full;
	struct text why = TEXT_EMPTY;
	const struct kernel *kernel;
	bool restarts;

	while (len && *line && strchr(blanks, *line)) {
		line++;
		len--;
	}
	if (len < word || memcmp(line, reset, word) != 0 ||
	    (len > word && (!line[word] || !strchr(blanks, line[word]))))
		return false;
	restarts =
		!read_reset(&o, line + word, len - word, &why) && !options_fill(&full, &o, &kernel);
	text_free(&why);
	return restarts;
}

/*
 * Moves the clock to a time. Each timer on the way expires at its own time, and the calls that it
 * wakes run before the next one expires: a shorter sleep ends first.
 */
static void clock_advance(struct fdl_machine *m, int64_t until)
{
	struct timer *timer;

	while ((timer = timer_next(m, until)) != NULL) {
		if (timer->expires > m->clock.now)
			m->clock.now = timer->expires;
		while ((timer = timer_next(m, m->clock.now)) != NULL) {
			timer_stop(timer);
			timer->expire(timer);
		}
		machine_run(m);
	}
	m->clock.now = until;
	m->generation++;
}

/* "+1.5" as nanoseconds, or -1. */
static int64_t read_seconds(const char *s, const char *end)
{
	int64_t ns = 0, unit = NSEC_PER_SEC;
	const char *digits, *after;
	bool overflow = false;
	uint64_t seconds;

	if (s == end || *s++ != '+')
		return -1;
	digits = s;
	after = decimal_scan(digits, end, &seconds, &overflow);
	s = after ? after : digits;
	if (overflow || __builtin_mul_overflow(seconds, (uint64_t)NSEC_PER_SEC, &ns))
		return -1;
	if (s < end && *s == '.') {
		for (s++; s < end && *s >= '0' && *s <= '9'; s++) {
			unit /= 10;
			if (__builtin_add_overflow(ns, (*s - '0') * unit, &ns))
				return -1;
		}
	}
	return s == end && s > digits && unit > 0 ? ns : -1;
}

static bool is_blank(char c)
{
	return c && strchr(blanks, c);
}

/* Passes over blanks before arguments; returns their end, without blanks and a comment. */
static const char *trim(const char **args, size_t len)
{
	const char *comment = memchr(*args, '#', len), *end = comment ? comment : *args + len;

	while (*args < end && is_blank(**args))
		++*args;
	while (*args < end && is_blank(end[-1]))
		end--;
	return end;
}

/* "clock +1.5": lets a second and a half pass. */
static int do_clock(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	const char *end = trim(&args, len);
	struct text line = TEXT_EMPTY;
	int64_t ns, until;
	int error;

	ns = read_seconds(args, end);
	if (ns < 0 || __builtin_add_overflow(m->clock.now, ns, &until)) {
		text_puts(why, "expected a time that passes, such as \"clock +1.5\", got ");
		text_quoted(why, args, (size_t)(end - args), 40);
		return -EINVAL;
	}
	text_puts(&line, "clock ");
	text_put(&line, args, (size_t)(end - args));
	error = line.error;
	if (!error) {
		transcript_line(m, line.s, line.len);
		clock_advance(m, until);
	}
	text_free(&line);
	return error;
}

/* "rcu hold", "rcu release": keeps grace periods from ending, and lets them end again. */
static int do_rcu(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	static const char hold[] = " hold", release[] = " release";
	const bool holds = len == strlen(hold) && !memcmp(args + 1, hold + 1, len - 1);

	if (!holds && (len != strlen(release) || memcmp(args + 1, release + 1, len - 1) != 0)) {
		text_puts(why, "expected \"rcu hold\" or \"rcu release\"");
		return -EINVAL;
	}
	if (machine_is_empty(m))
		return -ENOMEM;
	if (!m->kernel->hold_grace_period) {
		text_puts(why, "this kernel has no grace periods");
		return -EOPNOTSUPP;
	}
	m->kernel->hold_grace_period(m, holds);
	transcript_line(m, holds ? "rcu hold" : "rcu release", holds ? 8 : 11);
	return 0;
}

/*
 * Reads a decimal number; usual is the one that no argument stands for, or UINT64_MAX: none does.
 */
static int read_count(const char *args, size_t len, uint64_t usual, uint64_t *n, struct text *why)
{
	const char *end = trim(&args, len);
	bool overflow = false;

	*n = usual;
	if (args == end && usual != UINT64_MAX)
		return 0;
	if (decimal_scan(args, end, n, &overflow) == end && args < end && !overflow)
		return 0;
	text_puts(why, "expected a number of lines, got ");
	text_quoted(why, args, (size_t)(end - args), 40);
	return -EINVAL;
}

/* "undo", "undo 3": takes lines back. */
static int do_undo(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	uint64_t n;
	const int error = read_count(args, len, 1, &n, why);

	return error ? error : machine_undo(m, n, why);
}

/* "redo", "redo 3": brings lines again that were taken back. */
static int do_redo(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	uint64_t n;
	const int error = read_count(args, len, 1, &n, why);

	return error ? error : machine_redo(m, n, why);
}

/* "goto 41": to the place after this line of the log. */
static int do_goto(struct fdl_machine *m, const char *args, size_t len, struct text *why)
{
	uint64_t n;
	const int error = read_count(args, len, UINT64_MAX, &n, why);

	return error ? error : machine_goto(m, n, why);
}

const struct control_command control_commands[] = {
	{ { "undo", "[N]", "takes the last line of the log back, or the last N", .moves = true },
	  do_undo },
	{ { "redo", "[N]", "brings a line again that was taken back, or N", .moves = true },
	  do_redo },
	{ { "goto", "LINE", "goes to where the machine was after this line", .moves = true },
	  do_goto },
	{ { "clock", "+SECONDS", "lets time pass", .moves = false }, do_clock },
	{ { "rcu", "hold|release", "holds the grace periods, or lets them end", .moves = false },
	  do_rcu },
	{ { reset, "[NAME=VALUE]...", "starts the machine over", .starts_over = true }, do_reset },
	{ .run = NULL },
};

const struct fdl_command *fdl_command_at(size_t i)
{
	const size_t n = sizeof(control_commands) / sizeof(control_commands[0]) - 1;

	return i < n ? &control_commands[i].shown : NULL;
}
