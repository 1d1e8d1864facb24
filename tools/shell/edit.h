/*
 * Where lines come from: a line editor on a terminal, with history and completion, where libedit is
 * there; otherwise standard input. The meaning of a line is not known here.
 */
#ifndef FDLAB_TOOLS_EDIT_H
#define FDLAB_TOOLS_EDIT_H

#include "shell/session.h"

/* Reads lines and runs each in the session, until it is left or the input ends. 0 or -errno. */
int edit_lines(struct session *s);

/* Whether this program has a line editor. */
bool edit_has_editor(void);

#endif
