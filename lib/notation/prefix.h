/*
 * The grammar of what precedes a call.
 */
#ifndef PREFIX_H
#define PREFIX_H

#include "notation/scan.h"

/*
 * Reads a pid, "12 " or "[pid 12] ", and skips times and the bracketed numbers of strace -i and -n;
 * in a log, all that strace has between brackets. 0 or -EINVAL.
 */
int read_prefix(struct reader *r, int *pid);

#endif
