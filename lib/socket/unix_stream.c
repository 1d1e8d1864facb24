/*
 * Data of AF_UNIX's streams. A receive takes bytes of several messages, up to one with descriptors.
 */
#include "socket/unix.h"

#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define STREAM_HEAD_MAX  ((size_t)4096 - 320)      /* bytes of a piece that are not in pages */
#define STREAM_PIECE_MAX (STREAM_HEAD_MAX + 32768) /* the kernel's largest buffer */

/* Sends len bytes, with the descriptors if these are the first ones. 0 or an error. */
static int send_piece(struct task *current, struct sock *sk, struct send *s, size_t sent,
		      size_t len)
{
	struct sock *other = sk->peer;
	struct message *msg;
	int error;

	msg = sock_alloc_send(current, sk, send_bytes(s, sent, len), len, STREAM_HEAD_MAX,
			      s->nonblock, &error);
	if (!msg)
		return error;
	if (s->fp && !sent)
		error = scm_attach(current, s->fp);
	if (!error && (other->dead || (other->shutdown & RCV_SHUTDOWN))) {
		scm_detach(s->fp);
		error = sent ? -EPIPE : sock_broken_pipe(current, s->flags);
	}
	if (error) {
		message_free(current, msg);
		return error;
	}
	if (!sent) {
		msg->fp = s->fp;
		s->fp = NULL;
	}
	message_set_creds(current, msg, s, other);
	sock_queue(other, msg);
	return 0;
}

ssize_t unix_stream_send(struct task *current, struct sock *sk, struct send *s)
{
	size_t sent = 0;
	int error = 0;

	if ((s->flags & MSG_OOB) && !s->len && !current->machine->kernel->bsd_sockets)
		return -EOPNOTSUPP;
	if (s->to)
		return sk->state == SOCK_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	if (!sk->peer || sk->unaccepted)
		return -ENOTCONN;
	if (sk->shutdown & SEND_SHUTDOWN)
		return sock_broken_pipe(current, s->flags);
	if (s->flags & MSG_OOB)
		return current->machine->kernel->bsd_sockets ? -EOPNOTSUPP : -ENOSYS;
	while (!error && sent < s->len) {
		size_t len = min_size(s->len - sent, (size_t)sk->sndbuf / 2 - 64);

		len = min_size(len, STREAM_PIECE_MAX);
		error = send_piece(current, sk, s, sent, len);
		if (!error)
			sent += len;
	}
	return sent ? (ssize_t)sent : error;
}

/* Waits for a first byte. 1: it is there; 0: the end; or an error. */
static int wait_for_data(struct task *current, struct sock *sk, int64_t until)
{
	while (!sock_peek(sk)) {
		int error = sock_error(sk);

		if (error)
			return error;
		if (sk->shutdown & RCV_SHUTDOWN)
			return 0;
		error = sock_wait(current, &sk->readers, "unix_stream_data_wait", until);
		if (error)
			return error;
	}
	return 1;
}

/* Descriptors that come with a message end the call. */
static bool copy_data(struct task *current, struct receive *r, struct message *msg, size_t copied,
		      size_t len)
{
	if (!copied && !current->machine->kernel->bsd_sockets)
		r->from = msg->from->name;
	memcpy(r->data + copied, msg->data + msg->offset, len);
	return message_receive_fds(current, msg, r);
}

ssize_t unix_stream_recv(struct task *current, struct sock *sk, struct receive *r)
{
	static const struct stream_ops ops = { wait_for_data, copy_data };
	static const struct message end;
	ssize_t n;

	if (sk->state != SOCK_CONNECTED)
		return -EINVAL;
	/* There is no urgent byte to read. */
	if (r->flags & MSG_OOB)
		return current->machine->kernel->bsd_sockets ? -EOPNOTSUPP : -EINVAL;
	n = sock_stream_recv(current, sk, r, &ops);
	/* The end of a stream comes with credentials, too: those of no task. */
	if (!n && !r->has_creds && current->machine->kernel->has_creds) {
		r->at_end = true;
		message_receive_creds(&end, sk, r);
	}
	return n;
}
