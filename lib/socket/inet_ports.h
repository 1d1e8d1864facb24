/*
 * The ports of AF_INET, with the sockets that hold each, by their addresses, and those that have
 * sent a SYN to it.
 */
#ifndef INET_PORTS_H
#define INET_PORTS_H

#include "socket/sock.h"

#include <stdint.h>

/* No socket holds a port. */
void inet_ports_init(struct fdl_machine *m);

/* From now on a socket holds this port, and no other; 0: none. */
void inet_hold_port(struct sock *sk, uint16_t port);

/* Sets the state of a connection, TCP_LISTEN and so on. A SYN is one to inet.remote. */
void inet_set_state(struct sock *sk, int state);

/*
 * The port, an address, the options, the inode, the owner or the state of a socket may have
 * changed: finds its places among the holders of ports anew.
 */
void inet_renew(struct sock *sk);

/* The sockets that listen at a port, by address; NULL: no more. */
struct sock *inet_first_listener(struct fdl_machine *m, uint16_t port);
struct sock *inet_next_listener(const struct sock *sk);

/* The oldest socket that listens at a port of just this address (maybe INADDR_ANY); or NULL. */
struct sock *inet_find_listener(struct fdl_machine *m, uint32_t addr, uint16_t port);

/*
 * The newest socket of a type that does not listen, has just this address and port and this
 * peer (all 0: none), and is older than `than`, unless that is NULL; or NULL.
 */
struct sock *inet_find_connected(struct fdl_machine *m, int type, const struct sock_addr *from,
				 const struct sock_addr *remote, const struct sock *than);

/*
 * The lowest port for a socket that none of its type holds (the kernel starts at random); 0: none.
 */
uint16_t inet_free_port(const struct sock *sk);

/* The sockets that have sent a SYN to a port and are in TCP_SYN_SENT, by age; NULL: no more. */
struct sock *inet_first_syn(struct fdl_machine *m, uint16_t port);
struct sock *inet_next_syn(const struct sock *sk);

#endif
