/*
 * Control files: a write that is made in parts does what it does in one piece, on every kernel and
 * wherever it is parted; the machine, the log, the errors and the replies are the same. Its journal
 * makes that machine again, also when other writes came between the parts.
 */
#include "support/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct written {
	struct recorder r;
	char replies[8192];
};

static void read_replies(struct written *w)
{
	const ssize_t n =
		fdl_read(w->r.files[0], w->replies, sizeof(w->replies) - 1, 0, O_NONBLOCK);

	assert_true(n >= 0 && n < (ssize_t)sizeof(w->replies) - 1);
	w->replies[n] = '\0';
}

/*
 * A machine with a second task, and a write to one of its control files; in lines: in one piece
 * if 0.
 */
static void write_it(struct written *w, const char *kernel, const char *birth, const char *path,
		     const char *text, size_t lines)
{
	const struct fdl_options o = { .kernel = kernel };

	recorder_init(&w->r, &o);
	assert_true(recorder_open(&w->r, 1, "control"));
	recorder_write(&w->r, 1, birth, strlen(birth), true);
	assert_true(recorder_open(&w->r, 0, path));
	if (lines)
		recorder_write_parts(&w->r, 0, text, strlen(text), lines);
	else
		recorder_write(&w->r, 0, text, strlen(text), false);
	read_replies(w);
}

static void assert_parts_are_the_whole(const char *kernel, const char *birth, const char *path,
				       const char *text)
{
	const struct fdl_options o = { .kernel = kernel };
	struct written whole, parts;
	struct fdl_machine *again;

	write_it(&whole, kernel, birth, path, text, 0);
	for (size_t lines = 2; lines < 9; lines++) {
		write_it(&parts, kernel, birth, path, text, lines);
		assert_string_equal(parts.replies, whole.replies);
		assert_same_machine(parts.r.m, whole.r.m);
		recorder_start(&parts.r);
		again = recorder_replay(parts.r.bytes, parts.r.len, &o);
		assert_same_machine(parts.r.m, again);
		fdl_machine_free(again);
		recorder_free(&parts.r);
	}
	recorder_free(&whole.r);
}

static const char root_lines[] = "dup 0\n"
				 "\n"
				 "# a comment\n"
				 "pipe\n"
				 "2 read(4, ..., 10)\n"
				 "2 dup 0\n"
				 "1 dupp 0\n"
				 "write 5 abc\n"
				 "close 77\n"
				 "undo 2\n"
				 "redo\n"
				 "clock +1\n"
				 "9 dup 0\n"
				 "1 dup(0 <unfinished ...>\n"
				 "step\n"
				 "finish\n"
				 "+++ nonsense\n"
				 "dup2 0 200";

static const char task_lines[] =
	"dup 0\nclose 9\ndup 0\nexit(0)\ndup 0\n2 dup 0\n1 dup 0\n\ndup 0\n";

static const char reset_lines[] =
	"dup 0\ndup 0\nreset nofile=20\ndup 0\ndup2 0 30\nreset x=1\ndup 0\n";

static const char *const kernels[] = { "linux", "netbsd" };

static void the_machine_and_the_replies_are_those_of_a_write_in_one_piece(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_parts_are_the_whole(kernels[i], "fork\n", "control", root_lines);
		assert_parts_are_the_whole(kernels[i], "fork\n", "2/control", task_lines);
		assert_parts_are_the_whole(kernels[i], "fork\n", "1/control", reset_lines);
		assert_parts_are_the_whole(kernels[i], "fork\n", "control", reset_lines);
	}
}

/*
 * The thread is gone, and not a zombie: a first part, or a write in one piece, would fail with
 * ESRCH.
 */
static void lines_after_the_end_of_their_task_have_their_complaints(void **state)
{
	struct written w;

	(void)state;
	assert_parts_are_the_whole("linux",
				   "clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|"
				   "CLONE_SIGHAND|CLONE_THREAD)\n",
				   "2/control", task_lines);
	write_it(&w, "linux",
		 "clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)\n",
		 "2/control", task_lines, 2);
	assert_non_null(strstr(w.replies, "# line 7: "));
	assert_non_null(strstr(w.replies, "there is no task 2"));
	recorder_free(&w.r);
}

