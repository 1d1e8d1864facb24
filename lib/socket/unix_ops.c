/*
 * The operations of AF_UNIX sockets: binding to a name, and what shutdown and close do to peer and
 * queue. Errors come in the kernel's order of checks.
 */
#include "socket/unix_ops.h"

#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "objects/mknod.h"
#include "socket/message.h"
#include "socket/unix.h"
#include "vfs/component.h"
#include "vfs/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define AUTOBIND_MAX 0x100000u /* names of five hexadecimal digits */

/* ---- binding -------------------------------------------------------------------------------- */

/*
 * The name is there before it leads to the socket: a connect in between is refused. If the socket
 * is bound, before or by another bind meanwhile, the name goes again.
 */
static int insert_bsd_socket(struct task *current, struct component *p, struct inode *inode,
			     struct sock *sk, const struct sock_addr *addr)
{
	iget(inode);
	preempt(current, "unix_insert_bsd_socket");
	sock_touch(current->machine);
	if (sk->name.len) {
		touch(current->machine, TOUCH_WRITE, current->machine, PART_NAMES);
		vfs_unlink(p);
		iput(inode);
		return -EINVAL;
	}
	sk->name = *addr;
	sk->name.len = SUN_PATH + (int)strlen(addr->path) + 1;
	sk->bound = inode;
	unix_add_name(sk);
	return 0;
}

static int bind_bsd(struct task *current, struct sock *sk, const struct sock_addr *addr)
{
	const struct fdl_arg path = { .num = (int64_t)strlen(addr->path), .str = addr->path };
	struct inode *inode;
	struct component p;
	int error;

	/* Linux looks for this once it has made the name, and removes that again. */
	if (sk->name.len && sk->machine->kernel->bsd_sockets)
		return -EINVAL;
	error = filename_create(&p, current, AT_FDCWD, &path, false);
	if (!error)
		error = may_create(&p);
	if (!error)
		error = vfs_mknod(&p, S_IFSOCK | 0777, &inode);
	if (!error)
		error = insert_bsd_socket(current, &p, inode, sk, addr);
	component_end(&p);
	return error == -EEXIST ? -EADDRINUSE : error;
}

static int bind_abstract(struct sock *sk, const struct sock_addr *addr)
{
	if (sk->name.len)
		return -EINVAL;
	if (unix_find_abstract(sk->machine, addr, sk->type))
		return -EADDRINUSE;
	sk->name = *addr;
	unix_add_name(sk);
	return 0;
}

/* Binds to the lowest abstract name that is free; the kernel starts at random. */
int unix_autobind(struct sock *sk)
{
	struct sock_addr addr = { .family = AF_UNIX, .len = SUN_PATH + 6 };
	unsigned *ordinal = &sk->machine->unix_ordinal[sk->type];

	if (sk->name.len)
		return 0;
	for (; *ordinal < AUTOBIND_MAX; ++*ordinal) {
		snprintf(addr.path + 1, sizeof(addr.path) - 1, "%05x", *ordinal);
		if (!unix_find_abstract(sk->machine, &addr, sk->type)) {
			sk->name = addr;
			unix_add_name(sk);
			return 0;
		}
	}
	return -ENOSPC;
}

static int unix_bind(struct task *current, struct sock *sk, struct sock_addr *addr)
{
	int error;

	if (addr->len == SUN_PATH && addr->family == AF_UNIX)
		return unix_autobind(sk);
	error = unix_validate_addr(addr);
	if (error)
		return error;
	return addr->path[0] ? bind_bsd(current, sk, addr) : bind_abstract(sk, addr);
}

static int unix_getname(const struct sock *sk, bool peer, struct sock_addr *addr)
{
	if (peer && !sk->peer)
		return -ENOTCONN;
	*addr = peer ? sk->peer->name : sk->name;
	addr->family = AF_UNIX;
	if (!addr->len)
		addr->len = SUN_PATH;
	return 0;
}

/* ---- peers ---------------------------------------------------------------------------------- */

static void unix_pair(struct sock *a, struct sock *b)
{
	a->peer = sock_hold(b);
	b->peer = sock_hold(a);
	a->state = b->state = SOCK_CONNECTED;
}

