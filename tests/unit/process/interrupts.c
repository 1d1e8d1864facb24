/*
 * A write that waits for its call ends when its writer is interrupted: for every call that can
 * wait, wherever it waits, and wherever it was asked to stop. After that the machine is sound, and
 * its log gives the same machine.
 */
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "machine/sched.h"
#include "machine/transcript.h"
#include "support/play.h"
#include "support/replayed.h"

#define READ_LOCK "{l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=0}"
#define LOCK      "{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}"
#define SERVER                                                                                     \
	"1 socket(AF_UNIX, SOCK_STREAM, 0) = 3",                                                   \
		"1 bind(3, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110) = 0",                    \
		"1 listen(3, 0) = 0"
#define INET                                                                                       \
	"1 socket(AF_INET, SOCK_STREAM, 0) = 3",                                                   \
		"1 bind(3, {sa_family=AF_INET, sin_port=htons(50), "                               \
		"sin_addr=inet_addr(\"127.0.0.1\")}, 16) = 0",                                     \
		"1 listen(3, 1) = 0"
#define INET_PAIR                                                                                  \
	INET, "1 socket(AF_INET, SOCK_STREAM, 0) = 4", "1 connect 4 127.0.0.1:50 = 0",             \
		"1 accept 3 = 5"
#define PAIR(type) "1 socketpair(AF_UNIX, " type ", 0, [3, 4]) = 0"
#define MESSAGE(n) "{msg_iov=[{iov_base=\"x\"..., iov_len=" n "}], msg_iovlen=1}"

