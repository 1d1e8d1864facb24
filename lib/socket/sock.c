/*
 * The life of a socket, and its state: its error, its readiness, the connections to be accepted.
 * Knows no family, no message and no descriptor.
 */
#include "socket/sock.h"

#include "base/heap.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/fd.h"
#include "vfs/file.h"
#include "vfs/fown.h"
#include "vfs/inode.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#define SOCK_SIZE ((size_t)1024) /* as kmalloc has it */

void sock_touch(const struct fdl_machine *m)
{
	touch(m, TOUCH_WRITE, m, PART_SOCKETS);
}

struct sock *sk_alloc(struct task *current, const struct sock_ops *ops, int type, int protocol,
		      int *error)
{
	struct fdl_machine *m = current->machine;
	struct kmem mem;
	struct sock *sk;

	sock_touch(m);
	*error = -ENOMEM;
	if (kmalloc(current, &mem, SOCK_SIZE))
		return NULL;
	if (vfs_charge(m, SOCK_SIZE))
		goto no_room;
	sk = calloc(1, sizeof(*sk));
	if (!sk)
		goto no_sock;
	*error = 0;
	sk->machine = m;
	sk->ops = ops;
	sk->refs = 1;
	sk->type = type;
	sk->protocol = protocol;
	sk->sndbuf = sk->rcvbuf = SOCK_BUF_DEFAULT;
	sk->rcvtimeo = sk->sndtimeo = TICKS_FOREVER;
	sk->backlog = DGRAM_QUEUE_MAX;
	sk->mem = mem;
	list_init(&sk->messages);
	list_init(&sk->embryos);
	list_init(&sk->embryo);
	list_init(&sk->garbage);
	list_init(&sk->holders);
	list_init(&sk->suspect);
	list_init(&sk->found[0]);
	list_init(&sk->found[1]);
	wait_queue_init(&sk->readers);
	wait_queue_init(&sk->writers);
	wait_queue_init(&sk->senders);
	poll_list_init(&sk->poll);
	poll_list_init(&sk->senders_poll);
	list_init(&sk->fasync);
	sk->id = m->next_sock++;
	list_add_tail(&sk->all, &m->sockets);
	if (ops->init)
		ops->init(sk);
	return sk;

no_sock:
	vfs_uncharge(m, SOCK_SIZE);
no_room:
	kvfree(m, &mem);
	return NULL;
}

void sock_put(struct sock *sk)
{
	if (sk)
		sock_touch(sk->machine);
	if (!sk || --sk->refs)
		return;
	assert(!avl_in_tree(&sk->inet.by_port) && !sk->inet.share.port &&
	       !avl_in_tree(&sk->inet.by_syn) && !avl_in_tree(&sk->by_name));
	list_del(&sk->suspect);
	list_del(&sk->all);
	vfs_uncharge(sk->machine, SOCK_SIZE);
	kvfree(sk->machine, &sk->mem);
	free(sk);
}

struct sock *sock_from_file(const struct file *f)
{
	const bool is_socket = f->inode && S_ISSOCK(f->inode->mode) && !(f->mode & FMODE_PATH);

	return is_socket ? f->inode->private : NULL;
}

struct ucreds sock_peercred(const struct task *current)
{
	return (struct ucreds){ current->tgid, current->uid, current->gid };
}

int sock_error(struct sock *sk)
{
	const int error = sk->error;

	sk->error = 0;
	return -error;
}

int sock_broken_pipe(struct task *current, unsigned flags)
{
	if (!(flags & MSG_NOSIGNAL))
		raise_signal(current, SIGPIPE);
	return -EPIPE;
}

void sock_queue_embryo(struct sock *listener, struct sock *embryo)
{
	embryo->listener = listener;
	list_add_tail(&embryo->embryo, &listener->embryos);
	listener->nembryos++;
	poll_notify(&listener->poll, SOCK_READABLE);
	sock_wake_waitd(listener, POLL_IN);
}

struct sock *sock_take_embryo(struct sock *listener)
{
	struct sock *embryo;

	if (list_empty(&listener->embryos))
		return NULL;
	embryo = container_of(listener->embryos.next, struct sock, embryo);
	list_del(&embryo->embryo);
	listener->nembryos--;
	embryo->listener = NULL;
	return embryo;
}

void sock_state_change(struct sock *sk)
{
	poll_notify(&sk->poll, 0);
	wake_up(sk->machine, &sk->readers);
	wake_up(sk->machine, &sk->writers);
}

void sock_wake_io(struct sock *sk, int code)
{
	kill_fasync(sk->machine, &sk->fasync, FMODE_READ | FMODE_WRITE, code);
}

void sock_wake_waitd(struct sock *sk, int code)
{
	/* Only a call that waits for the bytes of a stream hides them from the owner. */
	if (sk->type != SOCK_STREAM || sk->state == SOCK_LISTEN || list_empty(&sk->readers.waiters))
		sock_wake_io(sk, code);
}

void sock_wake_space(struct sock *sk)
{
	if (sk->nospace)
		sock_wake_io(sk, POLL_OUT);
	sk->nospace = false;
}

void sock_set_nospace(struct sock *sk)
{
	sk->nospace |= !list_empty(&sk->fasync);
}

bool sock_writeable(const struct sock *sk)
{
	return sk->state != SOCK_LISTEN && sk->sent * 4 <= (size_t)sk->sndbuf;
}

unsigned sock_poll_common(const struct sock *sk)
{
	unsigned events = 0;

	if (sk->error)
		events |= EPOLLERR;
	if (sk->shutdown == SHUTDOWN_MASK)
		events |= EPOLLHUP;
	if (sk->shutdown & RCV_SHUTDOWN)
		events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (sk->nmessages || sk->nembryos)
		events |= EPOLLIN | EPOLLRDNORM;
	return events;
}