/* Wakes a side of a connection after the other side has shut down by how. */
static void wake_shut_down(struct sock *sk, unsigned how)
{
	if (how == SHUTDOWN_MASK)
		sock_wake_waitd(sk, POLL_HUP);
	else if (how & SEND_SHUTDOWN)
		sock_wake_waitd(sk, POLL_IN);
}

/* When one side of a connection receives no more, the other sends no more. */
static int unix_shutdown(struct task *current, struct sock *sk, unsigned how)
{
	struct sock *other = sk->peer;

	(void)current;
	sk->shutdown |= how;
	sock_state_change(sk);
	if (other && sk->type != SOCK_DGRAM) {
		other->shutdown |= (how & RCV_SHUTDOWN ? SEND_SHUTDOWN : 0) |
				   (how & SEND_SHUTDOWN ? RCV_SHUTDOWN : 0);
		wake_shut_down(other, how);
		sock_state_change(other);
	}
	return 0;
}

/* Whether messages were not read. Linux passes over a first one without bytes. */
static bool has_unread(const struct sock *sk)
{
	const struct message *first = sk->nmessages ? sock_peek(sk) : NULL;

	return sk->nmessages > 1 || (first && (first->len || sk->machine->kernel->bsd_sockets));
}

/* Shuts the peer of a connection down, with an error if it sent data that was not read. */
static void leave_peer(struct sock *sk, bool embryo)
{
	struct sock *other = sk->peer;

	if (!other)
		return;
	unix_accepted(other);
	if (sk->type != SOCK_DGRAM) {
		other->shutdown = SHUTDOWN_MASK;
		if (has_unread(sk) || embryo)
			other->error = ECONNRESET;
		sock_wake_waitd(other, POLL_HUP);
		sock_state_change(other);
	}
	sk->peer = NULL;
	sock_put(other);
}

static void release_sock(struct task *current, struct sock *sk, bool embryo)
{
	sk->dead = true;
	sk->shutdown = SHUTDOWN_MASK;
	sk->state = SOCK_CLOSE;
	unix_wake_senders(sk);
	leave_peer(sk, embryo);
	sock_purge(current, sk);
	unix_remove_name(sk);
	if (sk->bound)
		iput(sk->bound);
	sk->bound = NULL;
}

static void unix_release(struct task *current, struct sock *sk)
{
	struct sock *embryo;

	release_sock(current, sk, false);
	/* Connections that were not accepted are closed with the listener. */
	while ((embryo = sock_take_embryo(sk)) != NULL) {
		release_sock(current, embryo, true);
		sock_put(embryo);
	}
	unix_gc(current);
}

/* ---- the types ------------------------------------------------------------------------------ */

static unsigned stream_poll(struct file *f, struct sock *sk, struct poll_table *pt)
{
	unsigned events = sock_poll_common(sk);

	(void)f, (void)pt;
	if (sk->state == SOCK_CLOSE)
		events |= EPOLLHUP;
	if (sock_writeable(sk) && !sk->unaccepted)
		events |= SOCK_WRITABLE;
	return events;
}

const struct sock_ops unix_stream_ops = {
	.family = AF_UNIX,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.pair = unix_pair,
	.listen = unix_listen,
	.accept_wait = unix_accept_wait,
	.accept = unix_accept,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.send = unix_stream_send,
	.recv = unix_stream_recv,
	.poll = stream_poll,
	.release = unix_release,
};

const struct sock_ops unix_dgram_ops = {
	.family = AF_UNIX,
	.bind = unix_bind,
	.connect = unix_dgram_connect,
	.pair = unix_pair,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.send = unix_dgram_send,
	.recv = unix_dgram_recv,
	.poll = unix_dgram_poll,
	.release = unix_release,
};

const struct sock_ops unix_seqpacket_ops = {
	.family = AF_UNIX,
	.bind = unix_bind,
	.connect = unix_stream_connect,
	.pair = unix_pair,
	.listen = unix_listen,
	.accept_wait = unix_accept_wait,
	.accept = unix_accept,
	.getname = unix_getname,
	.shutdown = unix_shutdown,
	.before_control = unix_seqpacket_before_control,
	.send = unix_seqpacket_send,
	.recv = unix_seqpacket_recv,
	.poll = unix_dgram_poll,
	.release = unix_release,
};
