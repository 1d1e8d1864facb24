/*
 * Leases on files (F_SETLEASE). Before another task opens or truncates the file, a signal tells the
 * holder. That task waits until the holder has given the lease up, or until the time for it is
 * over.
 */
#ifndef LEASE_H
#define LEASE_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct file_lock_context;
struct inode;
struct task;

/* The seconds that a holder has, at the start: sys/fs/lease-break-time. */
#define LEASE_BREAK_TIME 45

/* The leases of a file that has none. */
void leases_init(struct file_lock_context *ctx);

/*
 * F_SETLEASE with F_RDLCK, F_WRLCK or F_UNLCK, by a descriptor. 0; -EAGAIN: the file is open in a
 * way that the lease forbids, or there is no lease to give up; -EACCES, -EINVAL, -ENOMEM.
 */
int fcntl_setlease(struct task *current, struct file *f, int fd, int64_t type);

/*
 * F_GETLEASE: the type that the lease of a description has, or will have when it has been broken.
 */
int fcntl_getlease(struct file *f);

/* The slow half of break_lease. */
int break_lease_slow(struct task *current, struct inode *inode, bool write, bool nonblock);

/*
 * Breaks the leases that an open, or (write) one for writing, conflicts with, and waits until they
 * are given up; only for calls that may open. The caller counts among the inode's readers or
 * writers already. 0, -EINTR, -EAGAIN if the caller may not wait, or -ENOMEM.
 */
#define break_lease(current, inode, write, nonblock)                                               \
	(__builtin_expect((inode)->locks != NULL, 0)                                               \
		 ? break_lease_slow(current, inode, write, nonblock)                               \
		 : 0)

/* A description is released, and its lease with it. */
void locks_remove_lease(struct file *f);

#endif
