/*
 * Requests that change a directory: none may. The error depends on whose directory it is.
 */
#include "refused.h"
#include "fuse.h"

#include <errno.h>

void refused_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
		    struct fuse_file_info *fi)
{
	(void)name, (void)mode, (void)fi;
	fuse_reply_err(req, mount_refusal(req, parent, ENOENT));
}

void refused_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev)
{
	(void)name, (void)mode, (void)rdev;
	fuse_reply_err(req, mount_refusal(req, parent, EPERM));
}

void refused_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)name, (void)mode;
	fuse_reply_err(req, mount_refusal(req, parent, EPERM));
}

void refused_remove(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)name;
	fuse_reply_err(req, mount_refusal(req, parent, EPERM));
}

void refused_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target, (void)name;
	fuse_reply_err(req, mount_refusal(req, parent, EPERM));
}

void refused_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t newparent,
		    const char *newname, unsigned int flags)
{
	(void)name, (void)newparent, (void)newname, (void)flags;
	fuse_reply_err(req, mount_refusal(req, parent, EPERM));
}

void refused_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t newparent, const char *newname)
{
	(void)node, (void)newname;
	fuse_reply_err(req, mount_refusal(req, newparent, EPERM));
}
