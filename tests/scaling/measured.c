/*
 * Runs lines of the notation under callgrind, and has it count the instructions of some of them.
 * tests/scaling/check makes the input and reads the counts. Besides lines of the notation, standard
 * input has
 *	%machine OPTION=VALUE...  the lines from here on are of a new machine
 *	%history                  and it has a history
 *	%begin                    instructions count from here on
 *	%end                      until here: callgrind writes its next file
 *	%read PATH                reads a file of the tree, which counts
 *	%serve PATH               the same, but for a text that a server has made by a copy of itself
 *	%check                    checks the machine's invariants, which counts
 * A line that comes out otherwise than it says is an error, and so is a wrong line.
 */
#include <stdlib.h>

#if __has_include(<valgrind/callgrind.h>)

#include "fdlab.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <valgrind/callgrind.h>

static struct fdl_machine *m;
static struct fdl_handle *control;
static struct fdl_history *history; /* or NULL */

/* The lines that are not run yet. */
static char lines[FDL_WRITE_MAX];
static size_t nlines;

static void check_replies(void)
{
	static char replies[65536];
	ssize_t n;

	while ((n = fdl_read(control, replies, sizeof(replies) - 1, 0, O_NONBLOCK)) > 0) {
		const char *wrong;

		replies[n] = '\0';
		wrong = strstr(replies, "# expected");
		if (!wrong)
			wrong = strstr(replies, "# line");
		if (!wrong)
			continue;
		while (wrong > replies && wrong[-1] != '\n')
			wrong--;
		errx(1, "%.*s", (int)strcspn(wrong, "\n"), wrong);
	}
}

/* Runs the lines. Only that is counted, and only between %begin and %end. */
static void run_lines(void)
{
	ssize_t written;

	if (!nlines)
		return;
	CALLGRIND_TOGGLE_COLLECT;
	written = fdl_write(control, lines, nlines, O_NONBLOCK, NULL, NULL);
	CALLGRIND_TOGGLE_COLLECT;
	check_replies();
	if (written < 0)
		errx(1, "%.*s: %s", (int)nlines, lines, fdl_errname((int)-written));
	nlines = 0;
}

static void free_machine(void)
{
	fdl_close(control);
	fdl_history_free(history);
	history = NULL;
	fdl_machine_free(m);
}

static void open_control(void)
{
	fdl_ino ino;

	if (fdl_walk(m, "control", &ino) < 0 || fdl_open(m, ino, O_RDWR, &control) < 0)
		errx(1, "no control file");
}

/* The files of a machine that gets a history have other numbers. */
static void begin_history(void)
{
	fdl_close(control);
	if (fdl_history_new(m, 0, &history))
		errx(1, "no history");
	open_control();
}

static void new_machine(char *words)
{
	struct fdl_options o = { 0 };
	char why[160], *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (fdl_option_set(&o, word, why, sizeof(why)))
			errx(1, "%s", why);
	}
	if (m)
		free_machine();
	if (fdl_machine_new(&o, &m) < 0)
		errx(1, "no machine");
	open_control();
}

static void take_line(const char *line, size_t len)
{
	if (nlines + len > sizeof(lines))
		run_lines();
	memcpy(lines + nlines, line, len);
	nlines += len;
}

/* An error counts, too: that a text is too long must not take long to find out. */
static void read_file(const char *path)
{
	char *text = NULL;
	size_t len;

	CALLGRIND_TOGGLE_COLLECT;
	fdl_read_file(m, path, &text, &len);
	CALLGRIND_TOGGLE_COLLECT;
	free(text);
}

static void serve_file(const char *path)
{
	fdl_ino ino;

	if (!fdl_walk(m, path, &ino) && !fdl_takes_long(m, ino))
		read_file(path);
}

static void check_machine(void)
{
	char why[160];
	int error;

	CALLGRIND_TOGGLE_COLLECT;
	error = fdl_machine_check(m, why, sizeof(why));
	CALLGRIND_TOGGLE_COLLECT;
	if (error)
		errx(1, "%s", why);
}

/* Does what a line with % says, to the lines before it or to those after it. */
static void take_command(char *line)
{
	static const char machine[] = "%machine", reading[] = "%read ", serving[] = "%serve ";

	line[strcspn(line, "\n")] = '\0';
	run_lines();
	if (strncmp(line, machine, strlen(machine)) == 0)
		new_machine(line + strlen(machine));
	else if (strncmp(line, reading, strlen(reading)) == 0)
		read_file(line + strlen(reading));
	else if (strncmp(line, serving, strlen(serving)) == 0)
		serve_file(line + strlen(serving));
	else if (strcmp(line, "%check") == 0)
		check_machine();
	else if (strcmp(line, "%history") == 0)
		begin_history();
	else if (strcmp(line, "%begin") == 0)
		CALLGRIND_ZERO_STATS;
	else if (strcmp(line, "%end") == 0)
		CALLGRIND_DUMP_STATS;
	else
		errx(1, "%s: there is no such command", line);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while ((len = getline(&line, &size, stdin)) > 0) {
		if (*line == '%')
			take_command(line);
		else
			take_line(line, (size_t)len);
	}
	free(line);
	free_machine();
	return 0;
}

#else

/* Without the header nothing can be counted: the test is skipped. */
int main(void)
{
	return 77;
}

#endif
