/*
 * Numbers in texts: options, scenarios, replies, files of /proc. Where a number may stand, and
 * which numbers make sense there, is not known here.
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

/* The same in base 8, 10 or 16 as given. */
const char *digits_at(const char *text, int base, uint64_t *number);

/* The same as number_at, after a sign or without one. */
const char *integer_at(const char *text, int64_t *number);

/*
 * The number in a base after the first place where word stands in a text, and blanks. False: there
 * is none, and *number is 0.
 */
bool number_after(const char *text, const char *word, int base, uint64_t *number);

/* Reads a text that is such a number and nothing else, in any base. False: it is not. */
bool number_read(const char *text, uint64_t *number);

#endif
