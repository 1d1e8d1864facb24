/*
 * Events on files, as inotify names them: calls on names and descriptions report them here, and the
 * marks on the inodes that ask for them are told. While there is no mark, a report costs a branch.
 */
#ifndef FSNOTIFY_H
#define FSNOTIFY_H

#include "base/list.h"
#include "machine/machine.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

struct dentry;
struct fsnotify_mark;
struct inode;

/* The functions of the owner of a mark. */
struct fsnotify_ops {
	/*
	 * An event of the mark's mask, with IN_ISDIR where it is about a directory. name: of the
	 * entry of the directory, len bytes; NULL where the inode itself is meant. Both events of a
	 * move have the same cookie, other events 0. It may detach this mark, and no other.
	 */
	void (*event)(struct fsnotify_mark *mark, uint32_t mask, uint32_t cookie, const char *name,
		      size_t len);
	/* The inode is about to be freed: detaches the mark. */
	void (*gone)(struct fsnotify_mark *mark);
};

/* A mark on an inode; its owner embeds it and fills in ops and mask. */
struct fsnotify_mark {
	const struct fsnotify_ops *ops;
	struct inode *inode;
	bool holds;    /* a reference to it: an inode without a name is not deleted with one */
	uint32_t mask; /* of IN_ALL_EVENTS; IN_EXCL_UNLINK; the rest is its owner's */
	struct list of_inode;
};

/*
 * Puts a mark after those that an inode has; nameless: it was reached by a descriptor, and has no
 * name. Takes it off its inode, which may free that.
 */
void fsnotify_add_mark(struct fsnotify_mark *mark, struct inode *inode, bool nameless);
void fsnotify_detach_mark(struct fsnotify_mark *mark);

/* The three reports below, where there is a mark. */
void fsnotify_inode_slow(struct inode *inode, uint32_t mask);
void fsnotify_name_slow(struct inode *dir, uint32_t mask, uint32_t cookie, const char *name,
			size_t len);
void fsnotify_dentry_slow(struct dentry *d, struct inode *inode, uint32_t mask);

/* An inode is about to be freed: reports IN_DELETE_SELF, and ends its marks. */
void fsnotify_inoderemove(struct inode *inode);

static inline bool is_watched(const struct fdl_machine *m)
{
	return __builtin_expect(m->fsnotify_marks != 0, 0);
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

/* A description was used; d and inode are its own, its mode says whether marks are told. */
#define fsnotify_file(f, mask)                                                                     \
	((f)->mode & FMODE_NONOTIFY                                                                \
		 ? (void)0                                                                         \
		 : fsnotify_dentry((f)->machine, (f)->dentry, (f)->inode, mask))

/* Something happened to the object of a name: its directory is told, and the object's own marks. */
static inline void fsnotify_dentry(struct fdl_machine *m, struct dentry *d, struct inode *inode,
				   uint32_t mask)
{
	if (is_watched(m))
		fsnotify_dentry_slow(d, inode, mask);
}

#endif
