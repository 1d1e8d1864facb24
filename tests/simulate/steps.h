/*
 * The steps of a simulation, each a line of text: actions of a machine's clients, and looks at the
 * machine. A list of steps always does the same.
 */
#ifndef SIMULATE_STEPS_H
#define SIMULATE_STEPS_H

#include <stdbool.h>
#include <stddef.h>

#define STEP_MAX 2048
#define CLIENTS  6 /* control files that are open */
#define READERS  3 /* other files that are open and followed */

struct simulation;

/*
 * Called when something does not hold, with a sentence that says what, and evidence or NULL. It
 * does not return.
 */
typedef void simulation_failed_fn(const char *what, const char *evidence);

/* Starts; nothing is there before the first step, which makes the machine. */
struct simulation *simulation_new(simulation_failed_fn *failed);

/* Does a step, and checks the machine. Steps that make no sense any more do nothing. */
void simulation_step(struct simulation *s, const char *step);

/* The replies that the last step has read. */
const char *simulation_replies(const struct simulation *s);

/* Checks what must hold at the end, and frees all. */
void simulation_end(struct simulation *s);

#endif
