/*
 * Makes the names that a machine starts with, from the table of its kernel.
 */
#include "vfs/first_names.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "vfs/dcache.h"
#include "vfs/inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

const char first_passwd[] = "root:x:0:0:root:/:/bin/sh\n"
			    "nobody:x:65534:65534:nobody:/:/bin/true\n"
			    "user:x:1000:1000:user:/home:/bin/sh\n";
const char first_hosts[] = "127.0.0.1\tlocalhost\n"
			   "::1\tlocalhost ip6-localhost\n";
const char first_program[] = "\177ELF";

static struct inode *first_inode(struct fdl_machine *m, const struct first_name *n, int *error)
{
	struct inode *inode;
	ssize_t written;

	if (S_ISLNK(n->mode))
		return symlink_new(m, n->content, strlen(n->content), error);
	inode = inode_new(m, n->mode, n->ops, error);
	if (!inode)
		return NULL;
	if (n->users) {
		inode->uid = (uid_t)m->options.uid;
		inode->gid = (gid_t)m->options.gid;
	}
	inode->immutable = n->immutable;
	inode->rdev = makedev(n->major, n->minor);
	if (S_ISDIR(n->mode))
		inode->nlink = 2;
	if (!n->content)
		return inode;
	written = regular_write(inode, n->content, strlen(n->content), 0);
	if (written != (ssize_t)strlen(n->content)) {
		iput(inode);
		*error = -ENOSPC;
		return NULL;
	}
	return inode;
}

int add_first_name(struct fdl_machine *m, struct dentry *dir, const struct first_name *n,
		   struct dentry **d)
{
	int error;
	struct inode *inode = first_inode(m, n, &error);

	if (!inode)
		return error;
	*d = d_alloc(dir, n->name, strlen(n->name), inode, &error);
	iput(inode);
	if (!*d)
		return error;
	if (!dir)
		return 0;
	d_add(*d);
	if (S_ISDIR(n->mode))
		dir->inode->nlink++;
	return 0;
}

int add_first_names(struct fdl_machine *m, const struct first_name *names)
{
	struct dentry **made;
	size_t count = 0;
	int error = 0;

	while (names[count].name)
		count++;
	made = calloc(count, sizeof(struct dentry *));
	if (!made)
		return -ENOMEM;
	for (size_t i = 0; i < count && !error; i++) {
		struct dentry *dir = m->vfs->root;

		for (size_t j = 0; j < i; j++) {
			if (strcmp(names[j].name, names[i].dir) == 0)
				dir = made[j];
		}
		error = add_first_name(m, dir, &names[i], &made[i]);
	}
	free(made);
	return error;
}
