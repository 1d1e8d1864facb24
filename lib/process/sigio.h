/*
 * The signals to the owners of files that have become ready (F_SETOWN, O_ASYNC).
 */
#ifndef SIGIO_H
#define SIGIO_H

struct fdl_machine;

/*
 * Sends the signals that are due, in the order in which they fell due; m->chores says that some
 * are.
 */
void send_sigios(struct fdl_machine *m);

#endif
