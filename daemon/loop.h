#ifndef FDLABD_LOOP_H
#define FDLABD_LOOP_H

#include "libfuse.h"

struct event_base;
struct loop;

/*
 * Makes a loop for a session that is not mounted yet, or for none (NULL): from now on SIGINT,
 * SIGTERM and SIGHUP end the loop instead of the process. 0 and the loop, to be given to loop_free,
 * or -ENOMEM.
 */
int loop_new(struct fuse_session *se, struct loop **lp);

/* Has a function called each time that the requests were served that came together. */
void loop_on_turn(struct loop *l, void (*turn)(void *), void *ctx);

/*
 * Has a function called when a descriptor can be read, and when SIGUSR1 arrives; and no more for
 * the descriptor. 0 or -ENOMEM.
 */
int loop_watch(struct loop *l, int fd, void (*readable)(void *), void *ctx);
void loop_unwatch(struct loop *l);
int loop_on_usr1(struct loop *l, void (*asked)(void *), void *ctx);

/* For events of others, which must be gone before loop_free. */
struct event_base *loop_base(const struct loop *l);

/*
 * Serves the session, which is mounted, until it is unmounted or a signal arrives. ready is called
 * once, after the first answer to the kernel: the mount can be used; without a session, at once. 0,
 * or a negative errno.
 */
int loop_run(struct loop *l, void (*ready)(void *), void *ctx);

void loop_free(struct loop *l);

#endif
