/*
 * A pipe or a socket that became a standard descriptor would be closed where these are given up.
 * They stay open in programs that the daemon starts.
 */
#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int standard_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
