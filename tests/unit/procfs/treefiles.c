/*
 * The files of the tree that every kernel has: procfs's formats, texts of one moment, writable
 * files, and the views of a whole machine.
 */
#include "linux/linux.h"
#include "machine/call_table.h"
#include "machine/machine.h"
#include "options.h"
#include "procfs/views.h"
#include "support/tree_lab.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

/* ---- the formats of procfs ---- */

static char *kernel_text(const char *path)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "re");

	assert_non_null(text);
	if (f) {
		size_t n = fread(text, 1, 65535, f);

		text[n] = '\0';
		fclose(f);
	}
	return text;
}

/* Does a line of the text start with the first len bytes of key? */
static bool has_key(const char *text, const char *key, size_t len)
{
	for (; *text; text = strchrnul(text, '\n'), text += *text == '\n') {
		if (!strncmp(text, key, len))
			return true;
	}
	return false;
}

/* Keys of status that depend on the kernel's version, machine and configuration. */
static bool may_differ(const char *key, size_t len)
{
	static const char *const those[] = {
		"Kthread",     "HugetlbPages", "THP_enabled",
		"untag_mask",  "Seccomp",      "Speculation_Store_Bypass",
		"x86_Thread",  "Speculation",  "Mems_allowed",
		"CoreDumping", "NS",
	};

	for (size_t i = 0; i < sizeof(those) / sizeof(those[0]); i++) {
		const size_t n = strlen(those[i]);

		if (len >= n && !strncmp(key, those[i], n))
			return true;
	}
	return false;
}

static void assert_keys_in(const char *text, const char *in, const char *whose)
{
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const size_t len = strcspn(line, ":\n");

		if (line[len] == ':' && !may_differ(line, len) && !has_key(in, line, len + 1))
			fail_msg("%s has no line %.*s", whose, (int)len, line);
	}
}

static void status_has_the_lines_of_the_running_kernel(void **state)
{
	char *kernel = kernel_text("/proc/self/status"), *model = text_of("1/status");

	(void)state;
	if (!*kernel)
		skip();
	assert_keys_in(kernel, model, "the model");
	assert_keys_in(model, kernel, "the kernel");
	free(kernel);
	free(model);
}

static int count_fields(const char *stat)
{
	const char *rest = strrchr(stat, ')');
	int n = 0;

	assert_non_null(rest);
	for (; *rest; rest++)
		n += *rest == ' ';
	return n + 2;
}

static void stat_has_52_fields(void **state)
{
	char *kernel = kernel_text("/proc/self/stat"), *model = text_of("1/stat");

	(void)state;
	assert_int_equal(count_fields(model), 52);
	assert_int_equal(strncmp(model, "1 (init) R 0 1 1 0 -1 ", 22), 0);
	if (*kernel)
		assert_int_equal(count_fields(kernel), 52);
	free(kernel);
	free(model);
	assert_int_equal(submit("fork\n2 exit 3\n"), 0);
	model = text_of("2/stat");
	assert_int_equal(count_fields(model), 52);
	assert_string_equal(strrchr(model, ' '), " 768\n");
	free(model);
}

static void limits_are_laid_out_as_the_running_kernel_does(void **state)
{
	char *kernel = kernel_text("/proc/self/limits"), *model = text_of("1/limits");
	const char *k = kernel, *l = model;

	(void)state;
	assert_in_file("1/limits", "Max open files            1024                 4096"
				   "                 files     \n");
	while (*k && *l) {
		/* The name, the unit, and their columns. */
		assert_int_equal(strncmp(k, l, 26), 0);
		assert_int_equal(strcspn(k, "\n"), strcspn(l, "\n"));
		if (strcspn(k, "\n") > 68)
			assert_int_equal(strncmp(k + 67, l + 67, strcspn(k + 67, "\n")), 0);
		k = strchr(k, '\n') + 1;
		l = strchr(l, '\n') + 1;
	}
	assert_true(!*kernel || *k == *l);
	free(kernel);
	free(model);
}

static void fdinfo_has_the_lines_of_the_running_kernel(void **state)
{
	char *kernel = kernel_text("/proc/self/fdinfo/0"), *model = text_of("1/fdinfo/0");

	(void)state;
	if (!*kernel)
		skip();
	/* ino exists since Linux 5.14, and a terminal or a socket may have lines of its own. */
	assert_int_equal(strncmp(model, "pos:\t0\nflags:\t0100002\nmnt_id:\t", 30), 0);
	assert_int_equal(strncmp(kernel, "pos:\t", 5), 0);
	assert_true(has_key(kernel, "flags:\t0", 8));
	assert_true(has_key(kernel, "mnt_id:\t", 8));
	assert_true(has_key(model, "ino:\t", 5));
	free(kernel);
	free(model);
}

