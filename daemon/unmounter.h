#ifndef FDLABD_UNMOUNTER_H
#define FDLABD_UNMOUNTER_H

/*
 * Starts a process that outlives the daemon's sandbox. When asked, it unmounts path, which the
 * daemon may not do any more and which for a user needs the set-uid fusermount3. It ends with the
 * daemon. A descriptor to ask through, or a negative errno.
 */
int unmounter_start(const char *path);

/*
 * Unmounts the path if the mount is this user's and no daemon serves it. 0, or a negative errno.
 * Closes the descriptor: the process ends.
 */
int unmounter_ask(int fd);

#endif
