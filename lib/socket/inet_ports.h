/*
 * The ports of AF_INET, with the sockets that hold each and those that have sent a SYN to it.
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

/* The sockets of a type that hold a port, those that listen first, then by age; NULL: no more. */
struct sock *inet_first_holder(struct fdl_machine *m, int type, uint16_t port);
struct sock *inet_next_holder(const struct sock *sk);

/*
 * The lowest port for a socket that none of its type holds (the kernel starts at random); 0: none.
 */
uint16_t inet_free_port(const struct sock *sk);

/* The sockets that have sent a SYN to a port and are in TCP_SYN_SENT, by age; NULL: no more. */
struct sock *inet_first_syn(struct fdl_machine *m, uint16_t port);
struct sock *inet_next_syn(const struct sock *sk);

#endif