static void a_call_that_blocks_shows_in_syscall_wchan_and_stack(void **state)
{
	(void)state;
	assert_int_equal(submit("pipe([3, 4]) = 0\nfork() = 2\n"), 0);
	assert_file("2/syscall", "running\n");
	assert_file("2/wchan", "0");
	assert_file("2/stack", "");
	assert_in_file("2/status", "State:\tR (running)\n");
	assert_int_equal(submit("2 read 3 10\n"), 0);
	assert_in_file("2/syscall", " 0x3 0x");
	assert_in_file("2/syscall", " 0xa 0x0 0x0 0x0 0x");
	assert_file("2/wchan", "pipe_read");
	assert_in_file("2/stack", "[<0>] pipe_read+0x0/0x0\n[<0>] __x64_sys_read+0x0/0x0\n");
	assert_in_file("2/status", "State:\tS (sleeping)\n");
	assert_int_equal(submit("1 write 4 x\n"), 0);
	assert_file("2/syscall", "running\n");
}

static void a_call_that_stopped_shows_its_point(void **state)
{
	(void)state;
	assert_int_equal(submit("dup(0 <unfinished at fd_install ...>"), 0);
	assert_file("1/wchan", "fd_install");
	assert_in_file("1/stack", "[<0>] fd_install+0x0/0x0\n");
	assert_in_file("1/status", "State:\tR (running)\n");
	assert_in_file("1/files/slots", "\t-\t");
}

static void meminfo_stands_in_the_columns_of_the_running_kernel(void **state)
{
	char *kernel = kernel_text("/proc/meminfo"), *model = text_of("meminfo");

	(void)state;
	if (*kernel)
		assert_int_equal(strcspn(kernel, "\n"), strcspn(model, "\n"));
	assert_keys_in(model, *kernel ? kernel : model, "the kernel");
	free(kernel);
	free(model);
}

/* ---- texts and their moments ---- */

static void a_text_is_of_one_moment_until_it_is_read_from_its_start(void **state)
{
	struct fdl_handle *h;
	char first[512], rest[512];
	ssize_t n, k;
	char *whole = text_of("1/files/slots");

	(void)state;
	h = open_file("1/files/slots", O_RDONLY);
	n = fdl_read(h, first, 10, 0, 0);
	assert_int_equal(n, 10);
	assert_int_equal(submit("dup 0"), 0);
	k = fdl_read(h, rest, sizeof(rest), 10, 0);
	assert_int_equal((size_t)(n + k), strlen(whole));
	assert_memory_equal(first, whole, 10);
	assert_memory_equal(rest, whole + 10, (size_t)k);
	assert_true(fdl_read(h, rest, sizeof(rest), 0, 0) > n + k);
	assert_int_equal(fdl_read(h, rest, sizeof(rest), 100000, 0), 0);
	assert_int_equal(fdl_read(h, rest, sizeof(rest), -1, 0), -EINVAL);
	fdl_close(h);
	free(whole);
}

static void files_open_only_for_what_they_are(void **state)
{
	struct fdl_handle *h;

	(void)state;
	assert_int_equal(fdl_open(m, FDL_ROOT, O_RDONLY, &h), -EISDIR);
	assert_int_equal(fdl_open(m, find("1/cwd"), O_RDONLY, &h), -ELOOP);
	assert_int_equal(fdl_open(m, find("version"), O_WRONLY, &h), -EACCES);
	assert_int_equal(fdl_open(m, find("sys/fs/file-nr"), O_RDWR, &h), -EACCES);
	assert_int_equal(fdl_open(m, find("version"), O_ACCMODE, &h), -EINVAL);
	h = open_file("sys/fs/nr_open", O_WRONLY | O_TRUNC);
	assert_int_equal(fdl_read(h, (char[1]){ 0 }, 1, 0, 0), -EBADF);
	fdl_close(h);
	h = open_file("sys/fs/nr_open", O_RDONLY);
	assert_int_equal(fdl_write(h, "100", 3, 0, NULL, NULL), -EBADF);
	fdl_close(h);
}

static void the_log_can_be_followed(void **state)
{
	struct fdl_handle *h = open_file("log", O_RDONLY);
	char buf[4096];
	ssize_t n = fdl_read(h, buf, sizeof(buf), 0, 0);

	(void)state;
	assert_true(n >= 0);
	assert_false(fdl_is_stream(h));
	assert_false(fdl_poll(h) & POLLIN);
	assert_int_equal(submit("dup2(0, 10) = 10"), 0);
	assert_true(fdl_poll(h) & POLLIN);
	assert_int_equal(fdl_read(h, buf, sizeof(buf), n, 0), 19);
	assert_memory_equal(buf, "1 dup2(0, 10) = 10\n", 19);
	assert_false(fdl_poll(h) & POLLIN);
	fdl_close(h);
}

