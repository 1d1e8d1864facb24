/*
 * Forks a process, and takes from it what it does not need.
 */
#include "offspring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool keep_only(int socket)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(null, i);
	/* A program that the process runs, such as fusermount3, must not inherit the socket. */
	if (socket != OFFSPRING_SOCKET && dup3(socket, OFFSPRING_SOCKET, O_CLOEXEC) < 0)
		return false;
	return !close_range(OFFSPRING_SOCKET + 1, ~0U, 0);
}

__attribute__((noreturn)) static void run(int socket, void (*work)(const char *path),
					  const char *path)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1 };

	/* A terminal and a service manager signal the daemon's processes together. */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (keep_only(socket))
		work(path);
	_exit(1);
}

int offspring_start(int type, void (*work)(const char *path), const char *path)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (!pid)
		run(fds[1], work, path);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}
