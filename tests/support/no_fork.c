/*
 * Loaded into a program by LD_PRELOAD: while the file named by NO_FORK is there, fork fails as
 * where the limit of processes is reached, or with ENOMEM if the file has a byte.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

pid_t fork(void)
{
	const char *path = getenv("NO_FORK");
	pid_t (*libc_fork)(void);
	struct stat st;

	if (path && !stat(path, &st)) {
		errno = st.st_size ? ENOMEM : EAGAIN;
		return -1;
	}
	*(void **)&libc_fork = dlsym(RTLD_NEXT, "fork");
	return libc_fork();
}
