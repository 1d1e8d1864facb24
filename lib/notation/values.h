/*
 * The grammar of a value, for the grammar of lines and the compiler of signatures.
 */
#ifndef VALUES_H
#define VALUES_H

#include "notation/scan.h"

/* Reads a value of strace's form, with its key if it has one. 0, -EINVAL, -ENOMEM. */
int read_value(struct reader *r, struct fdl_value **vp);

/* Reads a word of the shell's form: a string, an array, a structure, or text up to a blank. */
int read_shell_word(struct reader *r, struct fdl_value **vp);

#endif
