/*
 * Signals that are blocked, pending, unblocked or read. tests/oracle/signal compares single calls
 * with the running kernel.
 */
#include "support/play.h"
#include "support/replayed.h"

#include "machine/machine.h"

#define SSI(signo, code, pid) "\"\\" signo "\\0\\0\\0\\0\\0\\0\\0" code "\\" pid "\\0\\0\\0\"..."
#define USER                  "\\0\\0\\0\\0"
#define THREAD                "\\372\\377\\377\\377"

static void a_blocked_signal_waits_and_kills_when_it_is_unblocked(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 rt_sigprocmask(SIG_BLOCK, [TERM USR1], [], 8) = 0",
	     "1 kill(2, SIGTERM) = 0", "1 kill(2, SIGTERM) = 0", "2 rt_sigpending([TERM], 8) = 0",
	     "expect 2/status ~ ^ShdPnd:.0000000000004000$",
	     "expect 2/status ~ ^SigBlk:.0000000000004200$",
	     "2 rt_sigprocmask(SIG_UNBLOCK, [TERM], [USR1 TERM], 8) = 0",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}], 0, NULL) = 2");
}

static void SIGKILL_cannot_be_blocked(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 rt_sigprocmask(SIG_SETMASK, ~[], [], 8) = 0",
	     "2 rt_sigprocmask(SIG_SETMASK, NULL, ~[KILL STOP], 8) = 0", "1 kill(2, SIGINT) = 0",
	     "1 kill(2, SIGKILL) = 0",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 2");
}

static void a_signalfd_is_read_in_the_order_of_numbers(void **state)
{
	PLAY(*state, "1 rt_sigprocmask(SIG_BLOCK, [INT USR1 RT_3], [], 8) = 0",
	     "1 signalfd4(-1, [INT USR1 RT_3], 8, SFD_NONBLOCK) = 3",
	     "expect 1/fd/3 = anon_inode:[signalfd]",
	     "expect 1/fdinfo/3 ~ ^sigmask:.0000000400000202$", "1 fork() = 2",
	     "2 kill(1, SIGRT_3) = 0", "2 kill(1, SIGUSR1) = 0", "2 kill(1, SIGUSR1) = 0",
	     "2 kill(1, SIGRT_3) = 0", "2 tgkill(1, 1, SIGUSR1) = 0",
	     "1 poll([{fd=3, events=POLLIN}], 1, -1) = 1 ([{fd=3, revents=POLLIN}])",
	     "2 poll([{fd=3, events=POLLIN}], 1, 0) = 0 (Timeout)",
	     "1 read(3, " SSI("n", THREAD, "2") ", 128) = 128", "1 read(3, ..., 1000) = 384",
	     "1 read(3, ..., 128) = -1 EAGAIN (Resource temporarily unavailable)");
}

static void a_reader_of_a_signalfd_waits_for_its_own_signals(void **state)
{
	PLAY(*state, "1 rt_sigprocmask(SIG_BLOCK, [USR1], [], 8) = 0",
	     "1 signalfd4(-1, [USR1], 8, 0) = 3", "1 fork() = 2", "2 read(3, ..., 128)",
	     "expect 2/wchan = signalfd_read_iter", "1 kill(1, SIGUSR1) = 0",
	     "expect 2/wchan = signalfd_read_iter", "1 kill(2, SIGUSR1) = 0",
	     "2 <... read resumed>" SSI("n", USER, "1") ", 128) = 128",
	     "1 read(3, " SSI("n", USER, "1") ", 128) = 128");
}

static void the_end_of_a_child_can_be_read(void **state)
{
	PLAY(*state, "1 rt_sigprocmask(SIG_BLOCK, [CHLD], [], 8) = 0",
	     "1 signalfd4(-1, [CHLD], 8, 0) = 3", "1 epoll_create1(0) = 4",
	     "1 epoll_ctl(4, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u64=3}}) = 0", "1 fork() = 2",
	     "1 epoll_wait(4, ..., 8, -1)", "2 exit_group(7) = ?",
	     "1 <... epoll_wait resumed>[{events=EPOLLIN, data={u64=3}}], 8, -1) = 1",
	     "1 read(3, " SSI("21", "\\1\\0\\0\\0", "2") ", 128) = 128",
	     "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 7}], 0, NULL) = 2");
}

