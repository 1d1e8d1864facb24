/*
 * Going back in a machine's past, and forth again.
 */
#ifndef UNDO_H
#define UNDO_H

#include <stdint.h>

struct fdl_machine;
struct text;
struct unpickler;

/* As fdl_undo, fdl_redo and fdl_goto; why says what is wrong. */
int machine_undo(struct fdl_machine *m, uint64_t n, struct text *why);
int machine_redo(struct fdl_machine *m, uint64_t n, struct text *why);
int machine_goto(struct fdl_machine *m, uint64_t n, struct text *why);

/* Forgets the lines that are undone. */
void undone_free(struct fdl_machine *m);

/*
 * Writes the lines that are undone as bytes, and reads them for a machine that has none. 0; -EINVAL
 * or -ENOMEM.
 */
void undone_save(const struct fdl_machine *m, struct text *out);
int undone_load(struct fdl_machine *m, struct unpickler *u);

#endif
