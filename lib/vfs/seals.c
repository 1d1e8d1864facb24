/*
 * Seals of regular files. As in a tmpfs, every file has a set of seals; only a memfd that was made
 * with MFD_ALLOW_SEALING can have any but F_SEAL_SEAL, which forbids the rest.
 */
#include "vfs/seals.h"

#include "vfs/calls.h"
#include "vfs/file.h"

#include <errno.h>
#include <fcntl.h>

#define WRITE_SEALS ((unsigned)(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
#define F_ALL_SEALS                                                                                \
	((unsigned)(F_SEAL_SEAL | F_SEAL_EXEC | F_SEAL_SHRINK | F_SEAL_GROW) | WRITE_SEALS)

int64_t memfd_add_seals(struct file *f, uint64_t seals)
{
	struct inode *inode = f->inode;

	if (seals > UINT32_MAX)
		return -EINVAL;
	if (!(f->mode & FMODE_WRITE))
		return -EPERM;
	if ((seals & ~(uint64_t)F_ALL_SEALS) || !S_ISREG(inode->mode))
		return -EINVAL;
	if (inode->seals & F_SEAL_SEAL)
		return -EPERM;
	/* An executable file that may not lose its x bits must not change its contents either. */
	if ((seals & F_SEAL_EXEC) && (inode->mode & 0111))
		seals |= F_SEAL_SHRINK | F_SEAL_GROW | WRITE_SEALS;
	inode->seals |= (unsigned)seals;
	return 0;
}

int64_t memfd_get_seals(const struct file *f)
{
	return S_ISREG(f->inode->mode) ? (int64_t)f->inode->seals : -EINVAL;
}

int seals_allow_size(const struct inode *inode, off_t size)
{
	if (size < inode->size && (inode->seals & F_SEAL_SHRINK))
		return -EPERM;
	if (size > inode->size && (inode->seals & F_SEAL_GROW))
		return -EPERM;
	return 0;
}

int seals_allow_write(const struct inode *inode, off_t pos, size_t *count)
{
	size_t pages;

	if (inode->seals & WRITE_SEALS)
		return -EPERM;
	if (!(inode->seals & F_SEAL_GROW) || pos + (off_t)*count <= inode->size)
		return 0;
	/* The write stops before the first page that would make the file longer. */
	pages = pos < inode->size
			? (size_t)(inode->size / (off_t)PAGE_SIZE - pos / (off_t)PAGE_SIZE)
			: 0;
	if (!pages)
		return -EPERM;
	*count = pages * PAGE_SIZE - (size_t)pos % PAGE_SIZE;
	return 0;
}
