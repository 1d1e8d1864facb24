/*
 * Waits until one of some files changes, or one more appears beside them. Does not know the use of
 * them.
 */
#ifndef FDLAB_TOOLS_WATCH_H
#define FDLAB_TOOLS_WATCH_H

#include <stddef.h>

/*
 * A descriptor that watches the directories of the operands (of a directory, itself and those below
 * it); to be closed. Or a negative errno.
 */
int watch_open(char **operands, size_t n);

/*
 * Waits for a change, and then until nothing has changed for a tenth of a second: an editor writes
 * a file in several steps. 0 or a negative errno.
 */
int watch_wait(int watch);

#endif
