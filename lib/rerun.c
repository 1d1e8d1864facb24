/*
 * A transcript says all that was done to a machine: a new machine with the same options that is
 * given its lines comes to the same state.
 */
#include "rerun.h"

#include "base/reserve.h"
#include "control/control.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "machine/transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int rerun_open(struct fdl_machine *m, struct fdl_handle **hp)
{
	fdl_ino ino;
	int error = fdl_walk(m, "control", &ino);

	if (!error)
		error = fdl_open(m, ino, O_RDWR, hp);
	if (!error)
		control_quiet(*hp);
	return error;
}

/* Where the " > PATH" of a line "echo TEXT > PATH" begins: the last one. NULL: nowhere. */
static char *find_redirection(char *line)
{
	char *found = NULL;

	for (char *p = line; (p = strstr(p, " > ")) != NULL; p++)
		found = p;
	return found;
}

char *fdl_split_echo(char *line, char **text, size_t *len)
{
	static const char echo[] = "echo ";
	char *to = strncmp(line, echo, sizeof(echo) - 1) ? NULL : find_redirection(line);

	if (!to)
		return NULL;
	*to = '\n';
	/* Of "echo > PATH" the text is empty. */
	*text = line + sizeof(echo) - 1 < to ? line + sizeof(echo) - 1 : to;
	*len = (size_t)(to + 1 - *text);
	return to + strlen(" > ");
}

/* A write to a file of the tree, which the transcript has as an echo. */
static int run_echo(struct fdl_machine *m, char *line)
{
	char *text, *path;
	size_t len;
	int error;

	path = fdl_split_echo(line, &text, &len);
	if (!path)
		return -EINVAL;
	error = fdl_write_file(m, path, text, len);
	return error < 0 ? error : 0;
}

static int run_line(struct fdl_machine *m, struct fdl_handle *control, char *line, size_t len)
{
	if (!strncmp(line, "echo ", 5))
		return run_echo(m, line);
	if (!strncmp(line, "option ", 7))
		return 0;
	if (*line == '#')
		transcript_line(m, line, len);
	else
		fdl_write(control, line, len, O_NONBLOCK, NULL, NULL);
	return 0;
}

int rerun_line(struct fdl_machine *m, struct fdl_handle *control, char *line, size_t len)
{
	const uint64_t refused = reserve_refused();
	const int error = run_line(m, control, line, len);

	return reserve_refused() == refused ? error : -ENOMEM;
}
