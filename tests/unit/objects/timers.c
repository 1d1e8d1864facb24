/*
 * Counters and timers with waiting tasks, or with time that passes. tests/oracle/timer compares
 * single calls with the running kernel.
 */
#include "support/play.h"

#include "machine/machine.h"

static void a_reader_of_a_counter_waits_for_a_writer(void **state)
{
	PLAY(*state, "1 eventfd2(0, 0) = 3", "1 fork() = 2", "1 fork() = 3", "2 read(3, ..., 8)",
	     "3 read(3, ..., 8)", "expect 2/wchan = eventfd_read",
	     "1 write(3, \"\\2\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "2 <... read resumed>\"\\2\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "expect 3/wchan = eventfd_read", "1 kill(3, SIGKILL) = 0");
}

static void a_semaphore_lets_in_as_many_as_it_counts(void **state)
{
	PLAY(*state, "1 eventfd2(0, EFD_SEMAPHORE) = 3", "1 fork() = 2", "1 fork() = 3",
	     "1 fork() = 4", "2 read(3, ..., 8)", "3 read(3, ..., 8)", "4 read(3, ..., 8)",
	     "1 write(3, \"\\2\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "2 <... read resumed>\"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "3 <... read resumed>\"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "expect 4/wchan = eventfd_read");
}

static void a_writer_waits_while_the_counter_would_overflow(void **state)
{
	PLAY(*state, "1 eventfd2(1, 0) = 3", "1 fork() = 2",
	     "2 write(3, \"\\376\\377\\377\\377\\377\\377\\377\\377\", 8)",
	     "expect 2/wchan = eventfd_write", "1 read(3, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "2 <... write resumed>\"\\376\\377\\377\\377\\377\\377\\377\\377\", 8) = 8",
	     "expect 1/fdinfo/3 ~ ^eventfd-count: fffffffffffffffe$");
}

static void counters_have_the_lowest_free_ids(void **state)
{
	PLAY(*state, "eventfd(0) = 3", "eventfd2(10, EFD_SEMAPHORE) = 4", "eventfd(0) = 5",
	     "expect 1/fd/4 = anon_inode:[eventfd]",
	     "expect 1/fdinfo/4 ~ ^eventfd-count:                a$",
	     "expect 1/fdinfo/4 ~ ^eventfd-id: 1$", "expect 1/fdinfo/4 ~ ^eventfd-semaphore: 1$",
	     "close(4) = 0", "eventfd(0) = 4", "expect 1/fdinfo/4 ~ ^eventfd-id: 1$",
	     "eventfd(0) = 6", "expect 1/fdinfo/6 ~ ^eventfd-id: 3$");
}

static void a_timer_counts_unread_expirations(void **state)
{
	PLAY(*state, "timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK) = 3",
	     "timerfd_settime(3, 0, {it_interval={tv_sec=1, tv_nsec=0}, "
	     "it_value={tv_sec=0, tv_nsec=500000000}}, NULL) = 0",
	     "clock +0.4", "read(3, ..., 8) = -1 EAGAIN (Resource temporarily unavailable)",
	     "timerfd_gettime(3, {it_interval={tv_sec=1, tv_nsec=0}, "
	     "it_value={tv_sec=0, tv_nsec=100000000}}) = 0",
	     "clock +0.1", "poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN}])",
	     "clock +3.2", "expect 1/fdinfo/3 ~ ^ticks: 1$",
	     "read(3, \"\\4\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "expect 1/fdinfo/3 ~ ^it_value: .0, 800000000.$",
	     "expect 1/fdinfo/3 ~ ^it_interval: .1, 0.$", "expect 1/fdinfo/3 ~ ^clockid: 1$",
	     "clock +0.8", "read(3, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8");
}

static void a_reader_of_a_timer_waits_for_its_time(void **state)
{
	PLAY(*state, "1 timerfd_create(CLOCK_MONOTONIC, 0) = 3", "1 fork() = 2",
	     "2 read(3, ..., 8)", "expect 2/wchan = timerfd_read_iter",
	     "1 timerfd_settime(3, 0, {it_value={tv_sec=1, tv_nsec=0}}, NULL) = 0", "clock +2",
	     "2 <... read resumed>\"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8");
}

static void a_time_in_the_past_expires_at_once(void **state)
{
	PLAY(*state, "clock +10", "timerfd_create(CLOCK_REALTIME, 0) = 3",
	     "timerfd_settime(3, TFD_TIMER_ABSTIME, {it_interval={tv_sec=3, tv_nsec=0}, "
	     "it_value={tv_sec=2, tv_nsec=0}}, NULL) = 0",
	     "read(3, \"\\3\\0\\0\\0\\0\\0\\0\\0\", 8) = 8",
	     "timerfd_gettime(3, {it_value={tv_sec=1, tv_nsec=0}}) = 0");
}

static void the_smallest_interval_keeps_no_task_busy(void **state)
{
	PLAY(*state, "timerfd_create(CLOCK_MONOTONIC, 0) = 3",
	     "timerfd_settime(3, 0, {it_interval={tv_sec=0, tv_nsec=1}, it_value={tv_sec=0, "
	     "tv_nsec=1}}, NULL) = 0",
	     "clock +4000000000", "expect 1/fdinfo/3 ~ ^ticks: 1$", "clock +4000000000",
	     "read(3, \"\\0\\0 ;\\235\\265\\5o\", 8) = 8");
}

static void sleepers_sleep_as_long_as_they_say(void **state)
{
	PLAY(*state, "1 fork() = 2", "1 fork() = 3", "1 nanosleep({tv_sec=1, tv_nsec=0}, NULL)",
	     "2 clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=2, tv_nsec=0}, NULL)",
	     "3 clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=1, tv_nsec=500000000}, NULL)",
	     "expect 3/wchan = hrtimer_nanosleep", "clock +1", "1 <... nanosleep resumed>) = 0",
	     "clock +0.5", "3 <... clock_nanosleep resumed>) = 0",
	     "expect 2/wchan = hrtimer_nanosleep", "clock +0.5",
	     "2 <... clock_nanosleep resumed>) = 0",
	     "1 clock_gettime(CLOCK_MONOTONIC, {tv_sec=2, tv_nsec=0}) = 0");
}

static void the_clock_takes_no_nonsense(void **state)
{
	PLAY(*state, "echo clock > control = -1 EINVAL", "echo clock 1 > control = -1 EINVAL",
	     "echo clock +x > control = -1 EINVAL", "echo clock +-1 > control = -1 EINVAL",
	     "echo clock +1.0000000001 > control = -1 EINVAL",
	     "echo clock +9223372037 > control = -1 EINVAL", "echo clock +9223372036 > control",
	     "echo clock +1 > control = -1 EINVAL", "echo clock +1 > 1/control = -1 EINVAL",
	     "expect uptime ~ ^9223372036.00");
}

static void counters_and_timers_give_back_their_memory(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t memory = lab->m->memory.used;

	PLAY(lab, "echo 1 > 1/fail-nth", "eventfd(0) = -1 ENOMEM (Cannot allocate memory)",
	     "echo 2 > 1/fail-nth", "eventfd(0) = -1 ENOMEM (Cannot allocate memory)",
	     "echo 2 > 1/fail-nth",
	     "timerfd_create(CLOCK_MONOTONIC, 0) = -1 ENOMEM (Cannot allocate memory)",
	     "eventfd(0) = 3", "timerfd_create(CLOCK_MONOTONIC, 0) = 4",
	     "timerfd_settime(4, 0, {it_value={tv_sec=1, tv_nsec=0}}, NULL) = 0", "close(3) = 0",
	     "close(4) = 0", "clock +2");
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->memory.used, memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(a_reader_of_a_counter_waits_for_a_writer),
		LAB_TEST(a_semaphore_lets_in_as_many_as_it_counts),
		LAB_TEST(a_writer_waits_while_the_counter_would_overflow),
		LAB_TEST(counters_have_the_lowest_free_ids),
		LAB_TEST(a_timer_counts_unread_expirations),
		LAB_TEST(a_reader_of_a_timer_waits_for_its_time),
		LAB_TEST(a_time_in_the_past_expires_at_once),
		LAB_TEST(the_smallest_interval_keeps_no_task_busy),
		LAB_TEST(sleepers_sleep_as_long_as_they_say),
		LAB_TEST(the_clock_takes_no_nonsense),
		LAB_TEST(counters_and_timers_give_back_their_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
