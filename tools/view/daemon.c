/*
 * Signals that would end this process are blocked while the daemon runs, and are waited for with
 * the daemon's end.
 */
#include "view/daemon.h"

#include "cli/verb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void signals_of_end(sigset_t *set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(set, signals[i]);
}

/* The fdlabd beside this program. False: there is none. */
static bool beside(char *path, size_t size)
{
	static const char name[] = "fdlabd";
	ssize_t n = readlink("/proc/self/exe", path, size - sizeof(name));
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return false;
	strcpy(slash + 1, name);
	return !access(path, X_OK);
}

/* In the child. */
static void become_daemon(const char **args, int out, pid_t parent)
{
	char path[PATH_MAX];
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The terminal's interrupt is the parent's, which ends the daemon. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (getppid() != parent || dup2(out, STDOUT_FILENO) < 0)
		_exit(NOT_EXECUTED);
	args[0] = "fdlabd";
	if (beside(path, sizeof(path)))
		execv(path, (char **)(uintptr_t)args);
	execvp(args[0], (char **)(uintptr_t)args);
	_exit(NOT_EXECUTED);
}

/* The line that the daemon prints when it serves, without its newline; NULL: it has ended. */
static char *read_url(int fd)
{
	FILE *out = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n = out ? getline(&line, &size, out) : -1;

	if (out)
		fclose(out);
	else
		close(fd);
	if (n > 0 && line[n - 1] == '\n') {
		line[n - 1] = '\0';
		return line;
	}
	free(line);
	return NULL;
}

int daemon_start(struct daemon *d, const char **args)
{
	const pid_t parent = getpid();
	sigset_t ends;
	int fds[2], status;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	signals_of_end(&ends);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	fflush(NULL);
	d->pid = fork();
	if (!d->pid)
		become_daemon(args, fds[1], parent);
	close(fds[1]);
	if (d->pid < 0) {
		close(fds[0]);
		return -errno;
	}
	d->url = read_url(fds[0]);
	if (d->url)
		return 0;
	while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
		;
	d->pid = -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == NOT_EXECUTED ? -ENOENT : -ECHILD;
}

int daemon_wait(struct daemon *d)
{
	sigset_t ends;
	int status, sig;

	signals_of_end(&ends);
	for (;;) {
		if (waitpid(d->pid, &status, WNOHANG) == d->pid) {
			d->pid = -1;
			return status;
		}
		sig = sigwaitinfo(&ends, NULL);
		if (sig > 0 && sig != SIGCHLD) {
			daemon_end(d);
			return 0;
		}
	}
}

void daemon_end(struct daemon *d)
{
	if (d->pid > 0) {
		kill(d->pid, SIGTERM);
		while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	d->pid = -1;
	free(d->url);
	d->url = NULL;
}
