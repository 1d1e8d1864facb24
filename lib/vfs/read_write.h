/*
 * The common part of all calls that read and write: the checks of a description and of a length, in
 * the kernel's order, and the flags that a transfer goes by.
 */
#ifndef READ_WRITE_H
#define READ_WRITE_H

#include "machine/task.h"
#include "machine/touch.h"
#include "notation/args.h"
#include "vfs/file.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/types.h>

/* The flags of preadv2 and pwritev2. */
enum {
	RWF_FLAG_HIPRI = 1,
	RWF_FLAG_NOWAIT = 8,
	RWF_FLAG_APPEND = 0x10,
	RWF_FLAG_NOAPPEND = 0x20,
	RWF_FLAG_ATOMIC = 0x40,
	RWF_FLAG_DONTCACHE = 0x80,
	RWF_FLAG_NOSIGNAL = 0x100,
	RWF_FLAGS = 0x1ff,
};

/* The description's O_* flags, as the RWF_* flags of the running call change them. */
static inline unsigned io_flags(const struct task *current, const struct file *f)
{
	const unsigned rwf = current->call->rwf;
	unsigned flags = f->flags;

	if (rwf & RWF_FLAG_NOWAIT)
		flags |= O_NONBLOCK;
	if (rwf & RWF_FLAG_APPEND)
		flags |= O_APPEND;
	if (rwf & RWF_FLAG_NOAPPEND)
		flags &= ~(unsigned)O_APPEND;
	return flags;
}

/* Reports that a call moves bytes or seeks: the position and the contents. */
void touch_transfer(enum touch how, const struct file *f);

/* The splice_read of an object that does not wait, or does not heed SPLICE_F_NONBLOCK: its read. */
ssize_t copy_splice_read(struct task *current, struct file *f, char *buf, size_t count, off_t *pos,
			 bool nonblock);

/*
 * Reads up to count bytes at *pos, advances it, and points buf to them; or writes the bytes of buf,
 * with zeros up to count. The number, -EBADF: not opened for that, -EINVAL, -EFAULT, -ENOMEM, or
 * the object's error.
 */
int64_t vfs_read(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
		 off_t *pos);
int64_t vfs_write(struct task *current, struct file *f, struct fdl_arg *buf, uint64_t count,
		  off_t *pos);

/* The same for count pieces, with the call's RWF_*; -EOPNOTSUPP: the object lacks one of them. */
int64_t vfs_readv(struct task *current, struct file *f, struct fdl_arg *iov, uint64_t count,
		  off_t *pos);
int64_t vfs_writev(struct task *current, struct file *f, struct fdl_arg *iov, uint64_t count,
		   off_t *pos);

#endif
