#include "support/replayed.h"

#include "machine/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "echo TEXT > PATH": the write as it was. */
static void play_echo(struct fdl_machine *m, char *line)
{
	char *text;
	size_t len;
	const char *path = fdl_split_echo(line, &text, &len);

	assert_non_null(path);
	fdl_write_file(m, path, text, len);
}

static void play(struct fdl_machine *m, const char *log)
{
	struct fdl_handle *control;
	char *copy = strdup(log), *rest = copy, *line;
	fdl_ino ino;

	assert_non_null(copy);
	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_RDWR, &control), 0);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (!strncmp(line, "echo ", 5))
			play_echo(m, line);
		else if (strncmp(line, "option ", 7) != 0)
			fdl_write(control, line, strlen(line), O_NONBLOCK, NULL, NULL);
	}
	fdl_close(control);
	free(copy);
}

/* Where two texts differ: a little of both, to be freed. */
static char *difference(const char *file, const char *was, const char *is)
{
	const size_t around = 100;
	size_t at = 0;
	char *what;

	while (was[at] == is[at])
		at++;
	at -= at < around ? at : around;
	assert_true(asprintf(&what,
			     "%s differs when the log is played: it was ...%.300s... and is "
			     "...%.300s...",
			     file, was + at, is + at) > 0);
	return what;
}

char *log_difference(struct fdl_machine *m)
{
	static const char *const files[] = { "log", "state.json" };
	struct fdl_machine *again;
	char *texts[2][2], *what = NULL;
	size_t len;

	assert_int_equal(fdl_machine_new(&m->options, &again), 0);
	assert_int_equal(fdl_read_file(m, "log", &texts[0][0], &len), 0);
	assert_int_equal(fdl_read_file(m, "state.json", &texts[1][0], &len), 0);
	play(again, texts[0][0]);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fdl_read_file(again, files[i], &texts[i][1], &len), 0);
		if (!what && strcmp(texts[i][0], texts[i][1]) != 0)
			what = difference(files[i], texts[i][0], texts[i][1]);
	}
	for (size_t i = 0; i < 2; i++) {
		free(texts[i][0]);
		free(texts[i][1]);
	}
	fdl_machine_free(again);
	return what;
}

void assert_log_repeats(struct fdl_machine *m)
{
	char *what = log_difference(m), *log;
	size_t len;

	if (!what)
		return;
	assert_int_equal(fdl_read_file(m, "log", &log, &len), 0);
	fail_msg("%s\nThe log:\n%s", what, log);
}
