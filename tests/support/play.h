/*
 * Helpers of the tests of the model: a machine for each test, played with lines of the notation and
 * the directives of scenarios. After every line the machine's invariants are checked, unless the
 * test breaks them on purpose.
 */
#ifndef PLAY_H
#define PLAY_H

#include "fdlab.h"
#include "linux/fdtable.h"
#include "linux/files.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct lab {
	struct fdl_machine *m;
	struct fdl_handle *control; /* that of the root */
	char replies[65536];        /* to the last line */
	bool unsound;               /* the test breaks invariants: they are not checked */
	const char *file;           /* the current lines, for messages */
	int line;
};

/* Plays calls, echo and expect, one after the other, as a scenario has them. */
#define PLAY(lab, ...) lab_play(lab, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)

/*
 * A test of one machine with the default options; another machine starts with a line "reset ...".
 */
#define LAB_TEST(f) cmocka_unit_test_setup_teardown(f, lab_setup, lab_teardown)

int lab_setup(void **state);

int lab_teardown(void **state);

void lab_check(struct lab *lab, const char *line);

/* Writes a line to the root's control file; lab->replies has the replies. */
void lab_submit(struct lab *lab, const char *line);

void lab_call(struct lab *lab, const char *line);

void lab_play(struct lab *lab, const char *const *lines, const char *file, int line);

/* Runs a call to its end, and returns the points that it passes, in order, separated by blanks. */
void lab_points(struct lab *lab, const char *call, const char *wanted);

/* The table of a task, for what the tree does not show. */
struct files_struct *lab_files(struct lab *lab, int pid);

/* Opens descriptors of task pid from its lowest free one up to last. */
void lab_fill(struct lab *lab, int pid, int last);

#endif
