/*
 * Kills a daemon with a journal at random moments, while clients write commands:
 *	journal_kills DIR JOURNAL ROUNDS SEED FDLABD [OPTION...]
 * After each kill the daemon is started again, and then every command that was acknowledged has
 * been run, and no write of several lines in part; and its log, run by a machine that was never
 * killed, makes the same state.json. Each client appends numbers to a file of the machine.
 */
#include "fdlab.h"
#include "support/random.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENTS  16
#define ROUNDS   25 /* with one journal */
#define READY_MS 60000
#define KILL_MS  60   /* a daemon lives at most so long under load */
#define ALARM_US 2000 /* a call that waits is interrupted then */
#define LINES    3    /* of a write that has several */

/* The lines that a client has written: shared with it. */
struct client {
	unsigned acknowledged, tried; /* the last number */
	unsigned interrupts;
};

static struct client *clients;
static const char *dir, *journal;
static char **daemon_argv;

/* ---- the daemon --------------------------------------------------------------------------- */

static bool is_mounted(void)
{
	struct stat at, above;
	char parent[4096];

	snprintf(parent, sizeof(parent), "%s/..", dir);
	return !stat(dir, &at) && !stat(parent, &above) && at.st_dev != above.st_dev;
}

static pid_t start_daemon(void)
{
	const pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(daemon_argv[0], daemon_argv);
		err(1, "%s", daemon_argv[0]);
	}
	for (int ms = 0; ms < READY_MS; ms++) {
		if (is_mounted())
			return pid;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			errx(1, "the daemon has ended");
		usleep(1000);
	}
	errx(1, "the daemon does not answer");
}

/* ---- clients ------------------------------------------------------------------------------ */

static int open_control(int task)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%d/control", dir, task);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno != ENOTCONN && errno != ECONNABORTED)
		err(1, "%s", path);
	return fd;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Waits in calls that nothing but a signal ends. */
static void wait_in_calls(struct client *c, int task)
{
	const struct itimerval often = { { .tv_usec = ALARM_US }, { .tv_usec = ALARM_US } };
	const struct sigaction action = { .sa_handler = on_alarm };
	const int fd = open_control(task);

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (write(fd, "read 3\n", 7) < 0 && errno == EINTR)
		c->interrupts++;
}

/* Appends numbers, one or several in a write, until the daemon is gone. */
static void append_numbers(struct client *c, int task)
{
	const int fd = open_control(task);
	char text[LINES * 64];

	for (;;) {
		const unsigned lines = pick(4) ? 1 : LINES, next = c->acknowledged;
		size_t len = 0;

		for (unsigned i = 1; i <= lines; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"write(5, \"%u\\n\", %d)\n", next + i,
						snprintf(NULL, 0, "%u", next + i) + 1);
		c->tried = next + lines;
		if (write(fd, text, len) != (ssize_t)len)
			return;
		c->acknowledged = c->tried;
	}
}

static void start_clients(pid_t pids[CLIENTS])
{
	for (int i = 0; i < CLIENTS; i++) {
		random_state += 0x9e3779b97f4a7c15;
		pids[i] = fork();
		if (pids[i] < 0)
			err(1, "fork");
		if (pids[i])
			continue;
		if (i == CLIENTS - 1)
			wait_in_calls(&clients[i], i + 2);
		else
			append_numbers(&clients[i], i + 2);
		_exit(0);
	}
}

/* A task for each client, with a pipe at 3 and 4, and its file at 5. */
static void make_tasks(void)
{
	const int fd = open_control(1);
	char text[256];

	for (int i = 0; i < CLIENTS; i++) {
		if (write(fd, "fork\n", 5) != 5)
			err(1, "fork");
	}
	for (int i = 0; i < CLIENTS; i++) {
		const int control = open_control(i + 2);
		int len = snprintf(text, sizeof(text),
				   "pipe\nopen(\"/tmp/c%d\", O_RDWR|O_CREAT|O_APPEND, 0600)\n", i);

		if (write(control, text, (size_t)len) != len)
			err(1, "open");
		close(control);
	}
	close(fd);
}

/* ---- what has come back ------------------------------------------------------------------- */

static char *read_text(const char *name, size_t *len)
{
	char path[4096], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	*len = 0;
	do {
		if (*len + 65536 > size)
			text = realloc(text, size = 2 * size + 131072);
		if (!text)
			err(1, "realloc");
		*len += fread(text + *len, 1, 65536, file);
	} while (!feof(file) && !ferror(file));
	if (ferror(file))
		err(1, "%s", path);
	text[*len] = '\0';
	fclose(file);
	return text;
}

