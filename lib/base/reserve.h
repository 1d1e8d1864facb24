/*
 * A reserve of the computer's memory, one for each thread: address space that nothing uses, until
 * an allocation is refused.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes a reserve of size bytes, if there is none; with 0 gives back the one there is. 0 or
 * -ENOMEM.
 */
int reserve_keep(size_t size);

/*
 * An allocation was refused. True: the reserve was given back, and it may be tried again. False:
 * there was none, or it is not for this allocation, and the refusal is counted.
 */
bool reserve_use(void);

/* Counts a refusal that the reserve is no help against. */
void reserve_count(void);

/* How many allocations of this thread were refused for good. */
uint64_t reserve_refused(void);

/*
 * Around work that can be left undone for want of memory. Its refusals do not take the reserve;
 * they are counted while it lasts, and forgotten at its end. reserve_aside returns what
 * reserve_end_aside is to be given. Such work may be part of other such work.
 */
uint64_t reserve_aside(void);
void reserve_end_aside(uint64_t refused);

/* Tells whether an allocation has taken the reserve. Optional work would take the rest of it. */
bool reserve_is_taken(void);

#endif
