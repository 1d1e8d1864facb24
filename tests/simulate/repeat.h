/*
 * A machine's log makes the same machine again.
 */
#ifndef SIMULATE_REPEAT_H
#define SIMULATE_REPEAT_H

#include "simulate/steps.h"

struct fdl_machine;

/* Plays the machine's log on a new one; calls failed unless both have the same state.json. */
void repeat(struct fdl_machine *m, simulation_failed_fn *failed);

/* Compares two texts of state.json; calls failed with the sentence if they differ. */
void repeat_compare(const char *was, const char *is, const char *what,
		    simulation_failed_fn *failed);

#endif
