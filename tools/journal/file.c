/*
 * Reading, locking, cutting and replacing a file.
 */
#include "journal/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map(struct journal_file *f)
{
	struct stat st;

	if (fstat(f->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	f->size = (size_t)st.st_size;
	f->data = f->size ? mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, f->fd, 0) : MAP_FAILED;
	if (f->size && f->data == MAP_FAILED)
		return -errno;
	return 0;
}

int journal_file_open(struct journal_file *f, const char *path, bool change, char *why,
		      size_t whysize)
{
	int error = 0;

	*f = (struct journal_file){ .path = path, .data = MAP_FAILED };
	f->fd = open(path, (change ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0)
		error = -errno;
	else if (change && flock(f->fd, LOCK_EX | LOCK_NB))
		error = -errno;
	else
		error = map(f);
	if (!error)
		return 0;
	snprintf(why, whysize, "%s",
		 error == -EWOULDBLOCK ? "another process uses this journal"
		 : error == -EINVAL    ? "a journal is a regular file"
				       : strerror(-error));
	journal_file_close(f);
	return error;
}

void journal_file_close(struct journal_file *f)
{
	if (f->data != MAP_FAILED)
		munmap(f->data, f->size);
	if (f->fd >= 0)
		close(f->fd);
	f->data = MAP_FAILED;
	f->fd = -1;
}

int journal_file_cut(const struct journal_file *f, size_t size)
{
	return ftruncate(f->fd, (off_t)size) || fsync(f->fd) ? -errno : 0;
}

/* Makes the new name of a file last. 0 or a negative errno. */
static int sync_directory(char *path)
{
	const int fd = open(dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		error = -errno;
	close(fd);
	return error;
}

int journal_file_replace(const struct journal_file *f, int (*write)(int fd, void *ctx), void *ctx)
{
	struct stat st;
	char *name;
	int fd, error = fstat(f->fd, &st) ? -errno : 0;

	if (error || asprintf(&name, "%s.XXXXXX", f->path) < 0)
		return error ? error : -ENOMEM;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		error = -errno;
		free(name);
		return error;
	}
	/* A daemon that starts now finds the new file in use until it is complete. */
	if (flock(fd, LOCK_EX | LOCK_NB) || fchmod(fd, st.st_mode & 07777) ||
	    (fchown(fd, st.st_uid, st.st_gid) && errno != EPERM))
		error = -errno;
	if (!error)
		error = write(fd, ctx);
	if (!error && (fsync(fd) || rename(name, f->path)))
		error = -errno;
	if (error)
		unlink(name);
	else
		error = sync_directory(name);
	close(fd);
	free(name);
	return error;
}
