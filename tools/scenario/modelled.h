/*
 * Whether a machine has what a scenario calls. A call that the kernel has and the model has not
 * fails with ENOSYS and the remark "not modelled": its outcome says nothing about the running
 * kernel.
 */
#ifndef FDLAB_TOOLS_MODELLED_H
#define FDLAB_TOOLS_MODELLED_H

#include "scenario/scenario.h"

#define NOT_MODELLED "not modelled"

/*
 * Plays the lines of a scenario before its race on a machine. Returns the number of the first line
 * whose call is not modelled; 0: there is none, or no machine has the scenario's options.
 */
unsigned scenario_not_modelled(const struct scenario *s);

#endif
