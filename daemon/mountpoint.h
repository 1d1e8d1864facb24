#ifndef FDLABD_MOUNTPOINT_H
#define FDLABD_MOUNTPOINT_H

/*
 * Makes path absolute. The path, the caller's to free; or NULL, after saying why on standard error.
 */
char *mountpoint_resolve(const char *path);

/*
 * Claims a resolved path for one daemon, until the descriptor that it returns is closed, and checks
 * that it can be mounted on: it must be a directory, and no live mount of fdlab. A mount left by a
 * crashed daemon of this user is unmounted. -1 after saying why on standard error.
 */
int mountpoint_claim(const char *path);

/*
 * Unmounts a mount of this user that no daemon serves, if there is one. It claims the path
 * meanwhile: the mount of a daemon that is starting there stays. 0 or a negative errno.
 */
int mountpoint_clear(const char *path);

#endif
