#ifndef FDLABD_SANDBOX_H
#define FDLABD_SANDBOX_H

#include <stdbool.h>

/*
 * Whether this build has a sandbox. Builds for sanitizers, valgrind and coverage have none: these
 * make calls of their own.
 */
bool sandbox_is_built(void);

/* The sandbox of this build, for the output of --version. */
const char *sandbox_name(void);

/*
 * Gives up what a daemon that serves a mount does not need: new privileges, core dumps and tracers,
 * and with libseccomp the system calls that sandbox.c does not list, which fail with EPERM. Clients
 * may arrive at the descriptor listener (-1: at none). Not to be undone. Says on standard error
 * what is not possible, a line for each part.
 */
void sandbox_enter(int listener);

#endif
