/*
 * Macros that define a type as a row: its name in signatures, its name in messages, and its other
 * members. Only the files that define types include this.
 */
#ifndef TYPE_ROWS_H
#define TYPE_ROWS_H

#include "notation/types.h"

#define ROW(called, what, how, reading, printing, ...)                                             \
	const struct type type_##called = { .name = #called,                                       \
					    .expected = what,                                      \
					    .store = STORE_##how,                                  \
					    .read = reading,                                       \
					    .print = printing,                                     \
					    __VA_ARGS__ }
#define RANGE(from, to) .min = (from), .max = (to)
#define WORDS(table)    .words = &(table)
#define FIELDS(table)   .fields = (table), .nfields = sizeof(table) / sizeof((table)[0])

#define NUMBER(called, what, printing, ...)                                                        \
	ROW(called, what, NUMBER, read_scalar, printing, __VA_ARGS__)
#define INTEGER(called, what) NUMBER(called, what, print_int, RANGE(INT32_MIN, INT32_MAX))
#define NAMED_INTEGER(called, what, table)                                                         \
	NUMBER(called, what, print_int, RANGE(INT32_MIN, INT32_MAX), WORDS(table))
#define INTEGER_RESULT(called, remarking)                                                          \
	NUMBER(called, "a number", print_int, RANGE(INT32_MIN, INT32_MAX), .remark = (remarking))
#define SYMBOL(called, what, table)                                                                \
	NUMBER(called, what, print_symbol, RANGE(INT32_MIN, UINT32_MAX), WORDS(table))
#define FLAGS(called, table, to)                                                                   \
	ROW(called, "flags", NUMBER, read_flags, print_flags, RANGE(INT32_MIN, to), WORDS(table))
#define BYTES(called, what) ROW(called, what, BYTES, read_bytes, print_bytes, RANGE(0, 0))
#define LIST(called, what, of, from, to)                                                           \
	ROW(called, what, LIST, read_list, print_list, .element = (of), RANGE(from, to))
#define STRUCT(called, ...)                                                                        \
	ROW(called, "a structure: {...}", STRUCT, read_struct, print_struct, __VA_ARGS__)

#endif
