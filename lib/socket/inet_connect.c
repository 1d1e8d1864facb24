/*
 * Connections of AF_INET: listening, connecting, accepting, shutting down. The states are those of
 * TCP, but a segment arrives in the same step that sends it, so that states which wait for lost or
 * late segments (TIME_WAIT among them) do not occur.
 */
#include "socket/inet.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "socket/inet_conflict.h"
#include "socket/inet_ports.h"
#include "socket/message.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

/* The size that the kernel, with memory to spare, gives the send buffer of a connection. */
#define TCP_SNDBUF_CONNECTED 3939840

/* ---- ends ----------------------------------------------------------------------------------- */

/* Closes this side. Data that was not read yet stays. */
static void tcp_done(struct sock *sk)
{
	struct sock *other = sk->peer;

	sk->peer = NULL;
	inet_set_state(sk, TCP_CLOSE);
	sk->shutdown = SHUTDOWN_MASK;
	inet_put_port(sk);
	sock_state_change(sk);
	sock_put(other);
}

/* This side has received a reset. */
static void tcp_abort(struct sock *sk)
{
	switch (sk->inet.tcp_state) {
	case TCP_CLOSE:
		return;
	case TCP_SYN_SENT:
		sk->error = ECONNREFUSED;
		break;
	case TCP_CLOSE_WAIT:
		sk->error = EPIPE;
		break;
	default:
		sk->error = ECONNRESET;
	}
	sock_hold(sk);
	tcp_done(sk);
	sock_wake_io(sk, POLL_ERR);
	sock_put(sk);
}

/* Resets the peer, and then ends this side by end. */
static void end_both(struct sock *sk, void (*end)(struct sock *sk))
{
	struct sock *other = sk->peer;

	sock_hold(sk);
	if (other && other != sk) {
		sock_hold(other);
		tcp_abort(other);
		sock_put(other);
	}
	end(sk);
	sock_put(sk);
}

void tcp_reset(struct sock *sk)
{
	end_both(sk, tcp_abort);
}

/* Sends FIN. When both sides have sent one, the connection is closed. */
static void tcp_send_fin(struct sock *sk)
{
	struct sock *other = sk->peer;

	if (sk->inet.tcp_state != TCP_ESTABLISHED && sk->inet.tcp_state != TCP_CLOSE_WAIT)
		return;
	sock_hold(sk);
	sock_hold(other);
	other->shutdown |= RCV_SHUTDOWN;
	other->inet.fin = true;
	/* Once for the end, and once for what can be read. */
	sock_wake_waitd(other, other->shutdown == SHUTDOWN_MASK ? POLL_HUP : POLL_IN);
	sock_wake_waitd(other, POLL_IN);
	if (other == sk) {
		tcp_done(sk);
	} else if (sk->inet.tcp_state == TCP_CLOSE_WAIT) {
		tcp_done(other);
		tcp_done(sk);
	} else {
		inet_set_state(sk, TCP_FIN_WAIT2);
		inet_set_state(other, TCP_CLOSE_WAIT);
		sock_state_change(other);
	}
	sock_put(other);
	sock_put(sk);
}

/* Resets the peer, and closes this side without an error. */
static void tcp_send_reset(struct sock *sk)
{
	end_both(sk, tcp_done);
}

/* Closes the connections that were not accepted. */
static void stop_listening(struct task *current, struct sock *sk)
{
	struct sock *embryo;

	/* The next socket that sends a SYN again finds that there is no listener any more. */
	sk->machine->inet_retry = true;
	while ((embryo = sock_take_embryo(sk)) != NULL) {
		embryo->dead = true;
		sock_purge(current, embryo);
		tcp_send_reset(embryo);
		sock_put(embryo);
	}
}

/* The kernel's tcp_disconnect: a socket as new, which keeps what bind gave it. */
static void tcp_disconnect(struct task *current, struct sock *sk)
{
	const int state = sk->inet.tcp_state;

	if (state == TCP_LISTEN)
		stop_listening(current, sk);
	tcp_send_reset(sk);
	if (state == TCP_ESTABLISHED || state == TCP_CLOSE_WAIT || state == TCP_FIN_WAIT2 ||
	    state == TCP_SYN_SENT)
		sk->error = ECONNRESET;
	sock_purge(current, sk);
	if (!sk->inet.addr_locked)
		sk->name.addr = INADDR_ANY;
	sk->inet.remote = (struct sock_addr){ 0 };
	inet_renew(sk);
	sk->inet.connecting = sk->inet.disconnecting = sk->inet.fin = false;
	sk->shutdown = 0;
	sk->state = SOCK_CLOSE;
	/* The owner is told of an error, even of none. */
	sock_wake_io(sk, POLL_ERR);
}

/* ---- connecting ----------------------------------------------------------------------------- */

/* The listener at an address: one bound to that address before one bound to any; or NULL. */
static struct sock *find_listener(struct fdl_machine *m, const struct sock_addr *to)
{
	struct sock *sk = inet_find_listener(m, to->addr, to->port);

