/*
 * The families of sockets, and the sock_ops for a type and a protocol of each.
 */
#include "socket/families.h"

#include "machine/machine.h"
#include "socket/inet.h"
#include "socket/inet_conflict.h"
#include "socket/inet_ports.h"
#include "socket/unix.h"
#include "socket/unix_ops.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* *type and *protocol are those of the call, and become those of the socket. */
static const struct sock_ops *unix_create(int *type, int *protocol, int *error)
{
	*error = -EPROTONOSUPPORT;
	if (*protocol && *protocol != PF_UNIX)
		return NULL;
	*error = 0;
	switch (*type) {
	case SOCK_STREAM:
		return &unix_stream_ops;
	case SOCK_RAW:
		*type = SOCK_DGRAM;
		/* fall through */
	case SOCK_DGRAM:
		return &unix_dgram_ops;
	case SOCK_SEQPACKET:
		return &unix_seqpacket_ops;
	default:
		*error = -ESOCKTNOSUPPORT;
		return NULL;
	}
}

/* Protocols that the kernel has, and the model has not. */
static bool is_left_out(int type, int protocol)
{
	switch (type) {
	case SOCK_RAW:
		return protocol != 0;
	case SOCK_STREAM:
		return protocol == IPPROTO_SCTP || protocol == IPPROTO_MPTCP;
	case SOCK_SEQPACKET:
		return protocol == IPPROTO_SCTP;
	default:
		return type == SOCK_DGRAM &&
		       (protocol == IPPROTO_ICMP || protocol == IPPROTO_UDPLITE);
	}
}

static const struct sock_ops *inet_create(int *type, int *protocol, int *error)
{
	const int usual = *type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;

	*error = -EINVAL;
	if (*protocol < 0 || *protocol >= IPPROTO_MAX)
		return NULL;
	*error = -ENOSYS;
	if (is_left_out(*type, *protocol))
		return NULL;
	*error = *type == SOCK_RAW ? -EPROTONOSUPPORT : -ESOCKTNOSUPPORT;
	if (*type != SOCK_STREAM && *type != SOCK_DGRAM)
		return NULL;
	*error = -EPROTONOSUPPORT;
	if (*protocol && *protocol != usual)
		return NULL;
	*error = 0;
	*protocol = usual;
	return *type == SOCK_STREAM ? &inet_stream_ops : &inet_dgram_ops;
}

static const struct {
	int family;
	const struct sock_ops *(*create)(int *type, int *protocol, int *error);
} families[] = {
	{ AF_UNIX, unix_create },
	{ AF_INET, inet_create },
};

/* Families that the kernel has, and the model has not. */
static const int left_out[] = {
	AF_INET6, AF_KEY, AF_NETLINK, AF_PACKET, AF_CAN, AF_BLUETOOTH, AF_ALG, AF_VSOCK, AF_XDP,
};

static int no_family(int family)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
		if (left_out[i] == family)
			return -ENOSYS;
	}
	return -EAFNOSUPPORT;
}

void sock_machine_init(struct fdl_machine *m)
{
	list_init(&m->sockets);
	list_init(&m->transit);
	list_init(&m->doomed);
	list_init(&m->suspects);
	m->next_transit = m->gc_searches = 0;
	m->next_sock = 0;
	inet_ports_init(m);
	inet_conflict_init(m);
	unix_names_init(m);
}

int sock_create(struct task *current, int family, int type, int protocol, struct sock **sk)
{
	const struct sock_ops *ops = NULL;
	int error = no_family(family);

	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_TYPES)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (families[i].family == family)
			ops = families[i].create(&type, &protocol, &error);
	}
	if (ops)
		*sk = sk_alloc(current, ops, type, protocol, &error);
	return error;
}
