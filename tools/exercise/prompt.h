/*
 * An exercise at the prompt: the shell on a machine in the start state, with commands for the goal
 * and for hints. After each line it is said whether the goal is reached, and what is usually
 * misunderstood.
 */
#ifndef FDLAB_TOOLS_EXERCISE_PROMPT_H
#define FDLAB_TOOLS_EXERCISE_PROMPT_H

#include "exercise/exercise.h"
#include "scenario/target.h"

#include <stdbool.h>

/*
 * Reads lines until the reader leaves. t is started, and in the start state. *reached: the goal was
 * reached. 0 or an error.
 */
int exercise_prompt(const struct exercise *e, struct target *t, bool colour, bool *reached);

#endif
