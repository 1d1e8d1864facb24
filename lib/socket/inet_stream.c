/*
 * Data of AF_INET's streams. Data for a side that has sent FIN and shut down reading resets the
 * connection. There is no out-of-band data.
 */
#include "socket/inet.h"

#include "machine/task.h"
#include "socket/inet_ports.h"
#include "socket/message.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE_MAX ((size_t)65536)

static const int tcp_sndbuf = 16384, tcp_rcvbuf = 131072; /* net.ipv4.tcp_wmem, tcp_rmem */

static void stream_init(struct sock *sk)
{
	sk->sndbuf = tcp_sndbuf;
	sk->rcvbuf = tcp_rcvbuf;
	sk->name = inet_address(INADDR_ANY, 0);
	sk->inet.tcp_state = TCP_CLOSE;
}

/* ---- sending -------------------------------------------------------------------------------- */

static bool may_send(const struct sock *sk)
{
	return sk->inet.tcp_state == TCP_ESTABLISHED || sk->inet.tcp_state == TCP_CLOSE_WAIT;
}

/* Waits until the connection is established and the send buffer has room. */
static int wait_to_send(struct task *current, struct sock *sk, int64_t until)
{
	for (;;) {
		bool connecting = sk->inet.tcp_state == TCP_SYN_SENT;
		int error = sock_error(sk);

		if (error)
			return error;
		if (!connecting && (!may_send(sk) || (sk->shutdown & SEND_SHUTDOWN)))
			return -EPIPE;
		if (!connecting && sk->sent < (size_t)sk->sndbuf)
			return 0;
		error = sock_wait(current, &sk->writers, "wait_woken", until);
		if (error)
			return error;
	}
}

static int send_piece(struct task *current, struct sock *sk, struct send *s, size_t sent,
		      size_t len, int64_t until)
{
	struct sock *other;
	struct message *msg;
	int error = wait_to_send(current, sk, until);

	if (error)
		return error;
	msg = sock_alloc_send(current, sk, send_bytes(s, sent, len), len, 0, true, &error);
	if (!msg)
		return error;
	other = sk->peer;
	if (other->inet.tcp_state == TCP_FIN_WAIT2 && (other->shutdown & RCV_SHUTDOWN)) {
		message_free(current, msg);
		tcp_reset(sk);
	} else {
		sock_queue(other, msg);
	}
	return 0;
}

static ssize_t inet_stream_send(struct task *current, struct sock *sk, struct send *s)
{
	const int64_t until = sock_sndtimeo(sk, s->nonblock);
	size_t sent = 0;
	int error = 0;

	if (!s->len || (s->flags & MSG_OOB))
		error = wait_to_send(current, sk, until);
	if (!error && (s->flags & MSG_OOB))
		return -ENOSYS;
	while (!error && sent < s->len) {
		size_t len = min_size(s->len - sent, PIECE_MAX);

		error = send_piece(current, sk, s, sent, len, until);
		if (!error)
			sent += len;
	}
	if (sent)
		return (ssize_t)sent;
	return error == -EPIPE ? sock_broken_pipe(current, s->flags) : error;
}

/* ---- receiving ------------------------------------------------------------------------------ */

/* Waits for a first byte. 1: it is there; 0: the end; or an error. */
static int wait_for_data(struct task *current, struct sock *sk, int64_t until)
{
	while (!sock_peek(sk)) {
		int error;

		if (sk->inet.fin)
			return 0;
		error = sock_error(sk);
		if (error)
			return error;
		if (sk->shutdown & RCV_SHUTDOWN)
			return 0;
		if (sk->inet.tcp_state == TCP_CLOSE)
			return -ENOTCONN;
		error = sock_wait(current, &sk->readers, "wait_woken", until);
		if (error)
			return error;
	}
	return 1;
}

/* With MSG_TRUNC the bytes are thrown away, and the call returns how many. */
static bool copy_data(struct task *current, struct receive *r, struct message *msg, size_t copied,
		      size_t len)
{
	(void)current;
	if (r->flags & MSG_TRUNC)
		memset(r->data + copied, 0, len);
	else
		memcpy(r->data + copied, msg->data + msg->offset, len);
	return false;
}

static ssize_t inet_stream_recv(struct task *current, struct sock *sk, struct receive *r)
{
	static const struct stream_ops ops = { wait_for_data, copy_data };

	/* There are no errors in a queue. */
	if (r->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (sk->inet.tcp_state == TCP_LISTEN)
		return -ENOTCONN;
	/* There is no urgent byte to read. */
	if (r->flags & MSG_OOB)
		return -EINVAL;
	return sock_stream_recv(current, sk, r, &ops);
}

/* ---- readiness ------------------------------------------------------------------------------ */

static unsigned inet_stream_poll(struct file *f, struct sock *sk, struct poll_table *pt)
{
	unsigned events = 0;

	(void)f, (void)pt;
	if (sk->inet.tcp_state == TCP_LISTEN)
		return sk->nembryos ? EPOLLIN | EPOLLRDNORM : 0;
	if (sk->shutdown == SHUTDOWN_MASK || sk->inet.tcp_state == TCP_CLOSE)
		events |= EPOLLHUP;
	if (sk->shutdown & RCV_SHUTDOWN)
		events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (sk->inet.tcp_state != TCP_SYN_SENT) {
		if (sk->nmessages)
			events |= EPOLLIN | EPOLLRDNORM;
		if ((sk->shutdown & SEND_SHUTDOWN) || sock_writeable(sk))
			events |= EPOLLOUT | EPOLLWRNORM;
		else
			sock_set_nospace(sk);
	}
	if (sk->error)
		events |= EPOLLERR;
	return events;
}

const struct sock_ops inet_stream_ops = {
	.family = AF_INET,
	.init = stream_init,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.listen = inet_listen,
	.accept_wait = inet_accept_wait,
	.accept = inet_accept,
	.getname = inet_getname,
	.shutdown = inet_stream_shutdown,
	.send = inet_stream_send,
	.recv = inet_stream_recv,
	.poll = inet_stream_poll,
	.changed = inet_renew,
	.release = inet_stream_release,
};
