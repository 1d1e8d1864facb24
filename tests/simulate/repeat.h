/*
 * A machine's log makes the same machine again.
 */
#ifndef SIMULATE_REPEAT_H
#define SIMULATE_REPEAT_H

#include "simulate/steps.h"

struct fdl_machine;

/* Plays the machine's log on a new one; calls failed unless both have the same state.json. */
void repeat(struct fdl_machine *m, simulation_failed_fn *failed);

#endif
