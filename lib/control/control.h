/*
 * Control files: the lines that are written become calls, the calls' outcomes become replies. This
 * room knows which writes wait, which outcomes are kept, and what a stated result means. Grammar
 * and arguments are notation/'s, running is process/'s.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "fdlab.h"

#include <stdbool.h>

struct fdl_machine;
struct node;
struct text;
struct tree_ops;
struct unpickler;

/* The operations of control files, and the text of one that was just opened: the last call. */
extern const struct tree_ops control_ops;
int control_text(const struct node *n, struct text *out);

/*
 * From now on a call of this control file that succeeds at once has no reply, where nothing reads
 * it. An error has one: the machine keeps it (control/errors.h).
 */
void control_quiet(struct fdl_handle *h);

/*
 * An open control file as bytes: its task, and the calls that reply to it, which reply nowhere
 * afterwards. The second function puts the bytes into a control file that was just opened, in a
 * machine with the same calls; done is called for the writes that wait. 0; -ENOMEM; -EINVAL.
 */
bool control_is(const struct fdl_handle *h);
void control_save(struct fdl_handle *h, struct text *out);
int control_load(struct fdl_handle *h, struct unpickler *u, fdl_done_fn *done);

#endif
