/* The result that a line of the notation states. */
#ifndef FDLAB_TOOLS_RESULT_H
#define FDLAB_TOOLS_RESULT_H

#include <stddef.h>

/*
 * As fdl_stated_result, but a lack of memory ends the program, and NULL means that the line states
 * none.
 */
const char *stated_result(const char *text, size_t len);

#endif
