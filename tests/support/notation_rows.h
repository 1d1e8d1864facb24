/*
 * The calls that the tests of the notation read and print: at least one for each type of argument.
 * None of them runs.
 */
#ifndef NOTATION_ROWS_H
#define NOTATION_ROWS_H

#include "base/text.h"
#include "notation/args.h"
#include "notation/line.h"

#include <stdbool.h>

#define TEST_CALLS 37

/* Compiles all of them. False: why has the one that is wrong. */
bool test_rows_compile(struct fdl_row rows[TEST_CALLS], struct text *why);

/* The row of a line's call, or NULL. */
const struct fdl_row *test_row(const struct fdl_row rows[TEST_CALLS], const struct line *line);

#endif
