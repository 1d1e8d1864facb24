#ifndef FDLABD_FUSE_H
#define FDLABD_FUSE_H

#include <fdlab.h>
#include "libfuse.h"

struct lab; /* a machine, and the files that the kernel has open in it */

/* Makes the machine. 0 and the lab, to be given to lab_free; or the error of fdl_machine_new. */
int lab_new(const struct fdl_options *options, struct lab **labp);

/* Links of tasks lead to rootfs/ below this absolute path from now on. 0 or -ENOMEM. */
int lab_links(struct lab *lab, const char *mountpoint);

/* Closes what is still open and frees the machine. The session must be gone. NULL is allowed. */
void lab_free(struct lab *lab);

/* Answers every write that waits for a call, with EINTR; before the session is destroyed. */
void lab_interrupt(struct lab *lab);

/* A session that shows the lab, not mounted yet. NULL: args were wrong; libfuse has said why. */
struct fuse_session *lab_session(struct lab *lab, struct fuse_args *args);

#endif
