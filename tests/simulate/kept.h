/*
 * A journal of a simulation, in memory, with the state that the machine had after its records: cut
 * off at any byte, it makes the machine as that was after the last whole record.
 */
#ifndef SIMULATE_KEPT_H
#define SIMULATE_KEPT_H

#include "fdlab.h"
#include "simulate/steps.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kept {
	char *bytes; /* NULL: no journal is kept */
	size_t len, cap;
	size_t first; /* where the first record ends */
	uint64_t records;
	/* state.json after so many records, oldest first. */
	struct kept_state {
		uint64_t records;
		char *json;
	} * states;
	size_t nstates;
};

/* Begins the journal of a machine, which starts over. 0 or an error. */
int kept_begin(struct kept *k, struct fdl_machine *m);
void kept_free(struct kept *k);

/* Adds a record of what is about to be done; nothing where no journal is kept. */
void kept_add(struct kept *k, const struct fdl_record *r);

/* Notes the state after what was done. */
void kept_note(struct kept *k, struct fdl_machine *m, simulation_failed_fn *failed);

/* Writes the journal again in less space; only its present state is known then. */
void kept_compact(struct kept *k, simulation_failed_fn *failed);

/*
 * Makes the machine of the journal's first len bytes out of a new one, with a history if it is to
 * have that, and compares it with the state that was noted. *hp may be NULL. The caller frees both.
 */
struct fdl_machine *kept_make(const struct kept *k, size_t len, struct fdl_history **hp,
			      simulation_failed_fn *failed);

#endif
