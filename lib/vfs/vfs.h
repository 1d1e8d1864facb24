/*
 * Names and what they name: a small file system in memory with directories, regular files,
 * symbolic links, devices and pipes, of the manners of tmpfs. Names are dentries, found through one
 * hash table as in the kernel's dcache; what they name are inodes. This room knows no descriptors:
 * the one place where a name means one (/proc/self/fd) asks the kernel by way of kernel.h.
 */
#ifndef VFS_H
#define VFS_H

#include "fdlab.h"
#include "base/list.h"
#include "base/sparse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct dentry;
struct fdl_machine;
struct file;
struct file_lock_context;
struct file_ops;
struct inode;
struct task;
struct text;

#define VFS_NAME_MAX 255
#define VFS_PATH_MAX 4096

/* What opening and looking up do, by the kind of inode. */
struct inode_ops {
	const char *name; /* what anonymous ones are called: "pipe" gives "pipe:[ino]"; or NULL */
	/* How an anonymous one is shown where it has another name than that; may be NULL. */
	void (*dname)(const struct inode *inode, struct text *out);
	const struct file_ops *file;
	/*
	 * When a description of it is made by open(2), which readers and writers count already:
	 * checks as its kind demands (ENXIO, …), and may block; NULL: nothing to check.
	 */
	int (*open)(struct task *current, struct inode *inode, struct file *f);
	/*
	 * A directory whose names are made on demand, each a magic link to an open file: the name's
	 * file (a reference for the caller), or NULL and *error. NULL: the dcache has all names.
	 */
	struct file *(*lookup)(struct task *current, const char *name, size_t len, int *error);
	void (*free)(struct inode *inode); /* the object's own memory; may be NULL */
};

struct inode {
	struct fdl_machine *machine;
	const struct inode_ops *ops;
	mode_t mode; /* type and permissions */
	uid_t uid;
	gid_t gid;
	unsigned refs;             /* dentries and files */
	unsigned writers, readers; /* descriptions open for either */
	unsigned runners;          /* programs that run it: nobody may write meanwhile */
	unsigned nlink;
	bool linkable;  /* without a name yet, and may get one: O_TMPFILE without O_EXCL */
	unsigned seals; /* regular files: what may not be done with it any more (memfd.c) */
	uint64_t ino;
	off_t size;
	struct sparse pages; /* regular files: 4096 bytes each; holes are missing */
	size_t npages;       /* how many there are */
	dev_t rdev;
	struct file_lock_context *locks; /* lock.h; NULL: never locked */
	struct list marks;               /* fsnotify_mark.of_inode, the oldest first */
	void *private; /* a symbolic link's target (malloc, NUL-terminated), a pipe's buffer, … */
};

/*
 * A name. The tree holds a reference to each that is in it; one that was taken out (unlink, rename
 * onto it) stays as long as a file or a task is there.
 */
struct dentry {
	/* First what a look-up reads. */
	struct dentry *parent; /* holds a reference; the root is its own */
	struct inode *inode;   /* holds a reference */
	struct dentry *hash_next;
	uint64_t salt; /* of a directory: what the hash of its names starts from */
	uint32_t hash, len;
	char *name; /* NUL-terminated; short_name, or malloc's */
	char short_name[32];
	unsigned refs;
	bool unhashed;        /* its name is gone: " (deleted)" */
	struct list children; /* of a directory, in the order of creation */
	struct list sibling;
};

/* What a machine has of this room. */
struct vfs {
	struct dentry *root;
	struct dentry **hash;
	size_t nhash, ndentries;
	size_t nfifos; /* pipes, with a name or without: opening one may wait */
	uint64_t next_ino;
	struct budget bytes; /* ENOSPC beyond: names, inodes, contents, pipes */
};

/* A task's view of names: shared by CLONE_FS, copied by fork. */
struct fs {
	unsigned refs;
	struct dentry *root, *cwd; /* hold references */
	mode_t umask;
};

/*
 * The file system that every machine starts with (DESIGN, "The kernels"), bounded by the machine's
 * option bytes. 0 or -ENOMEM, -ENOSPC; then vfs_free is due all the same.
 */
int vfs_init(struct fdl_machine *m);
/* Frees everything; no file may be open any more. */
void vfs_free(struct fdl_machine *m);

/* A task's fs: a new one at the root, a copy, one more or one less user. NULL: no memory. */
struct fs *fs_new(struct fdl_machine *m);
struct fs *fs_copy(const struct fs *fs);
static inline struct fs *fs_get(struct fs *fs)
{
	fs->refs++;
	return fs;
}
void fs_put(struct fs *fs);

/* References. dput of the last one lets go of the inode and the parent. NULL is allowed. */
static inline struct dentry *dget(struct dentry *d)
{
	if (d)
		d->refs++;
	return d;
}
static inline struct inode *iget(struct inode *i)
{
	i->refs++;
	return i;
}

/* The last reference has gone. */
void dentry_free(struct dentry *d);
void inode_free(struct inode *i);

/* One reference less. d may be NULL. */
static inline void dput(struct dentry *d)
{
	if (d && --d->refs == 0)
		dentry_free(d);
}

static inline void iput(struct inode *i)
{
	if (--i->refs == 0)
		inode_free(i);
}

/* A new inode with refs 1 and nlink 1, charged to the budget; the caller's. NULL and *error:
 * -ENOSPC, -ENOMEM. */
struct inode *inode_new(struct fdl_machine *m, mode_t mode, const struct inode_ops *ops,
			int *error);

/*
 * A path argument of a call, as the kernel takes it from the user: up to the first NUL. It is in
 * the call's arena. NULL and *error: -EFAULT (no pointer), -ENOENT (empty), -ENAMETOOLONG, -ENOMEM.
 */
const char *path_arg(struct task *current, const struct fdl_arg *arg, int *error);

/*
 * Where a path of an …at call starts: *base is a reference for the caller, NULL for the cwd and for
 * absolute paths, which do not look at dirfd (but with RESOLVE_IN_ROOT do). 0, -EBADF, -ENOTDIR.
 */
int dirfd_base(struct task *current, int64_t dirfd, const char *path, uint64_t resolve,
	       struct dentry **base);

/*
 * Looks a path (of path_arg) up, from base (NULL: the cwd) unless it is absolute. follow: the last
 * component too, when it is a symbolic link. *d is a reference for the caller. 0, or
 * path_resolution(7)'s errors; -EACCES for what has no name (a pipe by way of /proc/self/fd).
 */
int path_lookup(struct task *current, struct dentry *base, const char *path, bool follow,
		struct dentry **d);

/*
 * open(2) without the descriptor: flags have been checked, mode and resolve are openat2's; base as
 * above. O_LARGEFILE is added, as 64-bit kernels do. *f is the caller's. 0 or open(2)'s errors.
 */
int do_filp_open(struct task *current, struct dentry *base, const char *path, unsigned flags,
		 mode_t mode, uint64_t resolve, struct file **f);

/*
 * The same into a description that the caller has already (alloc_empty_file, file_enlist), and has
 * still, as it was, when it fails.
 */
int do_file_open(struct task *current, const char *path, unsigned flags, mode_t mode,
		 struct file *f);

/* The path of a name from the root, with " (deleted)" where it is gone. */
void d_path(const struct dentry *d, struct text *out);

/* The same without that: its length, and its bytes, so that the last one stands before end. */
size_t d_path_len(const struct dentry *d);
void d_path_put(const struct dentry *d, char *end);

#endif
