/*
 * epoll with waiting tasks, and with objects that are freed meanwhile. tests/oracle/epoll.c and
 * tests/oracle/epoll compare single calls with the running kernel.
 */
#include "support/play.h"

#include "machine/machine.h"

#define ADD(ep, fd, events)                                                                        \
	"1 epoll_ctl(" #ep ", EPOLL_CTL_ADD, " #fd ", {events=" events ", data={u32=" #fd          \
	", u64=" #fd "}}) = 0"

static void waiting_for_a_set_of_sets_is_ended_by_a_file_below(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 epoll_create1(0) = 4", "1 pipe2([5, 6], 0) = 0",
	     ADD(3, 5, "EPOLLIN"), ADD(4, 3, "EPOLLIN"), "1 fork() = 2",
	     "2 epoll_wait(4, ..., 8, -1)", "expect 2/wchan = do_epoll_wait",
	     "1 write(6, \"x\", 1) = 1",
	     "2 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=3, u64=3}}], 8, -1) = 1");
}

static void polling_an_epoll_is_ended_by_a_file_below(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 pipe2([4, 5], 0) = 0", ADD(3, 4, "EPOLLIN"),
	     "1 fork() = 2", "2 poll([{fd=3, events=POLLIN}], 1, -1)", "1 write(5, \"x\", 1) = 1",
	     "2 <... poll resumed>) = 1 ([{fd=3, revents=POLLIN}])");
}

static void an_event_that_is_not_asked_for_wakes_no_task(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 pipe2([4, 5], 0) = 0", ADD(3, 4, "EPOLLPRI"),
	     "1 fork() = 2", "2 epoll_wait(3, ..., 8, -1)", "1 write(5, \"x\", 1) = 1",
	     "expect 2/wchan = do_epoll_wait", "1 close(5) = 0", "expect 2/wchan = do_epoll_wait",
	     "1 kill(2, SIGKILL) = 0");
}

static void a_wait_ends_when_its_time_is_over(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 fork() = 2", "2 epoll_wait(3, ..., 8, 1500)",
	     "1 epoll_pwait2(3, ..., 8, {tv_sec=1, tv_nsec=1}, NULL, 8)", "clock +1",
	     "expect 1/wchan = do_epoll_wait", "clock +0.000000001",
	     "1 <... epoll_pwait2 resumed>[], 8, {tv_sec=1, tv_nsec=1}, NULL, 8) = 0",
	     "expect 2/wchan = do_epoll_wait", "clock +0.5",
	     "2 <... epoll_wait resumed>[], 8, 1500) = 0");
}

static void a_signal_interrupts_a_wait(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 epoll_wait(3, ..., 8, -1)",
	     "1 <... epoll_wait resumed>..., 8, -1) = -1 EINTR (Interrupted system call)");
}

static void exclusive_epolls_take_turns(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 epoll_create1(0) = 4", "1 pipe2([5, 6], 0) = 0",
	     ADD(3, 5, "EPOLLIN|EPOLLEXCLUSIVE|EPOLLET"),
	     ADD(4, 5, "EPOLLIN|EPOLLEXCLUSIVE|EPOLLET"), "1 fork() = 2", "1 fork() = 3",
	     "2 epoll_wait(3, ..., 8, -1)", "3 epoll_wait(4, ..., 8, -1)",
	     "1 write(6, \"x\", 1) = 1",
	     "2 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=5, u64=5}}], 8, -1) = 1",
	     "expect 3/wchan = do_epoll_wait", "1 write(6, \"x\", 1) = 1",
	     "3 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=5, u64=5}}], 8, -1) = 1");
}

static void a_thread_waits_on_though_the_epoll_is_closed(void **state)
{
	PLAY(*state, "1 epoll_create1(0) = 3", "1 pipe2([4, 5], 0) = 0", ADD(3, 4, "EPOLLIN"),
	     "1 clone(child_stack=NULL, "
	     "flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2",
	     "2 epoll_wait(3, ..., 8, -1)", "1 close(3) = 0", "expect 2/wchan = do_epoll_wait",
	     "1 write(5, \"x\", 1) = 1",
	     "2 <... epoll_wait resumed>[{events=EPOLLIN, data={u32=4, u64=4}}], 8, -1) = 1");
}

static void epoll_gives_back_its_memory(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem;
	size_t memory;

	PLAY(lab, "pipe2([3, 4], 0) = 0");
	kmem = lab->m->kmem;
	memory = lab->m->memory.used;
	PLAY(lab, "echo 1 > 1/fail-nth", "epoll_create1(0) = -1 ENOMEM (Cannot allocate memory)",
	     "epoll_create1(0) = 5", "epoll_create1(0) = 6");
	for (int nth = 1; nth <= 3; nth++) {
		char line[40];

		snprintf(line, sizeof(line), "echo %d > 1/fail-nth", nth);
		PLAY(lab, line,
		     "epoll_ctl(5, EPOLL_CTL_ADD, 3, {events=EPOLLIN, data={u32=3, u64=3}}) = "
		     "-1 ENOMEM (Cannot allocate memory)");
	}
	PLAY(lab, ADD(5, 3, "EPOLLIN"), ADD(5, 4, "EPOLLOUT"), ADD(6, 5, "EPOLLIN"), "close(5) = 0",
	     "close(6) = 0");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->memory.used, memory);
}

static void a_machine_without_memory_refuses_entries(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset memory=1m");
	for (int fd = 3; fd < 1000; fd++)
		lab_submit(lab, "epoll_create1(0)");
	for (int fd = 4; fd < 1000; fd++) {
		char line[100];

		snprintf(line, sizeof(line), "epoll_ctl 3 ADD %d EPOLLIN", fd);
		lab_submit(lab, line);
	}
	assert_true(lab->m->memory.used <= lab->m->memory.limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(waiting_for_a_set_of_sets_is_ended_by_a_file_below),
		LAB_TEST(polling_an_epoll_is_ended_by_a_file_below),
		LAB_TEST(an_event_that_is_not_asked_for_wakes_no_task),
		LAB_TEST(a_wait_ends_when_its_time_is_over),
		LAB_TEST(a_signal_interrupts_a_wait),
		LAB_TEST(exclusive_epolls_take_turns),
		LAB_TEST(a_thread_waits_on_though_the_epoll_is_closed),
		LAB_TEST(epoll_gives_back_its_memory),
		LAB_TEST(a_machine_without_memory_refuses_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
