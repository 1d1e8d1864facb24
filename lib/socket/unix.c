/*
 * The names of AF_UNIX sockets, in the file system and abstract, and the socket that a name finds.
 */
#include "socket/unix.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/dcache.h"
#include "vfs/inode.h"
#include "vfs/namei.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SUN_PATH ((int)offsetof(struct sockaddr_un, sun_path))

int unix_validate_addr(const struct sock_addr *addr)
{
	if (addr->len <= SUN_PATH || addr->len > (int)sizeof(struct sockaddr_un) ||
	    addr->family != AF_UNIX)
		return -EINVAL;
	return 0;
}

struct sock *unix_find_abstract(struct fdl_machine *m, const struct sock_addr *addr, int type)
{
	list_for_each(pos, &m->sockets) {
		struct sock *sk = container_of(pos, struct sock, all);

		if (!sk->dead && !sk->listener && sk->ops->family == AF_UNIX && sk->type == type &&
		    !sk->accepted && sk->name.len == addr->len && !sk->name.path[0] &&
		    memcmp(sk->name.path, addr->path, unix_name_len(addr)) == 0)
			return sk;
	}
	return NULL;
}

static struct sock *find_by_inode(struct fdl_machine *m, const struct inode *inode)
{
	list_for_each(pos, &m->sockets) {
		struct sock *sk = container_of(pos, struct sock, all);

		if (sk->bound == inode)
			return sk;
	}
	return NULL;
}

static struct sock *find_bsd(struct task *current, const struct sock_addr *addr, int type,
			     int *error)
{
	const struct fdl_arg arg = { .num = (int64_t)strlen(addr->path), .str = addr->path };
	const char *path = path_arg(current, &arg, error);
	struct sock *sk = NULL;
	struct dentry *d;

	if (path)
		*error = path_lookup(current, NULL, path, true, &d);
	if (!path || *error)
		return NULL;
	*error = inode_permission(current, d->inode, W_OK);
	if (!*error) {
		*error = -ECONNREFUSED;
		if (S_ISSOCK(d->inode->mode))
			sk = find_by_inode(current->machine, d->inode);
	}
	dput(d);
	if (sk && sk->type != type) {
		*error = -EPROTOTYPE;
		sk = NULL;
	}
	return sk;
}

struct sock *unix_find_other(struct task *current, const struct sock_addr *addr, int type,
			     int *error)
{
	struct sock *sk;

	if (addr->path[0]) {
		sk = find_bsd(current, addr, type, error);
	} else {
		sk = unix_find_abstract(current->machine, addr, type);
		*error = -ECONNREFUSED;
	}
	if (sk)
		*error = 0;
	return sk ? sock_hold(sk) : NULL;
}

void unix_wake_senders(struct sock *sk)
{
	poll_notify(&sk->senders_poll, SOCK_WRITABLE);
	wake_up(sk->machine, &sk->senders);
}
