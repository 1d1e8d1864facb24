/*
 * The unmounting process, which stays outside of the sandbox. It is forked before the mount, knows
 * one path and takes no argument: a daemon that was taken over can have its own dead mount
 * unmounted, and nothing else.
 */
#include "unmounter.h"
#include "mountpoint.h"
#include "offspring.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static void unmount(const char *path)
{
	char byte;
	int error;

	if (read(OFFSPRING_SOCKET, &byte, 1) != 1)
		_exit(0); /* the daemon has ended without a word */
	error = mountpoint_clear(path);
	_exit(write(OFFSPRING_SOCKET, &error, sizeof(error)) != sizeof(error));
}

int unmounter_start(const char *path)
{
	return offspring_start(SOCK_STREAM, unmount, path);
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
