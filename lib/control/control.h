/*
 * Control files: the lines that are written become calls, the calls' outcomes become replies. This
 * room knows which writes wait, which outcomes are kept, and what a stated result means. Grammar
 * and arguments are notation/'s, running is process/'s.
 */
#ifndef CONTROL_H
#define CONTROL_H

struct fdl_machine;
struct node;
struct text;
struct tree_ops;

/* The operations of control files, and the text of one that was just opened: the last call. */
extern const struct tree_ops control_ops;
int control_text(const struct node *n, struct text *out);

#endif
