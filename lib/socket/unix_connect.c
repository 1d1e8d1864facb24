/*
 * Connections of AF_UNIX: listening, connecting, accepting. connect makes the socket of the other
 * side, the embryo, and puts it into the listener's queue; accept gives it a descriptor. The peer
 * may write to an embryo before that.
 */
#include "socket/unix.h"

#include "machine/clock.h"
#include "machine/task.h"
#include "socket/message.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <sys/socket.h>

int unix_listen(struct task *current, struct sock *sk, unsigned backlog)
{
	if (!sk->name.len)
		return -EINVAL;
	if (sk->state != SOCK_CLOSE && sk->state != SOCK_LISTEN)
		return -EINVAL;
	if (backlog > sk->backlog)
		unix_wake_senders(sk);
	sk->backlog = backlog;
	sk->state = SOCK_LISTEN;
	sk->peercred = sock_peercred(current);
	return 0;
}

/* Waits for a listener whose queue has room: a reference. NULL and *error. */
static struct sock *find_listener(struct task *current, const struct sock *sk,
				  const struct sock_addr *addr, int64_t until, int *error)
{
	for (;;) {
		struct sock *other = unix_find_other(current, addr, sk->type, error);

		if (!other)
			return NULL;
		if (other->state != SOCK_LISTEN || (other->shutdown & RCV_SHUTDOWN))
			*error = -ECONNREFUSED;
		else if (!unix_recvq_full(other))
			return other;
		else
			*error = sock_wait(current, &other->senders, "unix_wait_for_peer", until);
		sock_put(other);
		if (*error)
			return NULL;
	}
}

/* Connects both sides, and puts the embryo into the listener's queue. */
static void connect_to(const struct task *current, struct sock *sk, struct sock *embryo,
		       struct sock *listener)
{
	embryo->peer = sock_hold(sk);
	embryo->state = SOCK_CONNECTED;
	embryo->name = listener->name;
	embryo->accepted = true;
	embryo->passcred = listener->passcred;
	embryo->passpidfd = listener->passpidfd;
	embryo->local_creds = listener->local_creds;
	embryo->connwait = listener->connwait;
	sk->unaccepted = sk->connwait || listener->connwait;
	embryo->peercred = sock_peercred(current);
	sk->peercred = listener->peercred;
	sk->peer = sock_hold(embryo);
	sk->state = SOCK_CONNECTED;
	sock_queue_embryo(listener, embryo);
	wake_up(listener->machine, &listener->readers);
}

/* LOCAL_CONNWAIT. A signal ends the wait alone, not the connection. */
static int wait_for_accept(struct task *current, struct sock *sk)
{
	int error = 0;

	while (sk->unaccepted && !error)
		error = sock_wait(current, &sk->writers, "netcon", KTIME_MAX);
	if (error == -EINTR)
		current->call->restarts = false;
	return error ? error : sock_error(sk);
}

int unix_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock)
{
	struct sock *embryo, *listener;
	int error = sk->unaccepted ? -EALREADY : unix_validate_addr(addr);

	if (!error)
		error = unix_autobind_for_creds(sk);
	if (error)
		return error;
	embryo = sk_alloc(current, sk->ops, sk->type, sk->protocol, &error);
	if (!embryo)
		return error;
	listener = find_listener(current, sk, addr, sock_connecttimeo(sk, nonblock), &error);
	if (listener && sk->state != SOCK_CLOSE)
		error = sk->state == SOCK_CONNECTED ? -EISCONN : -EINVAL;
	if (listener && !error)
		connect_to(current, sk, embryo, listener);
	else
		sock_put(embryo);
	sock_put(listener);
	if (!error && sk->unaccepted)
		error = nonblock ? -EINPROGRESS : wait_for_accept(current, sk);
	return error;
}

int unix_accept_wait(struct task *current, struct sock *sk, bool nonblock)
{
	int more;

	if (sk->state != SOCK_LISTEN)
		return -EINVAL;
	more = sock_wait_for_message(current, sk, sock_accepttimeo(sk, nonblock));
	if (more <= 0)
		return more ? more : -EINVAL;
	return 0;
}

struct sock *unix_accept(struct task *current, struct sock *sk)
{
	struct sock *new = sock_take_embryo(sk);

	(void)current;
	if (new) {
		unix_wake_senders(sk);
		unix_accepted(new->peer);
	}
	return new;
}
