#ifndef FDLABD_MOUNTPOINT_H
#define FDLABD_MOUNTPOINT_H

/*
 * Makes path absolute and fit to be mounted on: it must be a directory, and not a living mount of
 * fdlab. What a daemon that crashed has left mounted there is taken down. Returns the path, the
 * caller's to free, or NULL, having said on standard error why.
 */
char *mountpoint_prepare(const char *path);

#endif
