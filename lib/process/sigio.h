/*
 * The signals to the owners of files that have become ready (F_SETOWN, O_ASYNC).
 */
#ifndef SIGIO_H
#define SIGIO_H

#include "base/list.h"
#include "machine/machine.h"

/* Sends the signals that are due, in the order in which they fell due. */
void send_sigios(struct fdl_machine *m);

static inline bool sigio_is_due(const struct fdl_machine *m)
{
	return !list_empty(&m->sigio);
}

#endif
