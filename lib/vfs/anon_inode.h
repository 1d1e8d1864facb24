/*
 * Files without a name in the file system: of eventfd and its kin, and of objects whose kind does
 * not matter.
 */
#ifndef ANON_INODE_H
#define ANON_INODE_H

struct file;
struct file_ops;
struct inode;
struct task;

/* A new description of an inode, to which it takes a reference; otherwise as anon_inode_getfile. */
struct file *anon_inode_file(struct task *current, struct inode *inode, const struct file_ops *ops,
			     unsigned flags, int *error);

/*
 * A new description, shown as "anon_inode:" and the name, such as "[eventfd]". ops NULL: no_fops.
 * Of flags only the access mode and O_NONBLOCK count. It is the caller's. NULL and *error: -ENFILE,
 * -ENOMEM, -ENOSPC.
 */
struct file *anon_inode_getfile(struct task *current, const char *name, const struct file_ops *ops,
				unsigned flags, int *error);

/*
 * The same with a descriptor, for which O_CLOEXEC counts too: the number, or an error, also
 * -EMFILE. private: the object that the ops work on; after an error it is the caller's. *file (file
 * may be NULL) is the description, without a reference.
 */
int anon_inode_getfd(struct task *current, const char *name, const struct file_ops *ops,
		     void *private, struct file **file, unsigned flags);

#endif
