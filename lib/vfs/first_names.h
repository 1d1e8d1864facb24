/*
 * The names that a machine starts with: the rows of a kernel's table. A directory stands before the
 * names in it.
 */
#ifndef FIRST_NAMES_H
#define FIRST_NAMES_H

#include "vfs/inode.h"

#include <stdbool.h>
#include <sys/stat.h>

/* A name in the directory dir, which is itself a name of the table, or "" for the root. */
struct first_name {
	const char *dir, *name;
	mode_t mode;
	const struct inode_ops *ops;
	const char *content; /* of a regular file; a symbolic link's target */
	unsigned major, minor;
	bool users; /* owned by the user that the tasks run as */
	bool immutable;
};

#define FIRST_DIRECTORY(in, called, permissions, kind, ...)                                        \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFDIR | (permissions), .ops = &(kind),    \
		__VA_ARGS__                                                                        \
	}
#define FIRST_REGULAR(in, called, permissions, text)                                               \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFREG | (permissions),                    \
		.ops = &regular_inode, .content = (text)                                           \
	}
#define FIRST_SYMLINK(in, called, target)                                                          \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFLNK | 0777, .content = (target)         \
	}
#define FIRST_DEVICE(in, called, permissions, kind, majr, minr, ...)                               \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFCHR | (permissions), .ops = &(kind),    \
		.major = (majr), .minor = (minr), __VA_ARGS__                                      \
	}

/*
 * Makes a name in dir (NULL: the root itself); *d is borrowed. 0, -ENOSPC, -ENOMEM.
 */
int add_first_name(struct fdl_machine *m, struct dentry *dir, const struct first_name *n,
		   struct dentry **d);

/* Makes all names of a table, which a row without a name ends. 0, -ENOSPC, -ENOMEM. */
int add_first_names(struct fdl_machine *m, const struct first_name *names);

/* The contents of /etc/passwd, of /etc/hosts and of a program. */
extern const char first_passwd[], first_hosts[], first_program[];

#endif
