/*
 * Runs strace: its own features first, then the program under it. A program whose time is over is
 * killed while strace still watches, so that the log shows what each process had then.
 */
#include "check/traced.h"

#include "cli/number.h"
#include "cli/verb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Waits, in this many nanoseconds a time, for a program whose time is limited. */
#define PAUSE 10000000

/* Whether a name is that of a program, as execvp looks for it. */
static bool is_program(const char *name)
{
	const char *path = getenv("PATH");
	char *list, *next, *dir, full[PATH_MAX];
	bool found = false;
	struct stat st;

	if (strchr(name, '/'))
		return !stat(name, &st) && S_ISREG(st.st_mode) && !access(name, X_OK);
	next = list = strdup(path ?: "/bin:/usr/bin");
	while (!found && next && (dir = strsep(&next, ":")) != NULL) {
		snprintf(full, sizeof(full), "%s/%s", *dir ? dir : ".", name);
		found = !stat(full, &st) && S_ISREG(st.st_mode) && !access(full, X_OK);
	}
	free(list);
	return found;
}

/* Whether this strace prints stack traces, from what it says about itself. */
static int ask_features(struct traced *t, char *err, size_t errsize)
{
	FILE *said = popen("strace -V 2>/dev/null", "re");
	char line[256];
	int status;

	if (!said)
		return -errno;
	while (fgets(line, sizeof(line), said))
		if (strstr(line, "stack-trace=") || strstr(line, "stack-unwind"))
			t->stacks = true;
	status = pclose(said);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	snprintf(err, errsize,
		 "strace is missing: the program is watched by it (Debian: apt install strace)");
	return -ENOENT;
}

/* In the child: becomes strace. The program gets no descriptors but 0, 1 and 2. */
static void become_strace(const struct traced *t, char **argv, size_t argc, bool aside)
{
	const char *fixed[] = { "strace", "-f", "-y", "-q", "-o", t->log, t->stacks ? "-k" : NULL };
	char **args = calloc(argc + 10, sizeof(*args));
	size_t n = 0;

	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (!args || (aside && dup2(STDERR_FILENO, STDOUT_FILENO) < 0))
		_exit(NOT_EXECUTED);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]) && fixed[i]; i++)
		args[n++] = (char *)fixed[i];
	args[n++] = (char *)"--";
	memcpy(args + n, argv, argc * sizeof(*argv));
	for (int fd = 3; fd < sysconf(_SC_OPEN_MAX) && fd < 4096; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	execvp("strace", args);
	_exit(NOT_EXECUTED);
}

/* Whether strace traces this process. */
static bool is_traced_by(const char *process, pid_t strace)
{
	char path[64], line[128];
	bool found = false;
	uint64_t tracer;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%.20s/status", process);
	status = fopen(path, "re");
	while (status && !found && fgets(line, sizeof(line), status))
		found = number_after(line, "TracerPid:", 10, &tracer) && tracer == (uint64_t)strace;
	if (status)
		fclose(status);
	return found;
}

static void kill_traced(pid_t strace)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	uint64_t pid;

	while (proc && (entry = readdir(proc)) != NULL) {
		const char *end = decimal_at(entry->d_name, &pid);

		if (end && !*end && is_traced_by(entry->d_name, strace))
			kill((pid_t)pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Waits for strace; kills what it traces when the time is over, and again if more is made. */
static int wait_for(struct traced *t, pid_t strace, uint64_t seconds)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	const int64_t end = now() + (int64_t)seconds * 1000000000;
	pid_t done;

	for (;;) {
		done = waitpid(strace, &t->status, seconds ? WNOHANG : 0);
		if (done == strace)
			return 0;
		if (done < 0 && errno != EINTR)
			return -errno;
		if (seconds && now() >= end) {
			t->late = true;
			kill_traced(strace);
		}
		nanosleep(&pause, NULL);
	}
}

static bool has_calls(const char *log)
{
	struct stat st;

	return !stat(log, &st) && st.st_size;
}

static int prepare(struct traced *t, char **argv, char *err, size_t errsize)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	if (!is_program(argv[0])) {
		snprintf(err, errsize, "%s: %s", argv[0],
			 access(argv[0], F_OK) ? "there is no such program"
					       : "this is no program that can be run");
		return -ENOENT;
	}
	if (!dir || !*dir || strlen(dir) > sizeof(t->log) / 2)
		dir = "/tmp";
	snprintf(t->log, sizeof(t->log), "%s/fdlab-check.XXXXXX", dir);
	fd = mkostemp(t->log, O_CLOEXEC);
	if (fd < 0) {
		snprintf(err, errsize, "%s: %s", dir, strerror(errno));
		*t->log = '\0';
		return -EIO;
	}
	close(fd);
	return ask_features(t, err, errsize);
}

int traced_run(struct traced *t, char **argv, uint64_t seconds, bool aside, char *err,
	       size_t errsize)
{
	size_t argc = 0;
	pid_t strace;
	int error;

	*t = (struct traced){ .status = 0 };
	while (argv[argc])
		argc++;
	error = prepare(t, argv, err, errsize);
	if (error)
		return error;
	fflush(stdout);
	/* An interrupt is for the program, and the log still has to be read. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	strace = fork();
	if (strace < 0) {
		snprintf(err, errsize, "fork: %s", strerror(errno));
		return -errno;
	}
	if (!strace)
		become_strace(t, argv, argc, aside);
	error = wait_for(t, strace, seconds);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (!error && !has_calls(t->log))
		error = -EPERM;
	if (error)
		snprintf(err, errsize,
			 "strace could not trace %s; ptrace(2) may be forbidden here, as in many "
			 "containers, or for want of CAP_SYS_PTRACE",
			 argv[0]);
	return error;
}

void traced_forget(struct traced *t)
{
	if (*t->log)
		unlink(t->log);
	*t->log = '\0';
}
