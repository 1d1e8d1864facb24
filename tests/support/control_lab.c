#include "support/control_lab.h"

struct fdl_handle *control;

int control_lab_setup(void **state)
{
	if (tree_lab_setup(state))
		return -1;
	control = open_file("control", O_RDWR);
	return 0;
}

int control_lab_teardown(void **state)
{
	fdl_close(control);
	return tree_lab_teardown(state);
}

void tell(void *ctx, ssize_t result)
{
	struct waiter *w = ctx;

	w->told++;
	w->result = result;
}

ssize_t put(struct fdl_handle *h, const char *lines)
{
	return fdl_write(h, lines, strlen(lines), O_NONBLOCK, NULL, NULL);
}

void assert_reply(const char *lines, const char *reply)
{
	assert_int_equal(put(control, lines), strlen(lines));
	assert_string_equal(replies(control), reply);
}

void assert_refused(const char *line, int error, const char *reply)
{
	assert_int_equal(put(control, line), -error);
	assert_string_equal(replies(control), reply);
}
