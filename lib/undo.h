/*
 * Going back in a machine's past, and forth again.
 */
#ifndef UNDO_H
#define UNDO_H

#include <stdint.h>

struct fdl_machine;
struct text;

/* As fdl_undo, fdl_redo and fdl_goto; why says what is wrong. */
int machine_undo(struct fdl_machine *m, uint64_t n, struct text *why);
int machine_redo(struct fdl_machine *m, uint64_t n, struct text *why);
int machine_goto(struct fdl_machine *m, uint64_t n, struct text *why);

/* Forgets the lines that are undone. */
void undone_free(struct fdl_machine *m);

#endif
