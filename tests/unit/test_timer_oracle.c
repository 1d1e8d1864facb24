/*
 * eventfd, timerfd and sleeping held against the running kernel. Here nothing waits: what takes
 * time is in test_timers.c.
 */
#include "oracle.h"

#define ONE  "\\1\\0\\0\\0\\0\\0\\0\\0"
#define MAX  "\\377\\377\\377\\377\\377\\377\\377\\377"
#define MAX1 "\\376\\377\\377\\377\\377\\377\\377\\377"
#define TIME(is, in, vs, vn)                                                                       \
	"{it_interval={tv_sec=" #is ", tv_nsec=" #in "}, it_value={tv_sec=" #vs ", tv_nsec=" #vn   \
	"}}"

static void counters_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK)\n"
		"eventfd2(0, 2)\n"
		"eventfd2(0, 0x10)\n"
		"eventfd(5)\n"
		"eventfd2(3, EFD_SEMAPHORE|EFD_NONBLOCK)\n"
		"eventfd2(4294967295, EFD_NONBLOCK)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(3, F_GETFL)\n"
		"fcntl(4, F_GETFL)\n"
		"fstat(3, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"open(\"/proc/self/fd/3\", O_RDWR)\n"
		"lseek(3, 7, SEEK_END)\n"
		"pread64(4, ..., 8, 0)\n"
		"pwrite64(4, \"" ONE "\", 8, 0)\n"
		"read(3, ..., 8)\n"
		"read(3, ..., 7)\n"
		"read(4, ..., 7)\n"
		"read(4, ..., 100)\n"
		"read(5, ..., 8)\n"
		"read(5, ..., 8)\n"
		"poll([{fd=5, events=POLLIN|POLLOUT}, {fd=4, events=POLLIN|POLLOUT}], 2, 0)\n"
		"read(5, ..., 8)\n"
		"read(5, ..., 8)\n"
		"read(6, ..., 8)\n"
		"write(3, \"" ONE "\", 7)\n"
		"write(3, \"" ONE "\", 9)\n"
		"write(3, \"" ONE "\", 8)\n"
		"write(3, \"" MAX "\", 8)\n"
		"write(3, \"" MAX1 "\", 8)\n"
		"read(3, ..., 8)\n"
		"write(3, \"" MAX1 "\", 8)\n"
		"poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0)\n"
		"write(3, \"" ONE "\", 8)\n"
		"write(3, NULL, 8)\n"
		"write(3, \"\\0\\0\\0\\0\\0\\0\\0\\0\", 8)\n"
		"read(3, ..., 8)\n"
		"ftruncate(3, 0)\n"
		"fsync(3)\n"
		"epoll_create1(0)\n"
		"epoll_ctl(7, EPOLL_CTL_ADD, 3, {events=EPOLLIN|EPOLLOUT|EPOLLET, data={u64=3}})\n"
		"epoll_wait(7, ..., 8, 0)\n"
		"epoll_wait(7, ..., 8, 0)\n"
		"write(3, \"" ONE "\", 8)\n"
		"epoll_wait(7, ..., 8, 0)\n"
		"write(3, \"" ONE "\", 8)\n"
		"epoll_wait(7, ..., 8, 0)\n"
		"read(3, ..., 8)\n"
		"epoll_wait(7, ..., 8, 0)\n");
}

static void timers_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC|TFD_NONBLOCK)\n"
		"timerfd_create(CLOCK_REALTIME, 0)\n"
		"timerfd_create(CLOCK_BOOTTIME, 1)\n"
		"timerfd_create(CLOCK_BOOTTIME, 0)\n"
		"timerfd_create(CLOCK_TAI, 0)\n"
		"timerfd_create(CLOCK_MONOTONIC_RAW, 0)\n"
		"timerfd_create(-1, 0)\n"
		"timerfd_create(99, 1)\n"
		"fcntl(3, F_GETFD)\n"
		"fcntl(3, F_GETFL)\n"
		"fstat(3, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"lseek(3, 7, SEEK_END)\n"
		"pread64(3, ..., 8, 0)\n"
		"write(3, \"" ONE "\", 8)\n"
		"read(3, ..., 8)\n"
		"read(3, ..., 7)\n"
		"timerfd_gettime(3, {})\n"
		"timerfd_gettime(0, {})\n"
		"timerfd_gettime(99, {})\n"
		"timerfd_settime(99, 0, NULL, {})\n"
		"timerfd_settime(99, 0, " TIME(
			0, 0, 0,
			1000000000) ", {})\n"
				    "timerfd_settime(3, 0, " TIME(
					    0, 0, -1,
					    0) ", {})\n"
					       "timerfd_settime(3, 0, " TIME(
						       0, -1, 1,
						       0) ", {})\n"
							  "timerfd_settime(3, 4, " TIME(
								  0, 0, 1,
								  0) ", {})\n"
								     "timerfd_settime(99, 0, " TIME(
									     0, 0, 1,
									     0) ", {})\n"
										"timerfd_settime(0,"
										" 0, " TIME(
											0, 0, 1,
											0) ", {})\n"
											   "timerfd"
											   "_settim"
											   "e(3, "
											   "0,"
											   " " TIME(
												   50,
												   0,
												   1000,
												   0) ", {})\n"
												      "timerfd_gettime(3, {})\n"
												      "poll([{fd=3, events=POLLIN|POLLOUT}], 1, 0)\n"
												      "read(3, ..., 8)\n"
												      "timerfd_settime(3, 0, " TIME(
													      0,
													      0,
													      2000,
													      0) ", {})\n"
														 "timerfd_settime(3, 0, " TIME(
															 0,
															 0,
															 0,
															 0) ", {})\n"
															    "timerfd_settime(3, 0, " TIME(
																    7,
																    0,
																    0,
																    0) ", {})\n"
																       "timerfd_gettime(3, {})\n"
																       "nanosleep(NULL, NULL)\n"
																       "nanosleep({tv_sec=0, tv_nsec=1000000000}, NULL)\n"
																       "nanosleep({tv_sec=-1, tv_nsec=0}, NULL)\n"
																       "nanosleep({tv_sec=0, tv_nsec=0}, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=0}, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, {tv_sec=0, tv_nsec=0}, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, NULL, NULL)\n"
																       "clock_nanosleep(99, 0, {tv_sec=0, tv_nsec=0}, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC, 0, {tv_sec=0, tv_nsec=-1}, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC, 0, NULL, NULL)\n"
																       "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=0}, NULL)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_agree_with_the_kernel),
		cmocka_unit_test(timers_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
