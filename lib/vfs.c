/*
 * The file system as a whole: what is in it when a machine starts, its end, and each task's view of
 * it. The first names are a table.
 */
#include "vfs.h"

#include "dcache.h"
#include "inode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static const char passwd[] = "root:x:0:0:root:/:/bin/sh\n"
			     "nobody:x:65534:65534:nobody:/:/bin/true\n"
			     "user:x:1000:1000:user:/home:/bin/sh\n";
static const char hosts[] = "127.0.0.1\tlocalhost\n"
			    "::1\tlocalhost ip6-localhost\n";
static const char program[] = "\177ELF";

struct first_name {
	const char *dir, *name;
	mode_t mode;
	const struct inode_ops *ops;
	const char *content; /* of a regular file; a symbolic link's target */
	unsigned major, minor;
};

/* Directories before what is in them. */
static const struct first_name first_names[] = {
	{ "", "bin", S_IFDIR | 0755, &directory_inode, NULL, 0, 0 },
	{ "", "dev", S_IFDIR | 0755, &directory_inode, NULL, 0, 0 },
	{ "", "etc", S_IFDIR | 0755, &directory_inode, NULL, 0, 0 },
	{ "", "home", S_IFDIR | 0755, &directory_inode, NULL, 0, 0 },
	{ "", "proc", S_IFDIR | 0555, &proc_inode, NULL, 0, 0 },
	{ "", "tmp", S_IFDIR | S_ISVTX | 0777, &directory_inode, NULL, 0, 0 },
	{ "bin", "sh", S_IFREG | 0755, &regular_inode, program, 0, 0 },
	{ "bin", "true", S_IFREG | 0755, &regular_inode, program, 0, 0 },
	{ "bin", "cat", S_IFREG | 0755, &regular_inode, program, 0, 0 },
	{ "bin", "ls", S_IFREG | 0755, &regular_inode, program, 0, 0 },
	{ "dev", "null", S_IFCHR | 0666, &null_inode, NULL, 1, 3 },
	{ "dev", "zero", S_IFCHR | 0666, &zero_inode, NULL, 1, 5 },
	{ "dev", "full", S_IFCHR | 0666, &full_inode, NULL, 1, 7 },
	{ "dev", "tty", S_IFCHR | 0666, &tty_inode, NULL, 5, 0 },
	{ "dev", "console", S_IFCHR | 0600, &console_inode, NULL, 5, 1 },
	{ "dev", "fd", S_IFLNK | 0777, &symlink_inode, "/proc/self/fd", 0, 0 },
	{ "dev", "stdin", S_IFLNK | 0777, &symlink_inode, "/proc/self/fd/0", 0, 0 },
	{ "dev", "stdout", S_IFLNK | 0777, &symlink_inode, "/proc/self/fd/1", 0, 0 },
	{ "dev", "stderr", S_IFLNK | 0777, &symlink_inode, "/proc/self/fd/2", 0, 0 },
	{ "etc", "passwd", S_IFREG | 0644, &regular_inode, passwd, 0, 0 },
	{ "etc", "hosts", S_IFREG | 0644, &regular_inode, hosts, 0, 0 },
	{ "proc", "self", S_IFDIR | 0555, &proc_inode, NULL, 0, 0 },
	{ "self", "fd", S_IFDIR | 0555, &proc_fd_inode, NULL, 0, 0 },
};

static struct inode *first_inode(struct fdl_machine *m, const struct first_name *n, int *error)
{
	struct inode *inode;
	ssize_t written;

	if (S_ISLNK(n->mode))
		return symlink_new(m, n->content, strlen(n->content), error);
	inode = inode_new(m, n->mode, n->ops, error);
	if (!inode)
		return NULL;
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

/* Adds a name to dir and returns it in *d, borrowed. */
static int add_first_name(struct fdl_machine *m, struct dentry *dir, const struct first_name *n,
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

int vfs_init(struct fdl_machine *m)
{
	static const struct first_name root = { "", "/", S_IFDIR | 0755, &directory_inode, NULL, 0, 0 };
	size_t count = sizeof(first_names) / sizeof(first_names[0]);
	struct dentry *dirs[sizeof(first_names) / sizeof(first_names[0])];
	struct dentry *dir;
	int error;

	m->vfs.bytes = (struct budget){ 0, m->options.bytes };
	error = dcache_init(&m->vfs);
	if (!error)
		error = add_first_name(m, NULL, &root, &m->vfs.root);
	for (size_t i = 0; i < count && !error; i++) {
		dir = m->vfs.root;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(first_names[j].name, first_names[i].dir) == 0)
				dir = dirs[j];
		}
		error = add_first_name(m, dir, &first_names[i], &dirs[i]);
	}
	return error;
}

/* From the leaves up, so that however deep the tree is nothing has to be remembered. */
void vfs_free(struct fdl_machine *m)
{
	struct dentry *d = m->vfs.root;

	while (d) {
		struct dentry *parent = d->parent;

		if (!list_empty(&d->children)) {
			d = container_of(d->children.next, struct dentry, sibling);
		} else if (d != parent) {
			d_delete(d);
			d = parent;
		} else {
			dput(d);
			d = NULL;
		}
	}
	m->vfs.root = NULL;
	dcache_free(&m->vfs);
	assert(m->vfs.bytes.used == 0);
}

struct fs *fs_new(struct fdl_machine *m)
{
	struct fs *fs = malloc(sizeof(*fs));

	if (fs)
		*fs = (struct fs){ 1, dget(m->vfs.root), dget(m->vfs.root), 022 };
	return fs;
}

struct fs *fs_copy(const struct fs *fs)
{
	struct fs *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = (struct fs){ 1, dget(fs->root), dget(fs->cwd), fs->umask };
	return copy;
}

void fs_put(struct fs *fs)
{
	if (--fs->refs)
		return;
	dput(fs->root);
	dput(fs->cwd);
	free(fs);
}
