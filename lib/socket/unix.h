/*
 * AF_UNIX below its operations: names (unix.c), connections (unix_connect.c), streams
 * (unix_stream.c), datagrams and packets (unix_dgram.c), and the garbage collector (unix_gc.c).
 */
#ifndef UNIX_H
#define UNIX_H

#include "socket/sock.h"

/* ---- unix.c --------------------------------------------------------------------------------- */

/* 0, or -EINVAL for an address without a name. */
int unix_validate_addr(const struct sock_addr *addr);

/* No socket has a name. */
void unix_names_init(struct fdl_machine *m);

/*
 * A socket was given its abstract name, or the inode of its name, by which it can be found from now
 * on; and no longer, before it loses them. Removing does nothing for a socket without a name.
 */
void unix_add_name(struct sock *sk);
void unix_remove_name(struct sock *sk);

/* The socket with an abstract name, borrowed, or NULL. Each type has names of its own. */
struct sock *unix_find_abstract(struct fdl_machine *m, const struct sock_addr *addr, int type);

/*
 * The socket of this type that an address names: a reference. NULL and *error: -ECONNREFUSED,
 * -EPROTOTYPE, or the errors of path_lookup.
 */
struct sock *unix_find_other(struct task *current, const struct sock_addr *addr, int type,
			     int *error);

/* True when no more may be put into its queue. */
static inline bool unix_recvq_full(const struct sock *sk)
{
	return sk->nmessages + sk->nembryos > sk->backlog;
}

/* Binds a socket to an abstract name that is free, if it has none. 0 or -ENOSPC. */
int unix_autobind(struct sock *sk);

/* The same if it asks for credentials: the kernel then wants replies to find it. */
static inline int unix_autobind_for_creds(struct sock *sk)
{
	return unix_may_passcred(sk) ? unix_autobind(sk) : 0;
}

/*
 * The connection of a socket with LOCAL_CONNWAIT was accepted, or will never be. NULL is allowed.
 */
static inline void unix_accepted(struct sock *sk)
{
	if (!sk || !sk->unaccepted)
		return;
	sk->unaccepted = false;
	sock_state_change(sk);
}

/* Its queue has changed: wakes all that wait for room in it. */
void unix_wake_senders(struct sock *sk);

/* ---- unix_connect.c: sock_ops of streams and packets ---------------------------------------- */

int unix_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock);
int unix_listen(struct task *current, struct sock *sk, unsigned backlog);
int unix_accept_wait(struct task *current, struct sock *sk, bool nonblock);
struct sock *unix_accept(struct task *current, struct sock *sk);

/* ---- unix_stream.c: sock_ops of streams ----------------------------------------------------- */

ssize_t unix_stream_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_stream_recv(struct task *current, struct sock *sk, struct receive *r);

/* ---- unix_dgram.c: sock_ops of datagrams and packets ---------------------------------------- */

int unix_dgram_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
		       bool nonblock);
ssize_t unix_dgram_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_dgram_recv(struct task *current, struct sock *sk, struct receive *r);
unsigned unix_dgram_poll(struct file *f, struct sock *sk, struct poll_table *pt);
int unix_seqpacket_before_control(struct sock *sk);
ssize_t unix_seqpacket_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_seqpacket_recv(struct task *current, struct sock *sk, struct receive *r);

/* ---- unix_gc.c ------------------------------------------------------------------------------ */

/* Notes a socket's description that may be held by messages alone, for the next unix_gc. */
void unix_suspect(struct file *f);

/* Frees the messages that hold sockets which no task can reach any more. */
void unix_gc(struct task *current);

#endif
