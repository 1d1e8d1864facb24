/*
 * The directory entry cache: every name there is, found by its directory and its text. For the
 * rooms of the file system; the others know names by vfs.h.
 */
#ifndef DCACHE_H
#define DCACHE_H

#include "vfs.h"

/* Names are hashed while they are read: start, one byte after the other. */
#define NAME_HASH_START ((uint32_t)2166136261)

static inline uint32_t name_hash_byte(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 16777619u;
}

static inline uint32_t name_hash(const char *name, size_t len)
{
	uint32_t hash = NAME_HASH_START;

	for (size_t i = 0; i < len; i++)
		hash = name_hash_byte(hash, name[i]);
	return hash;
}

/* The first table. 0 or -ENOMEM. And its end. */
int dcache_init(struct vfs *vfs);
void dcache_free(struct vfs *vfs);

/* The name in a directory, borrowed, or NULL. */
struct dentry *d_lookup(const struct dentry *dir, const char *name, size_t len, uint32_t hash);

/*
 * A name for an inode, not yet in its directory, with refs 1: the caller's. It takes references of
 * the inode and of the parent (NULL: a root) for itself. NULL and *error: -ENOSPC, -ENOMEM.
 */
struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode,
		       int *error);

/* Puts a name into its directory, which takes over the caller's reference. */
void d_add(struct dentry *d);

/* Takes a name out of its directory, and drops the directory's reference. */
void d_delete(struct dentry *d);

/* Gives a name another text and place; none of that name may be there. 0, -ENOSPC, -ENOMEM. */
int d_move(struct dentry *d, struct dentry *dir, const char *name, size_t len);

/* True when a is d or above it. */
bool d_is_ancestor(const struct dentry *a, const struct dentry *d);

#endif
