/*
 * The two steps in which a new file gets its descriptor: the number is reserved, and the file is
 * put there. Between them, other tasks find a number that is taken and a slot that is empty. Each
 * number is reserved, filled and given back by itself.
 */
#include "vfs/fd.h"

#include "machine/sched.h"

int fd_reserve(struct task *current, unsigned oflags, int *fd, int n)
{
	const struct kernel *k = current->machine->kernel;

	for (int i = 0; i < n; i++) {
		if (i > 0)
			preempt(current, "get_unused_fd_flags");
		fd[i] = k->get_unused_fd(current, oflags);
		if (fd[i] < 0) {
			fd_unreserve(current, fd, i);
			return fd[i];
		}
	}
	return 0;
}

void fd_unreserve(struct task *current, const int *fd, int n)
{
	while (n-- > 0) {
		preempt(current, "put_unused_fd");
		current->machine->kernel->put_unused_fd(current, (unsigned)fd[n]);
	}
}

void fd_publish(struct task *current, const int *fd, struct file *const *f, int n)
{
	for (int i = 0; i < n; i++) {
		preempt(current, "fd_install");
		current->machine->kernel->fd_install(current, (unsigned)fd[i], f[i]);
	}
}

int fd_complete(struct task *current, int fd, struct file *f, int error)
{
	if (!f) {
		fd_unreserve(current, &fd, 1);
		return error;
	}
	fd_publish(current, &fd, &f, 1);
	return fd;
}
