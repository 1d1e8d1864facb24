/*
 * The calls on sockets, a table a file, each ended by a row without a name. A kernel lists those
 * that it has.
 */
#ifndef SOCKET_ROOM_CALLS_H
#define SOCKET_ROOM_CALLS_H

#include "machine/kernel.h"

extern const struct call_row socket_calls[];    /* socket, bind, accept, shutdown … */
extern const struct call_row socket_io_calls[]; /* sendto, recvfrom, sendmsg, recvmsg */
extern const struct call_row mmsg_calls[];      /* sendmmsg, recvmmsg */
extern const struct call_row sockopt_calls[];   /* getsockopt, setsockopt */

#endif
