/*
 * How the rows of tables of symbols are written. Only the files of such tables include this.
 */
#ifndef XLAT_ROWS_H
#define XLAT_ROWS_H

#include "notation/xlat.h"

/* A flag, a value of a bit field, a stand-alone symbol, and a second name. */
#define NAMED(name, value, mask)                                                                   \
	{                                                                                          \
		name, sizeof(name) - 1, (uint64_t)(value), (uint64_t)(mask)                        \
	}
#define FLAG(x)        NAMED(#x, (unsigned long long)(x), (unsigned long long)(x))
#define FIELD(x, mask) NAMED(#x, (x), (mask))
#define SYMBOL(x)      NAMED(#x, (x), UINT64_MAX)
#define ALIAS(x)       NAMED(#x, (x), 0)
#define TABLE(rows)    rows, sizeof(rows) / sizeof((rows)[0])

#endif
