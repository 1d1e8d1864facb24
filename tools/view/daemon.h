/*
 * The daemon that serves the page of fdlab view, as a child of this process, which ends with it.
 */
#ifndef FDLAB_TOOLS_DAEMON_H
#define FDLAB_TOOLS_DAEMON_H

#include <stddef.h>
#include <sys/types.h>

struct daemon {
	pid_t pid;
	char *url; /* that it printed */
};

/*
 * Starts fdlabd with arguments, of which the first is left free for its name; NULL ends them. 0,
 * and the daemon serves; or a negative errno: -ENOENT, there is no fdlabd; -ECHILD, it has ended,
 * and has said why.
 */
int daemon_start(struct daemon *d, const char **args);

/*
 * Waits until the daemon ends or a signal asks this process to. Returns the daemon's status, as
 * waitpid.
 */
int daemon_wait(struct daemon *d);

/* Ends the daemon, if it still runs. */
void daemon_end(struct daemon *d);

#endif
