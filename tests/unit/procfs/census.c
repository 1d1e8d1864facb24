/*
 * Texts of large machines: none is tasks times descriptors, a census serves all of fdinfo/, and a
 * text is no longer than the option text_limit allows.
 */
#include "base/text.h"
#include "machine/machine.h"
#include "support/tree_lab.h"
#include "tree/texts.h"

#include <errno.h>
#include <stdio.h>

#define THREAD "clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)"

/* Runs a line so many times, in writes that a control file takes. */
static void repeat(const char *line, int n)
{
	struct text t = TEXT_EMPTY;

	for (int i = 0; i < n; i++) {
		text_puts(&t, line);
		text_putc(&t, '\n');
		if (t.len < FDL_WRITE_MAX / 2 && i < n - 1)
			continue;
		assert_int_equal(submit(t.s), 0);
		text_clear(&t);
	}
	text_free(&t);
}

static int reset(const char *options)
{
	char line[100];

	snprintf(line, sizeof(line), "reset %s", options);
	return (int)submit(line);
}

static size_t length(const char *path)
{
	char *text = text_of(path);
	const size_t len = strlen(text);

	free(text);
	return len;
}

static void a_table_of_many_tasks_is_named_once(void **state)
{
	(void)state;
	assert_int_equal(submit("pipe\n" THREAD "\n" THREAD "\n1 fork\n" THREAD), 0);
	assert_in_file("open_files", "\t/dev/console\t1&:0,1&:1,1&:2,4:0,4:1,4:2\t\n");
	assert_in_file("open_files", "\t1&:3,4:3\t1&:4,4:4\n");
	assert_in_file("open_files", "\n\ntable\ttasks\n1&\t1-3,5\n");
	assert_in_file("1/fdinfo/3", "other_end:\t1&:4,4:4\n");
	assert_in_file("4/fdinfo/4", "other_end:\t1&:3,4:3\n");
}

static void a_table_that_is_held_by_hand_alone_is_named_once(void **state)
{
	(void)state;
	assert_int_equal(submit("open /etc/passwd\nfork\nfork\n2 get_files_struct(1)\n"
				"3 get_files_struct(1)\n1 kill 2 0\n1 unshare CLONE_FILES\n"),
			 0);
	assert_in_file("open_files", "\t/etc/passwd\t1:3,2:3,3:3,2&:held:3\t\n");
	assert_in_file("open_files", "\n\ntable\ttasks\n2&:held\t2-3\n");
}

static void a_call_in_flight_is_named_by_what_it_holds(void **state)
{
	(void)state;
	assert_int_equal(submit("pipe\n" THREAD "\n" THREAD "\n1 read(3, ..., 10)\n"
				"2 close(3 <unfinished at filp_close ...>\n"
				"3 open(\"/etc/passwd\", O_RDONLY <unfinished at fd_install ...>"),
			 0);
	assert_in_file("open_files", "\t1 in read,2 in close\t1&:4\n");
	assert_in_file("open_files", "\t/etc/passwd\t3 in open\t\n");
	assert_in_file("1/fdinfo/4", "other_end:\t1 in read,2 in close\n");
	assert_int_equal(submit("2 finish\n3 step\n3 dup2(0, 3 <unfinished at filp_close ...>"), 0);
	assert_in_file("open_files", "\t1 in read\t1&:4\n");
	assert_in_file("open_files", "\t/etc/passwd\t3 in dup2\t\n");
}

static void poll_is_named_for_each_description(void **state)
{
	(void)state;
	assert_int_equal(submit("pipe\n" THREAD "\n1 poll([{fd=3, events=POLLIN}], 1, -1)"), 0);
	assert_in_file("open_files", "\t1&:3,1 in poll\t1&:4\n");
}

/* The lengths of the texts of n tasks that share a table with n descriptors, one pipe's. */
static void measure(int n, size_t length_of[], const char *const files[], size_t nfiles)
{
	assert_int_equal(reset(""), 0);
	assert_int_equal(submit("pipe"), 0);
	repeat("1 dup 4", n);
	repeat("1 " THREAD, n);
	for (size_t i = 0; i < nfiles; i++)
		length_of[i] = length(files[i]);
}

