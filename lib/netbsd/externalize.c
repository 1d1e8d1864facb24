/*
 * Descriptors in messages, as unp_externalize of uipc_usrreq.c receives them: all, or none.
 */
#include "netbsd/filedesc.h"

#include "netbsd/fdtable.h"
#include "vfs/file.h"

#include <errno.h>

/* Marks n descriptors. EMSGSIZE, which is what programs know, when there are not so many. */
static int alloc_all(struct task *current, size_t n, int *fds)
{
	size_t i = 0;
	int error;

	while (i < n) {
		error = fdalloc(current, 0, &fds[i]);
		if (!error) {
			i++;
			continue;
		}
		while (i > 0)
			fd_unused(current, current->files, fds[--i]);
		if (error != -ENOSPC)
			return error == -EMFILE ? -EMSGSIZE : error;
		fdexpand(current);
	}
	return 0;
}

int unp_externalize(struct task *current, struct file *const *files, size_t n, size_t room,
		    int *fds)
{
	int error = alloc_all(current, n, fds);

	if (error)
		return error;
	for (size_t i = 0; i < n; i++)
		ofile_set(current, current->files, fds[i], get_file(files[i]));
	for (size_t i = room; i < n; i++)
		fdrelease(current, fds[i]);
	return 0;
}
