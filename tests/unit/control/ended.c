/*
 * A writer whose call waits, and all that can end the wait: each call that can wait, each way by
 * itself, and after another one. The write has its answer at the latest when its writer is
 * interrupted, the machine is sound, the log repeats it, and so does the last moment of its
 * history.
 */
#include "machine/kernel.h"
#include "support/each_kernel.h"
#include "support/play.h"
#include "support/replayed.h"

/*
 * Of so many pairs of ways one is tried, a prime. With FDLAB_ALL_PAIRS in the environment all are,
 * by hand.
 */
#define PAIRS 11

/* Where a kernel lacks a call that makes a descriptor, a copy of descriptor 0 has its place. */
static const char *const setup[] = {
	"1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600)",
	"1 pipe(...)", /* 4 reads, 5 writes */
	"1 socketpair(AF_UNIX, SOCK_STREAM, 0, ...)",
	"1 eventfd2(0, 0)",
	"1 timerfd_create(CLOCK_MONOTONIC, 0)",
	"1 epoll_create1(0)",
	"1 inotify_init1(0)",
	"1 socket(AF_INET, SOCK_STREAM, 0)",
	("1 bind(12, {sa_family=AF_INET, sin_port=htons(5000), "
	 "sin_addr=inet_addr(\"127.0.0.1\")}, 16)"),
	"1 listen(12, 0)",
	"1 socketpair(AF_UNIX, SOCK_DGRAM, 0, ...)", /* 13, 14 */
	"1 mkfifo(\"/tmp/f\", 0600)",
	"1 epoll_ctl(10, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data={u64=1}})",
	"1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0})",
	"1 flock(3, LOCK_EX)",
	"1 fork()",
	"2 fork()",
	"2 open(\"/tmp/x\", O_RDWR)", /* 15 */
	"2 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)",
	"2 rt_sigaction(SIGUSR1, {sa_handler=0x1000, sa_mask=[], sa_flags=0}, NULL, 8)",
	"2 rt_sigaction(SIGUSR2, {sa_handler=0x1000, sa_mask=[], sa_flags=SA_RESTART}, NULL, 8)",
};

/* Calls of task 2. Some wait with one kernel only. */
static const char *const calls[] = {
	"read(4, ..., 10)",
	"readv(4, [{iov_base=..., iov_len=10}, {iov_base=..., iov_len=10}], 2)",
	"write(5, \"x\"..., 70000)",
	"writev(5, [{iov_base=\"x\"..., iov_len=60000}, {iov_base=\"y\"..., iov_len=60000}], 2)",
	"read(6, ..., 10)",
	"write(6, \"x\"..., 4000000)",
	"recvfrom(6, ..., 10, 0, NULL, NULL)",
	"recvfrom(6, ..., 10, MSG_WAITALL, NULL, NULL)",
	"sendto(6, \"x\"..., 4000000, 0, NULL, 0)",
	"recvfrom(13, ..., 10, 0, NULL, NULL)",
	"read(8, ..., 8)",
	"read(9, ..., 8)",
	"read(11, ..., 100)",
	"accept(12, NULL, NULL)",
	"poll([{fd=4, events=POLLIN}], 1, -1)",
	"poll([{fd=4, events=POLLIN}, {fd=6, events=POLLIN}], 2, 5000)",
	"ppoll([{fd=4, events=POLLIN}], 1, {tv_sec=5, tv_nsec=0}, NULL, 8)",
	"select(5, [4], NULL, NULL, {tv_sec=5, tv_usec=0})",
	"epoll_wait(10, ..., 1, -1)",
	"epoll_pwait(10, ..., 1, 5000, [USR1], 8)",
	"nanosleep({tv_sec=5, tv_nsec=0}, ...)",
	"clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=5, tv_nsec=0}, NULL)",
	"pause()",
	"rt_sigsuspend([], 8)",
	"wait4(-1, ..., 0, NULL)",
	"wait4(3, ..., __WALL, NULL)",
	"waitid(P_ALL, 0, ..., WEXITED, NULL)",
	"fcntl(15, F_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0})",
	"fcntl(15, F_OFD_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0})",
	"flock(15, LOCK_EX)",
	"open(\"/tmp/f\", O_RDONLY)",
	"open(\"/tmp/f\", O_WRONLY)",
	"splice(4, NULL, 3, NULL, 10, 0)",
	"tee(4, 5, 10, 0)",
	"sendfile(5, 3, NULL, 10)",
	"vfork()",
	"execve(\"/bin/true\", [\"true\"])",
	"dup2(0, 300 <unfinished ...>",
	"open(\"/tmp/y\", O_RDWR|O_CREAT, 0600 <unfinished ...>",
	"close(4 <unfinished ...>",
	"fork( <unfinished ...>",
	"pipe( <unfinished ...>",
};

static const char interruption[] = "interrupt", closing[] = "close", starting_over[] = "reset";