static void no_text_is_tasks_times_descriptors(void **state)
{
	static const char *const files[] = { "open_files", "state.json",    "dot",
					     "1/fdinfo/3", "1/files/slots", "1/files/fdtable",
					     "1/status",   "1/maps" };
	enum { N = sizeof(files) / sizeof(files[0]) };
	size_t small[N], large[N];

	(void)state;
	measure(300, small, files, N);
	measure(600, large, files, N);
	for (size_t i = 0; i < N; i++) {
		if (large[i] > small[i] * 12 / 5)
			fail_msg("%s: %zu bytes, then %zu", files[i], small[i], large[i]);
	}
}

static void all_of_fdinfo_needs_one_census(void **state)
{
	char path[32];
	uint64_t before;

	(void)state;
	assert_int_equal(submit("pipe"), 0);
	repeat("1 dup 4", 400);
	repeat("1 " THREAD, 1000);
	before = m->censuses;
	for (int fd = 3; fd < 405; fd++) {
		snprintf(path, sizeof(path), "1/fdinfo/%d", fd);
		assert_true(length(path) > 0);
	}
	assert_int_equal(m->censuses, before + 1);
	/* The next one is of the machine as it is then. */
	assert_int_equal(submit("1 close 5"), 0);
	assert_in_file("1/fdinfo/3", "other_end:\t1&:4,1&:6,");
	assert_int_equal(m->censuses, before + 2);
}

static void a_text_longer_than_the_limit_is_EFBIG_and_errors_says_so(void **state)
{
	static const char *const files[] = { "open_files", "state.json", "dot", "1/files/slots",
					     "1/files/fdtable" };
	char line[128];

	(void)state;
	assert_int_equal(reset("text_limit=64K nofile=4096"), 0);
	for (int i = 0; i < 20; i++)
		repeat("open /etc/passwd", 150);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct fdl_handle *h;

		assert_int_equal(fdl_open(m, find(files[i]), O_RDONLY, &h), -EFBIG);
		snprintf(line, sizeof(line),
			 "# %s: longer than the option text_limit allows (65536 bytes)\n",
			 files[i]);
		assert_in_file("errors", line);
	}
	assert_in_file("1/status", "FDSize:\t");
	assert_int_equal(reset("text_limit=1M nofile=4096"), 0);
	for (int i = 0; i < 20; i++)
		repeat("open /etc/passwd", 150);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_true(length(files[i]) > 10000);
}

static void fdinfo_of_a_pipe_is_shown_where_there_is_too_much_to_search(void **state)
{
	(void)state;
	assert_int_equal(reset("text_limit=64K nofile=30000 nofile_hard=30000"), 0);
	assert_int_equal(submit("pipe"), 0);
	repeat("dup 0", 20000);
	assert_in_file("1/fdinfo/3",
		       "pipe-bytes:\t0\nother_end:\ttoo many descriptors to search\n");
}

static trail_render_fn *rendered_by;
static size_t rendered;

static void count_rendered(void *ctx, uint64_t tag, const char *record, size_t len,
			   struct text *out)
{
	rendered++;
	rendered_by(ctx, tag, record, len, out);
}

/* How many records a stat of the log looks at after n calls. */
static size_t looked_at(int n)
{
	struct stat st;
	size_t size;

	assert_int_equal(reset(""), 0);
	repeat("1 dup2 0 7", n);
	rendered_by = m->log.render;
	m->log.render = count_rendered;
	rendered = 0;
	assert_int_equal(fdl_getattr(m, find("log"), &st), 0);
	m->log.render = rendered_by;
	print_message("%zu records after %d calls\n", rendered, n);
	size = length("log");
	assert_int_equal(st.st_size, size);
	return rendered;
}

static void the_size_of_a_long_log_costs_no_more_than_that_of_a_short_one(void **state)
{
	const size_t few = looked_at(100000);

	(void)state;
	assert_true(looked_at(200000) <= few + few / 5);
	assert_true(few < 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(a_table_of_many_tasks_is_named_once),
		lab_test(a_table_that_is_held_by_hand_alone_is_named_once),
		lab_test(a_call_in_flight_is_named_by_what_it_holds),
		lab_test(poll_is_named_for_each_description),
		lab_test(no_text_is_tasks_times_descriptors),
		lab_test(all_of_fdinfo_needs_one_census),
		lab_test(a_text_longer_than_the_limit_is_EFBIG_and_errors_says_so),
		lab_test(the_size_of_a_long_log_costs_no_more_than_that_of_a_short_one),
		lab_test(fdinfo_of_a_pipe_is_shown_where_there_is_too_much_to_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