/* ---- files that are written ---- */

static void nr_open_takes_what_the_kernel_takes(void **state)
{
	static const char *const wrong[] = { "63", "2147483585", "abc", "",
					     "-1", "100x",       "1 2", "18446744073709551716" };

	(void)state;
	assert_file("sys/fs/nr_open", "1048576\n");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char line[64];

		snprintf(line, sizeof(line), "%s\n", wrong[i]);
		assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", line, strlen(line)), -EINVAL);
	}
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "64\0", 3), -EINVAL);
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "64\n65\n", 6), -EINVAL);
	assert_file("sys/fs/nr_open", "1048576\n");
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "64", 2), 0);
	assert_file("sys/fs/nr_open", "64\n");
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", " 0x7fffffc0 \n", 13), 0);
	assert_file("sys/fs/nr_open", "2147483584\n");
}

static void file_max_and_file_nr_count_descriptions(void **state)
{
	(void)state;
	assert_file("sys/fs/file-nr", "1\t0\t1048576\n");
	assert_int_equal(fdl_write_file(m, "sys/fs/file-max", "0\n", 2), 0);
	assert_file("sys/fs/file-nr", "1\t0\t0\n");
	assert_int_equal(fdl_write_file(m, "sys/fs/file-max", "-1\n", 3), -EINVAL);
	assert_int_equal(submit("open /etc/passwd"), -ENFILE);
}

static void a_write_is_a_line_of_the_log(void **state)
{
	(void)state;
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "100\n", 4), 0);
	assert_int_equal(fdl_write_file(m, "sys/fs/nr_open", "1\n", 2), -EINVAL);
	assert_int_equal(fdl_write_file(m, "1/task/1/comm", "shell", 5), 0);
	assert_in_file("log", "echo 100 > sys/fs/nr_open\necho shell > 1/task/1/comm\n");
}

static void comm_takes_15_bytes(void **state)
{
	(void)state;
	assert_int_equal(fdl_write_file(m, "1/comm", "a name that is long\n", 20), 0);
	assert_file("1/comm", "a name that is \n");
	assert_in_file("1/stat", "1 (a name that is ) R ");
}

static void fail_nth_is_armed_by_writing_and_shows_what_is_left(void **state)
{
	(void)state;
	assert_file("1/fail-nth", "0\n");
	assert_int_equal(fdl_write_file(m, "1/fail-nth", "3\n", 2), 0);
	assert_file("1/fail-nth", "3\n");
	assert_int_equal(submit("open /etc/passwd"), 0);
	assert_file("1/fail-nth", "2\n");
	assert_int_equal(fdl_write_file(m, "1/fail-nth", "x\n", 2), -EINVAL);
	assert_int_equal(fdl_write_file(m, "1/fail-nth", "1\n", 2), 0);
	assert_int_equal(submit("open /etc/passwd"), -ENOMEM);
	assert_file("1/fail-nth", "0\n");
}

/* ---- the views of all ---- */

static void open_files_tells_every_holder(void **state)
{
	(void)state;
	assert_int_equal(submit("open /etc/passwd = 3\n"
				"clone(child_stack=NULL, flags=CLONE_FILES) = 2\n"
				"1 fork() = 3\n"
				"3 fget(3)\n"),
			 0);
	/* The table that two tasks share has one reference. */
	assert_in_file("open_files", "\t3\tO_RDONLY");
	assert_in_file("open_files", "\t0\t/etc/passwd\t1&:3,3:3,3:held\t\n");
}

static void open_files_tells_what_calls_in_flight_hold(void **state)
{
	(void)state;
	assert_int_equal(submit("dup(0 <unfinished at fd_install ...>"), 0);
	assert_in_file("open_files", "\t/dev/console\t1:0,1:1,1:2,1 in dup\t\n");
}

static void dot_quotes_names(void **state)
{
	char *text;
	int quotes = 0, braces = 0;

	(void)state;
	assert_int_equal(submit("open(\"/tmp/a\\\"b\\\\c\\nd\\377\", O_RDWR|O_CREAT, 0644) = 3"),
			 0);
	assert_in_file("dot", "label=\"/tmp/a\\\"b\\\\\\\\c\\\\x0ad\\\\xff\\l");
	text = text_of("dot");
	for (const char *s = text; *s; s++) {
		if (*s == '\\')
			s++;
		else if (*s == '"')
			quotes++;
		else if (quotes % 2 == 0)
			braces += (*s == '{') - (*s == '}');
		else
			assert_true((unsigned char)*s >= ' ' && (unsigned char)*s < 0x80);
	}
	assert_int_equal(quotes % 2, 0);
	assert_int_equal(braces, 0);
	free(text);
}

