/*
 * Memory that runs out at the n-th allocation, for every n: of a start, of lines, of every file's
 * text, of a reset. Each fails with -ENOMEM or succeeds, the machine is sound and goes on, and
 * nothing leaks.
 */
#include "support/failing_malloc.h"
#include "support/play.h"

#include <sys/stat.h>

#define ALLOCATIONS_MAX 100000 /* what is tested makes fewer */

static const char *const kernels[] = { "linux", "netbsd" };

static struct fdl_options options_of(const char *kernel)
{
	return (struct fdl_options){ .kernel = kernel };
}

/* Starts a machine with the n-th allocation failing. Whether one failed. */
static bool start(const struct fdl_options *o, size_t n, bool lasting)
{
	struct fdl_machine *m = NULL;
	const size_t live = failing_malloc_live();
	int error;
	bool failed;
	char why[256];

	failing_malloc_arm(n, lasting);
	error = fdl_machine_new(o, &m);
	failed = failing_malloc_disarm();
	if (error) {
		assert_int_equal(error, -ENOMEM);
		assert_true(failed);
	} else {
		assert_int_equal(fdl_machine_check(m, why, sizeof(why)), 0);
		fdl_machine_free(m);
	}
	if (failing_malloc_live() > live)
		fail_msg("%s: leaks when allocation %zu fails", o->kernel, n);
	return failed;
}

static void a_start(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const struct fdl_options o = options_of(kernels[k]);
		struct fdl_machine *m;

		/* The tables of calls, which are made once and stay, are not made yet. */
		for (size_t n = 1; n < 8; n++) {
			failing_malloc_arm(n, true);
			assert_int_equal(fdl_machine_new(&o, &m), -ENOMEM);
			failing_malloc_disarm();
		}
		for (size_t n = 8; n < ALLOCATIONS_MAX; n += 97) {
			failing_malloc_arm(n, true);
			if (fdl_machine_new(&o, &m) == 0) {
				fdl_machine_free(m);
				break;
			}
			failing_malloc_disarm();
		}
		failing_malloc_disarm();
		for (int lasting = 0; lasting < 2; lasting++) {
			size_t n = 1;

			while (start(&o, n, lasting))
				n++;
			assert_in_range(n, 10, ALLOCATIONS_MAX);
		}
	}
}

/* Lines that between them use every object; they run one after the other. */
static const char *const lines[] = {
	"1 pipe([3, 4]) = 0",
	"1 dup2(3, 100)",
	"1 fork()",
	"2 read(3, ..., 10)",
	"1 write(4, \"x\"..., 5000)",
	"1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600)",
	"1 write(5, \"hello\", 5)",
	"1 fcntl(5, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0})",
	"2 open(\"/tmp/x\", O_RDWR)",
	"2 fcntl(5, F_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0})",
	"2 interrupt",
	"1 flock(5, LOCK_EX)",
	"1 setrlimit(RLIMIT_NOFILE, {rlim_cur=500, rlim_max=600})",
	"1 mkdir(\"/tmp/d\", 0700)",
	"1 rename(\"/tmp/x\", \"/tmp/d/y\")",
	"1 link(\"/tmp/d/y\", \"/tmp/z\")",
	"1 symlink(\"z\", \"/tmp/l\")",
	"1 unlink(\"/tmp/z\")",
	"1 eventfd(0)",
	"1 timerfd_create(CLOCK_MONOTONIC, 0)",
	"1 inotify_init1(0)",
	"1 signalfd4(-1, [USR1], 8, 0)",
	"1 epoll_create1(0)",
	"1 memfd_create(\"m\", 0)",
	"1 socketpair(AF_UNIX, SOCK_STREAM, 0, [20, 21])",
	"1 sendmsg 11 [3,4]",
	"1 socket(AF_INET, SOCK_STREAM, 0)",
	"1 nanosleep({tv_sec=1, tv_nsec=0}, NULL)",
	"clock +1",
	"rcu hold",
	"1 dup2(3, 300)",
	"rcu release",
	"1 read(3, ..., 10 <unfinished ...>",
	"1 step",
	"1 finish",
	"1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)",
	"2 execve(\"/bin/true\", [\"true\", \"x\"], [])",
	"2 exit_group(0)",
	"1 wait4(-1, ..., 0, NULL)",
};

static size_t count_in_flight(const struct fdl_machine *m)
{
	size_t n = 0;

	list_for_each(pos, &m->in_flight)
		n++;
	return n;
}

