/*
 * Names and what they name: a small file system in memory with directories, regular files,
 * symbolic links, devices and pipes, of the manners of tmpfs. Names are dentries, found through one
 * hash table as in the kernel's dcache; what they name are inodes. This room knows no descriptors:
 * the one place where a name means one (/proc/self/fd) asks the kernel by way of kernel.h.
 */
#ifndef VFS_H
#define VFS_H

#include "base/hash.h"
#include "base/list.h"
#include "base/sparse.h"
#include "fdlab.h"

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
	void (*evict)(struct inode *inode); /* the object's own memory; may be NULL */
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
	struct hash_node hashed;
	uint64_t salt; /* of a directory: what the hash of its names starts from */
	uint32_t hash, len;
	struct hash_node
		numbered; /* its key counts the names of a machine: rootfs/ knows it by that */
	char *name;       /* NUL-terminated; short_name, or malloc's */
	char short_name[32];
	unsigned refs;
	bool unhashed;        /* its name is gone: " (deleted)" */
	struct list children; /* of a directory, in the order of creation */
	struct list sibling;
	uint64_t order; /* rises along the siblings */
};

/* What a machine has of this room. */
struct vfs {
	struct dentry *root;
	struct hash names;   /* every dentry that is in its directory */
	struct hash numbers; /* the same, by number */
	uint64_t last_number, last_order;
	const struct dentry *listed; /* the last that d_next gave, while it stands where it stood */
	size_t nfifos;               /* pipes, with a name or without: opening one may wait */
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

#endif