/* The numbers are those that were acknowledged, and all or none of the write that was not. */
static void check_client(int i)
{
	struct client *c = &clients[i];
	char name[64], *text, *at, *end;
	unsigned n = 0;
	size_t len;

	snprintf(name, sizeof(name), "rootfs/tmp/c%d", i);
	text = read_text(name, &len);
	for (at = text; *at; at = end + 1) {
		if (strtoul(at, &end, 10) != ++n || *end != '\n')
			errx(1, "%s: in place of number %u stands %.20s", name, n, at);
	}
	if (n != c->acknowledged && n != c->tried)
		errx(1,
		     "%s: %u commands came back, of %u that were acknowledged and %u that were "
		     "written",
		     name, n, c->acknowledged, c->tried);
	c->acknowledged = c->tried = n;
	free(text);
}

/* The log, run by another machine, makes the same machine. */
static void check_state(void)
{
	size_t len, state_len, again_len;
	char *log = read_text("log", &len), *state = read_text("state.json", &state_len), *again;
	struct fdl_machine *m;
	struct fdl_handle *h;
	fdl_ino ino;

	if (fdl_machine_new(NULL, &m) || fdl_walk(m, "control", &ino) ||
	    fdl_open(m, ino, O_RDWR, &h))
		errx(1, "there is no machine");
	for (char *line = log, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
		fdl_write(h, line, (size_t)(end - line), O_NONBLOCK, NULL, NULL);
	if (fdl_read_file(m, "state.json", &again, &again_len))
		errx(1, "there is no state");
	if (*log != '#' && (state_len != again_len || memcmp(state, again, state_len) != 0))
		errx(1, "the log makes another machine");
	fdl_close(h);
	fdl_machine_free(m);
	free(log);
	free(state);
	free(again);
}

static void kill_once(pid_t daemon)
{
	pid_t pids[CLIENTS];

	start_clients(pids);
	/* While it writes its journal anew, or a little later. */
	if (pick(2)) {
		usleep(1000 * pick(KILL_MS / 2));
		kill(daemon, SIGUSR1);
		usleep(pick(5000));
	}
	usleep(1000 * (pick(4) ? 1 + pick(KILL_MS) : 0) + pick(1000));
	kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
	for (int i = 0; i < CLIENTS; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		if (status)
			errx(1, "client %d failed", i);
	}
}

/* Rounds with one journal. Returns how many commands it has in the end. */
static unsigned long play_journal(unsigned rounds)
{
	unsigned long commands = 0;
	pid_t daemon;

	if (unlink(journal) && errno != ENOENT)
		err(1, "%s", journal);
	memset(clients, 0, CLIENTS * sizeof(clients[0]));
	daemon = start_daemon();
	make_tasks();
	for (unsigned i = 0; i < rounds; i++) {
		kill_once(daemon);
		daemon = start_daemon();
		for (int k = 0; k < CLIENTS; k++)
			check_client(k);
		check_state();
	}
	for (int k = 0; k < CLIENTS; k++)
		commands += clients[k].acknowledged + clients[k].interrupts;
	kill(daemon, SIGTERM);
	waitpid(daemon, NULL, 0);
	return commands;
}

int main(int argc, char **argv)
{
	unsigned long commands = 0;
	unsigned rounds;

	if (argc < 6)
		errx(2, "usage: journal_kills DIR JOURNAL ROUNDS SEED FDLABD [OPTION...]");
	dir = argv[1];
	journal = argv[2];
	rounds = (unsigned)strtoul(argv[3], NULL, 10);
	random_state = (strtoull(argv[4], NULL, 10) + 1) * 0x9e3779b97f4a7c15;
	daemon_argv = calloc((size_t)argc + 8, sizeof(char *));
	clients = mmap(NULL, CLIENTS * sizeof(clients[0]), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!daemon_argv || clients == MAP_FAILED)
		err(1, "memory");
	for (int i = 5; i < argc; i++)
		daemon_argv[i - 5] = argv[i];
	daemon_argv[argc - 5] = "--foreground";
	daemon_argv[argc - 4] = "--journal";
	daemon_argv[argc - 3] = argv[2];
	daemon_argv[argc - 2] = argv[1];
	for (unsigned left = rounds; left; left -= left < ROUNDS ? left : ROUNDS)
		commands += play_journal(left < ROUNDS ? left : ROUNDS);
	printf("%u kills, %lu commands\n", rounds, commands);
	return 0;
}
