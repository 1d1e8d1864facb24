/* Lines of fields between tabs, as columns. Knows nothing of what they say. */
#ifndef FDLAB_TOOLS_COLUMNS_H
#define FDLAB_TOOLS_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

/*
 * Writes n lines, each after indent blanks, with their fields below each other: two blanks apart,
 * or one where a line would be longer than room columns otherwise. Lines without a tab are written
 * as they are.
 */
void columns_print(FILE *to, unsigned indent, size_t room, char *const *lines, size_t n);

#endif
