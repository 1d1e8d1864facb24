/*
 * What the tests of the tree share: a machine, calls submitted to it as lines, and its files as
 * strings. Everything fails the test where it stands.
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

/* A file's text, for the test to free. Not inline: gcc 12 takes it for a local variable's then. */
char *text_of(const char *path);

void assert_file(const char *path, const char *expected);

void assert_in_file(const char *path, const char *part);

/* Whether a directory lists a name. */
bool listed(const char *dir, const char *name);

/* What a handle has for its reader now, at most one buffer. */
const char *replies(struct fdl_handle *h);

/* Lines to the root's control file: what the write returned, or 0 for all of it. */
ssize_t submit(const char *lines);

#endif
