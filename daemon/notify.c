/*
 * Tells the service manager that started the daemon its state: a datagram to the socket that
 * NOTIFY_SOCKET names. A manager that cannot be reached is not told. The socket stays connected: a
 * daemon in its sandbox cannot make another.
 */
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket that is connected to the manager's, or -1. */
static int connect_to_manager(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len < 2 || len >= sizeof(addr.sun_path) || (path[0] != '/' && path[0] != '@'))
		return -1;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@')
		addr.sun_path[0] = '\0'; /* a name outside of the file system */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void notify(const char *state)
{
	static int manager = -1;

	if (manager < 0)
		manager = connect_to_manager();
	if (manager >= 0)
		(void)!send(manager, state, strlen(state), MSG_NOSIGNAL);
}