static void dot_leads_from_tasks_to_objects(void **state)
{
	(void)state;
	assert_int_equal(submit("fork\n"), 0);
	assert_in_file("dot", "\ttask1 -> table1;\n");
	assert_in_file("dot", "\ttask2 -> table2;\n");
	assert_int_equal(submit("2 open /etc/passwd"), 0);
	assert_in_file("dot", "\ttable2:fd3 -> file2;\n");
	assert_in_file("dot", "\tfile2 -> object");
	assert_int_equal(submit("dup(0 <unfinished at fd_install ...>"), 0);
	assert_in_file("dot", "\\ldup stopped at fd_install\"];\n");
}

static void the_kernel_has_its_own_files(void **state)
{
	(void)state;
	assert_file("1/files/open_fds_list", "0-2\n");
	assert_file("1/files/max_fds", "64\n");
	assert_file("1/task/1/files/count", "1\n");
	assert_true(listed("", "rcu"));
}

static void times_are_those_that_the_machine_was_told(void **state)
{
	struct stat st;

	(void)state;
	fdl_machine_stamp(m, (struct timespec){ .tv_sec = 1000, .tv_nsec = 7 });
	assert_int_equal(submit("fork"), 0);
	fdl_machine_stamp(m, (struct timespec){ .tv_sec = 1010, .tv_nsec = 7 });
	assert_int_equal(fdl_getattr(m, find("2"), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1000);
	assert_int_equal(st.st_mtim.tv_nsec, 7);
	assert_int_equal(fdl_getattr(m, find("2/status"), &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1010);
}

/* Otherwise the same commands would not give the same texts. */
static void stamps_pass_no_time(void **state)
{
	(void)state;
	fdl_machine_stamp(m, (struct timespec){ .tv_sec = 1000, .tv_nsec = 7 });
	assert_in_file("stat", "\nbtime 1000\n");
	fdl_machine_stamp(m, (struct timespec){ .tv_sec = 1010, .tv_nsec = 7 });
	assert_int_equal(submit("fork"), 0);
	assert_file("uptime", "0.00 0.00\n");
	assert_in_file("stat", "\nbtime 1000\n");
	assert_in_file("2/stat", " 0 0 20 0 1 0 0 ");
	assert_int_equal(fdl_write_file(m, "control", "clock +2.5\n", 11), 0);
	assert_int_equal(submit("fork"), 0);
	assert_file("uptime", "2.50 2.50\n");
	assert_in_file("stat", "\ncpu0 0 0 0 250 0 ");
	assert_in_file("3/stat", " 0 0 20 0 1 0 250 ");
}

/* Otherwise `syscall` would report that a task that waits in it is in none. */
static void every_call_that_may_wait_has_its_number(void **state)
{
	const struct call_table *t = call_table_get(&linux_kernel, all_kernels);
	size_t known = 0;

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < t->nrows; i++) {
		const struct call_row *call = t->rows[i].call;

		if (call->flags & CALL_INTERNAL ||
		    !(call->flags & (CALL_MAY_BLOCK | CALL_MAY_OPEN)))
			continue;
		if (proc_call_number(call) < 0)
			fail_msg("%s has no number", call->name);
		known++;
	}
	assert_true(known > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_that_may_wait_has_its_number),
		lab_test(status_has_the_lines_of_the_running_kernel),
		lab_test(stat_has_52_fields),
		lab_test(limits_are_laid_out_as_the_running_kernel_does),
		lab_test(fdinfo_has_the_lines_of_the_running_kernel),
		lab_test(a_call_that_blocks_shows_in_syscall_wchan_and_stack),
		lab_test(a_call_that_stopped_shows_its_point),
		lab_test(meminfo_stands_in_the_columns_of_the_running_kernel),
		lab_test(a_text_is_of_one_moment_until_it_is_read_from_its_start),
		lab_test(files_open_only_for_what_they_are),
		lab_test(the_log_can_be_followed),
		lab_test(nr_open_takes_what_the_kernel_takes),
		lab_test(file_max_and_file_nr_count_descriptions),
		lab_test(a_write_is_a_line_of_the_log),
		lab_test(comm_takes_15_bytes),
		lab_test(fail_nth_is_armed_by_writing_and_shows_what_is_left),
		lab_test(open_files_tells_every_holder),
		lab_test(open_files_tells_what_calls_in_flight_hold),
		lab_test(dot_quotes_names),
		lab_test(dot_leads_from_tasks_to_objects),
		lab_test(the_kernel_has_its_own_files),
		lab_test(times_are_those_that_the_machine_was_told),
		lab_test(stamps_pass_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
