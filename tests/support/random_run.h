/*
 * Random runs of machines of all kernels.
 */
#ifndef RANDOM_RUN_H
#define RANDOM_RUN_H

#include "support/recorder.h"

/* Options of a machine. */
const struct fdl_options *random_machine(void);

/*
 * Does something at random to a machine so many times, in which it is started again now and then.
 * Files that are open stay open.
 */
void play_at_random(struct recorder *r, unsigned steps);

#endif
