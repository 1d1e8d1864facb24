/*
 * A file that a call holds by its descriptor: looked up by the kernel's fdget, put back by fdput.
 */
#ifndef FD_H
#define FD_H

#include "vfs/file.h"

struct task;

struct fd {
	struct file *file; /* NULL: the descriptor is not open */
	enum { FD_BORROWED, FD_REFERENCE, FD_USE } put;
};

/* Gives the file back the way it was taken. */
static inline void fdput(struct task *current, struct fd fd)
{
	if (fd.put == FD_REFERENCE)
		fput(current, fd.file);
	else if (fd.put == FD_USE)
		file_unuse(current, fd.file);
}

#endif
