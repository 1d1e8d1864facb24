/*
 * The file system of a machine, made and freed; and the root, working directory and umask of tasks.
 */
#include "vfs/vfs.h"

#include "base/heap.h"
#include "vfs/dcache.h"
#include "vfs/first_names.h"
#include "vfs/inode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int vfs_init(struct fdl_machine *m)
{
	static const struct first_name root = FIRST_DIRECTORY("", "/", 0755, directory_inode);
	int error;

	m->vfs = calloc(1, sizeof(*m->vfs));
	if (!m->vfs)
		return -ENOMEM;
	m->vfs->bytes = (struct budget){ 0, m->options.bytes };
	error = dcache_init(m->vfs);
	if (!error)
		error = add_first_name(m, NULL, &root, &m->vfs->root);
	if (!error)
		error = add_first_names(m, m->kernel->names);
	return error;
}

/* From the leaves up: a tree of any depth is freed without a stack. */
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
	if (m->vfs->anon_inode)
		iput(m->vfs->anon_inode);
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
