/*
 * Who hears of what happens to files: calls on names and descriptions tell it here, with the bits
 * of inotify, and the watches on the inodes pass it on. While there is no watch it costs a branch.
 */
#ifndef FSNOTIFY_H
#define FSNOTIFY_H

#include "machine/machine.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

struct dentry;
struct file;
struct inode;

/* Their rest, where there is some watch: inotify.c. */
void fsnotify_inode_slow(struct inode *inode, uint32_t mask);
void fsnotify_name_slow(struct inode *dir, uint32_t mask, uint32_t cookie, const char *name,
			size_t len);
void fsnotify_dentry_slow(struct dentry *d, struct inode *inode, uint32_t mask);
void fsnotify_inoderemove(struct inode *inode);

static inline bool is_watched(const struct fdl_machine *m)
{
	return __builtin_expect(m->inotify_watches != 0, 0);
}

/* Something happened to an inode itself. */
static inline void fsnotify_inode(struct fdl_machine *m, struct inode *inode, uint32_t mask)
{
	if (is_watched(m))
		fsnotify_inode_slow(inode, mask);
}

/* Something happened to a name in a directory; both names of a move have one cookie. */
static inline void fsnotify_name(struct fdl_machine *m, struct inode *dir, uint32_t mask,
				 uint32_t cookie, const char *name, size_t len)
{
	if (is_watched(m))
		fsnotify_name_slow(dir, mask, cookie, name, len);
}

/* Something happened to what a name stands for: its directory hears of it, and it itself. */
static inline void fsnotify_dentry(struct fdl_machine *m, struct dentry *d, struct inode *inode,
				   uint32_t mask)
{
	if (is_watched(m))
		fsnotify_dentry_slow(d, inode, mask);
}

#endif
