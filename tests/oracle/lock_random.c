/*
 * Locks compared with the running kernel, by random calls of several tasks, some of which wait for
 * each other.
 */
#include "support/lock_oracle.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool may_wait; /* the next random call */

static void random_lock(char *line, size_t size, int pid, int fd)
{
	static const char *const commands[] = { "F_SETLK",      "F_SETLK",    "F_SETLKW",
						"F_SETLKW",     "F_GETLK",    "F_OFD_SETLK",
						"F_OFD_SETLKW", "F_OFD_GETLK" };
	static const char *const polite[] = { "F_SETLK", "F_GETLK", "F_OFD_SETLK", "F_OFD_GETLK" };
	static const char *const types[] = { "F_RDLCK", "F_WRLCK", "F_UNLCK" };
	static const char *const from[] = { "SEEK_SET", "SEEK_SET", "SEEK_SET", "SEEK_CUR",
					    "SEEK_END" };
	static const int lengths[] = { 0, 1, 1, 2, 3, 5, -1, -3 };

	snprintf(line, size, "%d fcntl(%d, %s, {l_type=%s, l_whence=%s, l_start=%d, l_len=%d})",
		 pid, fd, may_wait ? PICK(commands) : PICK(polite), PICK(types), PICK(from),
		 (int)pick(12) - 1, PICK(lengths));
}

static void random_line(char *line, size_t size, int pid)
{
	static const char *const opens[] = { "O_RDWR", "O_RDWR", "O_RDONLY", "O_WRONLY", "O_PATH" };
	static const char *const operations[] = { "LOCK_SH", "LOCK_EX", "LOCK_UN",
						  "LOCK_SH|LOCK_NB", "LOCK_EX|LOCK_NB" };
	static const char *const files[] = { "a", "a", "b" };
	int fd = 3 + (int)pick(6);

	switch (pick(20)) {
	case 0:
		snprintf(line, size, "%d close(%d)", pid, fd);
		return;
	case 1:
		snprintf(line, size, "%d dup2(%d, %d)", pid, fd, 3 + (int)pick(6));
		return;
	case 2 ... 3:
		snprintf(line, size, "%d open(\"%s\", %s)", pid, PICK(files), PICK(opens));
		return;
	case 4:
		snprintf(line, size, "%d lseek(%d, %u, SEEK_SET)", pid, fd, pick(8));
		return;
	case 5 ... 7:
		if (may_wait)
			snprintf(line, size, "%d flock(%d, %s)", pid, fd, PICK(operations));
		else
			snprintf(line, size, "%d flock(%d, %s|LOCK_NB)", pid, fd,
				 pick(2) ? "LOCK_SH" : "LOCK_EX");
		return;
	default:
		random_lock(line, size, pid, fd);
		return;
	}
}

/* A task that can take a call, or 0: all wait for each other. */
static int idle_task(void)
{
	int idle[LOCK_TASKS], n = 0;

	for (int pid = 1; pid <= lock_oracle.kt.last; pid++) {
		if (!lock_oracle.waits[pid] && !lock_oracle.gone[pid])
			idle[n++] = pid;
	}
	/* The last task wakes the others one after the other. */
	may_wait = lock_oracle.in_order && n > 1;
	return n ? idle[pick((unsigned)n)] : 0;
}

static void random_sequence(unsigned calls)
{
	static const char *const first[] = { TWO_FILES, "open(\"a\", O_RDWR)", "fork()", "fork()",
					     "clone(flags=CLONE_FILES|SIGCHLD)" };
	char line[160];
	int pid;

	lock_oracle_start();
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		lock_oracle_play(first[i]);
	for (unsigned i = 0; i < calls && (pid = idle_task()) != 0; i++) {
		random_line(line, sizeof(line), pid);
		if (pick(60) == 0 && pid > 2)
			snprintf(line, sizeof(line), pick(2) ? "%d kill(2, SIGKILL)" : "%d exit(0)",
				 pid);
		lock_oracle_play(line);
	}
	lock_oracle_stop(NULL);
}

/* FDLAB_ORACLE_SEED and FDLAB_ORACLE_CALLS choose other calls and their number. */
static void random_calls_agree_with_the_kernel(void **state)
{
	uint64_t calls = setting("FDLAB_ORACLE_CALLS", 4000);

	(void)state;
	random_state = setting("FDLAB_ORACLE_SEED", 1);
	for (uint64_t i = 0; i < calls; i += 100)
		random_sequence(100);
	lock_oracle_start(); /* for the signal that stops it */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(random_calls_agree_with_the_kernel, lock_oracle_stop),
	};

	kt_main(argc, argv);
	if (!lock_oracle_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
