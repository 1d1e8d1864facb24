/*
 * A file in use by a call: looked up by its descriptor when the call begins, and given back when it
 * ends. How it is kept meanwhile is up to the kernel: borrowed from a table that nothing else
 * can change, by a reference, or as a use that a close waits for. And the descriptors of new files,
 * which a call reserves, and fills in a later step.
 */
#ifndef FD_H
#define FD_H

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/file.h"

#include <stdint.h>

struct fd {
	struct file *file;
	enum { FD_BORROWED, FD_REFERENCE, FD_USE } put;
};

/* The file of a descriptor, for a call that O_PATH files do not allow. .file NULL: -EBADF. */
static inline struct fd fdget(struct task *current, int64_t fd)
{
	return current->machine->kernel->fdget(current, fd, false);
}

/* The same for a call that they allow. */
static inline struct fd fdget_raw(struct task *current, int64_t fd)
{
	return current->machine->kernel->fdget(current, fd, true);
}

/* Gives it back as it was taken; without a file, nothing. */
static inline void fdput(struct task *current, struct fd fd)
{
	if (fd.put == FD_REFERENCE)
		fput(current, fd.file);
	else if (fd.put == FD_USE)
		file_unuse(current, fd.file);
}

/*
 * Reserves n descriptors, the lowest first, with a preemption point before each but the first. 0,
 * or an error with none reserved. Of oflags, O_CLOEXEC counts.
 */
int fd_reserve(struct task *current, unsigned oflags, int *fd, int n);

/* Gives n reserved descriptors back, the last first, with a preemption point before each. */
void fd_unreserve(struct task *current, const int *fd, int n);

/* Fills n reserved descriptors, with a preemption point before each; takes the references. */
void fd_publish(struct task *current, const int *fd, struct file *const *f, int n);

/*
 * The second half of a call that makes one file: fills its reserved descriptor with f, or gives the
 * descriptor back if f is NULL. The descriptor, or error.
 */
int fd_complete(struct task *current, int fd, struct file *f, int error);

#endif
