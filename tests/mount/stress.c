/*
 * Many clients of a mount, which are killed: stress DIR SECONDS CLIENTS [SEED]. Clients write
 * lines, some of which block or stop, read files and list folders; one that is killed is started
 * again. Another client reads a small file all the time; the times of its reads are printed, and
 * each read of more than 200 ms. Fails if the mount does not answer any more.
 */
#include "support/random.h"
#include "support/random_lines.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 256
#define STALL_MS    200
#define PAUSE_US    2000 /* between two reads of the client that measures */

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- a client ------------------------------------------------------------------------------- */

/* The file may be gone, and the call may fail, as long as the mount answers. */
static void use_file(const char *path, int flags, const char *text, size_t len)
{
	char buf[4096];
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return;
	if (text)
		(void)!write(fd, text, len);
	else
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	close(fd);
}

static void write_program(void)
{
	char program[RANDOM_LINE_MAX * 8];
	size_t len = 0;

	for (unsigned n = 1 + pick(4); n; n--)
		len = add_random_line(program, len);
	use_file("control", pick(3) ? O_WRONLY : O_WRONLY | O_NONBLOCK, program, len);
}

static void list(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *de;
	struct stat st;

	while (dir && (de = readdir(dir)) != NULL)
		fstatat(dirfd(dir), de->d_name, &st, AT_SYMLINK_NOFOLLOW);
	if (dir)
		closedir(dir);
}

__attribute__((noreturn)) static void be_a_client(uint64_t seed)
{
	static const char *const files[] = { "log",        "state.json", "1/files/slots",
					     "1/status",   "locks",      "open_files",
					     "1/fdinfo/0", "2/fdinfo/3", "events",
					     "dot",        "errors",     "2/files/slots",
					     "net/unix",   "3/syscall" };
	static const char *const folders[] = { ".", "1/fd", "2/fdinfo", "1/files", "rootfs/tmp" };

	random_state = seed;
	for (;;) {
		switch (pick(6)) {
		case 0:
			use_file(PICK(files), O_RDONLY, NULL, 0);
			break;
		case 1:
			list(PICK(folders));
			break;
		case 2:
			/* It starts over: no run grows without an end. */
			if (pick(40) == 0)
				use_file("control", O_WRONLY, "reset\n", 6);
			break;
		default:
			write_program();
		}
	}
}

static pid_t start_client(void)
{
	const uint64_t seed = ((uint64_t)pick(1 << 30) << 30) + pick(1 << 30);
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		be_a_client(seed);
	return pid;
}

/* ---- the client that measures ---------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Reads until the time is over, and prints how long that took. */
__attribute__((noreturn)) static void measure(double until)
{
	const size_t room = 1 << 20;
	double *took = calloc(room, sizeof(*took)), begun = now_ms();
	unsigned stalls = 0;
	size_t n = 0;

	if (!took)
		err(1, "calloc");
	while (now_ms() < until && n < room) {
		const double start = now_ms();

		use_file("version", O_RDONLY, NULL, 0);
		took[n] = now_ms() - start;
		if (took[n] > STALL_MS) {
			printf("a stall of %.0f ms, %.1f s after the start\n", took[n],
			       (start - begun) / 1e3);
			stalls++;
		}
		n++;
		usleep(PAUSE_US);
	}
	qsort(took, n, sizeof(*took), compare);
	printf("%zu reads beside the clients: median %.2f ms, 99 of 100 below %.2f ms, longest "
	       "%.2f ms, %u over "
	       "%d ms\n",
	       n, took[n / 2], took[n - 1 - n / 100], took[n - 1], stalls, STALL_MS);
	fflush(stdout);
	_exit(0);
}

/* Kills clients, whatever they do, and starts others. Returns how many. */
static unsigned kill_clients(pid_t *clients, unsigned n, double until)
{
	unsigned killed = 0;

	while (now_ms() < until) {
		const unsigned i = pick(n);

		kill(clients[i], SIGKILL);
		if (waitpid(clients[i], NULL, 0) != clients[i])
			err(1, "waitpid");
		clients[i] = start_client();
		killed++;
		usleep(pick(20000));
	}
	return killed;
}

int main(int argc, char **argv)
{
	const unsigned seconds = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	const unsigned n = argc > 3 ? (unsigned)atoi(argv[3]) : 0;
	static pid_t clients[CLIENTS_MAX];
	pid_t measuring;
	double until;
	unsigned killed;
	int status;

	if (!seconds || !n || n > CLIENTS_MAX)
		errx(2, "usage: stress DIR SECONDS CLIENTS [SEED]");
	if (chdir(argv[1]))
		err(1, "%s", argv[1]);
	random_state = argc > 4 ? strtoull(argv[4], NULL, 0) : (uint64_t)time(NULL);
	printf("seed %llu\n", (unsigned long long)random_state);
	fflush(stdout);
	until = now_ms() + seconds * 1e3;
	measuring = fork();
	if (measuring < 0)
		err(1, "fork");
	if (!measuring)
		measure(until);
	for (unsigned i = 0; i < n; i++)
		clients[i] = start_client();
	killed = kill_clients(clients, n, until);
	for (unsigned i = 0; i < n; i++) {
		kill(clients[i], SIGKILL);
		waitpid(clients[i], NULL, 0);
	}
	printf("%u clients killed\n", killed);
	return waitpid(measuring, &status, 0) != measuring || status != 0;
}
