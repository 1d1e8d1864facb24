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
	bool users; /* belongs to the user that the tasks are, as after a login */
};

#define DIRECTORY(in, called, permissions, kind, ...)                                              \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFDIR | (permissions), .ops = &(kind),    \
		##__VA_ARGS__                                                                      \
	}
#define REGULAR(in, called, permissions, text)                                                     \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFREG | (permissions),                    \
		.ops = &regular_inode, .content = (text)                                           \
	}
#define SYMLINK(in, called, target)                                                                \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFLNK | 0777, .content = (target)         \
	}
#define DEVICE(in, called, permissions, kind, majr, minr, ...)                                     \
	{                                                                                          \
		.dir = (in), .name = (called), .mode = S_IFCHR | (permissions), .ops = &(kind),    \
		.major = (majr), .minor = (minr), ##__VA_ARGS__                                    \
	}

/* Directories before what is in them. */
static const struct first_name first_names[] = {
	DIRECTORY("", "bin", 0755, directory_inode),
	DIRECTORY("", "dev", 0755, directory_inode),
	DIRECTORY("", "etc", 0755, directory_inode),
	DIRECTORY("", "home", 0755, directory_inode, .users = true),
	DIRECTORY("", "proc", 0555, proc_inode),
	DIRECTORY("", "tmp", 01777, directory_inode),
	REGULAR("bin", "sh", 0755, program),
	REGULAR("bin", "true", 0755, program),
	REGULAR("bin", "cat", 0755, program),
	REGULAR("bin", "ls", 0755, program),
	DEVICE("dev", "null", 0666, null_inode, 1, 3),
	DEVICE("dev", "zero", 0666, zero_inode, 1, 5),
	DEVICE("dev", "full", 0666, full_inode, 1, 7),
	DEVICE("dev", "tty", 0666, tty_inode, 5, 0),
	DEVICE("dev", "console", 0600, console_inode, 5, 1, .users = true),
	SYMLINK("dev", "fd", "/proc/self/fd"),
	SYMLINK("dev", "stdin", "/proc/self/fd/0"),
	SYMLINK("dev", "stdout", "/proc/self/fd/1"),
	SYMLINK("dev", "stderr", "/proc/self/fd/2"),
	REGULAR("etc", "passwd", 0644, passwd),
	REGULAR("etc", "hosts", 0644, hosts),
	DIRECTORY("proc", "self", 0555, proc_inode),
	DIRECTORY("self", "fd", 0555, proc_fd_inode),
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
	if (n->users) {
		inode->uid = (uid_t)m->options.uid;
		inode->gid = (gid_t)m->options.gid;
	}
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
	static const struct first_name root = DIRECTORY("", "/", 0755, directory_inode);
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
	if (!fs || --fs->refs)
		return;
	dput(fs->root);
	dput(fs->cwd);
	free(fs);
}
