/*
 * Where a name is going to be made or taken away: the directory, and the last component of the path.
 * For the calls of name_calls.c, and for whatever else makes names (mknod, bind).
 */
#ifndef PLACE_H
#define PLACE_H

#include "vfs/namei.h"

/*
 * The last component of a path argument: nd is the directory, d what is there (borrowed; NULL:
 * nothing). Given back by place_end, also after an error.
 */
struct place {
	struct nameidata nd;
	struct dentry *base, *d;
};

/*
 * Walks to where a new name shall be, which only a new directory may write with slashes behind it.
 * 0, -EEXIST for one that is there, or the errors of the walk.
 */
int filename_create(struct place *p, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, bool directory);

/* May the name be made? 0, -EACCES, -EPERM. */
int may_create(const struct place *p);

/* Makes the name, for an inode of the caller's. 0, -ENOSPC, -ENOMEM. */
int place_add(struct place *p, struct inode *inode);

void place_end(struct place *p);

#endif
