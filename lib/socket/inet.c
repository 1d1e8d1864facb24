/*
 * Addresses and ports of AF_INET. Only the addresses of the loopback exist. Knows nothing of
 * connections and data.
 */
#include "socket/inet.h"

#include "machine/task.h"
#include "socket/inet_conflict.h"
#include "socket/inet_ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define PORT_PRIVILEGED 1024u /* net.ipv4.ip_unprivileged_port_start */

bool inet_is_loopback(uint32_t addr)
{
	return addr >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

bool inet_addr_match(uint32_t bound, uint32_t addr)
{
	return bound == INADDR_ANY || bound == addr;
}

struct sock_addr inet_address(uint32_t addr, uint16_t port)
{
	return (struct sock_addr){
		.family = AF_INET, .len = sizeof(struct sockaddr_in), .addr = addr, .port = port
	};
}

int inet_route(const struct sock_addr *addr, struct sock_addr *to)
{
	if (addr->len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	if (addr->family != AF_INET)
		return -EAFNOSUPPORT;
	*to = inet_address(addr->addr == INADDR_ANY ? INADDR_LOOPBACK : addr->addr, addr->port);
	return inet_is_loopback(to->addr) ? 0 : -ENETUNREACH;
}

/* ---- ports ---------------------------------------------------------------------------------- */

int inet_autobind(struct task *current, struct sock *sk)
{
	if (sk->inet.num)
		return 0;
	(void)current;
	inet_hold_port(sk, inet_free_port(sk));
	if (!sk->inet.num)
		return -EADDRINUSE;
	sk->name = inet_address(sk->name.addr, sk->inet.num);
	return 0;
}

void inet_put_port(struct sock *sk)
{
	if (!sk->inet.port_locked)
		inet_hold_port(sk, 0);
}

static int check_bind(const struct task *current, const struct sock *sk,
		      const struct sock_addr *addr)
{
	if (addr->len < (int)sizeof(struct sockaddr_in))
		return -EINVAL;
	if (addr->family != AF_INET && (addr->family != AF_UNSPEC || addr->addr != INADDR_ANY))
		return -EAFNOSUPPORT;
	if (addr->addr != INADDR_ANY && !inet_is_loopback(addr->addr))
		return -EADDRNOTAVAIL;
	if (addr->port && addr->port < PORT_PRIVILEGED && current->uid)
		return -EACCES;
	if (sk->inet.tcp_state != TCP_CLOSE || sk->inet.num)
		return -EINVAL;
	if (addr->port && inet_port_in_use(sk, addr->addr, addr->port))
		return -EADDRINUSE;
	return 0;
}

int inet_bind(struct task *current, struct sock *sk, struct sock_addr *addr)
{
	int error = check_bind(current, sk, addr);

	if (error)
		return error;
	sk->name = inet_address(addr->addr, addr->port);
	inet_hold_port(sk, addr->port);
	error = inet_autobind(current, sk);
	if (error) {
		sk->name = inet_address(INADDR_ANY, 0);
		return error;
	}
	sk->inet.addr_locked = addr->addr != INADDR_ANY;
	sk->inet.port_locked = addr->port != 0;
	return 0;
}

int inet_getname(const struct sock *sk, bool peer, struct sock_addr *addr)
{
	*addr = inet_address(sk->name.addr, sk->name.port);
	if (!peer)
		return 0;
	if (!sk->inet.remote.port || sk->inet.tcp_state == TCP_CLOSE ||
	    sk->inet.tcp_state == TCP_SYN_SENT)
		return -ENOTCONN;
	*addr = sk->inet.remote;
	return 0;
}
