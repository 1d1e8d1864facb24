/*
 * Walking paths: to the name at the end of one, or to the directory of its last component.
 */
#ifndef NAMEI_H
#define NAMEI_H

#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/dcache.h"

#include <fcntl.h>

/*
 * Copies a path argument up to its first NUL, as getname of the kernel does, into the call's arena.
 * NULL and *error: -EFAULT (no pointer), -ENOENT (empty), -ENAMETOOLONG, -ENOMEM.
 */
const char *path_arg(struct task *current, const struct fdl_arg *arg, int *error);

/*
 * The directory where a path of an …at call starts: *base is a reference for the caller; NULL for
 * the cwd, and for an absolute path without RESOLVE_IN_ROOT, which ignores dirfd. 0, -EBADF,
 * -ENOTDIR.
 */
int dirfd_base(struct task *current, int64_t dirfd, const char *path, uint64_t resolve,
	       struct dentry **base);

/*
 * Looks up a path (of path_arg), which starts at base (NULL: the cwd) unless it is absolute.
 * follow: also follows a symbolic link that is the last component. *d is a reference for the
 * caller. 0, the errors of path_resolution(7), or -EACCES for a file without a name (a pipe in
 * /proc/self/fd).
 */
int path_lookup(struct task *current, struct dentry *base, const char *path, bool follow,
		struct dentry **d);

enum last_type {
	LAST_NORM,   /* a name */
	LAST_ROOT,   /* there is none: "/" */
	LAST_DOT,    /* "." */
	LAST_DOTDOT, /* ".." */
};

/* A component of a path; name[len] is '/' if slashes follow it. */
struct qstr {
	enum last_type type;
	uint32_t hash;
	size_t len;
	const char *name;
};

/* A walk, and where it is: borrowed, since no other call runs meanwhile. */
struct nameidata {
	struct task *current;
	struct dentry *root;   /* where absolute links start and ".." ends */
	struct dentry *dentry; /* NULL: a magic link led to a file without a name */
	struct inode *inode;
	struct dentry *made; /* a name for a magic link, made for this walk */
	struct qstr last;
	bool follow;    /* a symbolic link that is the last component */
	bool directory; /* the last component must be one */
	uint64_t resolve;
	unsigned links; /* followed so far */
};

/*
 * Walk a path from base: path_lookupat to its end; path_walk likewise, with the flags that are set
 * in nd already; path_parentat to the directory of the last component, which is left in nd->last. 0
 * or an error; walk_end is due in either case.
 */
int path_lookupat(struct nameidata *nd, struct task *current, struct dentry *base, const char *path,
		  bool follow);
int path_walk(struct nameidata *nd, struct dentry *base, const char *path);
int path_parentat(struct nameidata *nd, struct task *current, struct dentry *base,
		  const char *path);
void walk_end(struct nameidata *nd);

enum {
	LOOKUP_FOLLOW = 1, /* a symbolic link that is the last component */
	LOOKUP_EMPTY = 2,  /* an empty path means the descriptor itself, or the cwd */
};

/* The LOOKUP_* flags of an …at call that follows symbolic links but for AT_SYMLINK_NOFOLLOW. */
static inline unsigned lookup_flags(int64_t at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

/*
 * Walks a path argument of an …at call to its end. The result stays valid during the call, as long
 * as that does not give way to others. 0, or the errors of path_arg, dirfd_base and path_lookupat;
 * walk_end is due.
 */
int filename_lookup(struct nameidata *nd, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, unsigned flags);

static inline bool is_empty_path(const struct fdl_arg *path)
{
	return path->str && (!path->num || !*path->str);
}

/* The steps of a walk, for open(2), whose last step is its own. */
int path_init(struct nameidata *nd, struct dentry *base, const char *path);
int link_path_walk(struct nameidata *nd, const char *name);
int handle_dots(struct nameidata *nd);

/* The rest of lookup_one, for a name that the dcache does not have. */
int lookup_slow(struct nameidata *nd, struct file **magic);

/*
 * Looks nd->last up in the directory where the walk is: *d is borrowed, or NULL if there is no such
 * name; in a directory of magic links *magic is a reference to the file. 0, -ENOENT if the
 * directory was removed, -ENAMETOOLONG.
 */
static inline int lookup_one(struct nameidata *nd, struct dentry **d, struct file **magic)
{
	const struct qstr *last = &nd->last;

	*magic = NULL;
	*d = d_lookup(nd->current->machine->vfs, nd->dentry, last->name, last->len, last->hash);
	return *d ? 0 : lookup_slow(nd, magic);
}

/*
 * Moves the walk to the name that lookup_one found. If that is a symbolic link to be followed,
 * *link is the path to walk on, or NULL if the walk is at its end already. 0 or an error.
 */
int step_into(struct nameidata *nd, struct dentry *d, struct file *magic, bool follow,
	      const char **link);

#endif
