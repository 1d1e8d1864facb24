/*
 * Datagrams of AF_INET. A datagram arrives or is lost in the step that sends it. When no socket has
 * the port, a connected sender gets ECONNREFUSED from its next call.
 */
#include "socket/inet.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "socket/inet_ports.h"
#include "socket/message.h"
#include "socket/timeouts.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#define UDP_MAX ((size_t)65535 - 20 - 8) /* without the headers of IP and UDP */

static void dgram_init(struct sock *sk)
{
	sk->name = inet_address(INADDR_ANY, 0);
	sk->inet.tcp_state = TCP_CLOSE;
}

static void disconnect(struct sock *sk)
{
	sk->state = SOCK_CLOSE;
	sk->inet.tcp_state = TCP_CLOSE;
	sk->inet.remote = (struct sock_addr){ 0 };
	if (!sk->inet.addr_locked)
		sk->name.addr = INADDR_ANY;
	inet_renew(sk);
	inet_put_port(sk);
	if (!sk->inet.num)
		sk->name.port = 0;
}

static int inet_dgram_connect(struct task *current, struct sock *sk, const struct sock_addr *addr,
			      bool nonblock)
{
	struct sock_addr to;
	int error;

	(void)nonblock;
	if (addr->len < (int)sizeof(sa_family_t))
		return -EINVAL;
	if (addr->family == AF_UNSPEC) {
		disconnect(sk);
		return 0;
	}
	if (inet_autobind(current, sk))
		return -EAGAIN;
	error = inet_route(addr, &to);
	if (error)
		return error;
	if (sk->name.addr == INADDR_ANY)
		sk->name.addr = INADDR_LOOPBACK;
	sk->inet.remote = to;
	inet_renew(sk);
	sk->inet.tcp_state = TCP_ESTABLISHED;
	sk->state = SOCK_CONNECTED;
	return 0;
}

/* ---- sending -------------------------------------------------------------------------------- */

/*
 * The socket that matches a datagram from one address to another best, the newest of several; NULL:
 * none. It is bound to the address, or to any, and receives from its peer only, or has none. Each
 * part that it has set counts.
 */
static struct sock *find_receiver(struct fdl_machine *m, const struct sock_addr *from,
				  const struct sock_addr *to)
{
	struct sock *best = NULL;
	int most = 0;

	for (unsigned set = 0; set < 8; set++) {
		const struct sock_addr at = { .addr = set & 1 ? to->addr : INADDR_ANY,
					      .port = to->port };
		const struct sock_addr peer = { .addr = set & 2 ? from->addr : 0,
						.port = set & 4 ? from->port : 0 };
		const int points = !!(set & 1) + !!(set & 2) + !!(set & 4);
		struct sock *sk = inet_find_connected(m, SOCK_DGRAM, &at, &peer, NULL);

		if (sk && (!best || points > most || (points == most && sk->id > best->id))) {
			best = sk;
			most = points;
		}
	}
	return best;
}

/* The destination: of the call, or of connect. 0, -EDESTADDRREQ, -EINVAL, or as inet_route. */
static int destination(const struct sock *sk, const struct send *s, struct sock_addr *to)
{
	struct sock_addr addr;

	*to = sk->inet.remote;
	if (!s->to)
		return sk->inet.tcp_state == TCP_ESTABLISHED ? 0 : -EDESTADDRREQ;
	addr = *s->to;
	if (addr.len >= (int)sizeof(struct sockaddr_in) && addr.family == AF_UNSPEC)
		addr.family = AF_INET;
	if (addr.len >= (int)sizeof(struct sockaddr_in) && addr.family == AF_INET && !addr.port)
		return -EINVAL;
	return inet_route(&addr, to);
}

