/*
 * The touches of a step: places, and how each was used. Two steps of different programs may be
 * exchanged if none of their uses of one place conflict.
 */
#ifndef TOUCHED_H
#define TOUCHED_H

#include "machine/touch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOUCHED_MAX 48 /* a step that touches more counts as touching everything */

struct touched {
	uint64_t read, update, write; /* a bit for each place's hash: most steps differ in these */
	bool everything;
	unsigned n;
	struct {
		uint64_t place;
		enum touch how;
	} at[TOUCHED_MAX];
};

/* Makes it what a step touched that touched nothing, or everything. */
void touched_init(struct touched *t, bool everything);

void touched_add(struct touched *t, enum touch how, uint64_t place);

/* The bytes of it that are in use, from its start. */
size_t touched_size(const struct touched *t);

/* Whether two steps of different programs may not be exchanged. */
bool touched_conflict(const struct touched *a, const struct touched *b);

#endif
