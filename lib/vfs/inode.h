/*
 * Inodes: their kinds, how they are made, counted and freed, the account of bytes, and the contents
 * of regular files.
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

#define DIRECTORY_NAME_SIZE ((off_t)20) /* what a name adds to the length of a directory */

struct page;

/* inode.c */
extern const struct inode_ops directory_inode, symlink_inode;
extern const struct inode_ops socket_name_inode; /* of the name that bind makes */
extern const struct file_ops directory_file;
/* Of all directories: a read is EISDIR. */
ssize_t directory_read(struct task *current, struct file *f, char *buf, size_t count, off_t *pos);
size_t directory_readable(const struct file *f, off_t pos);
/* regular.c */
extern const struct inode_ops regular_inode;
extern const struct file_ops regular_file;
/* device.c */
extern const struct inode_ops null_inode, zero_inode, full_inode, tty_inode, console_inode;
/* procfd.c */
extern const struct inode_ops proc_inode, proc_self_inode, proc_fd_inode;

/* Of a description that has no object yet, and of objects without operations. */
extern const struct file_ops no_fops;

/* The open of an inode that a name may lead to, but does not open: -ENXIO. */
int no_open(struct task *current, struct inode *inode, struct file *f);

/*
 * A new inode with refs 1 and nlink 1, charged to the account of bytes; the caller's. NULL and
 * *error: -ENOSPC, -ENOMEM.
 */
struct inode *inode_new(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			int *error);

/*
 * The same for an inode that keeps a text in private: the target of a symbolic link, the name that
 * an anonymous inode is shown by. The text has len bytes, none of them NUL, and is copied.
 * inode_evict_text, or an evict of ops that calls it, frees the copy.
 */
struct inode *inode_new_text(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			     const char *text, size_t len, int *error);
void inode_evict_text(struct inode *inode);

static inline bool inode_is_regular(const struct inode *i)
{
	return S_ISREG(i->mode) || i->plain;
}

/* A reference more, and a reference less, the last of which frees the inode. */
static inline struct inode *iget(struct inode *i)
{
	i->refs++;
	return i;
}

/* Frees an inode without references; iput calls it. */
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

/* Whether two directories are of the same file system; those of /proc are of another. */
static inline bool same_mount(const struct inode *dir, const struct inode *other)
{
	return !dir->ops->lookup == !other->ops->lookup;
}

/*
 * The account of bytes: takes size bytes of the limit, 0 or -ENOSPC; and gives them back, when the
 * memory that they were taken for is freed.
 */
int vfs_charge(struct fdl_machine *m, size_t size);
void vfs_uncharge(struct fdl_machine *m, size_t size);

/* The inode of a symbolic link; target has len bytes. As inode_new_text. */
struct inode *symlink_new(struct fdl_machine *m, const char *target, size_t len, int *error);

/* Sets the owner of an inode that a task makes in dir, whose group it gets if dir has S_ISGID. */
void inode_init_owner(struct inode *inode, const struct task *current, const struct inode *dir);

/*
 * Whether the process of a directory of /proc, such as /proc/1, is still there.
 */
bool proc_is_alive(const struct inode *dir);

/*
 * The answer to a task that the bits of an inode keep out: 0 for the fd directory of the task's own
 * process, whose owner may be another since the process ran a set-id program; otherwise -EACCES.
 */
int proc_fd_permission(const struct task *current, const struct inode *inode);

/*
 * Checks the permission bits for a task: mask is of R_OK, W_OK, X_OK. 0, -EACCES, -EPERM to write
 * what is immutable, or -ESRCH: it is a directory of a process that is gone. Root may do everything
 * else but execute a file that has no x bit.
 */
static inline int inode_permission(const struct task *current, const struct inode *inode, int mask)
{
	mode_t mode = inode->mode;

	if (__builtin_expect(inode->immutable, 0)) {
		if (mask & W_OK)
			return -EPERM;
		if (!proc_is_alive(inode))
			return -ESRCH;
	}
	if (current->uid == 0)
		return !(mask & X_OK) || S_ISDIR(mode) || (mode & 0111) ? 0 : -EACCES;
	if (current->uid == inode->uid)
		mode >>= 6;
	else if (current->gid == inode->gid)
		mode >>= 3;
	return __builtin_expect((unsigned)mask & ~mode & 07, 0) ? proc_fd_permission(current, inode)
								: 0;
}

/* Fills in the result of stat(2): 0 or -ENOMEM. */
int copy_stat(struct task *current, const struct inode *inode, struct fdl_arg *out);

/*
 * The contents of a regular file: reads and writes up to count bytes at pos, and sets the length.
 * They return the number of bytes; regular_write -ENOSPC if it could write none.
 */
size_t regular_read(const struct inode *inode, char *buf, size_t count, off_t pos);
ssize_t regular_write(struct inode *inode, const char *buf, size_t count, off_t pos);
void regular_truncate(struct inode *inode, off_t size);

/* The page at pos, borrowed; NULL: a hole. */
struct page *regular_page(const struct inode *inode, off_t pos);

/*
 * Applies RLIMIT_FSIZE to a write of *count bytes at pos, or (count NULL) to a new length pos:
 * -EFBIG and SIGXFSZ if pos lies beyond the limit; otherwise 0, and *count is cut to what it
 * allows.
 */
int check_file_size(struct task *current, off_t pos, size_t *count);

/*
 * The directory /proc/PID of the caller's process, to which /proc/self leads, borrowed; it is made
 * if it is not there yet. NULL and *error: -ENOSPC, -ENOMEM.
 */
struct dentry *proc_pid_dir(struct task *current, const struct dentry *self, int *error);

/* The process is gone, and its directory with it. */
void proc_flush(struct task *task);

/* The length of an inode, as stat(2) tells it, or an error. */
static inline off_t inode_size(const struct inode *inode)
{
	return inode->ops->size ? inode->ops->size(inode) : inode->size;
}

/*
 * A name for a magic link in its directory, for the length of one walk: a symbolic link whose text
 * is the name of f. Refs 1, the caller's; NULL and *error: -ENOSPC, -ENOMEM.
 */
struct dentry *proc_fd_link(struct dentry *dir, const char *name, size_t len, const struct file *f,
			    int *error);

#endif
