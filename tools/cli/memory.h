/*
 * Memory that runs out while the command makes a text or JSON: a part of it must not pass for the
 * whole.
 */
#ifndef FDLAB_TOOLS_MEMORY_H
#define FDLAB_TOOLS_MEMORY_H

#include <stdio.h>

/* Says that there is no memory, and ends the program as one that could not run. */
__attribute__((noreturn)) void memory_is_out(void);

/*
 * A stream that writes into memory, as open_memstream(3): *text, of *len bytes and a NUL, is the
 * caller's after fclose, and to be freed by free. Unlike open_memstream's, its fclose fails
 * (ENOMEM) where anything that was written is missing. *text is then NULL. NULL: no memory.
 */
FILE *memory_stream(char **text, size_t *len);

/*
 * From now on memory that JSON lacks ends the program: a value that is missing looks like an empty
 * one.
 */
void memory_for_json(void);

#endif