static void a_mask_of_a_call_lets_signals_in(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 rt_sigprocmask(SIG_BLOCK, [USR1], [], 8) = 0",
	     "2 ppoll([], 0, NULL, [], 8)", "1 kill(2, SIGUSR1) = 0",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGUSR1}], 0, NULL) = 2",
	     "1 fork() = 3", "3 rt_sigprocmask(SIG_BLOCK, [USR1], [], 8) = 0",
	     "1 kill(3, SIGUSR1) = 0", "3 ppoll([], 0, NULL, [], 8) = -1 EINTR",
	     "1 wait4(3, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGUSR1}], 0, NULL) = 3");
}

static void exec_and_fork_keep_the_mask_and_only_exec_what_is_pending(void **state)
{
	PLAY(*state, "1 rt_sigprocmask(SIG_BLOCK, [USR1], [], 8) = 0", "1 kill(1, SIGUSR1) = 0",
	     "1 execve(\"/bin/true\", [\"true\"], NULL) = 0", "1 rt_sigpending([USR1], 8) = 0",
	     "1 fork() = 2", "2 rt_sigpending([], 8) = 0",
	     "2 rt_sigprocmask(SIG_BLOCK, NULL, [USR1], 8) = 0");
}

static void continuing_forgets_stops_and_the_other_way_round(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 rt_sigprocmask(SIG_BLOCK, [TSTP CONT], [], 8) = 0",
	     "1 kill(2, SIGTSTP) = 0", "2 rt_sigpending([TSTP], 8) = 0", "1 kill(2, SIGCONT) = 0",
	     "2 rt_sigpending([CONT], 8) = 0", "1 kill(2, SIGTSTP) = 0",
	     "2 rt_sigpending([TSTP], 8) = 0");
}

static void an_alarm_rings_when_its_time_has_come(void **state)
{
	PLAY(*state, "1 fork() = 2", "2 alarm(10) = 0", "clock +0.6", "2 alarm(5) = 9",
	     "2 nanosleep({tv_sec=100, tv_nsec=0}, NULL)", "clock +4.9",
	     "expect 2/wchan = hrtimer_nanosleep", "clock +0.1",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGALRM}], 0, NULL) = 2");
}

/* Descriptors are shared, processes are not: another process uses the same epoll. */
static void an_epoll_outlives_the_process_whose_signals_it_watches(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 signalfd4(-1, [USR1], 8, 0) = 4",
	     "1 rt_sigprocmask(SIG_BLOCK, [USR1], [], 8) = 0", "1 fork() = 2",
	     "2 epoll_ctl(3, EPOLL_CTL_ADD, 4, {events=EPOLLIN, data={u64=4}}) = 0",
	     "1 kill(1, SIGUSR1) = 0", "2 epoll_wait(3, [], 8, 0) = 0",
	     "1 epoll_wait(3, [], 8, 0) = 0", "2 exit_group(0) = ?", "1 wait4(2, ..., 0) = 2",
	     "1 close(4) = 0", "1 close(3) = 0");
}

#define HANDLE(sig, flags)                                                                         \
	"2 rt_sigaction(" sig ", {sa_handler=0x401000, sa_mask=[], sa_flags=" flags                \
	"}, NULL, 8) = 0"
/* Fails unless the log ends with this text. */
static void assert_log_ends(struct fdl_machine *m, const char *text)
{
	char *log;
	size_t len;

	assert_int_equal(fdl_read_file(m, "log", &log, &len), 0);
	assert_true(len >= strlen(text));
	assert_string_equal(log + len - strlen(text), text);
	free(log);
}

/* After the line that sent it, and before the end of the call that it interrupted. */
static void the_log_has_the_signals_that_tasks_handle(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 pipe([3, 4]) = 0", "1 fork() = 2", HANDLE("SIGUSR1", "0"),
	     HANDLE("SIGPIPE", "SA_RESTART"), "2 read(3, ..., 1)", "1 kill(2, SIGUSR1) = 0",
	     "2 <... read resumed>..., 1) = -1 EINTR");
	assert_log_ends(
		lab->m,
		"1 kill(2, SIGUSR1) = 0\n"
		"2 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=0} ---\n"
		"2 <... read resumed>..., 1) = -1 EINTR (Interrupted system call)\n");
	PLAY(lab, "1 close(3) = 0", "2 close(3) = 0", "2 write(4, \"x\", 1) = -1 EPIPE");
	assert_log_ends(
		lab->m,
		"2 write(4, \"x\", 1) = -1 EPIPE (Broken pipe)\n"
		"2 --- SIGPIPE {si_signo=SIGPIPE, si_code=SI_USER, si_pid=2, si_uid=0} ---\n");
	assert_log_repeats(lab->m);
}

