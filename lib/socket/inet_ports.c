/*
 * The ports of AF_INET: finds the sockets that hold one, and the lowest free one. TCP and UDP have
 * a tree each of the sockets that hold a port, ordered by port; those that listen come first, and
 * the oldest of each. Knows nothing of addresses.
 */
#include "socket/inet_ports.h"

#include "machine/machine.h"
#include "socket/inet_conflict.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

/* net.ipv4.ip_local_port_range */
#define PORT_FIRST 32768u
#define PORT_LAST  60999u

static struct sock *holder(const struct avl_node *node)
{
	return node ? container_of(node, struct sock, inet.by_port) : NULL;
}

static bool listens(const struct sock *sk)
{
	return sk->inet.tcp_state == TCP_LISTEN;
}

static bool port_less(const struct avl_node *a, const struct avl_node *b)
{
	const struct sock *x = holder(a), *y = holder(b);

	if (x->inet.num != y->inet.num)
		return x->inet.num < y->inet.num;
	if (listens(x) != listens(y))
		return listens(x);
	return x->id < y->id;
}

/*
 * Sums up the ports of the sockets below: the lowest, the highest, and whether all between are
 * held.
 */
static void port_update(struct avl_node *node)
{
	struct inet_sock *inet = &holder(node)->inet;

	inet->low = inet->high = inet->num;
	inet->dense = true;
	if (node->child[0]) {
		const struct inet_sock *left = &holder(node->child[0])->inet;

		inet->low = left->low;
		inet->dense = left->dense && left->high + 1u >= inet->num;
	}
	if (node->child[1]) {
		const struct inet_sock *right = &holder(node->child[1])->inet;

		inet->high = right->high;
		inet->dense = inet->dense && right->dense && inet->num + 1u >= right->low;
	}
}

static bool syn_less(const struct avl_node *a, const struct avl_node *b)
{
	const struct sock *x = container_of(a, struct sock, inet.by_syn);
	const struct sock *y = container_of(b, struct sock, inet.by_syn);

	if (x->inet.remote.port != y->inet.remote.port)
		return x->inet.remote.port < y->inet.remote.port;
	return x->id < y->id;
}

void inet_ports_init(struct fdl_machine *m)
{
	for (size_t i = 0; i < 2; i++)
		m->inet_ports[i] = (struct avl_tree){ .less = port_less, .update = port_update };
	m->inet_syns = (struct avl_tree){ .less = syn_less };
	m->inet_retry = false;
}

static struct avl_tree *tree_of(struct fdl_machine *m, int type)
{
	return &m->inet_ports[type == SOCK_DGRAM];
}

void inet_hold_port(struct sock *sk, uint16_t port)
{
	struct avl_tree *tree = tree_of(sk->machine, sk->type);

	avl_erase(tree, &sk->inet.by_port);
	sk->inet.num = port;
	if (port)
		avl_insert(tree, &sk->inet.by_port);
	inet_conflict_renew(sk);
}

void inet_set_state(struct sock *sk, int state)
{
	struct avl_tree *syns = &sk->machine->inet_syns;
	const bool listened = listens(sk);

	avl_erase(syns, &sk->inet.by_syn);
	sk->inet.tcp_state = state;
	if (state == TCP_SYN_SENT)
		avl_insert(syns, &sk->inet.by_syn);
	/* Its place among the holders of its port is another. */
	if (listened != listens(sk) && avl_in_tree(&sk->inet.by_port)) {
		avl_erase(tree_of(sk->machine, sk->type), &sk->inet.by_port);
		avl_insert(tree_of(sk->machine, sk->type), &sk->inet.by_port);
	}
	inet_conflict_renew(sk);
}

static bool port_before(const struct avl_node *node, const void *key)
{
	return holder(node)->inet.num < *(const uint16_t *)key;
}

struct sock *inet_first_holder(struct fdl_machine *m, int type, uint16_t port)
{
	struct sock *sk = holder(avl_lower(tree_of(m, type), port_before, &port));

	return sk && sk->inet.num == port ? sk : NULL;
}

struct sock *inet_next_holder(const struct sock *sk)
{
	struct sock *next = holder(avl_next(&sk->inet.by_port));

	return next && next->inet.num == sk->inet.num ? next : NULL;
}

/* The lowest port from port on that no socket of a subtree holds. */
static unsigned free_from(const struct avl_node *node, unsigned port)
{
	const struct inet_sock *inet;

	if (!node)
		return port;
	inet = &holder(node)->inet;
	if (port < inet->low || port > inet->high)
		return port;
	if (inet->dense)
		return inet->high + 1u;
	port = free_from(node->child[0], port);
	if (port == inet->num)
		port++;
	return free_from(node->child[1], port);
}

uint16_t inet_free_port(const struct sock *sk)
{
	unsigned port = free_from(tree_of(sk->machine, sk->type)->root, PORT_FIRST);

	return port <= PORT_LAST ? (uint16_t)port : 0;
}

static bool syn_before(const struct avl_node *node, const void *key)
{
	return container_of(node, struct sock, inet.by_syn)->inet.remote.port <
	       *(const uint16_t *)key;
}

struct sock *inet_first_syn(struct fdl_machine *m, uint16_t port)
{
	struct avl_node *node = avl_lower(&m->inet_syns, syn_before, &port);
	struct sock *sk = node ? container_of(node, struct sock, inet.by_syn) : NULL;

	return sk && sk->inet.remote.port == port ? sk : NULL;
}

struct sock *inet_next_syn(const struct sock *sk)
{
	struct avl_node *node = avl_next(&sk->inet.by_syn);
	struct sock *next = node ? container_of(node, struct sock, inet.by_syn) : NULL;

	return next && next->inet.remote.port == sk->inet.remote.port ? next : NULL;
}
