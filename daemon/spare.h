/*
 * Memory for libevent where the computer has none: its functions for HTTP take a refusal for
 * memory, and the daemon would end with them.
 */
#ifndef FDLABD_SPARE_H
#define FDLABD_SPARE_H

#include <stdbool.h>

/* From now on libevent allocates by this. Before its first use. */
void spare_begin(void);

/* Frees memory that libevent hands over, such as a line of evbuffer_readln; NULL is allowed. */
void spare_free(void *p);

/* Whether libevent holds more than half of it: connections are to be given up. */
bool spare_is_low(void);

#endif