/* A call that was woken looks at its bytes first; a call that has none waits no more. */
static void a_signal_interrupts_a_call_that_is_about_to_wait(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 pipe([3, 4]) = 0", "1 fork() = 2", HANDLE("SIGUSR1", "0"),
	     HANDLE("SIGUSR2", "SA_RESTART"));
	lab_submit(lab, "2 read(3, ..., 1 <unfinished at finish_wait ...>");
	PLAY(lab, "1 write(4, \"x\", 1) = 1", "expect 2/wchan = finish_wait",
	     "1 kill(2, SIGUSR1) = 0");
	lab_submit(lab, "2 finish");
	assert_log_ends(lab->m, "2 <... read resumed>\"x\", 1) = 1\n");
	lab_submit(lab, "2 read(3, ..., 1 <unfinished at finish_wait ...>");
	PLAY(lab, "1 kill(2, SIGUSR2) = 0", "expect 2/wchan = finish_wait");
	lab_submit(lab, "2 finish");
	PLAY(lab, "expect 2/wchan = pipe_read", "1 write(4, \"y\", 1) = 1",
	     "2 <... read resumed>\"y\", 1) = 1");
	assert_log_repeats(lab->m);
}

/* strace shows the end of the call that is made again, and its new beginning. */
static void a_log_of_strace_makes_its_calls_again_by_itself(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 pipe([3, 4]) = 0", "1 fork() = 2", HANDLE("SIGALRM", "SA_RESTART"),
	     "2 read(3,  <unfinished ...>", "1 kill(2, SIGALRM) = 0",
	     "2 <... read resumed>0x7fff5c592eb7, 1) = ? ERESTARTSYS",
	     "2 --- SIGALRM {si_signo=SIGALRM, si_code=SI_USER, si_pid=1, si_uid=0} ---",
	     "2 read(3,  <unfinished ...>", "1 write(4, \"x\", 1) = 1",
	     "2 <... read resumed>\"x\", 1) = 1");
	assert_log_repeats(lab->m);
}

static void an_action_outlives_neither_exec_nor_the_process(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "1 fork() = 2", HANDLE("SIGUSR1", "0"),
	     "2 clone(child_stack=0x1000, flags=CLONE_VM|CLONE_SIGHAND|SIGCHLD) = 3",
	     "expect 3/status ~ SigCgt:.0000000000000200",
	     "3 execve(\"/bin/true\", [\"true\"], NULL) = 0",
	     "expect 3/status ~ SigCgt:.0000000000000000",
	     "expect 2/status ~ SigCgt:.0000000000000200", "2 exit_group(0) = ?",
	     "expect 2/status ~ SigCgt:.0000000000000000");
	assert_log_repeats(lab->m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_blocked_signal_waits_and_kills_when_it_is_unblocked),
		LAB_TEST(SIGKILL_cannot_be_blocked),
		LAB_TEST(a_signalfd_is_read_in_the_order_of_numbers),
		LAB_TEST(a_reader_of_a_signalfd_waits_for_its_own_signals),
		LAB_TEST(the_end_of_a_child_can_be_read),
		LAB_TEST(a_mask_of_a_call_lets_signals_in),
		LAB_TEST(exec_and_fork_keep_the_mask_and_only_exec_what_is_pending),
		LAB_TEST(continuing_forgets_stops_and_the_other_way_round),
		LAB_TEST(an_alarm_rings_when_its_time_has_come),
		LAB_TEST(an_epoll_outlives_the_process_whose_signals_it_watches),
		LAB_TEST(the_log_has_the_signals_that_tasks_handle),
		LAB_TEST(a_signal_interrupts_a_call_that_is_about_to_wait),
		LAB_TEST(a_log_of_strace_makes_its_calls_again_by_itself),
		LAB_TEST(an_action_outlives_neither_exec_nor_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
