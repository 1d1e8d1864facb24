/*
 * Sockets: what every family and type has in common. socket.c makes descriptors of them, and hands
 * what is asked of one to its sock_ops; unix*.c and inet*.c bring those. A struct sock outlives the
 * socket's inode where a peer or a message still knows it, and is there before it while nobody has
 * accepted it.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "notation/args.h"
#include "vfs/file.h"
#include "machine/kmem.h"
#include "base/list.h"
#include "machine/poll.h"
#include "machine/sched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

struct fdl_machine;
struct scm_fp_list;
struct sock;

enum sock_state { SOCK_CLOSE, SOCK_LISTEN, SOCK_CONNECTED };

enum { RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2, SHUTDOWN_MASK = 3 };

/* SO_SNDBUF and SO_RCVBUF at the start, and what may be asked for (net.core.*mem_max). */
#define SOCK_BUF_DEFAULT 212992
#define SOCK_BUF_MAX     212992
#define SOMAXCONN_LIMIT  4096u
#define DGRAM_QUEUE_MAX  10u /* net.unix.max_dgram_qlen: one more than that waits */

/* An address as the kernel has it: len as of sockaddr, 0 for none. */
struct sock_addr {
	int family;
	int len;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* NUL-terminated */
	uint16_t port;                                              /* in host order */
	uint32_t addr;
};

/* The bytes of an AF_UNIX name; those of an abstract one begin with a NUL. */
static inline size_t unix_name_len(const struct sock_addr *a)
{
	return a->len > (int)offsetof(struct sockaddr_un, sun_path)
		       ? (size_t)a->len - offsetof(struct sockaddr_un, sun_path)
		       : 0;
}

/* What AF_INET knows beside the name, which stays to be seen when the port has been given back. */
struct inet_sock {
	struct sock_addr remote;       /* whom it is connected to; of a stream that is not, len 0 */
	uint16_t num;                  /* the port that it holds; 0: none */
	bool addr_locked, port_locked; /* bind said so: kept when a connection ends */
	bool connecting;               /* connect has not told yet what became of it */
	bool fin;                      /* the other side sends no more */
	int tcp_state;                 /* TCP_ESTABLISHED … */
};

/* What was sent in one piece and waits to be received. */
struct message {
	struct list link;
	struct sock *from;      /* whose send buffer it fills; a reference */
	struct scm_fp_list *fp; /* descriptors in transit, or NULL */
	uint32_t addr;          /* of AF_INET: where it comes from */
	uint16_t port;
	bool orphan;        /* no longer counted among what from has sent */
	size_t len, offset; /* offset: what of it was received */
	size_t truesize;    /* as the kernel counts it */
	struct kmem mem;
	char data[];
};

struct sock {
	struct fdl_machine *machine;
	const struct sock_ops *ops;
	struct list all;     /* the machine's, oldest first */
	struct inode *inode; /* NULL: not accepted yet, or closed; borrowed */
	unsigned refs;
	bool dead; /* closed */
	int type, protocol;
	enum sock_state state;
	unsigned shutdown; /* RCV_SHUTDOWN, SEND_SHUTDOWN */
	int error;         /* to be told once; a positive number */
	struct sock *peer; /* a reference */
	struct sock_addr name;
	struct inode *bound;  /* whose name it is bound to; a reference */
	struct list messages; /* struct message: the receive queue */
	unsigned nmessages;
	size_t received;     /* bytes of it, as counted by truesize */
	struct list embryos; /* of a listener: who waits to be accepted, by their embryo */
	struct list embryo;  /* its place there */
	unsigned nembryos, backlog;
	struct sock *listener;              /* of an embryo; borrowed */
	bool accepted;                      /* made by connect: its name is the listener's */
	size_t sent;                        /* truesize of what it sent and nobody has received */
	struct wait_queue readers, writers; /* for messages; for room in the send buffer */
	struct wait_queue senders;          /* for room in its queue: the kernel's peer_wait */
	struct poll_list poll, senders_poll;
	int sndbuf, rcvbuf;
	bool sndbuf_locked; /* SO_SNDBUF was set: a connection leaves it alone */
	bool reuseaddr, reuseport, keepalive, broadcast, nodelay;
	struct inet_sock inet;
	unsigned inflight;    /* references to it that are in transit */
	unsigned unaccounted; /* unix_gc's: those of them that it has not found yet */
	bool candidate;       /* unix_gc's: maybe nobody can reach it */
	struct list garbage;  /* its place in unix_gc's lists */
	struct kmem mem;
};

/* What is sent, on its way. */
struct send {
	const char *data;
	size_t len;
	unsigned flags; /* MSG_* */
	bool nonblock;
	const struct sock_addr *to; /* NULL: the peer */
	struct scm_fp_list *fp;     /* what send takes, it sets to NULL */
};

