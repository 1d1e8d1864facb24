/*
 * AF_INET on the loopback: addresses and ports (inet.c), connections (inet_connect.c), the data of
 * streams (inet_stream.c), datagrams (inet_dgram.c).
 */
#ifndef INET_H
#define INET_H

#include "socket/sock.h"

extern const struct sock_ops inet_stream_ops, inet_dgram_ops;

/* Whether an address is of 127.0.0.0/8. */
bool inet_is_loopback(uint32_t addr);

/* Whether a socket bound to bound receives what is sent to addr. */
bool inet_addr_match(uint32_t bound, uint32_t addr);

struct sock_addr inet_address(uint32_t addr, uint16_t port);

/*
 * The destination for an address, where INADDR_ANY means the loopback. 0, -EINVAL for too short an
 * address, -EAFNOSUPPORT, -ENETUNREACH.
 */
int inet_route(const struct sock_addr *addr, struct sock_addr *to);

/* Gives a socket without a port the lowest free one. 0, or -EADDRINUSE: none is left. */
int inet_autobind(struct task *current, struct sock *sk);

/* Gives the port back unless bind chose it. The name still shows it. */
void inet_put_port(struct sock *sk);

int inet_bind(struct task *current, struct sock *sk, struct sock_addr *addr);
int inet_getname(const struct sock *sk, bool peer, struct sock_addr *addr);

/* inet_connect.c */
int inet_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock);
int inet_listen(struct task *current, struct sock *sk, unsigned backlog);
int inet_accept_wait(struct task *current, struct sock *sk, bool nonblock);
struct sock *inet_accept(struct task *current, struct sock *sk);
int inet_stream_shutdown(struct task *current, struct sock *sk, unsigned how);
void inet_stream_release(struct task *current, struct sock *sk);

/* Resets both sides: each gets the error of its state. */
void tcp_reset(struct sock *sk);

#endif
