/*
 * The requests of ioctl that the kernel's VFS answers for files, and that the model has not.
 * Requests of objects are with the objects (file_ops.ioctl).
 */
#include "linux/calls.h"

#include "vfs/file.h"
#include "vfs/inode.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* The structure of FS_IOC_RESVSP and its kin is as long as this. */
#define SPACE_RESV(nr) _IOC(_IOC_WRITE, 'X', nr, 48)

static const struct {
	unsigned request;
	bool files, directories, others;
} vfs_requests[] = {
	{ FIGETBSZ, true, true, true },
	{ FS_IOC_FIEMAP, true, true, true },
	{ FICLONE, true, true, true },
	{ FICLONERANGE, true, true, true },
	{ FIDEDUPERANGE, true, true, true },
	{ FIFREEZE, true, true, true },
	{ FITHAW, true, true, true },
	{ FIOQSIZE, true, true, false },
	{ FS_IOC_GETFLAGS, true, true, false },
	{ FS_IOC_SETFLAGS, true, true, false },
	{ FS_IOC_FSGETXATTR, true, true, false },
	{ FS_IOC_FSSETXATTR, true, true, false },
	{ _IOR(0x15, 0, char[17]), true, true, false }, /* FS_IOC_GETFSUUID */
	{ FIBMAP, true, false, false },
	{ SPACE_RESV(40), true, false, false }, /* FS_IOC_RESVSP */
	{ SPACE_RESV(42), true, false, false }, /* FS_IOC_RESVSP64 */
	{ SPACE_RESV(43), true, false, false }, /* FS_IOC_UNRESVSP64 */
	{ SPACE_RESV(57), true, false, false }, /* FS_IOC_ZERO_RANGE */
};

bool vfs_lacks_ioctl(const struct file *f, unsigned request)
{
	const mode_t mode = f->inode->mode;

	for (size_t i = 0; i < sizeof(vfs_requests) / sizeof(vfs_requests[0]); i++) {
		if (vfs_requests[i].request != request)
			continue;
		return S_ISREG(mode)   ? vfs_requests[i].files
		       : S_ISDIR(mode) ? vfs_requests[i].directories
				       : vfs_requests[i].others;
	}
	return false;
}
