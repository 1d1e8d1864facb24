/*
 * Helpers of the tests of the notation: lines that are parsed, and bound to the calls of
 * notation_rows.h. Any error that a test does not expect fails it.
 */
#ifndef NOTATION_LAB_H
#define NOTATION_LAB_H

#include "base/arena.h"
#include "base/text.h"
#include "notation/args.h"
#include "notation/line.h"
#include "support/notation_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

extern struct notation_lab {
	struct fdl_row rows[TEST_CALLS];
	struct arena arena; /* of every line of the program */
	struct text why;    /* the last error */
	struct text out;    /* for the test */
} notation;

/* For tests that bind lines. */
int notation_lab_setup(void **state);

int notation_lab_teardown(void **state);

/* Parses text: 0 or a negative error, whose message is in notation.why. */
int try_parse(const char *text, struct line *l);

struct line parse(const char *text);

/* Parsing text fails with this message. */
void parsing_fails(const char *text, const char *message);

#define is(got, len, want)                                                                         \
	do {                                                                                       \
		assert_int_equal(len, strlen(want));                                               \
		assert_memory_equal(got, want, len);                                               \
	} while (0)

/* The argument of a line at this place, from 0. */
const struct fdl_value *argument(const struct line *l, size_t n);

/* A line, its row and its arguments. The line's text is no longer there. */
struct bound {
	struct line line;
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

struct bound bound_of(const char *text);

/* Binding text fails with this message. */
void binding_fails(const char *text, const char *message);

/* The numbers 3, 4 and 5, as a call may have filled them in. */
extern struct fdl_arg numbers[3];

/* The arguments of text, of which the call has filled in the one at place. */
struct bound filled(const char *text, size_t place, struct fdl_arg arg);

#endif
