/*
 * Helpers of the tests of control files: an open handle of the root's control file, and lines
 * written to it. Any error that a test does not expect fails it.
 */
#ifndef CONTROL_LAB_H
#define CONTROL_LAB_H

#include "support/tree_lab.h"

#include <sys/types.h>

extern struct fdl_handle *control;

int control_lab_setup(void **state);

int control_lab_teardown(void **state);

#define control_test(name)                                                                         \
	cmocka_unit_test_setup_teardown(name, control_lab_setup, control_lab_teardown)

/* The result that a waiting writer got. */
struct waiter {
	unsigned told; /* how often it was told one */
	ssize_t result;
};

/* For fdl_write: ctx is a struct waiter. */
void tell(void *ctx, ssize_t result);

/* Writes lines without waiting. */
ssize_t put(struct fdl_handle *h, const char *lines);

/* A write to the root's control file that succeeds, and its reply. */
void assert_reply(const char *lines, const char *reply);

/* A write of one line that fails, and its reply. */
void assert_refused(const char *line, int error, const char *reply);

#endif
