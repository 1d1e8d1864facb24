/*
 * struct sock: its birth and its end, the messages that wait in it, and the account of what it has
 * sent. What a message means to a family is not known here.
 */
#include "socket.h"

#include "vfs/inode.h"
#include "scm.h"
#include "machine/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SOCK_SIZE ((size_t)1024) /* as kmalloc has it */

/* What the kernel's buffers cost beside the data. */
#define SKB_SIZE        ((size_t)256)
#define SKB_SHARED_INFO ((size_t)320)
#define SKB_CACHE_LINE  ((size_t)64)

void sock_machine_init(struct fdl_machine *m)
{
	list_init(&m->sockets);
	list_init(&m->transit);
	list_init(&m->doomed);
}

struct sock *sk_alloc(struct task *current, const struct sock_ops *ops, int type, int protocol,
		      int *error)
{
	struct fdl_machine *m = current->machine;
	struct kmem mem;
	struct sock *sk;

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
	sk->backlog = DGRAM_QUEUE_MAX;
	sk->mem = mem;
	list_init(&sk->messages);
	list_init(&sk->embryos);
	list_init(&sk->embryo);
	list_init(&sk->garbage);
	wait_queue_init(&sk->readers);
	wait_queue_init(&sk->writers);
	wait_queue_init(&sk->senders);
	poll_list_init(&sk->poll);
	poll_list_init(&sk->senders_poll);
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
	if (!sk || --sk->refs)
		return;
	list_del(&sk->all);
	vfs_uncharge(sk->machine, SOCK_SIZE);
	kvfree(sk->machine, &sk->mem);
	free(sk);
}

int sock_error(struct sock *sk)
{
	const int error = sk->error;

	sk->error = 0;
	return -error;
}

/* The next size that kmalloc has: powers of two, and 96 and 192 between them, which are too small. */
static size_t kmalloc_size(size_t size)
{
	size_t bucket = 512;

	while (bucket < size)
		bucket *= 2;
	return bucket;
}

/*
 * What a buffer of so much data counts: a head with what the kernel puts behind it, and
 * pages for the rest.
 */
static size_t skb_truesize(size_t len, size_t head_max)
{
	const size_t pages = len > head_max ? len - head_max : 0;
	const size_t aligned = (pages + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	const size_t head = len > aligned ? len - aligned : 0;
	const size_t lines = (head + SKB_CACHE_LINE - 1) / SKB_CACHE_LINE * SKB_CACHE_LINE;

	return SKB_SIZE + kmalloc_size(lines + SKB_SHARED_INFO) + aligned;
}

bool sock_writeable(const struct sock *sk)
{
	return sk->state != SOCK_LISTEN && sk->sent * 4 <= (size_t)sk->sndbuf;
}

/* Waits until some of what was sent has been received. */
static int sock_wait_for_room(struct task *current, struct sock *sk, bool nonblock)
{
	for (;;) {
		int error = sock_error(sk);

		if (error)
			return error;
		if (sk->shutdown & SEND_SHUTDOWN)
			return -EPIPE;
		if (sk->sent < (size_t)sk->sndbuf)
			return 0;
		if (nonblock)
			return -EAGAIN;
		error = sched_wait(current, &sk->writers, "sock_alloc_send_pskb");
		if (error)
			return error;
	}
}

struct message *sock_alloc_send(struct task *current, struct sock *sk, const char *data, size_t len,
				size_t head, bool nonblock, int *error)
{
	struct fdl_machine *m = current->machine;
	const size_t truesize = skb_truesize(len, head);
	struct message *msg;
	struct kmem mem;

	*error = sock_wait_for_room(current, sk, nonblock);
	if (*error)
		return NULL;
	*error = -ENOBUFS;
	if (kmalloc(current, &mem, truesize))
		return NULL;
	if (vfs_charge(m, truesize))
		goto no_room;
	msg = malloc(sizeof(*msg) + len);
	if (!msg)
		goto no_message;
	*error = 0;
	*msg = (struct message){
		.from = sock_hold(sk), .len = len, .truesize = truesize, .mem = mem
	};
	list_init(&msg->link);
	if (len)
		memcpy(msg->data, data, len);
	sk->sent += truesize;
	return msg;

no_message:
	vfs_uncharge(m, truesize);
no_room:
	kvfree(m, &mem);
	return NULL;
}

/* Its sender has room again: told when that is worth while. */
static void sock_wfree(struct sock *sk, size_t truesize)
{
	sk->sent -= truesize;
	if (!sock_writeable(sk) || sk->dead)
		return;
	poll_notify(&sk->poll, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	wake_up(sk->machine, &sk->writers);
}

void message_free(struct task *current, struct message *msg)
{
	struct fdl_machine *m = msg->from->machine;
	struct sock *from = msg->from;

	scm_fp_destroy(current, msg->fp);
	vfs_uncharge(m, msg->truesize);
	kvfree(m, &msg->mem);
	if (!msg->orphan)
		sock_wfree(from, msg->truesize);
	free(msg);
	sock_put(from);
}

void message_orphan(struct message *msg)
{
	msg->orphan = true;
	sock_wfree(msg->from, msg->truesize);
}

void sock_purge(struct task *current, struct sock *sk)
{
	while (sock_peek(sk)) {
		struct message *msg = sock_peek(sk);

		sock_unqueue(sk, msg);
		message_free(current, msg);
	}
}

struct sock *sock_take_embryo(struct sock *listener)
{
	struct sock *embryo = container_of(listener->embryos.next, struct sock, embryo);

	list_del(&embryo->embryo);
	listener->nembryos--;
	embryo->listener = NULL;
	return embryo;
}

void sock_queue(struct sock *sk, struct message *msg)
{
	list_add_tail(&msg->link, &sk->messages);
	sk->nmessages++;
	sk->received += msg->truesize;
	scm_fp_arrived(msg->fp, sk);
	poll_notify(&sk->poll, EPOLLIN | EPOLLPRI | EPOLLRDNORM | EPOLLRDBAND);
	wake_up(sk->machine, &sk->readers);
}

void sock_unqueue(struct sock *sk, struct message *msg)
{
	list_del(&msg->link);
	sk->nmessages--;
	sk->received -= msg->truesize;
}

void sock_state_change(struct sock *sk)
{
	poll_notify(&sk->poll, 0);
	wake_up(sk->machine, &sk->readers);
	wake_up(sk->machine, &sk->writers);
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
