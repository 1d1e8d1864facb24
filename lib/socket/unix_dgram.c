/*
 * Datagrams (SOCK_DGRAM) and packets (SOCK_SEQPACKET) of AF_UNIX. A receive takes one message; the
 * part without room in the buffer is lost.
 */
#include "socket/unix.h"

#include "machine/task.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define DGRAM_HEAD_MAX ((size_t)16384 - 320)

/* Only its peer may send to a connected socket. */
static bool may_send(const struct sock *sk, const struct sock *other)
{
	return !other->peer || other->peer == sk;
}

/* The peer of sk has changed: the old peer's messages are lost, which is an error there. */
static void disconnected(struct task *current, struct sock *sk, struct sock *old)
{
	if (!list_empty(&sk->messages)) {
		sock_purge(current, sk);
		unix_wake_senders(sk);
		if (!old->dead && old->peer == sk)
			old->error = ECONNRESET;
	}
}

static void set_peer(struct task *current, struct sock *sk, struct sock *other)
{
	struct sock *old = sk->peer;

	sk->peer = other;
	if (!old)
		return;
	if (old != other)
		disconnected(current, sk, old);
	sock_put(old);
}

int unix_dgram_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
		       bool nonblock)
{
	struct sock *other;
	int error;

	(void)nonblock;
	if (addr->len < (int)sizeof(sa_family_t))
		return -EINVAL;
	if (addr->family == AF_UNSPEC) {
		set_peer(current, sk, NULL);
		sk->state = SOCK_CLOSE;
		return 0;
	}
	error = unix_validate_addr(addr);
	if (error)
		return error;
	error = unix_autobind_for_creds(sk);
	if (error)
		return error;
	other = unix_find_other(current, addr, sk->type, &error);
	if (!other)
		return error;
	if (!may_send(sk, other)) {
		sock_put(other);
		return -EPERM;
	}
	set_peer(current, sk, other);
	sk->state = other->state = SOCK_CONNECTED;
	return 0;
}

/* The receiver: a reference. NULL and *error. */
static struct sock *find_receiver(struct task *current, struct sock *sk, const struct send *s,
				  int *error)
{
	struct sock *other;

	if (s->to)
		return unix_find_other(current, s->to, sk->type, error);
	*error = -ENOTCONN;
	other = sk->peer;
	if (!other)
		return NULL;
	*error = 0;
	return sock_hold(other);
}

/* Whether the receiver takes a message now. 0: yes; 1: the call has waited, ask again; an error. */
static int check_receiver(struct task *current, struct sock *sk, struct sock *other, int64_t until)
{
	if (!may_send(sk, other))
		return -EPERM;
	if (other->dead && sk->type == SOCK_SEQPACKET)
		return -EPIPE;
	if (other->dead) {
		if (sk->peer == other) {
			set_peer(current, sk, NULL);
			sk->state = SOCK_CLOSE;
		}
		return -ECONNREFUSED;
	}
	if (other->shutdown & RCV_SHUTDOWN)
		return -EPIPE;
	if (other == sk || other->peer == sk || !unix_recvq_full(other))
		return 0;
	return sock_wait(current, &other->senders, "unix_wait_for_peer", until) ?: 1;
}

ssize_t unix_dgram_send(struct task *current, struct sock *sk, struct send *s)
{
	struct sock *other = NULL;
	struct message *msg;
	int64_t until;
	int error;

	if (s->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (s->to && unix_validate_addr(s->to))
		return -EINVAL;
	if (!s->to && !sk->peer && current->machine->kernel->bsd_sockets)
		return -ENOTCONN;
	error = unix_autobind_for_creds(sk);
	if (error)
		return error;
	if (s->len > (size_t)sk->sndbuf - 32)
		return -EMSGSIZE;
	msg = sock_alloc_send(current, sk, send_bytes(s, 0, s->len), s->len, DGRAM_HEAD_MAX,
			      s->nonblock, &error);
	if (!msg)
		return error;
	until = sock_sndtimeo(sk, s->nonblock);
	if (s->fp)
		error = scm_attach(current, s->fp);
	if (!error) {
		msg->fp = s->fp;
		s->fp = NULL;
		do {
			sock_put(other);
			other = find_receiver(current, sk, s, &error);
			if (other)
				error = check_receiver(current, sk, other, until);
		} while (error == 1);
	}
	if (error) {
		message_free(current, msg);
	} else {
		message_set_creds(current, msg, s, other);
		sock_queue(other, msg);
	}
	sock_put(other);
	return error ? error : (ssize_t)s->len;
}

int unix_seqpacket_before_control(struct sock *sk)
{
	int error = sock_error(sk);

	if (error)
		return error;
	return sk->state == SOCK_CONNECTED ? 0 : -ENOTCONN;
}

ssize_t unix_seqpacket_send(struct task *current, struct sock *sk, struct send *s)
{
	int error = unix_seqpacket_before_control(sk);

	if (error)
		return error;
	s->to = NULL;
	return unix_dgram_send(current, sk, s);
}

ssize_t unix_dgram_recv(struct task *current, struct sock *sk, struct receive *r)
{
	struct message *msg;
	ssize_t n;
	int more;

	if (r->flags & MSG_OOB)
		return -EOPNOTSUPP;
	more = sock_wait_for_message(current, sk, sock_rcvtimeo(sk, r->nonblock));
	/* With packets, a receiver that does not wait gets the end instead of -EAGAIN. */
	if (more == -EAGAIN && sk->type == SOCK_SEQPACKET && (sk->shutdown & RCV_SHUTDOWN))
		more = 0;
	if (more <= 0)
		return more;
	msg = sock_peek(sk);
	n = message_copy(msg, r);
	r->from = msg->from->name;
	message_receive_creds(msg, sk, r);
	message_receive_fds(current, msg, r);
	if (!(r->flags & MSG_PEEK)) {
		sock_unqueue(sk, msg);
		unix_wake_senders(sk);
		message_free(current, msg);
	}
	return n;
}

ssize_t unix_seqpacket_recv(struct task *current, struct sock *sk, struct receive *r)
{
	if (sk->state != SOCK_CONNECTED)
		return -ENOTCONN;
	return unix_dgram_recv(current, sk, r);
}

unsigned unix_dgram_poll(struct file *f, struct sock *sk, struct poll_table *pt)
{
	unsigned events = sock_poll_common(sk);
	struct sock *other = sk->peer;
	bool writeable = sock_writeable(sk);

	if (sk->type == SOCK_SEQPACKET && sk->state == SOCK_CLOSE)
		events |= EPOLLHUP;
	if (writeable && other && other->peer != sk) {
		poll_wait(f, &other->senders_poll, pt);
		writeable = !unix_recvq_full(other);
	}
	if (writeable)
		events |= SOCK_WRITABLE;
	else
		sock_set_nospace(sk);
	return events;
}
