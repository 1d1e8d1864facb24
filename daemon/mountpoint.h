#ifndef FDLABD_MOUNTPOINT_H
#define FDLABD_MOUNTPOINT_H

#include <stdbool.h>

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

/* Whether a mount of this user is there that no daemon serves. */
bool mountpoint_is_dead(const char *path);

/* Unmounts. 0 or a negative errno. */
int mountpoint_take_down(const char *path);

#endif
