/*
 * The directory entry cache: all names, found by directory and text.
 */
#ifndef DCACHE_H
#define DCACHE_H

#include "vfs/vfs.h"

#include <string.h>

/* A name is hashed byte by byte while a walk reads it; the hash starts at 0. */
static inline uint32_t name_hash_byte(uint32_t hash, char c)
{
	return (hash << 5 | hash >> 27) + (unsigned char)c;
}

static inline uint32_t name_hash(const char *name, size_t len)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < len; i++)
		hash = name_hash_byte(hash, name[i]);
	return hash;
}

/* The offset at which a directory begins, after "." and ".."; the first name has the next one. */
#define DIR_OFFSET_FIRST 2

/* A reference more. NULL is allowed. */
static inline struct dentry *dget(struct dentry *d)
{
	if (d)
		d->refs++;
	return d;
}

/* Frees a dentry without references; dput calls it. */
void dentry_free(struct dentry *d);

/* Drops a reference; the last one drops those to the inode and the parent. NULL is allowed. */
static inline void dput(struct dentry *d)
{
	if (d && --d->refs == 0)
		dentry_free(d);
}

/* Makes and frees the hash tables. 0 or -ENOMEM. */
int dcache_init(struct vfs *vfs);
void dcache_free(struct vfs *vfs);

/* The key of a name in a directory. */
static inline uint64_t d_key(const struct dentry *dir, uint32_t hash)
{
	return dir->salt ^ hash;
}

static inline bool same_8(const char *a, const char *b)
{
	return memcmp(a, b, 8) == 0;
}

static inline bool same_4(const char *a, const char *b)
{
	return memcmp(a, b, 4) == 0;
}

/*
 * Compares short names without a call of memcmp, which would cost more than the comparison: the
 * first and the last word cover up to two words; the first, middle and last letter cover up to
 * three.
 */
static inline bool same_name(const char *a, const char *b, size_t len)
{
	if (len > 16)
		return memcmp(a, b, len) == 0;
	if (len >= 8)
		return same_8(a, b) && same_8(a + len - 8, b + len - 8);
	if (len >= 4)
		return same_4(a, b) && same_4(a + len - 4, b + len - 4);
	return a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1];
}

/* The name in a directory, borrowed, or NULL. */
static inline struct dentry *d_lookup(const struct vfs *vfs, const struct dentry *dir,
				      const char *name, size_t len, uint32_t hash)
{
	struct hash_node *node = hash_first(&vfs->names, d_key(dir, hash));

	for (; node; node = hash_again(node)) {
		struct dentry *d = container_of(node, struct dentry, hashed);

		if (d->parent == dir && d->len == len && same_name(d->name, name, len))
			return d;
	}
	return NULL;
}

/*
 * A new name for an inode, with refs 1, not in its directory yet; the caller's. It takes references
 * to the inode and to the parent (NULL: it is a root). NULL and *error: -ENOSPC, -ENOMEM.
 */
struct dentry *d_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode,
		       int *error);

/* Puts a name into its directory, which takes over the caller's reference. */
void d_add(struct dentry *d);

/* Takes a name out of its directory, and drops the directory's reference. */
void d_delete(struct dentry *d);

/*
 * Gives a name another text and directory. replaced: the name that has the text there, and is about
 * to be deleted; NULL: the text is free. 0, -ENOSPC, -ENOMEM.
 */
int d_move(struct dentry *d, struct dentry *dir, const char *name, size_t len,
	   const struct dentry *replaced);

/* The name with this number that is in its directory, borrowed; NULL: there is none. */
struct dentry *d_find(const struct vfs *vfs, uint64_t number);

/* The first name of a directory whose order is above this one, borrowed, or NULL. */
struct dentry *d_next(struct vfs *vfs, const struct dentry *dir, uint64_t order);

/* Whether a is d or a directory above it. */
bool d_is_ancestor(const struct dentry *a, const struct dentry *d);

/* The path of a name from the root, with " (deleted)" if it was taken out of its directory. */
void d_path(const struct dentry *d, struct text *out);

/*
 * The same without " (deleted)": as a text, its length, and its bytes, the last of which goes
 * before end.
 */
void d_path_plain(const struct dentry *d, struct text *out);
size_t d_path_len(const struct dentry *d);
void d_path_put(const struct dentry *d, char *end);

#endif