/* What is received. */
struct receive {
	char *data;
	size_t len;
	unsigned flags;
	bool nonblock;
	struct sock_addr from;  /* len 0: nobody is told */
	unsigned msg_flags;     /* MSG_TRUNC … */
	struct scm_fp_list *fp; /* the caller's */
};

/* What a family does for one of its types. NULL: EOPNOTSUPP. */
struct sock_ops {
	int family;
	void (*init)(struct sock *sk); /* of a new one, may be NULL */
	int (*bind)(struct task *current, struct sock *sk, struct sock_addr *addr);
	int (*connect)(struct task *current, struct sock *sk, const struct sock_addr *addr,
		       bool nonblock);
	void (*pair)(struct sock *a, struct sock *b);
	int (*listen)(struct task *current, struct sock *sk, unsigned backlog);
	/* *new is a reference for the caller, without an inode. May block. */
	int (*accept)(struct task *current, struct sock *sk, bool nonblock, struct sock **new);
	int (*getname)(const struct sock *sk, bool peer, struct sock_addr *addr);
	int (*shutdown)(struct task *current, struct sock *sk, unsigned how);
	ssize_t (*send)(struct task *current, struct sock *sk, struct send *s);
	ssize_t (*recv)(struct task *current, struct sock *sk, struct receive *r);
	unsigned (*poll)(struct file *f, struct sock *sk, struct poll_table *pt);
	/* Closed: its name, its peer and its queues are let go of. */
	void (*release)(struct task *current, struct sock *sk);
};

/* ---- sock.c: their life, and their queues ----------------------------------------------------- */

/* What a machine has of them. */
void sock_machine_init(struct fdl_machine *m);

/* A new one with refs 1, charged; the caller's. NULL and *error. */
struct sock *sk_alloc(struct task *current, const struct sock_ops *ops, int type, int protocol,
		      int *error);
static inline struct sock *sock_hold(struct sock *sk)
{
	sk->refs++;
	return sk;
}
void sock_put(struct sock *sk);

/* The error to be told, as a negative number, and it is told then; or 0. */
int sock_error(struct sock *sk);

/*
 * A message of this data, counted among what sk has sent, and head bytes of it at most not in pages. Waits for room in the
 * send buffer, or -EAGAIN; -EPIPE where sk may not send any more, -ENOBUFS, -EINTR.
 */
struct message *sock_alloc_send(struct task *current, struct sock *sk, const char *data, size_t len,
				size_t head, bool nonblock, int *error);
void message_free(struct task *current, struct message *msg);

/* It fills its sender's buffer no longer, though nobody has received it yet. */
void message_orphan(struct message *msg);

/* Frees all that waits to be received. */
void sock_purge(struct task *current, struct sock *sk);

/* The connection that has waited for accept longest, taken from its listener; there is one. */
struct sock *sock_take_embryo(struct sock *listener);

/* Puts a message at the end of a queue, and tells who waits for it; and takes one out. */
void sock_queue(struct sock *sk, struct message *msg);
void sock_unqueue(struct sock *sk, struct message *msg);
static inline struct message *sock_peek(const struct sock *sk)
{
	return list_empty(&sk->messages) ? NULL
					 : container_of(sk->messages.next, struct message, link);
}

/* Tells all who wait that something about it has changed. */
void sock_state_change(struct sock *sk);

/* Whether poll says EPOLLOUT: three quarters of the send buffer are free. */
bool sock_writeable(const struct sock *sk);

/* The events that all types have in common. */
unsigned sock_poll_common(const struct sock *sk);

/* ---- socket.c --------------------------------------------------------------------------------- */

extern const struct file_ops socket_file;

/* The socket behind a file, or NULL. */
struct sock *sock_from_file(const struct file *f);

/* The socket of a descriptor, held by *fd. NULL and *error: -EBADF, -ENOTSOCK. */
struct fd;
struct sock *sockfd_lookup(struct task *current, int64_t fd, struct fd *held, int *error);

/* SIGPIPE, unless flags forbid it; returns -EPIPE. */
int sock_broken_pipe(struct task *current, unsigned flags);

/* ---- sockaddr.c ------------------------------------------------------------------------------- */

/* An address argument with its length. 0, -EINVAL, -EFAULT. */
int move_addr_to_kernel(const struct fdl_arg *arg, int64_t len, struct sock_addr *addr);

/*
 * An address for an out parameter, and its length for a value-result one (given to either call
 * where that is not NULL). 0, -EFAULT, -EINVAL, -ENOMEM.
 */
int move_addr_to_user(struct task *current, const struct sock_addr *addr, struct fdl_arg *out,
		      struct fdl_arg *len);

/* ---- families --------------------------------------------------------------------------------- */

/* The ops for a type and a protocol. NULL and *error. */
const struct sock_ops *unix_create(struct task *current, int *type, int protocol, int *error);
const struct sock_ops *inet_create(int type, int *protocol, int *error);

#endif
