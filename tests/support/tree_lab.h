/*
 * Helpers of the tests of the tree: a machine, calls submitted to it as lines, and its files as
 * strings. Any error fails the test.
 */
#ifndef TREE_LAB_H
#define TREE_LAB_H

#include "fdlab.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern struct fdl_machine *m;

int tree_lab_setup(void **state);

int tree_lab_teardown(void **state);

#define lab_test(name) cmocka_unit_test_setup_teardown(name, tree_lab_setup, tree_lab_teardown)

fdl_ino find(const char *path);

struct fdl_handle *open_file(const char *path, int flags);

/*
 * A file's text, which the test frees. Not inline: gcc 12 would take it for that of a local
 * variable.
 */
char *text_of(const char *path);

void assert_file(const char *path, const char *expected);

void assert_in_file(const char *path, const char *part);

/* Whether a directory lists a name. */
bool listed(const char *dir, const char *name);

/* The next bytes of a handle, at most one buffer. */
const char *replies(struct fdl_handle *h);

/* Writes lines to the root's control file. Returns the error of the write, or 0. */
ssize_t submit(const char *lines);

#endif