/*
 * Plays the lines before the i-th, that line with its n-th allocation failing, and the rest.
 * Whether one failed.
 */
static bool play_failing(struct lab *lab, size_t i, size_t n, bool lasting)
{
	size_t in_flight;
	ssize_t error;
	bool failed;
	char what[256];

	for (size_t k = 0; k < i; k++)
		lab_submit(lab, lines[k]);
	in_flight = count_in_flight(lab->m);
	snprintf(what, sizeof(what), "%s (allocation %zu%s)", lines[i], n, lasting ? " on" : "");
	failing_malloc_arm(n, lasting);
	error = fdl_write(lab->control, lines[i], strlen(lines[i]), 0, NULL, NULL);
	failed = failing_malloc_disarm();
	lab_check(lab, what);
	if (error == -ENOMEM && count_in_flight(lab->m) > in_flight)
		fail_msg("%s: failed, and is in flight", what);
	if (lab->m->log.error)
		fail_msg("%s: the log has lost a record", what);
	for (size_t k = i + 1; k < sizeof(lines) / sizeof(lines[0]); k++)
		lab_submit(lab, lines[k]);
	lab_check(lab, what);
	return failed;
}

static void lines_of_calls(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const struct fdl_options o = options_of(kernels[k]);

		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
			bool failed = true;

			for (size_t n = 1; failed; n++) {
				const size_t live = failing_malloc_live();
				struct lab lab = { .file = __FILE__, .line = __LINE__ };
				fdl_ino ino;

				assert_int_equal(fdl_machine_new(&o, &lab.m), 0);
				assert_int_equal(fdl_walk(lab.m, "control", &ino), 0);
				assert_int_equal(fdl_open(lab.m, ino, O_RDWR, &lab.control), 0);
				failed = play_failing(&lab, i, (n + 1) / 2, n % 2);
				fdl_close(lab.control);
				fdl_machine_free(lab.m);
				if (failing_malloc_live() > live)
					fail_msg("%s: %s leaks", kernels[k], lines[i]);
			}
		}
	}
}

static void read_failing(struct fdl_machine *m, const char *path)
{
	bool failed = true;
	char why[256];

	for (size_t n = 1; failed; n++) {
		char *text = NULL;
		size_t len;
		int error;

		failing_malloc_arm((n + 1) / 2, n % 2);
		error = fdl_read_file(m, path, &text, &len);
		failed = failing_malloc_disarm();
		if (!error)
			free(text);
		else if (failed && error != -ENOMEM)
			fail_msg("%s: %s when memory runs out", path, strerror(-error));
	}
	assert_int_equal(fdl_machine_check(m, why, sizeof(why)), 0);
}

/*
 * Calls look for every file below a directory; what tasks' files and the kernel's say stands in two
 * levels.
 */
static void each_file(struct fdl_machine *m, const char *dir, unsigned depth,
		      void (*look)(struct fdl_machine *m, const char *path))
{
	uint64_t cookie = 0;
	struct fdl_dirent de;
	fdl_ino ino;

	assert_int_equal(fdl_walk(m, dir, &ino), 0);
	while (fdl_readdir(m, ino, &cookie, &de) > 0) {
		char path[512];

		if (!strcmp(de.name, ".") || !strcmp(de.name, "..") || !strcmp(de.name, "rootfs"))
			continue;
		snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", de.name);
		if (S_ISDIR(de.mode) && depth)
			each_file(m, path, depth - 1, look);
		else if (S_ISREG(de.mode) || S_ISLNK(de.mode))
			look(m, path);
	}
}

static struct fdl_machine *busy_machine(const char *kernel)
{
	const struct fdl_options o = options_of(kernel);
	struct fdl_machine *m;

	assert_int_equal(fdl_machine_new(&o, &m), 0);
	for (size_t i = 0; i < 28; i++)
		fdl_write_file(m, "control", lines[i], strlen(lines[i]));
	return m;
}

static void texts_of_files(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const size_t live = failing_malloc_live();
		struct fdl_machine *m = busy_machine(kernels[k]);

		each_file(m, "", 4, read_failing);
		fdl_machine_free(m);
		assert_int_equal(failing_malloc_live(), live);
	}
}

/* A machine without tasks is looked at as any other is. */
static void read_once(struct fdl_machine *m, const char *path)
{
	char *text;
	size_t len;

	if (fdl_read_file(m, path, &text, &len) == 0)
		free(text);
}

