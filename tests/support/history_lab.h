/* Set-up of tests of a machine with a history: that of control files, and the history. */
#ifndef HISTORY_LAB_H
#define HISTORY_LAB_H

#include "support/control_lab.h"

extern struct fdl_history *history;

int history_lab_setup(void **state);

int history_lab_teardown(void **state);

#define history_test(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, history_lab_setup, history_lab_teardown)

#endif
