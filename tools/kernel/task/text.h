/*
 * Text, for a program without a libc.
 */
#ifndef FDLAB_TOOLS_TASK_TEXT_H
#define FDLAB_TOOLS_TASK_TEXT_H

#include <stdbool.h>

static inline bool begins(const char *text, const char *with)
{
	while (*with)
		if (*text++ != *with++)
			return false;
	return true;
}

#endif
