/*
 * The model's table compared with the running kernel's, by twenty thousand random calls of one
 * task. Every result is compared, and from time to time the table.
 */
#include "support/random.h"
#include "support/table_oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Mostly a small number, where descriptors are open; sometimes one at an edge. */
static int random_fd(void)
{
	static const int edges[] = { -1,   62,   63,   64,   65,   126,  127,        128,
				     129,  191,  192,  255,  256,  257,  511,        512,
				     1022, 1023, 1024, 1025, 4095, 4096, 2147483647, -2147483647 };

	return pick(8) ? (int)pick(24) : PICK(edges);
}

/* A limit, or a range of descriptors. */
static void random_bounds(char *line, size_t size, int fd, int other)
{
	static const char *const ranges[] = { "0", "0", "CLOSE_RANGE_CLOEXEC",
					      "CLOSE_RANGE_UNSHARE", "8" };
	static const unsigned soft[] = { 0, 3, 8, 20, 63, 64, 65, 128, 300, 1023, 1024, 1024 };

	if (pick(3) == 0)
		snprintf(line, size, "setrlimit(RLIMIT_NOFILE, {rlim_cur=%u, rlim_max=%llu})",
			 PICK(soft), (unsigned long long)table_oracle_limit.rlim_max);
	else
		snprintf(line, size, "close_range(%u, %u, %s)", (unsigned)fd, (unsigned)other,
			 PICK(ranges));
}

static void random_call(char *line, size_t size)
{
	static const char *const dupflags[] = { "0", "O_CLOEXEC", "O_CLOEXEC", "O_NONBLOCK" };
	static const char *const dupfds[] = { "F_DUPFD", "F_DUPFD_CLOEXEC" };
	static const char *const status[] = { "0", "O_NONBLOCK", "O_APPEND",
					      "O_APPEND|O_NONBLOCK" };
	static const char *const opens[] = { "O_RDONLY", "O_RDWR|O_CREAT", "O_PATH",
					     "O_RDONLY|O_CLOEXEC", "O_WRONLY|O_CREAT|O_APPEND" };
	static const char *const files[] = { "a", "b", "/dev/null", "missing/x", "" };
	static const char *const pipes[] = { "0", "O_CLOEXEC", "O_NONBLOCK", "O_APPEND" };
	static const char *const whence[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END" };
	int fd = random_fd(), other = random_fd();

	switch (pick(24)) {
	case 0 ... 3:
		snprintf(line, size, "dup(%d)", fd);
		return;
	case 4 ... 6:
		snprintf(line, size, "dup2(%d, %d)", fd, other);
		return;
	case 7 ... 8:
		snprintf(line, size, "dup3(%d, %d, %s)", fd, other, PICK(dupflags));
		return;
	case 9 ... 13:
		snprintf(line, size, "close(%d)", fd);
		return;
	case 14:
		snprintf(line, size, "fcntl(%d, %s, %d)", fd, PICK(dupfds), other);
		return;
	case 15:
		snprintf(line, size, "fcntl(%d, F_GETFD)", fd);
		return;
	case 16:
		snprintf(line, size, "fcntl(%d, F_SETFD, %u)", fd, pick(4));
		return;
	case 17:
		snprintf(line, size, pick(2) ? "fcntl(%d, F_GETFL)" : "fcntl(%d, F_SETFL, %s)", fd,
			 PICK(status));
		return;
	case 18:
		snprintf(line, size, "ioctl(%d, %s)", fd, pick(2) ? "FIOCLEX" : "FIONCLEX");
		return;
	case 19 ... 20:
		snprintf(line, size, "openat(AT_FDCWD, \"%s\", %s, 0600)", PICK(files),
			 PICK(opens));
		return;
	case 21:
		snprintf(line, size, "pipe2 %s", PICK(pipes));
		return;
	case 22:
		snprintf(line, size, "lseek(%d, %u, %s)", fd, pick(100), PICK(whence));
		return;
	default:
		random_bounds(line, size, fd, other);
		return;
	}
}

/* FDLAB_ORACLE_SEED and FDLAB_ORACLE_CALLS choose other calls and their number. */
static void random_calls_agree_with_the_kernel(void **state)
{
	uint64_t calls = setting("FDLAB_ORACLE_CALLS", 20000);
	char line[128];

	(void)state;
	random_state = setting("FDLAB_ORACLE_SEED", 1);
	table_oracle_start();
	for (uint64_t i = 1; i <= calls; i++) {
		random_call(line, sizeof(line));
		table_oracle_call(line);
		if (i % 100 == 0 || i == calls)
			table_oracle_compare(line);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_calls_agree_with_the_kernel, table_oracle_stop),
	};

	kt_main(argc, argv);
	if (!table_oracle_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
