/*
 * Completion of a word of a line at the prompt: commands and calls at its beginning; symbols,
 * descriptors and paths of the machine among arguments, by the type of the argument.
 */
#ifndef FDLAB_TOOLS_COMPLETE_H
#define FDLAB_TOOLS_COMPLETE_H

#include "shell/session.h"

#include <stddef.h>

/*
 * The i-th word, in memory of malloc, that the word from start to end of a line may become; NULL:
 * there are no more.
 */
char *complete_word(struct session *s, const char *line, size_t start, size_t end, size_t i);

#endif
