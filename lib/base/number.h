/*
 * Numbers as they are written in lines, options and files of the tree. Which numbers make sense
 * there is not known here.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The value of a digit of any base up to 16; 99 for any other character. */
unsigned digit_value(char c);

/*
 * Reads the digits at p: in base 16 after 0x, in base 8 after 0, otherwise in base 10. Returns
 * where they end; NULL: there is no digit. *overflow is set if 64 bits do not hold the number.
 */
const char *number_scan(const char *p, const char *end, uint64_t *number, bool *overflow);

/* The same in base 10, whatever the digits begin with. */
const char *decimal_scan(const char *p, const char *end, uint64_t *number, bool *overflow);

/* The same in base 16. */
const char *hex_scan(const char *p, const char *end, uint64_t *number, bool *overflow);

/*
 * Reads the name of a descriptor or task: decimal, without leading zeros. False: the text is no
 * such number, or 64 bits do not hold it.
 */
bool number_is_name(const char *text, size_t len, uint64_t *number);

#endif
