/*
 * Seals: changes that are forbidden to a regular file for good.
 */
#ifndef SEALS_H
#define SEALS_H

#include "vfs/inode.h"

#include <fcntl.h>

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 32
#endif

struct file;

/* A regular file starts with this seal: it can get no others. */
#define F_SEAL_NONE ((unsigned)F_SEAL_SEAL)

/* F_ADD_SEALS and F_GET_SEALS: 0, or the seals; -EINVAL if the file is not regular, -EPERM. */
int64_t memfd_add_seals(struct file *f, uint64_t seals);
int64_t memfd_get_seals(const struct file *f);

/* Whether the seals allow a new length: 0 or -EPERM. */
int seals_allow_size(const struct inode *inode, off_t size);

/*
 * Whether the seals allow a write at pos: 0 or -EPERM. With F_SEAL_GROW *count is cut, so that the
 * write ends with the last full page that does not make the file longer.
 */
int seals_allow_write(const struct inode *inode, off_t pos, size_t *count);

#endif
