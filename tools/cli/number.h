/*
 * Numbers that people write, in options and in scenarios. Where a number may stand, and which
 * numbers make sense there, is not known here.
 */
#ifndef FDLAB_TOOLS_NUMBER_H
#define FDLAB_TOOLS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads the number at the beginning of a text: digits in base 10, after 0x in base 16, after 0 in
 * base 8; no sign and no blanks. Returns where it ends, or NULL when there is none or it has more
 * than 64 bits.
 */
const char *number_at(const char *text, uint64_t *number);

/* The same in base 10, whatever it begins with: a pid, a line, a descriptor. */
const char *decimal_at(const char *text, uint64_t *number);

/* Reads a text that is such a number and nothing else, in any base. False: it is not. */
bool number_read(const char *text, uint64_t *number);

#endif
