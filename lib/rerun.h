/*
 * Running lines of a transcript again.
 */
#ifndef RERUN_H
#define RERUN_H

#include <stddef.h>

struct fdl_handle;
struct fdl_machine;

/* Opens the control file that rerun_line writes to. 0, and *hp is for fdl_close; or an error. */
int rerun_open(struct fdl_machine *m, struct fdl_handle **hp);

/*
 * Runs a line of len bytes without its newline, and a NUL after it; it may be changed. A call's own
 * error is no error. Options are passed over, since the machine was made with them; comments go to
 * the transcript. 0, -EINVAL, -ENOMEM, or the error of a write to a file of the tree.
 */
int rerun_line(struct fdl_machine *m, struct fdl_handle *control, char *line, size_t len);

#endif
