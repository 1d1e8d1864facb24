/*
 * A line and its reply in one call, for programs that do not need to keep a control file open.
 */
#include "base/heap.h"
#include "base/text.h"
#include "fdlab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* All replies that a handle has now. 0 or -ENOMEM. */
static int read_replies(struct fdl_handle *h, struct text *to)
{
	char buf[4096];
	ssize_t n;

	while ((n = fdl_read(h, buf, sizeof(buf), 0, O_NONBLOCK)) > 0)
		text_put(to, buf, (size_t)n);
	text_put(to, "", 0);
	return n < 0 && n != -EAGAIN ? (int)n : to->error;
}

int fdl_run_line(struct fdl_machine *m, const char *line, char **reply)
{
	struct text text = TEXT_EMPTY;
	struct fdl_handle *h;
	ssize_t written;
	fdl_ino ino;
	int error = fdl_walk(m, "control", &ino);

	*reply = NULL;
	if (!error && !*line) {
		/* Nothing is written, and a fresh handle would give the last outcome. */
		*reply = calloc(1, 1);
		return *reply ? 0 : -ENOMEM;
	}
	if (!error)
		error = fdl_open(m, ino, O_RDWR, &h);
	if (error)
		return error;
	written = fdl_write(h, line, strlen(line), O_NONBLOCK, NULL, NULL);
	error = read_replies(h, &text);
	fdl_close(h);
	if (error) {
		text_free(&text);
		return error;
	}
	*reply = text.s;
	return written < 0 && written != -EAGAIN ? (int)written : 0;
}