/* The second client's lines stand between those of the first. */
static void other_writes_may_come_between_the_parts(void **state)
{
	static const char text[] = "dup2 0 10\ndup2 0 11\ndup2 0 12\ndup2 0 13\n";
	const size_t len = sizeof(text) - 1;
	struct recorder r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct fdl_options o = { .kernel = kernels[i] };
		struct fdl_machine *again;
		char *log;
		size_t at, n;

		recorder_init(&r, &o);
		assert_true(recorder_open(&r, 0, "control"));
		assert_true(recorder_open(&r, 1, "1/control"));
		at = recorder_write_part(&r, 0, text, len, 2, false);
		assert_int_equal(at, len / 2);
		recorder_write(&r, 1, "dup2 0 20\n", 10, false);
		assert_int_equal(recorder_write_part(&r, 0, text + at, len - at, 2, true), len / 2);
		assert_int_equal(fdl_read_file(r.m, "log", &log, &n), 0);
		assert_non_null(strstr(log, "1 dup2(0, 10) = 10\n1 dup2(0, 11) = 11\n"
					    "1 dup2(0, 20) = 20\n1 dup2(0, 12) = 12\n"
					    "1 dup2(0, 13) = 13\n"));
		free(log);
		recorder_start(&r);
		again = recorder_replay(r.bytes, r.len, &o);
		assert_same_machine(r.m, again);
		fdl_machine_free(again);
		recorder_free(&r);
	}
}

static void a_write_that_is_refused_or_has_no_lines_has_no_parts(void **state)
{
	static char text[FDL_WRITE_MAX + 1];
	struct fdl_machine *m;
	struct fdl_handle *h;
	fdl_ino ino;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_WRONLY, &h), 0);
	assert_int_equal(fdl_write_part(h, text, 5, 2), 2);
	assert_int_equal(fdl_write_part(h, text, 2, 2), 2);
	assert_int_equal(fdl_write_part(h, text, 1, 2), 1);
	assert_int_equal(fdl_write_part(h, text, sizeof(text), 2), sizeof(text));
	memset(text + 10, 'x', FDL_LINE_MAX + 1);
	assert_int_equal(fdl_write_part(h, text, 200000, 2), 200000);
	assert_int_equal(fdl_write(h, text, 200000, O_NONBLOCK, NULL, NULL), -E2BIG);
	fdl_close(h);
	assert_int_equal(fdl_open(m, ino, O_RDONLY, &h), 0);
	assert_int_equal(fdl_write_more(h, "dup 0\n", 6), -EBADF);
	fdl_close(h);
	assert_int_equal(fdl_walk(m, "sys/fs/nr_open", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_WRONLY, &h), 0);
	assert_int_equal(fdl_write_part(h, "1\n2\n3\n", 6, 2), 6);
	assert_int_equal(fdl_write_more(h, "4096\n", 5), -EINVAL);
	fdl_close(h);
	fdl_machine_free(m);
}

static void assert_file(struct fdl_machine *m, const char *path, const char *expected)
{
	char *text;
	size_t len;

	assert_int_equal(fdl_read_file(m, path, &text, &len), 0);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
	free(text);
}

/* It is no outcome: a machine that is made again from its journal lacks it. */
static void a_write_that_ended_after_some_parts_is_in_errors_alone(void **state)
{
	static const char *const paths[] = { "control", "1/control", "sys/fs/nr_open" };
	struct fdl_machine *m;
	struct fdl_handle *h;
	uint64_t generation;
	fdl_ino ino;

	(void)state;
	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	assert_int_equal(fdl_write_file(m, "1/control", "close 9\n", 8), -EBADF);
	generation = fdl_generation(m);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(fdl_walk(m, paths[i], &ino), 0);
		assert_int_equal(fdl_open(m, ino, O_WRONLY, &h), 0);
		fdl_write_cut(h, 512 * i, 4096, "reasons");
		fdl_close(h);
	}
	assert_int_equal(fdl_generation(m), generation);
	assert_file(m, "errors",
		    "1 close(9) = -1 EBADF (Bad file descriptor)\n"
		    "# control: a write of 4096 bytes ended after 0: reasons\n"
		    "# 1/control: a write of 4096 bytes ended after 512: reasons\n");
	assert_file(m, "1/control", "close(9) = -1 EBADF (Bad file descriptor)\n");
	fdl_machine_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machine_and_the_replies_are_those_of_a_write_in_one_piece),
		cmocka_unit_test(lines_after_the_end_of_their_task_have_their_complaints),
		cmocka_unit_test(other_writes_may_come_between_the_parts),
		cmocka_unit_test(a_write_that_is_refused_or_has_no_lines_has_no_parts),
		cmocka_unit_test(a_write_that_ended_after_some_parts_is_in_errors_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
