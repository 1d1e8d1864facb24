/*
 * The file system as a whole: what is in it when a machine starts, its end, and each task's view of
 * it. Which names there are at first the kernel says, in a table.
 */
#include "vfs/vfs.h"

#include "vfs/dcache.h"
#include "vfs/first_names.h"
#include "vfs/inode.h"

#include <assert.h>
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
	static const struct first_name root = FIRST_DIRECTORY("", "/", 0755, directory_inode);
	const struct first_name *names = m->kernel->names;
	struct dentry **dirs, *dir;
	size_t count = 0;
	int error;

	m->vfs = calloc(1, sizeof(*m->vfs));
	if (!m->vfs)
		return -ENOMEM;
	m->vfs->bytes = (struct budget){ 0, m->options.bytes };
	while (names[count].name)
		count++;
	dirs = calloc(count, sizeof(struct dentry *));
	if (!dirs)
		return -ENOMEM;
	error = dcache_init(m->vfs);
	if (!error)
		error = add_first_name(m, NULL, &root, &m->vfs->root);
	for (size_t i = 0; i < count && !error; i++) {
		dir = m->vfs->root;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(names[j].name, names[i].dir) == 0)
				dir = dirs[j];
		}
		error = add_first_name(m, dir, &names[i], &dirs[i]);
	}
	free(dirs);
	return error;
}

/* From the leaves up, so that however deep the tree is nothing has to be remembered. */
void vfs_free(struct fdl_machine *m)
{
	struct dentry *d;

	if (!m->vfs)
		return;
	d = m->vfs->root;
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
	dcache_free(m->vfs);
	assert(m->vfs->bytes.used == 0);
	free(m->vfs);
	m->vfs = NULL;
}

struct fs *fs_new(struct fdl_machine *m)
{
	struct fs *fs = malloc(sizeof(*fs));

	if (fs)
		*fs = (struct fs){ 1, dget(m->vfs->root), dget(m->vfs->root), 022 };
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
