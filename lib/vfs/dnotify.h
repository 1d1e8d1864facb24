/*
 * Notices of a directory: F_NOTIFY asks for a signal when something happens to its files. A request
 * is of a description and a table, and ends when the table closes any descriptor of the
 * description.
 */
#ifndef DNOTIFY_H
#define DNOTIFY_H

struct file;
struct task;

/*
 * F_NOTIFY: adds DN_* flags to the request of the description and the caller's table, or (no event
 * is named) drops the request. 0, -ENOTDIR, -ENOMEM.
 */
int fcntl_dirnotify(struct task *current, struct file *f, int fd, unsigned flags);

/* The flush of directories: drops the request of the table, owner. Always 0. */
int dnotify_flush(struct task *current, struct file *f, void *owner);

#endif
