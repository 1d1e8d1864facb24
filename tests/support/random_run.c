/*
 * Random lines for the control files of a machine that is recorded: calls in flight, interrupts,
 * steps, files that are closed, options and resets.
 */
#include "support/random_run.h"

#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FILES 6

/* $1 and $2 are descriptors, $3 is a pid. */
static const char *const lines[] = {
	"$3 dup($1)",
	"$3 dup2($1, $2)",
	"$3 dup3($1, $2, O_CLOEXEC) = $2",
	"$3 close($1)",
	"close $1",
	"dup $1",
	"$3 open(\"/etc/passwd\", O_RDONLY)",
	"$3 open(\"/tmp/x\", O_RDWR|O_CREAT, 0644)",
	"$3 write($1, \"hello\\n\", 6)",
	"$3 read($1, ..., 10)",
	"$3 read($1, ..., 10 <unfinished ...>",
	"$3 write($1, \"x\", 70000)",
	"$3 pipe(...)",
	"$3 pipe2(..., O_NONBLOCK)",
	"$3 socketpair(AF_UNIX, SOCK_STREAM, 0, [])",
	"$3 sendmsg $1 [$2]",
	"$3 recvmsg $1",
	"$3 fork()",
	"$3 vfork()",
	"$3 clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD)",
	"$3 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)",
	"$3 execve(\"/bin/true\", [\"true\"], NULL)",
	"$3 exit_group(1)",
	"$3 wait4(-1, ..., 0)",
	"$3 kill($3, SIGSTOP)",
	"$3 kill($3, SIGCONT)",
	"$3 fcntl($1, F_SETLKW, {l_type=F_WRLCK, l_start=2, l_len=$2})",
	"$3 flock($1, LOCK_EX)",
	"$3 dup2($1, $2 <unfinished ...>",
	"$3 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600 <unfinished at fd_install ...>",
	"$3 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600 <unfinished at vn_open ...>",
	"$3 close($1 <unfinished at filp_close ...>",
	"$3 step",
	"$3 finish",
	"$3 interrupt",
	"$3 <... read resumed>..., 10) = -1 EINTR",
	"$3 +++ killed by SIGTERM +++",
	"$3 epoll_create1(0)",
	"$3 epoll_ctl($1, EPOLL_CTL_ADD, $2, {events=EPOLLIN, data={u64=7}})",
	"$3 epoll_wait($1, ..., 3, -1)",
	"$3 eventfd2(1, 0)",
	"$3 nanosleep({tv_sec=1, tv_nsec=0}, NULL)",
	"$3 timerfd_create(CLOCK_MONOTONIC, 0)",
	"$3 inotify_init1(0)",
	"$3 get_unused_fd_flags(0)",
	"$3 kqueue()",
	"$3 unlink(\"/tmp/x\")",
	"clock +0.7",
	"undo",
	"undo 3",
	"redo",
	"goto 2",
	"rcu hold",
	"rcu release",
	"nonsense $1",
	"$3 dup2($1",
	"# a remark",
};

static const char *const resets[] = {
	"reset",
	"reset nofile=20",
	"reset kernel=netbsd",
	"reset kernel=linux uid=1000",
	"reset nofile=many",
};

static const char *const paths[] = {
	"control",   "control",         "control",        "1/control",  "2/control",
	"3/control", "sys/fs/file-max", "sys/fs/nr_open", "1/fail-nth",
};

static const char *const values[] = { "100", "1024", "0", "1", "words" };

static size_t add_line(char *text, size_t size)
{
	const int numbers[] = { (int)pick(9), (int)pick(70), 1 + (int)pick(4) };
	const size_t n = fill_in(text, size, pick(60) ? PICK(lines) : PICK(resets), numbers);

	return n + (size_t)snprintf(text + n, size - n, "\n");
}

static void write_something(struct recorder *r, uint32_t file, const char *path)
{
	char text[4096];
	size_t len = 0;

	if (!strstr(path, "control")) {
		len = (size_t)snprintf(text, sizeof(text), "%s\n", PICK(values));
	} else {
		for (unsigned n = pick(3) ? 1 : 1 + pick(6); n; n--)
			len += add_line(text + len, sizeof(text) - len);
	}
	if (pick(4))
		recorder_write(r, file, text, len, !pick(3));
	else
		recorder_write_parts(r, file, text, len, 2 + pick(3));
}

void play_at_random(struct recorder *r, unsigned steps)
{
	struct timespec now = { .tv_sec = 1000000001 };
	const char *path[FILES] = { NULL };

	for (uint32_t i = 0; i < r->nfiles && i < FILES; i++)
		path[i] = r->files[i] ? "control" : NULL;

	for (unsigned i = 0; i < steps; i++) {
		const uint32_t file = pick(FILES);

		now.tv_nsec += 4000000;
		if (!pick(4))
			recorder_time(r, now);
		if (!pick(200)) {
			recorder_start(r);
			memset(path, 0, sizeof(path));
		} else if (!path[file]) {
			const char *p = PICK(paths);

			path[file] = recorder_open(r, file, p) ? p : NULL;
		} else if (!pick(12)) {
			recorder_close(r, file);
			path[file] = NULL;
		} else if (!pick(8)) {
			recorder_interrupt(r, file);
		} else {
			write_something(r, file, path[file]);
		}
	}
}

static const struct fdl_options machines[] = {
	{ .kernel = NULL },
	{ .kernel = "netbsd" },
	{ .kernel = "linux", .nofile = 12, .uid = 1000, .log = 65536 },
	{ .kernel = "netbsd", .nofile = 30, .file_max = 40, .tasks = 5 },
};

const struct fdl_options *random_machine(void)
{
	return &PICK(machines);
}
