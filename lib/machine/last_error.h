/*
 * The last line that was no call, as a task and a machine remember it, so that a control file
 * that is freshly opened can say why. control/errors.c keeps it.
 */
#ifndef LAST_ERROR_H
#define LAST_ERROR_H

#include <stdint.h>

struct last_error {
	uint64_t mark;  /* trail_mark of the machine's errors; UINT64_MAX: none */
	uint64_t after; /* the last call at that moment; a later call is newer */
};

#endif
