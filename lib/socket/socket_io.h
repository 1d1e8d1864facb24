/*
 * Messages of sendmsg and recvmsg, for the calls that move one or several of them.
 */
#ifndef SOCKET_IO_H
#define SOCKET_IO_H

#include "notation/args.h"

#include <stdbool.h>
#include <sys/types.h>

struct file;
struct sock;
struct task;

/*
 * Sends the message of a msghdr. Returns what sendmsg returns. *part becomes true if it sent less
 * than the whole message.
 */
ssize_t send_message(struct task *current, const struct file *f, struct sock *sk,
		     const struct fdl_arg *msghdr, unsigned flags, bool *part);

/*
 * Receives into the room of a msghdr, which it replaces by the message that came; where it is an
 * address, there is the usual room. Returns what recvmsg returns.
 */
ssize_t receive_message(struct task *current, const struct file *f, struct sock *sk,
			struct fdl_arg *msghdr, unsigned flags);

#endif
