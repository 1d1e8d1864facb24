#include "simulate/repeat.h"

#include "fdlab.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE 160 /* bytes of each text, where two differ */

/* The options that the log begins with. */
static struct fdl_options options_of(const char *log, simulation_failed_fn *failed)
{
	struct fdl_options o = { 0 };

	while (!strncmp(log, "option ", 7)) {
		const size_t len = strcspn(log, "\n");
		char assignment[128], err[256];

		snprintf(assignment, sizeof(assignment), "%.*s", (int)(len - 7), log + 7);
		if (fdl_option_set(&o, assignment, err, sizeof(err)))
			failed("the log has a wrong option", err);
		log += len + 1;
	}
	return o;
}

/* "echo TEXT > PATH": the write as it was. */
static void play_echo(struct fdl_machine *m, char *line, simulation_failed_fn *failed)
{
	char *text;
	size_t len;
	const char *path = fdl_split_echo(line, &text, &len);

	if (!path)
		failed("the log has an echo to nowhere", line);
	fdl_write_file(m, path, text, len);
}

/* Whether the reply to a line of the log says that it did not come out as the log has it. */
static bool disagrees(const char *reply)
{
	return *reply == '#' || strstr(reply, "  # expected") || strstr(reply, "\n#");
}

static void play(struct fdl_machine *m, char *log, simulation_failed_fn *failed)
{
	struct fdl_handle *control = NULL;
	char *rest = log, *line;
	fdl_ino ino;

	if (fdl_walk(m, "control", &ino) || fdl_open(m, ino, O_RDWR, &control))
		failed("a new machine has no control file", NULL);
	while ((line = strsep(&rest, "\n")) != NULL) {
		char reply[4096];
		ssize_t n;

		if (!*line || !strncmp(line, "option ", 7))
			continue;
		if (!strncmp(line, "echo ", 5)) {
			play_echo(m, line, failed);
			continue;
		}
		fdl_write(control, line, strlen(line), O_NONBLOCK, NULL, NULL);
		n = fdl_read(control, reply, sizeof(reply) - 1, 0, O_NONBLOCK);
		reply[n > 0 ? n : 0] = '\0';
		if (disagrees(reply))
			failed("the log does not hold on a new machine", reply);
	}
	fdl_close(control);
}

void repeat_compare(const char *was, const char *is, const char *what, simulation_failed_fn *failed)
{
	char evidence[2 * EVIDENCE + 64];
	size_t at = 0;

	while (was[at] && was[at] == is[at])
		at++;
	if (was[at] == is[at])
		return;
	at -= at < EVIDENCE / 2 ? at : EVIDENCE / 2;
	snprintf(evidence, sizeof(evidence), "it was ...%.*s... and is ...%.*s...", EVIDENCE,
		 was + at, EVIDENCE, is + at);
	failed(what, evidence);
}

void repeat(struct fdl_machine *m, simulation_failed_fn *failed)
{
	struct fdl_machine *again = NULL;
	struct fdl_options o;
	char *log = NULL, *was = NULL, *is = NULL;
	size_t len;

	if (fdl_read_file(m, "log", &log, &len) || fdl_read_file(m, "state.json", &was, &len))
		failed("a file of the machine cannot be read", NULL);
	o = options_of(log, failed);
	if (fdl_machine_new(&o, &again))
		failed("no new machine can be made", NULL);
	play(again, log, failed);
	if (fdl_read_file(again, "state.json", &is, &len))
		failed("there is no state of the new machine", NULL);
	repeat_compare(was, is, "the log makes another machine", failed);
	free(log);
	free(was);
	free(is);
	fdl_machine_free(again);
}
