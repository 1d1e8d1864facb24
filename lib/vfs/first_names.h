/*
 * The names that a machine starts with: what a kernel's table of them is made of. Directories stand
 * before what is in them.
 */
#ifndef FIRST_NAMES_H
#define FIRST_NAMES_H

#include "vfs/inode.h"

#include <stdbool.h>
#include <sys/stat.h>

/* A name in the directory whose own name is dir ("": the root). */
struct first_name {
	const char *dir, *name;
	mode_t mode;
	const struct inode_ops *ops;
	const char *content; /* of a regular file; a symbolic link's target */
	unsigned major, minor;
	bool users; /* belongs to the user that the tasks are, as after a login */
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

/* What is in /etc/passwd, in /etc/hosts, and in a program. */
extern const char first_passwd[], first_hosts[], first_program[];

#endif
