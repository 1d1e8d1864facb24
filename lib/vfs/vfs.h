/*
 * A file system in memory that behaves like tmpfs(5): directories, regular files, symbolic links,
 * devices and FIFOs. A name is a dentry, found by one hash table as in the kernel's dcache; its
 * object is an inode. Descriptors are known to kernels alone: calls ask for them by vfs/fd.h, and
 * /proc/self/fd by the kernel's slot_next, too.
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

/* The operations of a kind of inode. */
struct inode_ops {
	const char *name; /* shown for an anonymous inode: "pipe" as "pipe:[ino]"; or NULL */
	/* Prints another name of an anonymous inode than that; may be NULL. */
	void (*dname)(const struct inode *inode, struct text *out);
	const struct file_ops *file;
	/* The length, where it is not the inode's; may be NULL. */
	off_t (*size)(const struct inode *inode);
	/* The errors of changing the mode, or the owner, of an inode that keeps them; usually 0. */
	int chmod_error, chown_error;
	/*
	 * Called by open(2), with the description counted among readers and writers: checks what
	 * the kind demands (ENXIO, …), and may block. 0 or an error. NULL: nothing to check.
	 */
	int (*open)(struct task *current, struct inode *inode, struct file *f);
	/*
	 * Of a directory whose names are magic links to open files, made on demand: the file of a
	 * name (a reference for the caller), or NULL and *error. NULL: the dcache has all names.
	 */
	struct file *(*lookup)(struct task *current, const struct inode *dir, const char *name,
			       size_t len, int *error);
	/*
	 * Of /proc/self, which is a symbolic link to a directory of the caller's process: a name
	 * for that link. Refs 1, the caller's; NULL and *error: -ENOSPC, -ENOMEM.
	 */
	struct dentry *(*link)(struct task *current, struct dentry *d, int *error);
	void (*chowned)(struct inode *inode); /* it has another owner; may be NULL */
	void (*evict)(struct inode *inode);   /* frees the object's own memory; may be NULL */
};

struct inode {
	struct fdl_machine *machine;
	const struct inode_ops *ops;
	mode_t mode; /* type and permissions */
	uid_t uid;
	gid_t gid;
	unsigned refs;             /* dentries and files */
	unsigned writers, readers; /* descriptions open for either */
	unsigned runners;          /* running programs of it: opening it to write is ETXTBSY */
	unsigned nlink;
	bool plain;         /* a regular file, although stat(2) does not say so: a pidfd */
	bool immutable;     /* nothing may be written to it, whatever its mode is */
	bool linkable;      /* has no name yet, and may get one: O_TMPFILE without O_EXCL */
	unsigned seals;     /* F_SEAL_*, of a regular file (seals.h) */
	uint8_t write_hint; /* RWH_*, as F_SET_RW_HINT said */
	uint64_t ino;
	off_t size;
	struct sparse pages; /* of a regular file: 4096 bytes each; holes are missing */
	size_t npages;       /* that exist */
	dev_t rdev;
	/*
	 * Of an anonymous inode: the one that stands for all of them where the kernel has only one,
	 * with its number, locks, marks and hints. NULL: the inode itself.
	 */
	struct inode *common;
	struct file_lock_context *locks; /* lock.h; NULL: never locked */
	struct list marks;               /* fsnotify_mark.of_inode, the oldest first */
	void *private; /* a symbolic link's target (malloc, NUL-terminated), a pipe's buffer, … */
};

/* The inode that the kernel has for this one. */
static inline struct inode *inode_common(struct inode *inode)
{
	return inode->common ? inode->common : inode;
}

/*
 * A name. The tree holds a reference to each of its names; a name that was taken out (unlink,
 * rename onto it) exists until the last file or task that refers to it is gone.
 */
struct dentry {
	/* The members that a look-up reads come first. */
	struct dentry *parent; /* holds a reference; the root is its own */
	struct inode *inode;   /* holds a reference */
	struct hash_node hashed;
	uint64_t salt; /* of a directory: mixed into the hashes of its names */
	uint32_t hash, len;
	struct hash_node
		numbered; /* its key counts the names of a machine: rootfs/ knows it by that */
	char *name;       /* NUL-terminated; short_name, or malloc's */
	char short_name[32];
	unsigned refs;
	bool unhashed;        /* taken out of its directory: shown as " (deleted)" */
	struct list children; /* of a directory, in the order of creation */
	struct list sibling;
	uint64_t order; /* rises along the siblings */
	/* Its place in its directory, for getdents64; of a directory, the last that it gave out. */
	uint32_t offset, last_offset;
};

/* The file system of a machine. */
struct vfs {
	struct dentry *root;
	struct hash names;   /* every dentry that is in its directory */
	struct hash numbers; /* the same, by number */
	uint64_t last_number, last_order;
	const struct dentry *listed; /* the last that d_next gave, while it stands where it stood */
	size_t nfifos;               /* pipes, with a name or without: opening one may wait */
	size_t nleases;              /* of all files: opening one may wait */
	uint64_t next_ino;
	struct inode *anon_inode; /* the first of them; NULL: there was none, or each has its own */
	struct budget bytes; /* of names, inodes, contents and pipes; ENOSPC beyond its limit */
};

/* A task's root, working directory and umask: shared by CLONE_FS, copied by fork. */
struct fs {
	unsigned refs;
	struct dentry *root, *cwd; /* hold references */
	mode_t umask;
};

/*
 * Makes m->vfs, with the names of the machine's kernel, and with its option bytes for a limit. 0 or
 * -ENOMEM, -ENOSPC; vfs_free is due after an error too.
 */
int vfs_init(struct fdl_machine *m);

/* Frees everything; no file may be open any more. */
void vfs_free(struct fdl_machine *m);

/* A new fs at the root, and a copy of another: with one user. NULL: no memory. */
struct fs *fs_new(struct fdl_machine *m);
struct fs *fs_copy(const struct fs *fs);

/* A user more; and a user less, the last of which frees it. fs_put of NULL does nothing. */
static inline struct fs *fs_get(struct fs *fs)
{
	fs->refs++;
	return fs;
}

void fs_put(struct fs *fs);

#endif
