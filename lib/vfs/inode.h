/*
 * The kinds of inodes, and what the rooms of the file system share about them: the account of
 * bytes, and how each kind is made.
 */
#ifndef INODE_H
#define INODE_H

#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define PAGE_SIZE ((size_t)4096)

extern const struct file_ops regular_file;
extern const struct inode_ops regular_inode;                  /* regular.c */
extern const struct inode_ops directory_inode, symlink_inode; /* inode.c */
extern const struct file_ops directory_file;
extern const struct inode_ops null_inode, zero_inode, full_inode; /* device.c */
extern const struct inode_ops tty_inode, console_inode;           /* device.c */
extern const struct inode_ops proc_inode, proc_fd_inode;          /* procfd.c */
extern const struct inode_ops socket_name_inode;                  /* inode.c */

/* The open of an inode that cannot be opened by a name: -ENXIO. */
int no_open(struct task *current, struct inode *inode, struct file *f);

/*
 * A new inode with refs 1 and nlink 1, charged to the budget; the caller's. NULL and *error:
 * -ENOSPC, -ENOMEM.
 */
struct inode *inode_new(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			int *error);

/*
 * The same for an inode that keeps a text in private: the target of a symbolic link, the name that an
 * anonymous inode is shown by. The text has len bytes, none of them NUL, and is copied.
 * inode_evict_text, or an evict of ops that calls it, frees the copy.
 */
struct inode *inode_new_text(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			     const char *text, size_t len, int *error);
void inode_evict_text(struct inode *inode);

static inline struct inode *iget(struct inode *i)
{
	i->refs++;
	return i;
}

/* The last reference has gone. */
void inode_free(struct inode *i);

static inline void iput(struct inode *i)
{
	if (--i->refs == 0)
		inode_free(i);
}

static inline struct vfs *inode_vfs(const struct inode *inode)
{
	return inode->machine->vfs;
}

/* The directories whose names are made on demand are a file system of their own. */
static inline bool same_mount(const struct inode *dir, const struct inode *other)
{
	return !dir->ops->lookup == !other->ops->lookup;
}

/* The account of bytes: 0 or -ENOSPC. What was charged is given back when its thing goes. */
int vfs_charge(struct fdl_machine *m, size_t size);
void vfs_uncharge(struct fdl_machine *m, size_t size);

/* A symbolic link's inode, as inode_new. */
struct inode *symlink_new(struct fdl_machine *m, const char *target, size_t len, int *error);

/* Gives what a task makes in a directory to it; a directory with S_ISGID hands its group down. */
void inode_init_owner(struct inode *inode, const struct task *current, const struct inode *dir);

/*
 * The permission bits against the task: mask is of R_OK, W_OK, X_OK. 0 or -EACCES. Root may all but
 * run what nobody may run.
 */
static inline int inode_permission(const struct task *current, const struct inode *inode, int mask)
{
	mode_t mode = inode->mode;

	if (current->uid == 0)
		return !(mask & X_OK) || S_ISDIR(mode) || (mode & 0111) ? 0 : -EACCES;
	if (current->uid == inode->uid)
		mode >>= 6;
	else if (current->gid == inode->gid)
		mode >>= 3;
	return (unsigned)mask & ~mode & 07 ? -EACCES : 0;
}

/* What stat(2) fills in, into an out parameter: 0 or -ENOMEM. */
int copy_stat(struct task *current, const struct inode *inode, struct fdl_arg *out);

/*
 * The contents of a regular file: up to count bytes at pos in or out, and a new length.
 * regular_write returns what it could write, or -ENOSPC when that is nothing.
 */
size_t regular_read(const struct inode *inode, char *buf, size_t count, off_t pos);
ssize_t regular_write(struct inode *inode, const char *buf, size_t count, off_t pos);
void regular_truncate(struct inode *inode, off_t size);

/*
 * The limit RLIMIT_FSIZE on a file that grows: -EFBIG and SIGXFSZ where pos lies beyond it;
 * otherwise *count (NULL: a new length is asked for) is cut to what it allows.
 */
int check_file_size(struct task *current, off_t pos, size_t *count);

/*
 * The name of a magic link in its directory, made for one walk: a symbolic link with the name of f
 * for its text. Refs 1, the caller's; NULL and *error: -ENOSPC, -ENOMEM.
 */
struct dentry *proc_fd_link(struct dentry *dir, const char *name, size_t len, const struct file *f,
			    int *error);

#endif
