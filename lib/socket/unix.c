/*
 * The names of AF_UNIX sockets, in the file system and abstract, and the socket that a name finds.
 */
#include "socket/unix.h"

#include "base/number.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "vfs/dcache.h"
#include "vfs/inode.h"
#include "vfs/namei.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int unix_validate_addr(const struct sock_addr *addr)
{
	if (addr->len <= SUN_PATH || addr->len > (int)sizeof(struct sockaddr_un) ||
	    addr->family != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* ---- the trees of names --------------------------------------------------------------------- */

static struct sock *named(const struct avl_node *node)
{
	return node ? container_of(node, struct sock, by_name) : NULL;
}

/* An abstract name of a type. */
struct abstract_key {
	const struct sock_addr *addr;
	int type;
};

static int compare_abstract(const struct sock *sk, const struct abstract_key *key)
{
	if (sk->type != key->type)
		return sk->type < key->type ? -1 : 1;
	if (sk->name.len != key->addr->len)
		return sk->name.len < key->addr->len ? -1 : 1;
	return memcmp(sk->name.path, key->addr->path, unix_name_len(key->addr));
}

static bool abstract_before(const struct avl_node *node, const void *key)
{
	return compare_abstract(named(node), key) < 0;
}

static bool abstract_less(const struct avl_node *a, const struct avl_node *b)
{
	const struct sock *sk = named(b);

	return abstract_before(a, &(struct abstract_key){ &sk->name, sk->type });
}

static bool bound_before(const struct avl_node *node, const void *key)
{
	return named(node)->bound->ino < ((const struct inode *)key)->ino;
}

static bool bound_less(const struct avl_node *a, const struct avl_node *b)
{
	return bound_before(a, named(b)->bound);
}

void unix_names_init(struct fdl_machine *m)
{
	m->unix_abstract = (struct avl_tree){ .less = abstract_less };
	m->unix_bound = (struct avl_tree){ .less = bound_less };
	memset(m->unix_ordinal, 0, sizeof(m->unix_ordinal));
}

static struct avl_tree *tree_of(const struct sock *sk)
{
	return sk->bound ? &sk->machine->unix_bound : &sk->machine->unix_abstract;
}

void unix_add_name(struct sock *sk)
{
	avl_insert(tree_of(sk), &sk->by_name);
}

void unix_remove_name(struct sock *sk)
{
	unsigned *ordinal = &sk->machine->unix_ordinal[sk->type];

	/* If it was a name of autobind, that is the next to be given. */
	if (avl_in_tree(&sk->by_name) && !sk->bound) {
		const char *digits = sk->name.path + 1;
		bool overflow = false;
		uint64_t number;

		if (hex_scan(digits, digits + strlen(digits), &number, &overflow) &&
		    number < *ordinal)
			*ordinal = (unsigned)number;
	}
	avl_erase(tree_of(sk), &sk->by_name);
}

struct sock *unix_find_abstract(struct fdl_machine *m, const struct sock_addr *addr, int type)
{
	const struct abstract_key key = { addr, type };
	struct sock *sk = named(avl_lower(&m->unix_abstract, abstract_before, &key));

	return sk && compare_abstract(sk, &key) == 0 ? sk : NULL;
}

static struct sock *find_by_inode(struct fdl_machine *m, const struct inode *inode)
{
	struct sock *sk = named(avl_lower(&m->unix_bound, bound_before, inode));

	return sk && sk->bound == inode ? sk : NULL;
}

/* ---- finding -------------------------------------------------------------------------------- */

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