static void write_each(struct fdl_machine *m)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fdl_write_file(m, "control", lines[i], strlen(lines[i]));
	fdl_write_file(m, "sys/fs/nr_open", "512\n", 4);
	fdl_write_file(m, "sys/fs/file-max", "512\n", 4);
}

/* Whether an allocation failed. */
static bool reset_failing(const char *kernel, const char *to, size_t n, bool lasting)
{
	const struct fdl_options o = options_of(to);
	struct fdl_machine *m = busy_machine(kernel);
	char why[256];
	bool failed;
	int error;

	failing_malloc_arm(n, lasting);
	error = fdl_machine_reset(m, &o);
	failed = failing_malloc_disarm();
	if (error) {
		assert_int_equal(error, -ENOMEM);
		assert_int_equal(fdl_machine_check(m, why, sizeof(why)), 0);
		each_file(m, "", 4, read_once);
		write_each(m);
		assert_int_equal(fdl_write_file(m, "control", "reset\n", 6), 0);
	}
	assert_int_equal(fdl_machine_check(m, why, sizeof(why)), 0);
	write_each(m);
	each_file(m, "", 1, read_once);
	fdl_machine_free(m);
	return failed;
}

static void a_reset(void **state)
{
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		bool failed = true;

		for (size_t n = 1; failed; n++) {
			const size_t live = failing_malloc_live();

			failed = reset_failing(kernels[k / 2], kernels[k % 2], (n + 1) / 2, n % 2);
			if (failing_malloc_live() > live)
				fail_msg("a reset leaks when allocation %zu fails", n / 2);
		}
	}
}

/* The log may be what took the last memory: then a reset must not wait for room in it. */
static void a_reset_by_the_control_file_when_the_log_has_no_room(void **state)
{
	static const char call[] = "1 dup2(0, 9)\n", reset[] = "reset\n";
	struct fdl_machine *m = busy_machine("linux");
	struct fdl_handle *control;
	fdl_ino ino;
	ssize_t n;

	(void)state;
	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_WRONLY, &control), 0);
	failing_malloc_arm(1, true);
	do
		n = fdl_write(control, call, sizeof(call) - 1, 0, NULL, NULL);
	while (n > 0);
	assert_int_equal(n, -ENOMEM);
	assert_int_equal(fdl_write(control, reset, sizeof(reset) - 1, 0, NULL, NULL), -ENOMEM);
	assert_true(failing_malloc_disarm());
	assert_int_equal(fdl_walk(m, "1", &ino), -ENOENT);
	assert_int_equal(fdl_write(control, reset, sizeof(reset) - 1, 0, NULL, NULL),
			 sizeof(reset) - 1);
	assert_int_equal(fdl_walk(m, "1", &ino), 0);
	fdl_close(control);
	fdl_machine_free(m);
}

/*
 * A text that was made elsewhere is the callee's, even where the file has its own way to be opened.
 */
static void a_text_made_elsewhere(void **state)
{
	static const char *const files[] = { "control", "open_files" };
	struct fdl_machine *m = busy_machine("linux");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bool failed = true;
		fdl_ino ino;

		assert_int_equal(fdl_walk(m, files[i], &ino), 0);
		for (size_t n = 1; failed; n++) {
			const size_t live = failing_malloc_live();
			/* It is old: the machine does not keep it. */
			struct fdl_made made = { .text = malloc(1),
						 .len = 0,
						 .generation = UINT64_MAX };
			struct fdl_handle *h;
			int error;

			assert_non_null(made.text);
			made.text[0] = '\0';
			failing_malloc_arm(n, false);
			error = fdl_open_made(m, ino, O_RDONLY, &made, &h);
			failed = failing_malloc_disarm();
			assert_int_equal(error, failed ? -ENOMEM : 0);
			if (!error)
				fdl_close(h);
			if (failing_malloc_live() > live)
				fail_msg("%s: leaks when allocation %zu fails", files[i], n);
		}
	}
	fdl_machine_free(m);
}

/* Makes the tables of calls, which stay, and would be taken for a leak. */
static int make_call_tables(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++)
		fdl_machine_free(busy_machine(kernels[k]));
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start),
		cmocka_unit_test_setup(lines_of_calls, make_call_tables),
		cmocka_unit_test_setup(texts_of_files, make_call_tables),
		cmocka_unit_test_setup(a_reset, make_call_tables),
		cmocka_unit_test_setup(a_reset_by_the_control_file_when_the_log_has_no_room,
				       make_call_tables),
		cmocka_unit_test_setup(a_text_made_elsewhere, make_call_tables),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
