/*
 * A small service manager: notified ADDRESS COMMAND... runs a command with NOTIFY_SOCKET=ADDRESS,
 * and prints the datagrams that arrive there, one a line. It exits with the command's status.
 */
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int listen_at(const char *address)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || len >= sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, address, len);
	if (address[0] == '@')
		addr.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&addr,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		return -1;
	return fd;
}

/* Prints a datagram, after a short wait at most. False: none came. */
static int print_one(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[256];
	ssize_t n;

	if (poll(&p, 1, 100) != 1)
		return 0;
	n = recv(fd, text, sizeof(text), 0);
	if (n >= 0)
		printf("%.*s\n", (int)n, text);
	fflush(stdout);
	return 1;
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? listen_at(argv[1]) : -1;
	int status;
	pid_t pid;

	if (fd < 0) {
		fputs("usage: notified ADDRESS COMMAND...\n", stderr);
		return 2;
	}
	setenv("NOTIFY_SOCKET", argv[1], 1);
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	while (!waitpid(pid, &status, WNOHANG))
		print_one(fd);
	while (print_one(fd))
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
