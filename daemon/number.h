/*
 * Numbers in options, paths and headers. Which of them make sense there is not known here.
 */
#ifndef FDLABD_NUMBER_H
#define FDLABD_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the decimal number at the beginning of a text, without sign or blanks. Returns where it
 * ends, or NULL when there is none or it has more than 64 bits.
 */
const char *decimal_begin(const char *text, uint64_t *n);

/* Reads a text that is such a number and nothing else. False: it is not. */
bool decimal_read(const char *text, uint64_t *n);

#endif
