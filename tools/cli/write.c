/* write(2) may write less than it was given. */
#include "cli/write.h"

#include <errno.h>
#include <unistd.h>

int write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		const ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}
