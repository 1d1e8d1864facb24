/*
 * The last component of a path, and the directory that it is in. Calls that make names (mkdir,
 * link, mknod, bind) or take them away work on it.
 */
#ifndef COMPONENT_H
#define COMPONENT_H

#include "vfs/namei.h"

/* component_end ends its use, after an error too. */
struct component {
	struct nameidata nd; /* the walk: the directory, and the component's text */
	struct dentry *base; /* where the walk started; a reference, or NULL */
	struct dentry *d;    /* the name, borrowed; NULL: there is none */
};

/*
 * Walks to the place of a new name. Only for a directory may slashes follow the name. 0, -EEXIST if
 * it exists, or the errors of the walk.
 */
int filename_create(struct component *p, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, bool directory);

/* Takes a name away that is no directory's. 0 or the errors of unlink(2). */
int vfs_unlink(struct component *p);

/* Whether the task may make the name: 0, -EEXIST, -EACCES, -EPERM. */
int may_create(const struct component *p);

/* Makes the name for an inode, of which the caller keeps its reference. 0, -ENOSPC, -ENOMEM. */
int component_add(struct component *p, struct inode *inode);

void component_end(struct component *p);

#endif
