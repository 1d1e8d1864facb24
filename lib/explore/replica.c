/*
 * A copy of a machine. The transcript of a machine says all that was done to it, so that a new one
 * with the same options that is given the transcript comes to the same state.
 */
#include "explore/replica.h"

#include "base/heap.h"
#include "base/list.h"
#include "machine/machine.h"
#include "rerun.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The copy's limit of its own transcript: enough for any run of a race. */
#define LOG_SIZE ((uint64_t)65536)

/* Runs a transcript, line by line; ends every line with a NUL. A call's own error is no error. */
static int run_log(struct fdl_machine *m, char *log)
{
	struct fdl_handle *control;
	int error = rerun_open(m, &control);

	if (error)
		return error;
	for (char *line = log, *end; *line && !error; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		error = rerun_line(m, control, line, strlen(line));
	}
	fdl_close(control);
	return error;
}

int replica_new(struct fdl_machine *m, struct heap *heap, struct fdl_machine **copy, char *err,
		size_t errsize)
{
	struct fdl_options o = m->options;
	char *log;
	size_t len;
	int error;

	*copy = NULL;
	if (!list_empty(&m->in_flight)) {
		snprintf(err, errsize, "a call is still in flight where the race begins");
		return -EBUSY;
	}
	error = fdl_read_file(m, "log", &log, &len);
	if (error)
		return error;
	if (m->log.dropped) {
		snprintf(err, errsize, "too much happens before the race");
		free(log);
		return -E2BIG;
	}
	heap_current = heap;
	o.log = LOG_SIZE;
	error = fdl_machine_new(&o, copy);
	if (!error)
		error = run_log(*copy, log);
	heap_current = NULL;
	free(log);
	return error;
}
