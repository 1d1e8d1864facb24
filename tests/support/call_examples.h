/*
 * An example of each call of the tables, made by the types of its signature, and a machine on which
 * it can be run: task 1 has a descriptor of every kind, and a child, task 2.
 */
#ifndef CALL_EXAMPLES_H
#define CALL_EXAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#define EXAMPLE_MAX 512

struct call_row;
struct fdl_machine;

/*
 * A line of task 1 for a row of a table: arguments up to the last that needs one. False: an
 * argument before it has a usual value. A type that has no example fails the test.
 */
bool call_example(const struct call_row *row, char line[EXAMPLE_MAX]);

/*
 * The texts of the arguments of such a line, ARGS_MAX at most; "" for one that has a usual value.
 * Returns how many.
 */
size_t call_example_args(const struct call_row *row, char args[][EXAMPLE_MAX]);

/* The machine, to be freed by fdl_machine_free. */
struct fdl_machine *example_machine(const char *kernel);

#endif
