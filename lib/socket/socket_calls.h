/*
 * Sockets as descriptors.
 */
#ifndef SOCKET_CALLS_H
#define SOCKET_CALLS_H

#include "socket/sock.h"

#include <stdint.h>

struct fd;

extern const struct file_ops socket_file;

/*
 * The socket of a descriptor, held by *held until the caller's fdput. NULL and *error: -EBADF,
 * -ENOTSOCK; then nothing is held.
 */
struct sock *sockfd_lookup(struct task *current, int64_t fd, struct fd *held, int *error);

#endif
