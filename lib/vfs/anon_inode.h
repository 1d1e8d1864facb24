/*
 * Files that have no name in the file system: what eventfd and its kin give, and what stands for
 * any other object whose kind does not matter.
 */
#ifndef ANON_INODE_H
#define ANON_INODE_H

struct file;
struct file_ops;
struct task;

/*
 * A description that is shown as "anon_inode:" and the name, such as "[eventfd]"; ops NULL: nothing
 * can be done with it. Of flags the access mode and O_NONBLOCK count. It is the caller's. NULL and
 * *error: -ENFILE, -ENOMEM, -ENOSPC.
 */
struct file *anon_inode_getfile(struct task *current, const char *name, const struct file_ops *ops,
				unsigned flags, int *error);

/*
 * The same with a descriptor: the number, or an error, EMFILE too. private is what the ops work
 * on; the caller's where there is an error. file, if not NULL, is set to the description, of which
 * it holds no reference. O_CLOEXEC of flags counts as well.
 */
int anon_inode_getfd(struct task *current, const char *name, const struct file_ops *ops,
		     void *private, struct file **file, unsigned flags);

#endif
