/*
 * The grammar of values: one value at a time, for the grammar of lines and the compiler of
 * signatures.
 */
#ifndef VALUES_H
#define VALUES_H

#include "notation/scan.h"

/* One value as strace writes it, with its key if it has one. 0, -EINVAL, -ENOMEM. */
int read_value(struct reader *r, struct fdl_value **vp);

/* One word of the shell's form: a string, an array, a structure, or whatever ends at a blank. */
int read_shell_word(struct reader *r, struct fdl_value **vp);

#endif