/* Task 2 makes the call, which waits; without its last bracket, for what may stand there. */
static const struct wait_case {
	const char *before[8];
	const char *call;
} common_cases[] = {
	{ { "1 pipe([3, 4]) = 0" }, "read(3, ..., 10" },
	{ { "1 pipe([3, 4]) = 0" }, "write(4, \"x\"..., 70000" },
	{ { "1 pipe([3, 4]) = 0" }, "readv(3, [{iov_len=10}], 1" },
	{ { "1 pipe([3, 4]) = 0" }, "writev(4, [{iov_base=\"x\", iov_len=70000}], 1" },
	{ { "1 pipe([3, 4]) = 0" }, "preadv2(3, [{iov_len=10}], 1, -1, 0" },
	{ { "1 pipe([3, 4]) = 0" }, "pwritev2(4, [{iov_base=\"x\", iov_len=70000}], 1, -1, 0" },
	{ { "1 pipe([3, 4]) = 0", "1 write(4, \"x\"..., 65536) = 65536" }, "write(4, \"x\", 1" },
	{ { "1 pipe([3, 4]) = 0", "1 pipe([5, 6]) = 0" }, "splice(3, NULL, 6, NULL, 10, 0" },
	{ { "1 pipe([3, 4]) = 0", "1 write(4, \"x\"..., 65536) = 65536",
	    "1 open(\"/dev/zero\") = 5" },
	  "splice(5, NULL, 4, NULL, 10, 0" },
	{ { PAIR("SOCK_STREAM"), "1 pipe([5, 6]) = 0" }, "splice(3, NULL, 6, NULL, 10, 0" },
	{ { "1 pipe([3, 4]) = 0", "1 pipe([5, 6]) = 0" }, "tee(3, 6, 10, 0" },
	{ { PAIR("SOCK_STREAM"), "1 open(\"/dev/zero\") = 5" }, "sendfile(3, 5, NULL, 1000000" },
	{ { "1 eventfd(0) = 3" }, "read(3, ..., 8" },
	{ { "1 eventfd2(4294967294, 0) = 3", "1 write(3, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8)",
	    "1 write(3, \"\\377\\377\\377\\377\\376\\377\\377\\377\", 8)" },
	  "write(3, \"\\377\\377\\377\\377\\376\\377\\377\\377\", 8" },
	{ { "1 timerfd_create(CLOCK_MONOTONIC, 0) = 3" }, "read(3, ..., 8" },
	{ { "1 inotify_init1(0) = 3" }, "read(3, ..., 100" },
	{ { "1 signalfd4(-1, [USR1], 8, 0) = 3" }, "read(3, ..., 128" },
	{ { "1 pipe([3, 4]) = 0" }, "poll([{fd=3, events=POLLIN}], 1, -1" },
	{ { "1 pipe([3, 4]) = 0" }, "ppoll([{fd=3, events=POLLIN}], 1, NULL, NULL, 8" },
	{ { "1 pipe([3, 4]) = 0" }, "select(4, [3], NULL, NULL, NULL" },
	{ { "1 pipe([3, 4]) = 0" }, "pselect6(4, [3], NULL, NULL, {tv_sec=9, tv_nsec=0}, NULL" },
	{ { "1 epoll_create1(0) = 3" }, "epoll_wait(3, ..., 8, -1" },
	{ { "1 epoll_create1(0) = 3" }, "epoll_pwait(3, ..., 8, -1, NULL, 8" },
	{ { "1 epoll_create1(0) = 3" }, "epoll_pwait2(3, ..., 8, {tv_sec=9, tv_nsec=0}, NULL, 8" },
	{ { "1 dup(0) = 3" }, "vfork(" },
	{ { "1 dup(0) = 3" }, "clone(flags=CLONE_VM|CLONE_VFORK|SIGCHLD" },
	{ { "1 dup(0) = 3" },
	  "clone3({flags=CLONE_VM|CLONE_VFORK, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, "
	  "64" },
	{ { "2 fork() = 3" }, "wait4(3, ..., 0, NULL" },
	{ { "2 fork() = 3" }, "waitid(P_ALL, 0, ..., WEXITED, NULL" },
	{ { "1 dup(0) = 3" }, "nanosleep({tv_sec=100, tv_nsec=0}, NULL" },
	{ { "1 dup(0) = 3" },
	  "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=200, tv_nsec=0}, NULL" },
	{ { "1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "1 fcntl(3, F_SETLK, " LOCK ") = 0" },
	  "fcntl(3, F_SETLKW, " LOCK },
	{ { "1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "1 fcntl(3, F_SETLK, " LOCK ") = 0" },
	  "fcntl(3, F_OFD_SETLKW, " READ_LOCK },
	{ { "1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "1 flock(3, LOCK_EX) = 0",
	    "2 open(\"/tmp/x\", O_RDWR) = 4" },
	  "flock(4, LOCK_SH" },
	{ { "1 mknod(\"/tmp/f\", S_IFIFO|0666) = 0" }, "open(\"/tmp/f\", O_RDONLY" },
	{ { "1 mknod(\"/tmp/f\", S_IFIFO|0666) = 0" }, "openat(AT_FDCWD, \"/tmp/f\", O_WRONLY" },
	{ { "1 mknod(\"/tmp/f\", S_IFIFO|0666) = 0" }, "creat(\"/tmp/f\", 0600" },
	{ { SERVER }, "accept(3, NULL, NULL" },
	{ { SERVER }, "accept4(3, NULL, NULL, 0" },
	{ { INET }, "accept(3, NULL, NULL" },
	{ { SERVER, "1 socket(AF_UNIX, SOCK_STREAM, 0) = 4", "1 connect 4 /tmp/s = 0",
	    "2 socket(AF_UNIX, SOCK_STREAM, 0) = 5" },
	  "connect(5, {sa_family=AF_UNIX, sun_path=\"/tmp/s\"}, 110" },
	{ { PAIR("SOCK_STREAM") }, "recvfrom(4, ..., 10, 0, NULL, NULL" },
	{ { PAIR("SOCK_STREAM"), "1 write(3, \"ab\", 2) = 2" },
	  "recvfrom(4, ..., 10, MSG_WAITALL, NULL, NULL" },
	{ { PAIR("SOCK_STREAM"), "1 write(3, \"ab\", 2) = 2" },
	  "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=10}], msg_iovlen=1}, MSG_WAITALL" },
	{ { PAIR("SOCK_STREAM") }, "sendto(3, \"x\"..., 1048576, 0, NULL, 0" },
	{ { PAIR("SOCK_STREAM") }, "sendmsg(3, " MESSAGE("1048576") ", 0" },
	{ { PAIR("SOCK_STREAM") }, "write(3, \"x\"..., 1048576" },
	{ { PAIR("SOCK_DGRAM") },
	  "recvmsg(4, {msg_iov=[{iov_base=\"\", iov_len=10}], msg_iovlen=1}, 0" },
	{ { PAIR("SOCK_DGRAM"), "1 write(3, \"x\"..., 200000) = 200000" },
	  "sendto(3, \"x\"..., 200000, 0, NULL, 0" },
	{ { PAIR("SOCK_SEQPACKET"), "1 write(3, \"x\"..., 200000) = 200000" },
	  "sendmsg(3, " MESSAGE("200000") ", 0" },
	{ { PAIR("SOCK_STREAM") },
	  "sendmmsg(3, [{msg_hdr=" MESSAGE("2") "}, {msg_hdr=" MESSAGE("1048576") "}], 2, 0" },
	{ { PAIR("SOCK_STREAM") }, "sendmmsg(3, [{msg_hdr=" MESSAGE("1048576") "}], 2, 0" },
	{ { PAIR("SOCK_DGRAM") }, "recvmmsg(4, 0x1000, 2, 0, NULL" },
	{ { PAIR("SOCK_DGRAM"), "1 write(3, \"x\", 1) = 1" }, "recvmmsg(4, 0x1000, 2, 0, NULL" },
	{ { INET_PAIR }, "sendto(4, \"x\"..., 8388608, 0, NULL, 0" },
	{ { INET_PAIR, "1 write(4, \"ab\", 2) = 2" },
	  "recvfrom(5, ..., 10, MSG_WAITALL, NULL, NULL" },
	{ { INET_PAIR }, "read(5, ..., 10" },
	{ { NULL }, NULL },
};

/* The calls that only NetBSD has. */
static const struct wait_case netbsd_cases[] = {
	{ { "1 dup(0) = 3" }, "fork1(FORK_PPWAIT|FORK_SHAREVM" },
	{ { "1 pipe([3, 4]) = 0", "2 clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3",
	    "3 read(3, ..., 10)" },
	  "close(3" },
	{ { "1 pipe([3, 4]) = 0", "2 clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3",
	    "3 read(3, ..., 10)" },
	  "dup2(0, 3" },
	{ { NULL }, NULL },
};

struct writer {
	bool waits, told;
	ssize_t result;
};

static void tell(void *ctx, ssize_t result)
{
	struct writer *w = ctx;

	assert_true(w->waits);
	w->waits = false;
	w->told = true;
	w->result = result;
}

/* A writer that can wait; if it does, it is interrupted, which must end its write. */
static void write_and_interrupt(struct lab *lab, const char *line, bool *seen)
{
	struct writer w = { .waits = true };
	const size_t len = strlen(line);
	ssize_t n = fdl_write(lab->control, line, len, 0, tell, &w);

	if (n != -EINPROGRESS)
		return;
	if (seen)
		seen[task_find(lab->m, 2)->call->row->index] = true;
	fdl_interrupt(lab->control);
	if (!w.told || (w.result != -EINTR && w.result != (ssize_t)len))
		fail_msg("%s: the write is not answered", line);
	lab_check(lab, line);
}

/* Task 2 is a child that the lines for task 1 make. False: the kernel lacks a call of the case. */
static bool start_over(struct lab *lab, const struct wait_case *c, const char *kernel)
{
	const char *const *line = c->before;
	char reset[32];

	snprintf(reset, sizeof(reset), "reset kernel=%s", kernel);
	lab_submit(lab, reset);
	for (bool forked = false; *line || !forked; lab_check(lab, c->call)) {
		const bool forks = !forked && (!*line || **line == '2');

		lab_submit(lab, forks ? "1 fork() = 2" : *line++);
		forked |= forks;
		if (strstr(lab->replies, "ENOSYS"))
			return false;
		if (strchr(lab->replies, '#'))
			fail_msg("%s", lab->replies);
	}
	return true;
}

static void interrupt_where_it_waits(struct lab *lab, const struct wait_case *c, const char *kernel,
				     bool *seen)
{
	char line[256];

	if (!start_over(lab, c, kernel))
		return;
	snprintf(line, sizeof(line), "2 %s)\n", c->call);
	write_and_interrupt(lab, line, seen);
	assert_log_repeats(lab->m);
}

/* Asked to stop at this point: on its way there it may wait, and after it, too. */
static void interrupt_around(struct lab *lab, const struct wait_case *c, const char *kernel,
			     const char *point)
{
	char line[256];

	if (!start_over(lab, c, kernel))
		return;
	snprintf(line, sizeof(line), "2 %s <unfinished at %s ...>\n", c->call, point);
	write_and_interrupt(lab, line, NULL);
	if (task_find(lab->m, 2)->call)
		write_and_interrupt(lab, "2 finish\n", NULL);
	assert_log_repeats(lab->m);
}

/* Asked to stop at every point, one after the other, and interrupted wherever it waits. */
static void interrupt_every_step(struct lab *lab, const struct wait_case *c, const char *kernel)
{
	char line[256];

	if (!start_over(lab, c, kernel))
		return;
	snprintf(line, sizeof(line), "2 %s <unfinished ...>\n", c->call);
	write_and_interrupt(lab, line, NULL);
	for (int i = 0; i < 100 && task_find(lab->m, 2)->call; i++)
		write_and_interrupt(lab, "2 step\n", NULL);
	assert_log_repeats(lab->m);
}

/* Every row of a call that can always wait must have waited in one of the cases. */
static void assert_all_seen(const struct fdl_machine *m, const bool *seen)
{
	for (size_t i = 0; i < m->table->nrows; i++) {
		const struct call_row *call = m->table->rows[i].call;

		if ((call->flags & CALL_MAY_BLOCK) && !seen[i])
			fail_msg("no case in which %s(%s) waits", call->name, call->signature);
	}
}

static void interrupt_all(struct lab *lab, const struct wait_case *cases, const char *kernel,
			  bool *seen)
{
	for (const struct wait_case *c = cases; c->call; c++) {
		interrupt_where_it_waits(lab, c, kernel, seen);
		for (const char *const *p = lab->m->kernel->points; *p; p++)
			interrupt_around(lab, c, kernel, *p);
		interrupt_every_step(lab, c, kernel);
	}
}

static void every_wait_of_linux_is_interrupted(void **state)
{
	struct lab *lab = *state;
	bool seen[RECORD_ROWS + 1] = { false };

	interrupt_all(lab, common_cases, "linux", seen);
	assert_all_seen(lab->m, seen);
}

static void every_wait_of_netbsd_is_interrupted(void **state)
{
	struct lab *lab = *state;
	bool seen[RECORD_ROWS + 1] = { false };

	interrupt_all(lab, common_cases, "netbsd", seen);
	interrupt_all(lab, netbsd_cases, "netbsd", seen);
	assert_all_seen(lab->m, seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(every_wait_of_linux_is_interrupted),
		LAB_TEST(every_wait_of_netbsd_is_interrupted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