/* What happens then: a line of another client, or one of the words above. */
static const char *const ways[] = {
	interruption,
	closing,
	starting_over,
	"clock +100",
	"2 interrupt",
	"2 finish",
	"2 step",
	"1 kill(2, SIGKILL)",
	"1 kill(2, SIGTERM)",
	"1 kill(2, SIGUSR1)",
	"1 kill(2, SIGUSR2)",
	"1 kill(2, SIGSTOP)",
	"1 kill(2, SIGCONT)",
	"1 exit_group(0)",
	"2 exit_group(0)",
	"3 exit_group(0)",
	"4 exit_group(0)",
	"4 execve(\"/bin/true\", [\"true\"])",
	"4 close(4)",
	"4 close_range(3, 100, 0)",
	"1 write(5, \"x\", 1)",
	"1 write(7, \"abc\", 3)",
	"1 write(14, \"abc\", 3)",
	"1 write(8, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8)",
	"1 timerfd_settime(9, 0, {it_interval={tv_sec=0, tv_nsec=0}, it_value={tv_sec=1, "
	"tv_nsec=0}}, NULL)",
	"1 inotify_add_watch(11, \"/tmp\", IN_CREATE)",
	"1 read(4, ..., 4096)",
	"1 read(7, ..., 100000)",
	"1 close(5)",
	"1 close(3)",
	"1 open(\"/tmp/f\", O_RDWR)",
	"1 socket(AF_INET, SOCK_STREAM, 0)",
	"5 exit_group(0)",
	"5 execve(\"/bin/true\", [\"true\"])",
	"rcu hold",
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))
#define N_WAYS  (sizeof(ways) / sizeof(ways[0]))

struct scene {
	struct fdl_machine *m;
	struct fdl_history *history; /* or NULL */
	struct fdl_handle *writer, *other;
	int unanswered;
};

static void told(void *ctx, ssize_t result)
{
	(void)result;
	--*(int *)ctx;
}

static struct fdl_handle *open_control(struct fdl_machine *m)
{
	struct fdl_handle *h;
	fdl_ino ino;

	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_RDWR, &h), 0);
	return h;
}

static ssize_t other_writes(struct scene *s, const char *line)
{
	return fdl_write(s->other, line, strlen(line), O_NONBLOCK, NULL, NULL);
}

static void scene_begin(struct scene *s, const char *kernel, bool history)
{
	const struct fdl_options o = { .kernel = kernel };

	*s = (struct scene){ .history = NULL };
	assert_int_equal(fdl_machine_new(&o, &s->m), 0);
	if (history)
		assert_int_equal(fdl_history_new(s->m, 0, &s->history), 0);
	s->writer = open_control(s->m);
	s->other = open_control(s->m);
	for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++)
		if (other_writes(s, setup[i]) == -ENOSYS)
			assert_true(other_writes(s, "1 dup(0)") > 0);
}

static void happen(struct scene *s, const char *way)
{
	if (way == closing) {
		if (s->writer)
			fdl_close(s->writer);
		s->writer = NULL;
	} else if (way == interruption) {
		if (s->writer)
			fdl_interrupt(s->writer);
	} else if (way == starting_over) {
		assert_int_equal(fdl_machine_reset(s->m, NULL), 0);
	} else {
		other_writes(s, way);
	}
}

static void check_moment(struct scene *s, const char *what)
{
	char *then, *now;
	struct fdl_machine *m;
	uint64_t first, last;
	size_t len;

	fdl_history_range(s->history, &first, &last);
	if (fdl_history_at(s->history, last, &m))
		fail_msg("%s: there is no last moment", what);
	assert_int_equal(fdl_read_file(m, "state.json", &then, &len), 0);
	assert_int_equal(fdl_read_file(s->m, "state.json", &now, &len), 0);
	if (strcmp(then, now) != 0)
		fail_msg("%s: the last moment is not the present", what);
	free(then);
	free(now);
}

static void scene_end(struct scene *s)
{
	if (s->writer)
		fdl_close(s->writer);
	fdl_close(s->other);
	fdl_history_free(s->history);
	fdl_machine_free(s->m);
}

/* Whether the call waited. */
static bool play_scene(const char *kernel, const char *call, const char *first, const char *then)
{
	char line[512], what[1024], why[256], *difference;
	struct scene s;
	bool waits;
	ssize_t n;

	snprintf(line, sizeof(line), "2 %s", call);
	snprintf(what, sizeof(what), "%s: %s; %s; %s", kernel, line, first, then ? then : "");
	scene_begin(&s, kernel, then == NULL);
	s.unanswered++;
	n = fdl_write(s.writer, line, strlen(line), 0, told, &s.unanswered);
	waits = n == -EINPROGRESS;
	s.unanswered -= !waits;
	happen(&s, first);
	if (then)
		happen(&s, then);
	if (s.writer)
		fdl_interrupt(s.writer);
	if (s.writer && s.unanswered)
		fail_msg("%s: the write has no answer", what);
	if (fdl_machine_check(s.m, why, sizeof(why)))
		fail_msg("%s: %s", what, why);
	difference = log_difference(s.m);
	if (difference)
		fail_msg("%s: %s", what, difference);
	if (s.history)
		check_moment(&s, what);
	scene_end(&s);
	return waits;
}

static void each_way(const struct kernel *on)
{
	const char *kernel = on->name;
	const char *all = getenv("FDLAB_ALL_PAIRS");
	size_t pair = 0, waits = 0, scenes = 0;

	for (size_t c = 0; c < N_CALLS; c++) {
		for (size_t i = 0; i < N_WAYS; i++) {
			waits += play_scene(kernel, calls[c], ways[i], NULL);
			scenes++;
			for (size_t k = 0; k < N_WAYS; k++) {
				if (!all && ++pair % PAIRS)
					continue;
				waits += play_scene(kernel, calls[c], ways[i], ways[k]);
				scenes++;
			}
		}
	}
	print_message("%s: %zu scenes, %zu writes that waited\n", kernel, scenes, waits);
	assert_true(waits > scenes / 4);
}

int main(void)
{
	return run_on_each_kernel(each_way);
}
