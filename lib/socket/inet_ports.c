/*
 * The ports of AF_INET: finds the sockets that hold one, and the lowest free one. TCP and UDP have
 * a tree each of the sockets that hold a port, ordered by port; those that listen come first, and
 * then the addresses decide, so that a listener or a connection is found without a walk over the
 * other sockets of its port; the oldest of several comes first.
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

/* A socket with its place; or the end of those with this place that are older. */
struct place_key {
	struct inet_place place;
	uint64_t id;
};

static struct place_key key_of(const struct sock *sk)
{
	return (struct place_key){ sk->inet.place, sk->id };
}

static struct inet_place present_place(const struct sock *sk)
{
	struct inet_place place = { .port = sk->inet.num,
				    .connects = sk->inet.tcp_state != TCP_LISTEN,
				    .addr = sk->name.addr };

	if (place.connects) {
		place.remote_addr = sk->inet.remote.addr;
		place.remote_port = sk->inet.remote.port;
	}
	return place;
}

/* Below 0, 0 or above it, as strcmp. */
static int compare_places(const struct inet_place *a, const struct inet_place *b)
{
	if (a->port != b->port)
		return a->port < b->port ? -1 : 1;
	if (a->connects != b->connects)
		return a->connects ? 1 : -1;
	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->remote_addr != b->remote_addr)
		return a->remote_addr < b->remote_addr ? -1 : 1;
	if (a->remote_port != b->remote_port)
		return a->remote_port < b->remote_port ? -1 : 1;
	return 0;
}

static bool key_before(const struct place_key *a, const struct place_key *b)
{
	const int order = compare_places(&a->place, &b->place);

	return order ? order < 0 : a->id < b->id;
}

static bool port_less(const struct avl_node *a, const struct avl_node *b)
{
	const struct place_key x = key_of(holder(a)), y = key_of(holder(b));

	return key_before(&x, &y);
}

static bool place_before(const struct avl_node *node, const void *key)
{
	const struct place_key k = key_of(holder(node));

	return key_before(&k, key);
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

void inet_renew(struct sock *sk)
{
	struct avl_tree *tree = tree_of(sk->machine, sk->type);
	const struct inet_place place = present_place(sk);

	if (compare_places(&place, &sk->inet.place) != 0) {
		avl_erase(tree, &sk->inet.by_port);
		sk->inet.place = place;
		if (place.port)
			avl_insert(tree, &sk->inet.by_port);
	}
	inet_conflict_renew(sk);
}

void inet_hold_port(struct sock *sk, uint16_t port)
{
	sk->inet.num = port;
	inet_renew(sk);
}

void inet_set_state(struct sock *sk, int state)
{
	struct avl_tree *syns = &sk->machine->inet_syns;

	avl_erase(syns, &sk->inet.by_syn);
	sk->inet.tcp_state = state;
	if (state == TCP_SYN_SENT)
		avl_insert(syns, &sk->inet.by_syn);
	inet_renew(sk);
}

/* ---- finding holders ------------------------------------------------------------------------ */

/* The first holder from a place on, if it is of the same port and listens. */
static struct sock *listener_from(struct fdl_machine *m, const struct inet_place *place)
{
	const struct place_key key = { *place, 0 };
	struct sock *sk = holder(avl_lower(tree_of(m, SOCK_STREAM), place_before, &key));

	return sk && sk->inet.place.port == place->port && !sk->inet.place.connects ? sk : NULL;
}

struct sock *inet_first_listener(struct fdl_machine *m, uint16_t port)
{
	return listener_from(m, &(struct inet_place){ .port = port });
}

struct sock *inet_next_listener(const struct sock *sk)
{
	struct sock *next = holder(avl_next(&sk->inet.by_port));

	if (!next || next->inet.place.port != sk->inet.place.port || next->inet.place.connects)
		return NULL;
	return next;
}

struct sock *inet_find_listener(struct fdl_machine *m, uint32_t addr, uint16_t port)
{
	struct sock *sk = listener_from(m, &(struct inet_place){ .port = port, .addr = addr });

	return sk && sk->inet.place.addr == addr ? sk : NULL;
}

struct sock *inet_find_connected(struct fdl_machine *m, int type, const struct sock_addr *from,
				 const struct sock_addr *remote, const struct sock *than)
{
	const struct place_key key = { { .port = from->port,
					 .connects = true,
					 .addr = from->addr,
					 .remote_addr = remote->addr,
					 .remote_port = remote->port },
				       than ? than->id : UINT64_MAX };
	const struct avl_tree *tree = tree_of(m, type);
	const struct avl_node *after = avl_lower(tree, place_before, &key);
	struct sock *sk = holder(after ? avl_prev(after) : avl_last(tree));

	return sk && compare_places(&sk->inet.place, &key.place) == 0 ? sk : NULL;
}

/* ---- free ports ----------------------------------------------------------------------------- */

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