	return sk ? sk : inet_find_listener(m, INADDR_ANY, to->port);
}

static void establish(struct sock *sk, struct sock *other)
{
	sk->peer = sock_hold(other);
	inet_set_state(sk, TCP_ESTABLISHED);
	if (!sk->sndbuf_locked)
		sk->sndbuf = TCP_SNDBUF_CONNECTED;
}

/* Gives the new side of a connection the options of the listener, and queues it there. */
static void queue_embryo(struct sock *embryo, struct sock *listener, const struct sock *from)
{
	embryo->name = from->inet.remote;
	embryo->inet.remote = from->name;
	embryo->state = SOCK_CONNECTED;
	embryo->sndbuf = listener->sndbuf;
	embryo->rcvbuf = listener->rcvbuf;
	embryo->sndbuf_locked = listener->sndbuf_locked;
	embryo->reuseaddr = listener->reuseaddr;
	embryo->reuseport = listener->reuseport;
	embryo->keepalive = listener->keepalive;
	embryo->broadcast = listener->broadcast;
	embryo->nodelay = listener->nodelay;
	embryo->rcvtimeo = listener->rcvtimeo;
	embryo->sndtimeo = listener->sndtimeo;
	inet_hold_port(embryo, from->inet.remote.port);
	sock_queue_embryo(listener, embryo);
	wake_up_one(listener->machine, &listener->readers);
}

/*
 * A SYN to the address that it comes from: both sides of the connection open it at once, and are
 * one.
 */
static bool is_own_address(const struct sock *sk)
{
	return sk->name.addr == sk->inet.remote.addr && sk->name.port == sk->inet.remote.port;
}

/* Sends SYN: it is refused or answered, or dropped while the queue of the listener is full. */
static void tcp_send_syn(struct task *current, struct sock *sk)
{
	struct sock *embryo, *listener = find_listener(sk->machine, &sk->inet.remote);
	int error;

	if (is_own_address(sk)) {
		sock_wake_io(sk, POLL_OUT);
		establish(sk, sk);
		sock_state_change(sk);
		/* It was shut down before: its FIN comes at once. */
		if (sk->shutdown & SEND_SHUTDOWN)
			tcp_send_fin(sk);
		return;
	}
	if (!listener) {
		tcp_abort(sk);
		return;
	}
	if (listener->nembryos > listener->backlog)
		return;
	embryo = sk_alloc(current, sk->ops, sk->type, sk->protocol, &error);
	if (!embryo) {
		sk->machine->inet_retry = true;
		return;
	}
	establish(sk, embryo);
	sock_wake_io(sk, POLL_OUT);
	queue_embryo(embryo, listener, sk);
	establish(embryo, sk);
	sock_state_change(sk);
}

/* Whether a SYN to a port is answered now: some listener has room, or there is none. */
static bool answers(struct fdl_machine *m, uint16_t port)
{
	struct sock *sk = inet_first_listener(m, port);
	bool listens = false;

	for (; sk; sk = inet_next_listener(sk)) {
		if (sk->nembryos <= sk->backlog)
			return true;
		listens = true;
	}
	return !listens;
}

/* Every socket whose SYN was dropped sends it again, the oldest first. */
static void retransmit_all(struct task *current)
{
	struct fdl_machine *m = current->machine;

	m->inet_retry = false;
	if (avl_is_empty(&m->inet_syns))
		return;
	list_for_each_safe(pos, next, &m->sockets) {
		struct sock *sk = container_of(pos, struct sock, all);

		if (avl_in_tree(&sk->inet.by_syn))
			tcp_send_syn(current, sk);
	}
}

/*
 * Listeners at a port have changed: sockets whose SYN to it was dropped send it again, the oldest
 * socket first. A SYN to another port has no other answer than before.
 */
static void tcp_retransmit(struct task *current, uint16_t port)
{
	struct sock *sk, *next;

	if (current->machine->inet_retry) {
		retransmit_all(current);
		return;
	}
	sk = inet_first_syn(current->machine, port);
	for (; sk && answers(current->machine, port); sk = next) {
		next = inet_next_syn(sk);
		tcp_send_syn(current, sk);
	}
}

/*
 * Whether another connection has the addresses and ports that one of sk to this address would have.
 */
static bool is_connected(const struct sock *sk, const struct sock_addr *from,
			 const struct sock_addr *to)
{
	struct fdl_machine *m = sk->machine;
	const struct sock *other = inet_find_connected(m, SOCK_STREAM, from, to, NULL);

	while (other && (other == sk || other->inet.tcp_state == TCP_CLOSE))
		other = inet_find_connected(m, SOCK_STREAM, from, to, other);
	return other != NULL;
}

