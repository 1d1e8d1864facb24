/*
 * fdlab replay: logs of 200,000 lines, against counting the lines of the same files; and the memory
 * for a log that is ten times as long as another.
 */
#include "support/bench.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES 200000

static const char *fdlab;

/* One process that opens and closes. */
static void write_open_close(FILE *f, unsigned lines)
{
	for (unsigned i = 0; i < lines; i += 4)
		fprintf(f,
			"10 openat(AT_FDCWD, \"/usr/share/file%u\", O_RDONLY|O_CLOEXEC) = 3\n"
			"10 newfstatat(3, \"\", {st_mode=S_IFREG|0644, st_size=42443, ...}, "
			"AT_EMPTY_PATH) = 0\n"
			"10 read(3, \"\\177ELF\\2\\1\\1\\0\\0\\0\"..., 832) = 832\n"
			"10 close(3)                          = 0\n",
			i);
}

/* Processes that a shell makes: each runs a program and exits. */
static void write_processes(FILE *f, unsigned lines)
{
	for (unsigned i = 0; i < lines; i += 10) {
		unsigned pid = 100 + i;

		fprintf(f,
			"10 pipe2([3, 4], 0) = 0\n"
			"10 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>\n"
			"%u dup2(4, 1) = 1\n"
			"10 <... clone resumed>, child_tidptr=0x7f45bb4cda10) = %u\n"
			"%u close(4) = 0\n"
			"%u execve(\"/bin/x\", [\"x\"], 0x55d975ed0bc8 /* 37 vars */) = 0\n"
			"%u write(1, \"some text\\n\", 10) = 10\n"
			"%u +++ exited with 0 +++\n"
			"10 close(3) = 0\n"
			"10 close(4) = 0\n",
			pid, pid, pid, pid, pid, pid);
	}
}

/* Two threads whose calls overlap all the time. */
static void write_threads(FILE *f, unsigned lines)
{
	fputs("10 clone(child_stack=0x7f, "
	      "flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 11\n",
	      f);
	for (unsigned i = 0; i < lines; i += 8)
		fputs("10 openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY <unfinished ...>\n"
		      "11 openat(AT_FDCWD, \"/etc/group\", O_RDONLY <unfinished ...>\n"
		      "11 <... openat resumed>) = 4\n"
		      "10 <... openat resumed>) = 3\n"
		      "10 close(3 <unfinished ...>\n"
		      "11 close(4 <unfinished ...>\n"
		      "10 <... close resumed>) = 0\n"
		      "11 <... close resumed>) = 0\n",
		      f);
}

struct log {
	const char *name;
	void (*write)(FILE *f, unsigned lines);
	char path[64];
};

static struct log logs[] = {
	{ "open and close, 200,000 lines", write_open_close, "" },
	{ "processes, 200,000 lines", write_processes, "" },
	{ "threads that overlap, 200,000 lines", write_threads, "" },
};

#define N_LOGS (sizeof(logs) / sizeof(logs[0]))

static void make_log(struct log *log, unsigned lines)
{
	FILE *f;
	int fd;

	strcpy(log->path, "/tmp/fdlab-bench-XXXXXX");
	fd = mkstemp(log->path);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		err(1, "%s", log->path);
	log->write(f, lines);
	if (fclose(f))
		err(1, "%s", log->path);
}

/* Runs a program, which must succeed. Returns its largest resident memory in kilobytes. */
static long run_program(const char *program, const char *argument, const char *file)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		int null = open("/dev/null", O_WRONLY);

		if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
			execlp(program, program, argument, file, (char *)NULL);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || status)
		errx(1, "%s %s failed", program, argument);
	return usage.ru_maxrss;
}

static void replay(void *ctx, unsigned n)
{
	const struct log *log = ctx;

	while (n--)
		run_program(fdlab, "replay", log->path);
}

static void count_lines(void *ctx, unsigned n)
{
	const struct log *log = ctx;

	while (n--)
		run_program("wc", "-l", log->path);
}

static void memory(struct log *log)
{
	long small, large;

	make_log(log, LINES / 10);
	small = run_program(fdlab, "replay", log->path);
	unlink(log->path);
	make_log(log, LINES);
	large = run_program(fdlab, "replay", log->path);
	unlink(log->path);
	bench_value("memory for a log of 200,000 lines, to that of 20,000",
		    100.0 * (double)large / (double)small, "percent", AT_MOST, 200);
}

int main(int argc, char **argv)
{
	struct comparison c[N_LOGS];

	fdlab = getenv("FDLAB");
	bench_start(argc, argv, "fdlab replay", "wc -l");
	if (!fdlab) {
		bench_skip("fdlab replay", "the environment has no FDLAB");
		return 0;
	}
	for (size_t i = 0; i < N_LOGS; i++) {
		make_log(&logs[i], LINES);
		c[i] = (struct comparison){ .name = logs[i].name,
					    .ours = { replay, &logs[i] },
					    .theirs = { count_lines, &logs[i] },
					    .limit = NO_LIMIT };
	}
	bench_compare(c, N_LOGS);
	for (size_t i = 0; i < N_LOGS; i++) {
		bench_value(logs[i].name, LINES / (c[i].our_ns / 1e9), "lines a second", AT_LEAST,
			    LINES / 2);
		unlink(logs[i].path);
	}
	memory(&logs[1]);
	return 0;
}
