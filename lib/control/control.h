/*
 * Control files: the lines that are written become calls, the calls' outcomes become replies. This
 * room knows the order of things (who waits, what is kept, what a stated result means), and leaves
 * grammar, arguments and running to notation.h, args.h and machine.h.
 */
#ifndef CONTROL_H
#define CONTROL_H

struct fdl_machine;
struct node;
struct text;
struct tree_ops;

/* What the rows of control files do, and what one that is freshly opened says: the last call. */
extern const struct tree_ops control_ops;
int control_text(const struct node *n, struct text *out);

#endif
