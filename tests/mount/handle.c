/*
 * Does with one open file what a shell cannot: handle [-n] FILE ACTION... opens FILE for reading
 * and writing (or as it allows), with O_NONBLOCK after -n, and prints the outcome of each action.
 * Actions: write=TEXT, read, read=SIZE, pread=SIZE@OFFSET, poll=MILLISECONDS (poll=iMILLISECONDS
 * for reading only), run=COMMAND. SIGUSR1 interrupts an action and has no other effect.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void nothing(int sig)
{
	(void)sig;
}

static void print_result(const char *what, ssize_t n)
{
	if (n < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %zd\n", what, n);
}

static void do_write(int fd, const char *text)
{
	print_result("write", write(fd, text, strlen(text)));
}

/* Prints bytes as they were read, and an error or the end on a line of its own. */
static void do_read(int fd, const char *how, off_t offset)
{
	size_t size = *how ? strtoul(how, NULL, 0) : 65536;
	char *buf = malloc(size);
	ssize_t n;

	if (!buf)
		exit(2);
	n = offset < 0 ? read(fd, buf, size) : pread(fd, buf, size, offset);
	if (n > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	else
		print_result("read", n);
	free(buf);
}

static void do_pread(int fd, const char *how)
{
	const char *at = strchr(how, '@');

	do_read(fd, how, at ? strtol(at + 1, NULL, 0) : 0);
}

static void do_poll(int fd, const char *timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };
	int n;

	if (*timeout == 'i') {
		p.events = POLLIN;
		timeout++;
	}
	n = poll(&p, 1, atoi(timeout));
	if (n < 0)
		print_result("poll", n);
	else
		printf("poll:%s%s%s%s\n", p.revents & POLLIN ? " in" : "",
		       p.revents & POLLOUT ? " out" : "", p.revents & POLLERR ? " err" : "",
		       p.revents & POLLHUP ? " hup" : "");
}

static int act(int fd, const char *action)
{
	const char *equals = strchr(action, '=');
	const char *arg = equals ? equals + 1 : "";
	size_t len = equals ? (size_t)(equals - action) : strlen(action);

	if (!strncmp(action, "write", len))
		do_write(fd, arg);
	else if (!strncmp(action, "read", len))
		do_read(fd, arg, -1);
	else if (!strncmp(action, "pread", len))
		do_pread(fd, arg);
	else if (!strncmp(action, "poll", len))
		do_poll(fd, arg);
	else if (!strncmp(action, "run", len))
		print_result("run", system(arg));
	else
		return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = nothing };
	int flags = 0, i = 1, fd;

	if (argc > i && !strcmp(argv[i], "-n")) {
		flags = O_NONBLOCK;
		i++;
	}
	if (argc <= i) {
		fputs("usage: handle [-n] FILE ACTION...\n", stderr);
		return 2;
	}
	sigaction(SIGUSR1, &sa, NULL);
	setvbuf(stdout, NULL, _IONBF, 0);
	fd = open(argv[i], O_RDWR | flags | O_CLOEXEC);
	if (fd < 0)
		fd = open(argv[i], O_RDONLY | flags | O_CLOEXEC);
	if (fd < 0)
		print_result("open", fd);
	for (i++; fd >= 0 && i < argc; i++) {
		if (act(fd, argv[i])) {
			fprintf(stderr, "handle: %s: no such action\n", argv[i]);
			return 2;
		}
	}
	return fd < 0;
}
