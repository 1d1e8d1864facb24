/*
 * AF_INET on the loopback, between its rooms: inet.c has addresses and ports, inet_connect.c the
 * connections of streams, inet_stream.c what is sent over them, and inet_dgram.c datagrams.
 */
#ifndef INET_H
#define INET_H

#include "socket/sock.h"

extern const struct sock_ops inet_stream_ops, inet_dgram_ops;

/* True of the addresses that are this machine: 127.0.0.0/8. */
bool inet_is_loopback(uint32_t addr);

/* True when what is for addr is for a socket that is bound to bound. */
bool inet_addr_match(uint32_t bound, uint32_t addr);

struct sock_addr inet_address(uint32_t addr, uint16_t port);

/*
 * Where something is sent: what stands for this host becomes its address. 0, -EINVAL for too short
 * an address, -EAFNOSUPPORT, -ENETUNREACH.
 */
int inet_route(const struct sock_addr *addr, struct sock_addr *to);

/* A port for one that has none. 0, or -EADDRINUSE where there is none left. */
int inet_autobind(struct task *current, struct sock *sk);

/* Whether it may have the port that it wants, or has, beside those who have it already. */
bool inet_port_in_use(const struct sock *sk, uint32_t addr, uint16_t port);

/* Gives a port back that bind did not ask for; the name still tells it. */
void inet_put_port(struct sock *sk);

int inet_bind(struct task *current, struct sock *sk, struct sock_addr *addr);
int inet_getname(const struct sock *sk, bool peer, struct sock_addr *addr);

/* inet_connect.c */
int inet_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock);
int inet_listen(struct task *current, struct sock *sk, unsigned backlog);
int inet_accept(struct task *current, struct sock *sk, bool nonblock, struct sock **new);
int inet_stream_shutdown(struct task *current, struct sock *sk, unsigned how);
void inet_stream_release(struct task *current, struct sock *sk);

/* The end of both sides: each is told, as its state is. */
void tcp_reset(struct sock *sk);

#endif
