/*
 * Sockets as descriptors.
 */
#ifndef SOCKET_CALLS_H
#define SOCKET_CALLS_H

#include "socket/sock.h"

#include <stdint.h>

extern const struct file_ops socket_file;

/*
 * A call on a socket, which f refers to; a is the call's arguments. Returns what the call returns.
 */
typedef int64_t sock_call_fn(struct task *current, struct file *f, struct sock *sk,
			     struct fdl_arg *a);

/*
 * Calls fn for the socket of the descriptor a[0], which is held meanwhile. Returns fn's result, or
 * -EBADF, -ENOTSOCK.
 */
int64_t sock_call(struct task *current, struct fdl_arg *a, sock_call_fn *fn);

/* The flags of a call with messages: Linux forbids MSG_CMSG_COMPAT first of all. 0 or -EINVAL. */
int forbidden_flags(const struct task *current, int64_t flags);

#endif
