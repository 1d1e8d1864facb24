/*
 * AF_UNIX, between its rooms: unix.c has names and connections, unix_stream.c and unix_dgram.c what
 * is sent over them.
 */
#ifndef UNIX_H
#define UNIX_H

#include "socket/sock.h"

extern const struct sock_ops unix_stream_ops, unix_dgram_ops, unix_seqpacket_ops;

/*
 * The socket that an address names, for one of this type: a reference. NULL and *error:
 * -ECONNREFUSED, -EPROTOTYPE, or the errors of the walk.
 */
struct sock *unix_find_other(struct task *current, const struct sock_addr *addr, int type,
			     int *error);

/* 0, or -EINVAL for what is no address with a name in it. */
int unix_validate_addr(const struct sock_addr *addr);

/* True when no more may be put into its queue. */
static inline bool unix_recvq_full(const struct sock *sk)
{
	return sk->nmessages + sk->nembryos > sk->backlog;
}

/* Those who wait for room in its queue may look again. */
void unix_wake_senders(struct sock *sk);

int unix_bind(struct task *current, struct sock *sk, struct sock_addr *addr);
int unix_getname(const struct sock *sk, bool peer, struct sock_addr *addr);
int unix_shutdown(struct task *current, struct sock *sk, unsigned how);
void unix_release(struct task *current, struct sock *sk);
void unix_pair(struct sock *a, struct sock *b);

/* unix_connect.c: streams and what is like them. */
int unix_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock);
int unix_listen(struct task *current, struct sock *sk, unsigned backlog);
int unix_accept(struct task *current, struct sock *sk, bool nonblock, struct sock **new);

/* unix_stream.c */
ssize_t unix_stream_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_stream_recv(struct task *current, struct sock *sk, struct receive *r);

/* unix_dgram.c */
int unix_dgram_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
		       bool nonblock);
ssize_t unix_dgram_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_dgram_recv(struct task *current, struct sock *sk, struct receive *r);
unsigned unix_dgram_poll(struct file *f, struct sock *sk, struct poll_table *pt);
ssize_t unix_seqpacket_send(struct task *current, struct sock *sk, struct send *s);
ssize_t unix_seqpacket_recv(struct task *current, struct sock *sk, struct receive *r);

#endif
