/*
 * Conflicts of sockets that want one port. Two sockets may share a port if both set SO_REUSEADDR
 * and the holder does not listen, or both set SO_REUSEPORT and have the same owner. The holders of
 * ports stand in two trees: by port and by how they share it, and by port, address and how they
 * share it. Holders that share alike follow each other there, so that the search for a conflict
 * steps over all that a socket may share with.
 */
#include "socket/inet_conflict.h"

#include "machine/machine.h"
#include "vfs/inode.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/*
 * How a holder shares its port, as a number: REUSES_ADDR if its SO_REUSEADDR counts, and if its
 * SO_REUSEPORT does, its owner, from 1 on. No holder has NO_OWNER.
 */
#define NO_OWNER    ((uint64_t)UINT32_MAX + 2)
#define REUSES_ADDR ((uint64_t)1 << 33)

/* The two trees of a type of socket. */
enum { OF_PORT, OF_ADDRESS, ORDERS };

static uint64_t owner_of(const struct sock *sk, uint64_t none)
{
	return sk->reuseport && sk->inode ? (uint64_t)sk->inode->uid + 1 : none;
}

static struct inet_share present_share(const struct sock *sk)
{
	const bool reuses = sk->reuseaddr && sk->inet.tcp_state != TCP_LISTEN;

	return (struct inet_share){ .port = sk->inet.num,
				    .addr = sk->name.addr,
				    .how = owner_of(sk, 0) + (reuses ? REUSES_ADDR : 0) };
}

/* ---- the trees ------------------------------------------------------------------------------ */

static struct sock *holder(const struct avl_node *node, int order)
{
	return container_of(node, struct sock, inet.by_share[order]);
}

static bool comes_before(const struct inet_share *a, const struct inet_share *b, int order)
{
	if (a->port != b->port)
		return a->port < b->port;
	if (order == OF_ADDRESS && a->addr != b->addr)
		return a->addr < b->addr;
	return a->how < b->how;
}

static bool less_of_port(const struct avl_node *a, const struct avl_node *b)
{
	return comes_before(&holder(a, OF_PORT)->inet.share, &holder(b, OF_PORT)->inet.share,
			    OF_PORT);
}

static bool less_of_address(const struct avl_node *a, const struct avl_node *b)
{
	return comes_before(&holder(a, OF_ADDRESS)->inet.share, &holder(b, OF_ADDRESS)->inet.share,
			    OF_ADDRESS);
}

static bool before_of_port(const struct avl_node *node, const void *key)
{
	return comes_before(&holder(node, OF_PORT)->inet.share, key, OF_PORT);
}

static bool before_of_address(const struct avl_node *node, const void *key)
{
	return comes_before(&holder(node, OF_ADDRESS)->inet.share, key, OF_ADDRESS);
}

static struct avl_tree *tree_of(struct fdl_machine *m, int type, int order)
{
	return &m->inet_shares[type == SOCK_DGRAM][order];
}

void inet_conflict_init(struct fdl_machine *m)
{
	for (size_t i = 0; i < 2; i++) {
		m->inet_shares[i][OF_PORT] = (struct avl_tree){ .less = less_of_port };
		m->inet_shares[i][OF_ADDRESS] = (struct avl_tree){ .less = less_of_address };
	}
}

void inet_conflict_renew(struct sock *sk)
{
	const struct inet_share share = present_share(sk), *had = &sk->inet.share;

	if (share.port == had->port && share.addr == had->addr && share.how == had->how)
		return;
	for (int order = 0; order < ORDERS; order++)
		avl_erase(tree_of(sk->machine, sk->type, order), &sk->inet.by_share[order]);
	sk->inet.share = share;
	for (int order = 0; order < ORDERS && share.port; order++)
		avl_insert(tree_of(sk->machine, sk->type, order), &sk->inet.by_share[order]);
}

/* ---- the search ----------------------------------------------------------------------------- */

/*
 * Whether another socket than sk holds the port, and the address, of from, and shares it as from to
 * `to`.
 */
static bool any_between(const struct sock *sk, int order, const struct inet_share *from,
			uint64_t to)
{
	const struct inet_share last = { .port = from->port, .addr = from->addr, .how = to };
	struct avl_node *node =
		avl_lower(tree_of(sk->machine, sk->type, order),
			  order == OF_PORT ? before_of_port : before_of_address, from);

	if (node && holder(node, order) == sk)
		node = avl_next(node);
	return node && !comes_before(&last, &holder(node, order)->inet.share, order);
}

/* Whether another socket holds the port, and the address, and sk may not share it. */
static bool conflicts(const struct sock *sk, int order, uint32_t addr, uint16_t port)
{
	const uint64_t own = owner_of(sk, NO_OWNER), last = sk->reuseaddr ? 0 : REUSES_ADDR;

	for (uint64_t reuses = 0; reuses <= last; reuses += REUSES_ADDR) {
		const struct inet_share low = { .port = port, .addr = addr, .how = reuses };
		const struct inet_share high = { .port = port,
						 .addr = addr,
						 .how = reuses + own + 1 };

		if (any_between(sk, order, &low, reuses + own - 1) ||
		    any_between(sk, order, &high, reuses + NO_OWNER))
			return true;
	}
	return false;
}

bool inet_port_in_use(const struct sock *sk, uint32_t addr, uint16_t port)
{
	if (addr == INADDR_ANY)
		return conflicts(sk, OF_PORT, addr, port);
	return conflicts(sk, OF_ADDRESS, INADDR_ANY, port) || conflicts(sk, OF_ADDRESS, addr, port);
}