/* No socket has the port: an error for a sender that is connected to it. */
static void port_unreachable(struct sock *sk, const struct sock_addr *to)
{
	if (sk->inet.tcp_state != TCP_ESTABLISHED || sk->inet.remote.addr != to->addr ||
	    sk->inet.remote.port != to->port)
		return;
	sk->error = ECONNREFUSED;
	sock_wake_io(sk, POLL_ERR);
	sock_state_change(sk);
}

static void deliver(struct task *current, struct sock *sk, struct message *msg,
		    const struct sock_addr *to)
{
	struct sock_addr from = sk->name;
	struct sock *other;

	if (from.addr == INADDR_ANY)
		from.addr = INADDR_LOOPBACK;
	msg->addr = from.addr;
	msg->port = from.port;
	message_orphan(msg);
	other = find_receiver(sk->machine, &from, to);
	if (other && other->received + msg->truesize <= (size_t)other->rcvbuf) {
		sock_queue(other, msg);
		return;
	}
	message_free(current, msg);
	if (!other)
		port_unreachable(sk, to);
}

static ssize_t inet_dgram_send(struct task *current, struct sock *sk, struct send *s)
{
	struct sock_addr to;
	struct message *msg;
	int error;

	if (inet_autobind(current, sk))
		return -EAGAIN;
	if (s->len > UINT16_MAX)
		return -EMSGSIZE;
	if (s->flags & MSG_OOB)
		return -EOPNOTSUPP;
	error = destination(sk, s, &to);
	if (error)
		return error;
	if (s->len > UDP_MAX)
		return -EMSGSIZE;
	/* It would wait in the socket for the rest of its datagram. */
	if (s->flags & MSG_MORE)
		return -ENOSYS;
	msg = sock_alloc_send(current, sk, send_bytes(s, 0, s->len), s->len, s->len, s->nonblock,
			      &error);
	if (!msg)
		return error;
	deliver(current, sk, msg, &to);
	return (ssize_t)s->len;
}

/* ---- receiving ------------------------------------------------------------------------------ */

static ssize_t inet_dgram_recv(struct task *current, struct sock *sk, struct receive *r)
{
	struct message *msg;
	ssize_t n;
	int more;

	/* There are no errors in a queue. */
	if (r->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	more = sock_wait_for_message(current, sk, sock_rcvtimeo(sk, r->nonblock));
	if (more <= 0)
		return more;
	msg = sock_peek(sk);
	n = message_copy(msg, r);
	r->from = inet_address(msg->addr, msg->port);
	if (!(r->flags & MSG_PEEK)) {
		sock_unqueue(sk, msg);
		message_free(current, msg);
	}
	return n;
}

static unsigned inet_dgram_poll(struct file *f, struct sock *sk, struct poll_table *pt)
{
	unsigned events = sock_poll_common(sk);

	(void)f, (void)pt;
	if (sock_writeable(sk))
		events |= SOCK_WRITABLE;
	else
		sock_set_nospace(sk);
	return events;
}

/* A socket that is not connected is shut down, too, but the call fails. */
static int inet_dgram_shutdown(struct task *current, struct sock *sk, unsigned how)
{
	(void)current;
	sk->shutdown |= how;
	sock_state_change(sk);
	return sk->inet.tcp_state == TCP_ESTABLISHED ? 0 : -ENOTCONN;
}

static void inet_dgram_release(struct task *current, struct sock *sk)
{
	sk->dead = true;
	sk->shutdown = SHUTDOWN_MASK;
	inet_hold_port(sk, 0);
	sk->inet.tcp_state = TCP_CLOSE;
	sock_purge(current, sk);
}

const struct sock_ops inet_dgram_ops = {
	.family = AF_INET,
	.init = dgram_init,
	.bind = inet_bind,
	.connect = inet_dgram_connect,
	.getname = inet_getname,
	.shutdown = inet_dgram_shutdown,
	.send = inet_dgram_send,
	.recv = inet_dgram_recv,
	.poll = inet_dgram_poll,
	.changed = inet_renew,
	.release = inet_dgram_release,
};
