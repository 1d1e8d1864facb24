/*
 * Walking paths, for the calls that make and take away names: where the last component stands.
 */
#ifndef NAMEI_H
#define NAMEI_H

#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/dcache.h"

#include <fcntl.h>

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

enum last_type {
	LAST_NORM,   /* a name */
	LAST_ROOT,   /* there is none: "/" */
	LAST_DOT,    /* "." */
	LAST_DOTDOT, /* ".." */
};

/* A component of a path; name[len] is a '/' when slashes follow it. */
struct qstr {
	enum last_type type;
	uint32_t hash;
	size_t len;
	const char *name;
};

/* A walk: where it is, borrowed, since nothing else runs meanwhile. */
struct nameidata {
	struct task *current;
	struct dentry *root;   /* where absolute links start and ".." ends */
	struct dentry *dentry; /* NULL: something without a name, by way of a magic link */
	struct inode *inode;
	struct dentry *made; /* the name of a magic link itself, made for this walk */
	struct qstr last;
	bool follow;    /* the last component too, if it is a symbolic link */
	bool directory; /* the last component must be one */
	uint64_t resolve;
	unsigned links; /* followed so far */
};

/*
 * Walks a path to its end (path_walk: with the flags that are set in nd already), or up to its last
 * component, which is left in nd->last: nd is then the directory that it is in. 0 or an error; in
 * both cases walk_end is due.
 */
int path_lookupat(struct nameidata *nd, struct task *current, struct dentry *base, const char *path,
		  bool follow);
int path_walk(struct nameidata *nd, struct dentry *base, const char *path);
int path_parentat(struct nameidata *nd, struct task *current, struct dentry *base,
		  const char *path);
void walk_end(struct nameidata *nd);

enum {
	LOOKUP_FOLLOW = 1, /* the last component too */
	LOOKUP_EMPTY = 2,  /* no path at all is the descriptor itself, or the cwd */
};

/* Of the AT_* flags of an …at call that follows symbolic links unless it is told not to. */
static inline unsigned lookup_flags(int64_t at_flags)
{
	return (at_flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

/*
 * Walks a path argument of an …at call to its end. What was found stays for the length of a call
 * that does not give way. 0, or the errors of path_arg, dirfd_base and path_lookupat; walk_end is
 * due.
 */
int filename_lookup(struct nameidata *nd, struct task *current, int64_t dirfd,
		    const struct fdl_arg *path, unsigned flags);

static inline bool is_empty_path(const struct fdl_arg *path)
{
	return path->str && (!path->num || !*path->str);
}

/* The steps of a walk, for open(2), which has a last one of its own. */
int path_init(struct nameidata *nd, struct dentry *base, const char *path);
int link_path_walk(struct nameidata *nd, const char *name);
int handle_dots(struct nameidata *nd);

/* What there is to say of a name that the dcache does not have. As of lookup_one. */
int lookup_slow(struct nameidata *nd, struct file **magic);

/*
 * Finds nd->last in the directory where the walk is: *d, borrowed, NULL if it is not there; or, in
 * a directory of magic links, *magic, a reference. 0, -ENOENT where nothing can be, -ENAMETOOLONG.
 */
static inline int lookup_one(struct nameidata *nd, struct dentry **d, struct file **magic)
{
	const struct qstr *last = &nd->last;

	*magic = NULL;
	*d = d_lookup(nd->current->machine->vfs, nd->dentry, last->name, last->len, last->hash);
	return *d ? 0 : lookup_slow(nd, magic);
}

/*
 * Goes to what lookup_one found, or through it when it is a symbolic link to be followed: *link is
 * then what is to be walked on, or NULL when the walk is there already. 0 or an error.
 */
int step_into(struct nameidata *nd, struct dentry *d, struct file *magic, bool follow,
	      const char **link);

#endif
