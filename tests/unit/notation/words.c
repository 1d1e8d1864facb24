/*
 * The words of the notation as programs list them: rows of calls, preemption points, lines of help.
 */
#include "fdlab.h"
#include "support/control_lab.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void each_row_is_found_by_its_name(void **state)
{
	const struct fdl_row *row, *before = NULL;
	size_t n = 0, calls = 0;

	(void)state;
	for (; (row = fdl_row_at(m, n)) != NULL; n++) {
		const char *name = fdl_row_name(row);
		const bool first = !before || strcmp(fdl_row_name(before), name) != 0;

		assert_non_null(fdl_row_find(m, name));
		if (first)
			assert_ptr_equal(fdl_row_find(m, name), row);
		calls += first;
		before = row;
	}
	assert_true(calls > 100);
	assert_true(n > calls); /* fcntl has a row for each command */
	assert_null(fdl_row_at(m, n + 1));
	assert_ptr_equal(fdl_row_find(m, "waitpid"), fdl_row_find(m, "wait4"));
}

static void calls_that_the_kernel_lacks_are_not_listed(void **state)
{
	const struct fdl_row *row;
	bool closefrom = false;

	(void)state;
	assert_int_equal(submit("reset kernel=netbsd"), 0);
	for (size_t i = 0; (row = fdl_row_at(m, i)) != NULL; i++) {
		assert_string_not_equal(fdl_row_name(row), "epoll_wait");
		closefrom |= !strcmp(fdl_row_name(row), "closefrom");
	}
	assert_true(closefrom);
	assert_non_null(fdl_row_find(m, "epoll_wait"));
}

static void calls_stop_at_each_point(void **state)
{
	const char *point;
	size_t n = 0;

	(void)state;
	for (; (point = fdl_point_name(m, n)) != NULL; n++) {
		char line[128];

		/* The point is known, though dup does not pass all of them. */
		snprintf(line, sizeof(line), "dup(0 <unfinished at %s ...>", point);
		assert_int_not_equal(submit(line), -EINVAL);
		submit("reset");
	}
	assert_true(n > 5);
	assert_null(fdl_point_name(m, n + 1));
	assert_int_equal(submit("dup(0 <unfinished at nowhere ...>"), -EINVAL);
}

static void each_command_is_taken_by_the_control_file(void **state)
{
	const struct fdl_command *command;
	size_t n = 0;

	(void)state;
	for (; (command = fdl_command_at(n)) != NULL; n++) {
		char line[64], reply[256];
		ssize_t len;

		/* Arguments that no command takes: it is refused, and not for want of a call. */
		snprintf(line, sizeof(line), "%s ]\n", command->name);
		assert_int_equal(put(control, line), -EINVAL);
		len = fdl_read(control, reply, sizeof(reply) - 1, 0, 0);
		assert_true(len > 0);
		reply[len] = '\0';
		assert_null(strstr(reply, "there is no call"));
		assert_true(*command->args && *command->words);
		assert_int_equal(command->starts_over, !strcmp(command->name, "reset"));
	}
	assert_int_equal(n, 6);
	assert_null(fdl_command_at(n + 1));
}

static void each_system_call_has_a_line_of_help(void **state)
{
	const struct fdl_row *row;
	const struct fdl_about *about;

	(void)state;
	for (size_t i = 0; (row = fdl_row_at(m, i)) != NULL; i++) {
		const char *name = fdl_row_name(row);

		for (size_t j = 0; (about = fdl_about(j)) != NULL; j++) {
			if (!strcmp(about->name, name))
				break;
		}
		if (!fdl_row_is_internal(row) && !about)
			fail_msg("%s has no line of help", name);
	}
	assert_non_null(fdl_about(0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		control_test(each_row_is_found_by_its_name),
		control_test(calls_that_the_kernel_lacks_are_not_listed),
		control_test(calls_stop_at_each_point),
		control_test(each_command_is_taken_by_the_control_file),
		control_test(each_system_call_has_a_line_of_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
