/*
 * A socket: its state, its life, and what a family does for each of its types (struct sock_ops). A
 * struct sock exists before its inode while its connection has not been accepted, and outlives it
 * while a peer or a message refers to it.
 */
#ifndef SOCK_H
#define SOCK_H

#include "base/avl.h"
#include "base/list.h"
#include "machine/kmem.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "notation/args.h"
#include "socket/sockaddr.h"
#include "vfs/fd.h"
#include "vfs/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fdl_machine;
struct file;
struct inode;
struct receive;
struct send;
struct sock_ops;
struct task;

enum sock_state { SOCK_CLOSE, SOCK_LISTEN, SOCK_CONNECTED };

enum { RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2, SHUTDOWN_MASK = 3 };

/* SO_SNDBUF and SO_RCVBUF at the start, and their limit (net.core.*mem_max). */
#define SOCK_BUF_DEFAULT 212992
#define SOCK_BUF_MAX     212992
#define SOMAXCONN_LIMIT  4096u
#define TICKS_FOREVER    INT64_MAX /* SO_RCVTIMEO and SO_SNDTIMEO at the start: no end */
#define DGRAM_QUEUE_MAX  10u /* net.unix.max_dgram_qlen: a queue is full with one message more */

/* The events of a queue that got something, and of a send buffer with room again. */
#define SOCK_READABLE (EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND)
#define SOCK_WRITABLE (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)

/* How a socket holds its port: inet_conflict.c. */
struct inet_share {
	uint16_t port; /* 0: it holds none */
	uint32_t addr;
	uint64_t how;
};

/* What a holder of a port is found by: inet_ports.c. */
struct inet_place {
	uint16_t port; /* 0: it holds none */
	bool connects; /* it does not listen */
	uint32_t addr, remote_addr;
	uint16_t remote_port;
};

/* The part of AF_INET besides the name. The name still shows a port that was given back. */
struct inet_sock {
	struct sock_addr remote;       /* its peer's address; len 0: not connected */
	uint16_t num;                  /* the port that it holds; 0: none */
	bool addr_locked, port_locked; /* set by bind: kept when a connection ends */
	bool connecting;               /* connect has not returned the outcome yet */
	bool disconnecting;            /* and a shutdown came before it had */
	bool fin;                      /* the peer sends no more */
	int tcp_state;                 /* TCP_ESTABLISHED …: set by inet_set_state */
	struct inet_place place;
	struct avl_node by_port, by_syn;
	uint16_t low, high; /* of the sockets below it in the tree of ports: their ports, */
	bool dense;         /* and whether they hold all between */
	struct inet_share share;
	struct avl_node by_share[2]; /* by its share, without and with the address */
};

/* A process and its ids; pid 0: none. */
struct ucreds {
	int pid;
	uint32_t uid, gid;
};

/* The real and the effective ids of a sender, as LOCAL_CREDS gives them. */
struct sockcred {
	uint32_t uid, euid, gid, egid;
};

struct sock {
	struct fdl_machine *machine;
	const struct sock_ops *ops;
	struct list all;     /* the machine's, oldest first */
	uint64_t id;         /* in that order */
	struct inode *inode; /* NULL: not accepted yet, or closed; borrowed */
	unsigned refs;
	bool dead; /* closed */
	int type, protocol;
	enum sock_state state;
	unsigned shutdown; /* RCV_SHUTDOWN, SEND_SHUTDOWN */
	int error;         /* to be reported once; a positive number */
	struct sock *peer; /* a reference */
	struct sock_addr name;
	struct inode *bound; /* of the name that it is bound to; a reference */
	struct avl_node by_name;
	struct list messages; /* struct message: the receive queue */
	unsigned nmessages;
	size_t received;     /* their bytes, counted by truesize */
	struct list embryos; /* of a listener: sockets to be accepted, by their embryo */
	struct list embryo;  /* its place there */
	unsigned nembryos, backlog;
	struct sock *listener;              /* of an embryo; borrowed */
	bool accepted;                      /* made by connect: its name is the listener's */
	size_t sent;                        /* truesize of its messages that are not received yet */
	struct wait_queue readers, writers; /* for messages; for room in the send buffer */
	struct wait_queue senders;          /* for room in its queue: the kernel's peer_wait */
	struct poll_list poll, senders_poll;
	struct list fasync; /* descriptions with O_ASYNC */
	bool nospace;       /* there was no room to send, and a signal is to tell when there is */
	int sndbuf, rcvbuf;
	int64_t rcvtimeo, sndtimeo; /* SO_RCVTIMEO, SO_SNDTIMEO: in ticks */
	bool sndbuf_locked;         /* SO_SNDBUF was set: a connection leaves it alone */
	bool passcred;              /* SO_PASSCRED */
	bool passpidfd;             /* SO_PASSPIDFD */
	bool local_creds;           /* LOCAL_CREDS */
	bool connwait;              /* LOCAL_CONNWAIT */
	bool unaccepted;            /* and its connection has not been accepted yet */
	struct ucreds peercred;     /* SO_PEERCRED */
	bool reuseaddr, reuseport, keepalive, broadcast, nodelay;
	struct inet_sock inet;
	unsigned inflight;    /* references to it that are in transit */
	unsigned unaccounted; /* unix_gc: those of them that it has not found yet */
	bool candidate;       /* unix_gc: may be out of reach of all tasks */
	struct list garbage;  /* its place in unix_gc's lists */
	struct list holders;  /* transit_refs: the messages that hold it */
	struct list suspect;  /* in the machine's list, if only messages may hold it */
	struct list found
		[2]; /* in a search of unix_gc, forwards or backwards; and which search that was */
	uint64_t search[2];
	struct avl_node in_transit; /* unix_gc: among the candidates, by transit_place */
	uint64_t transit_place;
	struct kmem mem;
};

