#include "support/history_lab.h"

struct fdl_history *history;

int history_lab_setup(void **state)
{
	return control_lab_setup(state) || fdl_history_new(m, 0, &history) ? -1 : 0;
}

int history_lab_teardown(void **state)
{
	fdl_history_free(history);
	return control_lab_teardown(state);
}
