/*
 * The operations of AF_UNIX sockets, by type.
 */
#ifndef UNIX_OPS_H
#define UNIX_OPS_H

#include "socket/sock.h"

extern const struct sock_ops unix_stream_ops, unix_dgram_ops, unix_seqpacket_ops;

#endif
