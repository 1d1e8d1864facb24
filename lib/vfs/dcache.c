/*
 * The directory entry cache: all names, hashed together with their directories, and the references
 * between names, directories and inodes. It knows nothing of permissions and of kinds of inodes.
 */
#include "vfs/dcache.h"

#include "base/heap.h"
#include "base/text.h"
#include "vfs/inode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_BITS   6 /* of the first table */
#define DENTRY_COST ((size_t)128)

int dcache_init(struct vfs *vfs)
{
	int error = hash_init(&vfs->names, HASH_BITS);

	if (error)
		return error;
	error = hash_init(&vfs->numbers, HASH_BITS);
	if (error)
		hash_free(&vfs->names);
	return error;
}

void dcache_free(struct vfs *vfs)
{
	hash_free(&vfs->names);
	hash_free(&vfs->numbers);
}

static void d_hash(struct dentry *d)
{
	struct vfs *vfs = inode_vfs(d->inode);

	hash_add(&vfs->names, &d->hashed, d_key(d->parent, d->hash));
	hash_add(&vfs->numbers, &d->numbered, d->numbered.key);
}

static void d_unhash(struct dentry *d)
{
	struct vfs *vfs = inode_vfs(d->inode);

	hash_del(&vfs->names, &d->hashed);
	hash_del(&vfs->numbers, &d->numbered);
	vfs->listed = NULL;
}

/* The bytes charged for a name besides its dentry: none if it is short. */
static size_t name_cost(size_t len)
{
	return len < sizeof(((struct dentry *)NULL)->short_name) ? 0 : len + 1;
}

static int d_set_name(struct dentry *d, const char *name, size_t len)
{
	char *copy = d->short_name;
	int error;

	if (name_cost(len)) {
		error = vfs_charge(d->inode->machine, name_cost(len));
		if (error)
			return error;
		copy = malloc(len + 1);
		if (!copy) {
			vfs_uncharge(d->inode->machine, name_cost(len));
			return -ENOMEM;
		}
	}
	memcpy(copy, name, len);
	copy[len] = '\0';
	d->name = copy;
	d->len = (uint32_t)len;
	d->hash = name_hash(name, len);
	return 0;
}

static void name_free(struct dentry *d, char *name, size_t len)
{
	vfs_uncharge(d->inode->machine, name_cost(len));
	if (name != d->short_name)
		free(name);
}

struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode,
		       int *error)
{
	struct dentry *d;

	*error = vfs_charge(inode->machine, DENTRY_COST);
	if (*error)
		return NULL;
	*error = -ENOMEM;
	d = calloc(1, sizeof(*d));
	if (!d)
		goto no_dentry;
	d->inode = inode;
	/* Not the address: equal machines must be equal in every bucket. */
	d->salt = inode->ino << 32;
	*error = d_set_name(d, name, len);
	if (*error)
		goto no_name;
	d->refs = 1;
	d->last_offset = DIR_OFFSET_FIRST;
	d->parent = parent ? dget(parent) : d;
	iget(inode);
	list_init(&d->children);
	list_init(&d->sibling);
	return d;

no_name:
	free(d);
no_dentry:
	vfs_uncharge(inode->machine, DENTRY_COST);
	return NULL;
}

/* A name that replaces another takes over its offset, as on tmpfs. */
static void d_list(struct dentry *d, const struct dentry *replaced)
{
	d->order = ++inode_vfs(d->inode)->last_order;
	d->offset = replaced ? replaced->offset : ++d->parent->last_offset;
	list_add_tail(&d->sibling, &d->parent->children);
}

/* A directory of a tmpfs is as long as its names are many; those of /proc have no length. */
static void dir_grow(struct dentry *dir, int names)
{
	if (!dir->inode->ops->lookup)
		dir->inode->size += names * DIRECTORY_NAME_SIZE;
}

void d_add(struct dentry *d)
{
	d->numbered.key = ++inode_vfs(d->inode)->last_number;
	d_hash(d);
	d_list(d, NULL);
	dir_grow(d->parent, 1);
}

struct dentry *d_find(const struct vfs *vfs, uint64_t number)
{
	struct hash_node *node = hash_first(&vfs->numbers, number);

	return node ? container_of(node, struct dentry, numbered) : NULL;
}

struct dentry *d_next(struct vfs *vfs, const struct dentry *dir, uint64_t order)
{
	const struct dentry *last = vfs->listed;
	const struct list *pos = &dir->children;

	/* The names before the last one that was listed have a lower order. */
	if (last && last->parent == dir && last->order == order)
		pos = &last->sibling;
	while ((pos = pos->next) != &dir->children) {
		struct dentry *d = container_of(pos, struct dentry, sibling);

		if (d->order > order) {
			vfs->listed = d;
			return d;
		}
	}
	return NULL;
}

void d_delete(struct dentry *d)
{
	d_unhash(d);
	list_del(&d->sibling);
	dir_grow(d->parent, -1);
	d->unhashed = true;
	dput(d);
}

int d_move(struct dentry *d, struct dentry *dir, const char *name, size_t len,
	   const struct dentry *replaced)
{
	struct dentry *old_dir = d->parent;
	char *old_name = d->name;
	size_t old_len = d->len;
	int error;

	d_unhash(d);
	error = d_set_name(d, name, len);
	if (error) {
		d_hash(d);
		return error;
	}
	name_free(d, old_name, old_len);
	dir_grow(old_dir, -1);
	dir_grow(dir, 1);
	d->parent = dget(dir);
	d_hash(d);
	list_del(&d->sibling);
	d_list(d, replaced);
	dput(old_dir);
	return 0;
}

/* A name may hold the last reference to its directory, and so on up to the root. */
void dentry_free(struct dentry *d)
{
	struct dentry *parent;

	do {
		struct inode *inode = d->inode;

		parent = d->parent != d ? d->parent : NULL;
		name_free(d, d->name, d->len);
		vfs_uncharge(inode->machine, DENTRY_COST);
		free(d);
		iput(inode);
		d = parent;
	} while (d && --d->refs == 0);
}

bool d_is_ancestor(const struct dentry *a, const struct dentry *d)
{
	while (d != a && d->parent != d)
		d = d->parent;
	return d == a;
}

size_t d_path_len(const struct dentry *d)
{
	size_t len = d->parent == d ? 1 : 0;

	for (; d->parent != d; d = d->parent)
		len += 1 + d->len;
	return len;
}

void d_path_put(const struct dentry *d, char *end)
{
	if (d->parent == d)
		*--end = '/';
	for (; d->parent != d; d = d->parent) {
		end -= d->len;
		memcpy(end, d->name, d->len);
		*--end = '/';
	}
}

void d_path_plain(const struct dentry *d, struct text *out)
{
	size_t len = d_path_len(d);

	if (!text_room(out, len))
		return;
	out->len += len;
	d_path_put(d, out->s + out->len);
	out->s[out->len] = '\0';
}

void d_path(const struct dentry *d, struct text *out)
{
	d_path_plain(d, out);
	if (d->unhashed)
		text_put(out, " (deleted)", 10);
}
