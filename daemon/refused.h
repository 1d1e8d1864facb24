#ifndef FDLABD_REFUSED_H
#define FDLABD_REFUSED_H

#include "libfuse.h"

/* Operations of struct fuse_lowlevel_ops, which answer with an error. */
void refused_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		    struct fuse_file_info *fi);
void refused_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void refused_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void refused_remove(fuse_req_t req, fuse_ino_t parent, const char *name);
void refused_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void refused_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
		    const char *newname, unsigned int flags);
void refused_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t newparent, const char *newname);

#endif
