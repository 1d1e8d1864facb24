/* A lesson printed whole, with its questions and all that is said to answers. */
#ifndef FDLAB_TOOLS_PRINTED_H
#define FDLAB_TOOLS_PRINTED_H

#include "lesson/steps.h"

#include <stdbool.h>

/* Plays a lesson and prints it. False: no memory. Results that differ are reported. */
bool print_lesson(const struct lesson *l, struct report *report, bool colour);

#endif
