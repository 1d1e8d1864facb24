/*
 * Loaded into a program by LD_PRELOAD: while the file named by NO_SYNC is there, fdatasync fails
 * as on a broken disk.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int fdatasync(int fd)
{
	const char *path = getenv("NO_SYNC");
	int (*libc_fdatasync)(int);
	struct stat st;

	if (path && !stat(path, &st)) {
		errno = EIO;
		return -1;
	}
	*(void **)&libc_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	return libc_fdatasync(fd);
}
