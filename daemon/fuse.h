#ifndef FDLABD_FUSE_H
#define FDLABD_FUSE_H

#include "lab.h"
#include "libfuse.h"

struct mount; /* the files of a lab that the kernel has open */

/* 0 and the mount, to be given to mount_free before the lab is freed; or -ENOMEM. */
int mount_new(struct lab *lab, struct mount **mountp);

/* Closes what is still open. The session must be gone. NULL is allowed. */
void mount_free(struct mount *mount);

/* A session that shows the lab, not mounted yet. NULL: args were wrong; libfuse has said why. */
struct fuse_session *mount_session(struct mount *mount, struct fuse_args *args);

/*
 * The error of a change to a directory: error, or EROFS for the machine's own files, which are
 * read-only.
 */
int mount_refusal(fuse_req_t req, fuse_ino_t parent, int error);

/*
 * Answers every write that waits for a call, and every reader that waits for a text, with EINTR;
 * after lab_end, before the session is destroyed.
 */
void mount_interrupt(struct mount *mount);

#endif