static int tcp_connect(struct task *current, struct sock *sk, const struct sock_addr *addr)
{
	struct sock_addr from, to;
	int error;

	if (sk->inet.tcp_state != TCP_CLOSE)
		return -EISCONN;
	error = inet_route(addr, &to);
	if (error)
		return error;
	if (inet_autobind(current, sk))
		return -EADDRNOTAVAIL;
	from = sk->name;
	if (from.addr == INADDR_ANY)
		from.addr = INADDR_LOOPBACK;
	if (is_connected(sk, &from, &to))
		return -EADDRNOTAVAIL;
	sk->name = from;
	sk->inet.remote = to;
	sk->inet.fin = false;
	sk->error = 0;
	inet_set_state(sk, TCP_SYN_SENT);
	sk->inet.connecting = true;
	tcp_send_syn(current, sk);
	return 0;
}

int inet_stream_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			bool nonblock)
{
	const int64_t until = sock_connecttimeo(sk, nonblock);
	const bool again = sk->inet.connecting;
	int error;

	if (addr->len < (int)sizeof(sa_family_t))
		return -EINVAL;
	if (addr->family == AF_UNSPEC) {
		tcp_disconnect(current, sk);
		return 0;
	}
	if (sk->inet.disconnecting)
		return -EINVAL;
	if (sk->state == SOCK_CONNECTED)
		return -EISCONN;
	if (!sk->inet.connecting) {
		error = tcp_connect(current, sk, addr);
		/* Without waiting, the outcome is for the next connect or for SO_ERROR. */
		if (error || !until)
			return error ? error : -EINPROGRESS;
	}
	while (sk->inet.tcp_state == TCP_SYN_SENT) {
		error = sock_wait(current, &sk->writers, "wait_woken", until);
		if (error == -EAGAIN)
			return again ? -EALREADY : -EINPROGRESS;
		if (error)
			return error;
	}
	if (sk->inet.tcp_state == TCP_CLOSE) {
		error = sock_error(sk);
		tcp_disconnect(current, sk);
		return error ? error : -ECONNABORTED;
	}
	sk->inet.connecting = false;
	sk->state = SOCK_CONNECTED;
	return 0;
}

/* ---- listening ------------------------------------------------------------------------------ */

int inet_listen(struct task *current, struct sock *sk, unsigned backlog)
{
	int error;

	if (sk->state == SOCK_CONNECTED || sk->inet.connecting || sk->inet.disconnecting)
		return -EINVAL;
	if (sk->inet.tcp_state != TCP_LISTEN) {
		error = inet_autobind(current, sk);
		if (error)
			return error;
		if (inet_port_in_use(sk, sk->name.addr, sk->inet.num))
			return -EADDRINUSE;
	}
	sk->backlog = backlog;
	sk->state = SOCK_LISTEN;
	inet_set_state(sk, TCP_LISTEN);
	tcp_retransmit(current, sk->inet.num);
	return 0;
}

int inet_accept_wait(struct task *current, struct sock *sk, bool nonblock)
{
	const int64_t until = sock_accepttimeo(sk, nonblock);

	for (;;) {
		int error;

		if (sk->inet.tcp_state != TCP_LISTEN)
			return -EINVAL;
		if (!list_empty(&sk->embryos))
			return 0;
		error = sock_wait(current, &sk->readers, "inet_csk_accept", until);
		if (error)
			return error;
	}
}

struct sock *inet_accept(struct task *current, struct sock *sk)
{
	struct sock *new = sock_take_embryo(sk);

	if (new)
		tcp_retransmit(current, sk->inet.num);
	return new;
}

/* ---- shutting down and closing -------------------------------------------------------------- */

int inet_stream_shutdown(struct task *current, struct sock *sk, unsigned how)
{
	int error = 0;

	switch (sk->inet.tcp_state) {
	case TCP_LISTEN:
		if (how & RCV_SHUTDOWN)
			tcp_disconnect(current, sk);
		break;
	case TCP_SYN_SENT:
		tcp_disconnect(current, sk);
		break;
	case TCP_CLOSE:
		error = -ENOTCONN;
		sk->inet.disconnecting |= sk->inet.connecting;
		/* fall through */
	default:
		sk->inet.connecting = false;
		if (!error)
			sk->state = SOCK_CONNECTED;
		sk->shutdown |= how;
		if (how & SEND_SHUTDOWN)
			tcp_send_fin(sk);
	}
	sock_state_change(sk);
	return error;
}

void inet_stream_release(struct task *current, struct sock *sk)
{
	const bool unread = sk->nmessages;

	sock_hold(sk);
	sk->dead = true;
	sk->inet.port_locked = false;
	if (sk->inet.tcp_state == TCP_LISTEN)
		stop_listening(current, sk);
	sock_purge(current, sk);
	sk->shutdown = SHUTDOWN_MASK;
	if (!sk->peer || unread)
		tcp_send_reset(sk);
	else
		tcp_send_fin(sk);
	/* A SYN that waits for room in the queue of this listener is refused now. */
	tcp_retransmit(current, 0);
	sock_put(sk);
}
