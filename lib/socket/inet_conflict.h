/*
 * Which sockets of AF_INET may hold one port at once.
 */
#ifndef INET_CONFLICT_H
#define INET_CONFLICT_H

#include "socket/sock.h"

#include <stdbool.h>
#include <stdint.h>

/* No socket holds a port. */
void inet_conflict_init(struct fdl_machine *m);

/* For inet_renew alone: finds the place of a socket in the trees anew. */
void inet_conflict_renew(struct sock *sk);

/* Whether another socket of this type holds the port at an address, and may not share it. */
bool inet_port_in_use(const struct sock *sk, uint32_t addr, uint16_t port);

#endif
