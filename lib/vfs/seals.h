/*
 * Seals: what may no longer be done with a regular file.
 */
#ifndef SEALS_H
#define SEALS_H

#include "vfs/inode.h"

#include <fcntl.h>

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 32
#endif

struct file;

/* What a regular file starts with: no more seals, ever. */
#define F_SEAL_NONE ((unsigned)F_SEAL_SEAL)

/* F_ADD_SEALS and F_GET_SEALS: 0, or the seals; -EINVAL for what cannot have any, -EPERM. */
int64_t memfd_add_seals(struct file *f, uint64_t seals);
int64_t memfd_get_seals(const struct file *f);

/* Whether the seals allow a new length: 0 or -EPERM. */
int seals_allow_size(const struct inode *inode, off_t size);

/*
 * Whether they allow to write at pos: 0, with *count cut to what lies in full pages that do not
 * make the file longer where that is forbidden; or -EPERM.
 */
int seals_allow_write(const struct inode *inode, off_t pos, size_t *count);

#endif
