#ifndef FDLABD_LOOP_H
#define FDLABD_LOOP_H

#include "libfuse.h"

/*
 * Serves a mounted session until it is unmounted or a signal says to leave. ready is called once,
 * when the kernel has had its first answer and the mount can be used. 0, or a negative errno.
 */
int loop_run(struct fuse_session *se, void (*ready)(void *), void *ctx);

#endif
