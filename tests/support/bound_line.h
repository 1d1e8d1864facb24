/*
 * A line of the notation as a call of a machine: its row and its arguments. The tests that compare
 * a machine with the running kernel give the same call to both.
 */
#ifndef BOUND_LINE_H
#define BOUND_LINE_H

#include "base/arena.h"
#include "fdlab.h"
#include "notation/args.h"

struct bound {
	int pid; /* of the line; 1 if it has none */
	const struct fdl_row *row;
	struct fdl_arg arg[ARGS_MAX];
};

/* Reads a line, whose arguments are then in the arena. Fails the test if it is no call. */
void bind_line(struct fdl_machine *m, struct arena *arena, const char *text, size_t len,
	       struct bound *b);

#endif
