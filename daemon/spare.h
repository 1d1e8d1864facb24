/*
 * Memory for libevent where the computer has none: its functions for HTTP take a refusal for memory, and
 * the daemon would end with them.
 */
#ifndef FDLABD_SPARE_H
#define FDLABD_SPARE_H

#include <stdbool.h>

/* From now on libevent allocates by this. Before its first use. */
void spare_begin(void);

/* Whether libevent holds more than half of it: connections are to be given up. */
bool spare_is_low(void);

#endif
