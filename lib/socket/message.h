/*
 * Messages: data sent in one piece, in the receive queue of a socket. A message is counted in
 * its sender's buffer until it is received.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "base/list.h"
#include "machine/kmem.h"
#include "socket/sock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scm_fp_list;

struct message {
	struct list link;
	struct sock *from;      /* its sender; a reference */
	struct scm_fp_list *fp; /* descriptors in transit, or NULL */
	struct ucreds creds;    /* pid 0: it carries none */
	struct sockcred sockcred;
	uint32_t addr; /* AF_INET: the sender's address */
	uint16_t port;
	bool has_sockcred;  /* its receiver asked for that by LOCAL_CREDS */
	bool orphan;        /* no longer counted in the sender's buffer */
	size_t len, offset; /* the first offset bytes were received */
	size_t truesize;    /* as the kernel counts it */
	struct kmem mem;
	char data[];
};

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The message that a call sends. */
struct send {
	const char *data;
	size_t len;
	size_t fault_at; /* the first byte that cannot be read; 0: all can, or data is NULL */
	unsigned flags;  /* MSG_* */
	bool nonblock;
	const struct sock_addr *to; /* NULL: the peer */
	struct scm_fp_list *fp;     /* the caller's; NULL after sock_ops.send took it */
	struct ucreds creds;        /* that SCM_CREDENTIALS gave; pid 0: it gave none */
};

/* The bytes of a piece of it, which is copied whole or not at all. NULL: they cannot be read. */
static inline const char *send_bytes(const struct send *s, size_t from, size_t len)
{
	if (!s->data || (s->fault_at && from + len > s->fault_at))
		return NULL;
	return s->data + from;
}

/* The message that a call receives. */
struct receive {
	char *data;
	size_t len;
	unsigned flags;
	bool nonblock;
	struct sock_addr from;  /* len 0: not known */
	unsigned msg_flags;     /* MSG_TRUNC … */
	struct scm_fp_list *fp; /* the caller's */
	bool has_creds;         /* the socket has SO_PASSCRED or SO_PASSPIDFD, */
	struct ucreds creds;    /* and these came with the first message */
	bool at_end;            /* or with the end of a stream: zeros */
	bool has_sockcred;      /* and so did this, for LOCAL_CREDS */
	struct sockcred sockcred;
	bool wants_creds, wants_pidfd; /* SO_PASSCRED, SO_PASSPIDFD */
	/*
	 * Of a stream: a message with descriptors is the first of its call, and is kept until
	 * receive_end, which puts it back if the descriptors could not be installed.
	 */
	bool keeps;
	struct message *kept;
	size_t kept_len; /* the bytes of it that were received */
};

/*
 * A message of this data, of which at most head bytes are not in pages; counted in sk's send
 * buffer. Waits for room there. NULL and *error: -EAGAIN, -EPIPE (sk may send no more), -ENOBUFS,
 * -EFAULT (data is NULL), -EINTR, or sk's own error.
 */
struct message *sock_alloc_send(struct task *current, struct sock *sk, const char *data, size_t len,
				size_t head, bool nonblock, int *error);
void message_free(struct task *current, struct message *msg);

/*
 * Gives a message the credentials that it carries to other: those that the sender passed, or its
 * own if one side asks for them or the receiver is not known yet. LOCAL_CREDS of a stream is for
 * one message.
 */
void message_set_creds(const struct task *current, struct message *msg, const struct send *s,
		       struct sock *other);

/* Keeps the credentials of a message for a receiver that asks for them. */
void message_receive_creds(const struct message *msg, const struct sock *sk, struct receive *r);

/* Takes a message out of its sender's account before it is received. */
void message_orphan(struct message *msg);

/* The oldest message of a queue, or NULL. */
static inline struct message *sock_peek(const struct sock *sk)
{
	return list_empty(&sk->messages) ? NULL
					 : container_of(sk->messages.next, struct message, link);
}

/* Puts a message at the end of a queue, and wakes its readers; takes one out. */
void sock_queue(struct sock *sk, struct message *msg);
void sock_unqueue(struct sock *sk, struct message *msg);

/* Frees every message of a queue. */
void sock_purge(struct task *current, struct sock *sk);

/*
 * Waits for a message, or for a connection to accept, as the kernel's skb_recv_datagram does. 1: it
 * is there; 0: sk is shut down, so none will come; -EAGAIN (from the time until on), -EINTR, or
 * sk's own error.
 */
int sock_wait_for_message(struct task *current, struct sock *sk, int64_t until);

/*
 * Copies the first message of the queue, which stays in it, and cuts what there is no room for.
 * Returns what the call returns.
 */
ssize_t message_copy(const struct message *msg, struct receive *r);

/*
 * Hands the descriptors of a message to its receiver: with MSG_PEEK a copy of their list, which
 * may fail for want of memory. False: the message has none.
 */
bool message_receive_fds(struct task *current, struct message *msg, struct receive *r);

/* Frees a message that was kept, or puts back the bytes that were not received. */
void receive_end(struct task *current, struct sock *sk, struct receive *r, bool received);

/*
 * The part of a family's stream in sock_stream_recv. wait: for a first byte, with the results of
 * sock_wait_for_message. copy: len bytes of a message to r->data + copied; true: the call ends
 * with this message.
 */
struct stream_ops {
	int (*wait)(struct task *current, struct sock *sk, int64_t until);
	bool (*copy)(struct task *current, struct receive *r, struct message *msg, size_t copied,
		     size_t len);
};

/* Receives bytes that run together over messages: sock_ops.recv of a stream. */
ssize_t sock_stream_recv(struct task *current, struct sock *sk, struct receive *r,
			 const struct stream_ops *ops);

#endif
