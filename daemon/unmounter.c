/*
 * The unmounting process, which stays outside of the sandbox. It is forked before the mount, knows one
 * path and takes no argument: a daemon that was taken over can have its own dead mount unmounted, and
 * nothing else.
 */
#include "unmounter.h"
#include "mountpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET 3 /* in the process, beside the standard descriptors */

static bool keep_only(int socket)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return false;
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(null, i);
	/* fusermount3 must not inherit the socket. */
	if (socket != SOCKET && dup3(socket, SOCKET, O_CLOEXEC) < 0)
		return false;
	return !close_range(SOCKET + 1, ~0U, 0);
}

__attribute__((noreturn)) static void run(int socket, const char *path)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE };
	char byte;
	int error;

	/* A terminal and a service manager signal the daemon's processes together. */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (!keep_only(socket))
		_exit(1);
	if (read(SOCKET, &byte, 1) != 1)
		_exit(0); /* the daemon has ended without a word */
	error = mountpoint_clear(path);
	_exit(write(SOCKET, &error, sizeof(error)) != sizeof(error));
}

int unmounter_start(const char *path)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (!pid)
		run(fds[1], path);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	return fds[0];
}

int unmounter_ask(int fd)
{
	int error = -EPIPE;
	ssize_t n = write(fd, "", 1);

	if (n == 1) {
		do
			n = read(fd, &error, sizeof(error));
		while (n < 0 && errno == EINTR);
	}
	close(fd);
	return n == sizeof(error) ? error : -EPIPE;
}