/*
 * The functions of a family for one of its types. Every function but init, pair, listen and accept
 * is there; without one of the last three the call is -EOPNOTSUPP.
 */
struct sock_ops {
	int family;
	void (*init)(struct sock *sk); /* of a new one; may be NULL */
	int (*bind)(struct task *current, struct sock *sk, struct sock_addr *addr);
	int (*connect)(struct task *current, struct sock *sk, const struct sock_addr *addr,
		       bool nonblock);
	void (*pair)(struct sock *a, struct sock *b);
	int (*listen)(struct task *current, struct sock *sk, unsigned backlog);
	/* Waits for a connection: 0, or an error. */
	int (*accept_wait)(struct task *current, struct sock *sk, bool nonblock);
	/* Takes one out of the queue: a reference, without an inode. NULL: it is empty. */
	struct sock *(*accept)(struct task *current, struct sock *sk);
	int (*getname)(const struct sock *sk, bool peer, struct sock_addr *addr);
	int (*shutdown)(struct task *current, struct sock *sk, unsigned how);
	/* Asked before the control messages of a send are read: 0, or an error. May be NULL. */
	int (*before_control)(struct sock *sk);
	ssize_t (*send)(struct task *current, struct sock *sk, struct send *s);
	ssize_t (*recv)(struct task *current, struct sock *sk, struct receive *r);
	unsigned (*poll)(struct file *f, struct sock *sk, struct poll_table *pt);
	/* An option, the inode or the inode's owner is another. May be NULL. */
	void (*changed)(struct sock *sk);
	/* Closed: gives up its name, its peer and its queues. */
	void (*release)(struct task *current, struct sock *sk);
};

/*
 * The report of a step that looks at a socket, or changes one, to an explorer: sockets lead to each
 * other by names, peers and messages, so that all of them are one place. A function says so when it
 * begins, and again after every preemption point.
 */
void sock_touch(const struct fdl_machine *m);

/* families.c: prepares a machine's lists of sockets and of files in transit. */
void sock_machine_init(struct fdl_machine *m);

/* A new socket with refs 1, charged; the caller's. NULL and *error: -ENOMEM. */
struct sock *sk_alloc(struct task *current, const struct sock_ops *ops, int type, int protocol,
		      int *error);
static inline struct sock *sock_hold(struct sock *sk)
{
	sk->refs++;
	return sk;
}
/* One reference less. NULL is allowed. */
void sock_put(struct sock *sk);

/* Tells the family that an option, the inode or the inode's owner is another. */
static inline void sock_changed(struct sock *sk)
{
	if (sk->ops->changed)
		sk->ops->changed(sk);
}

/* The socket of a file, borrowed; NULL: the file is of another kind, or O_PATH. */
struct sock *sock_from_file(const struct file *f);

/* The effective ids of a task, as the credentials of its peers (SO_PEERCRED). */
struct ucreds sock_peercred(const struct task *current);

/* Whether it asks for its senders' credentials. */
static inline bool unix_may_passcred(const struct sock *sk)
{
	return sk->passcred || sk->passpidfd;
}

/* The error to be reported, as a negative number, or 0; it is cleared. */
int sock_error(struct sock *sk);

/* Sends the caller SIGPIPE, unless flags (MSG_NOSIGNAL) forbid it; returns -EPIPE. */
int sock_broken_pipe(struct task *current, unsigned flags);

/*
 * Puts the new side of a connection, whose reference it takes, into the queue of a listener, and
 * tells those that poll. Waking those that wait in accept is the caller's.
 */
void sock_queue_embryo(struct sock *listener, struct sock *embryo);

/* Takes the oldest embryo out of a listener's queue. NULL: the queue is empty. */
struct sock *sock_take_embryo(struct sock *listener);

/* The state has changed: wakes all that wait for this socket, and tells those that poll. */
void sock_state_change(struct sock *sk);

/*
 * Signals the owners of descriptions with O_ASYNC, with a code (POLL_IN, …): if nothing waits for
 * the bytes of a stream; if there is room again after there was none; in any case.
 */
void sock_wake_waitd(struct sock *sk, int code);
void sock_wake_space(struct sock *sk);
void sock_wake_io(struct sock *sk, int code);

/* There is no room to send: sock_wake_space will tell. */
void sock_set_nospace(struct sock *sk);

/* Whether poll says EPOLLOUT: three quarters of the send buffer are free. */
bool sock_writeable(const struct sock *sk);

/* The events of poll that all types have in common. */
unsigned sock_poll_common(const struct sock *sk);

#endif
