/*
 * Making names for files that are neither directories nor links.
 */
#ifndef MKNOD_H
#define MKNOD_H

#include "vfs/component.h"

/*
 * Makes a name for a new regular file, FIFO or socket: mode has its type, and the umask is taken
 * off. *inode (NULL: not wanted) is borrowed from the name. 0, or the errors of may_create and
 * inode_new.
 */
int vfs_mknod(struct component *p, mode_t mode, struct inode **inode);

#endif
