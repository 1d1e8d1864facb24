#ifndef FDLABD_MOUNTPOINT_H
#define FDLABD_MOUNTPOINT_H

/*
 * Makes path absolute and fit to be mounted on: it must be a directory, and no live mount of fdlab.
 * A mount left by a crashed daemon of this user is unmounted. Returns the path, the caller's to
 * free, or NULL after saying why on standard error.
 */
char *mountpoint_prepare(const char *path);

#endif
