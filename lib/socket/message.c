/*
 * The way of a message from a send buffer to a receive queue and to its receiver. Sizes are counted
 * as the kernel counts its socket buffers.
 */
#include "socket/message.h"

#include "base/heap.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "socket/scm.h"
#include "socket/timeouts.h"
#include "vfs/inode.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The cost of a socket buffer of the kernel besides its data. */
#define SKB_SIZE        ((size_t)256)
#define SKB_SHARED_INFO ((size_t)320)
#define SKB_CACHE_LINE  ((size_t)64)

/* ---- sending -------------------------------------------------------------------------------- */

/* The bytes that kmalloc takes for a size above 256. */
static size_t kmalloc_size(size_t size)
{
	size_t bucket = 512;

	while (bucket < size)
		bucket *= 2;
	return bucket;
}

/*
 * The kernel's count for len bytes: a head of at most head_max bytes with the structure after
 * it, and pages for the rest.
 */
static size_t skb_truesize(size_t len, size_t head_max)
{
	const size_t pages = len > head_max ? len - head_max : 0;
	const size_t aligned = (pages + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	const size_t head = len > aligned ? len - aligned : 0;
	const size_t lines = (head + SKB_CACHE_LINE - 1) / SKB_CACHE_LINE * SKB_CACHE_LINE;

	return SKB_SIZE + kmalloc_size(lines + SKB_SHARED_INFO) + aligned;
}

/* Waits until enough of what sk sent has been received. */
static int sock_wait_for_room(struct task *current, struct sock *sk, bool nonblock)
{
	const int64_t until = sock_sndtimeo(sk, nonblock);

	for (;;) {
		int error = sock_error(sk);

		if (error)
			return error;
		if (sk->shutdown & SEND_SHUTDOWN)
			return -EPIPE;
		if (sk->sent < (size_t)sk->sndbuf)
			return 0;
		sock_set_nospace(sk);
		error = sock_wait(current, &sk->writers, "sock_alloc_send_pskb", until);
		if (error)
			return error;
	}
}

/* Gives the sender room; those that wait for it are told once it is writable again. */
static void sock_wfree(struct sock *sk, size_t truesize)
{
	sk->sent -= truesize;
	if (!sock_writeable(sk) || sk->dead)
		return;
	poll_notify(&sk->poll, SOCK_WRITABLE);
	sock_wake_space(sk);
	wake_up(sk->machine, &sk->writers);
}

/* A buffer whose bytes cannot be read is freed, and with it there is room again; not so TCP's. */
static void sock_free_unread(struct sock *sk, size_t truesize)
{
	if (sk->machine->kernel->bsd_sockets ||
	    (sk->ops->family == AF_INET && sk->type == SOCK_STREAM))
		return;
	sk->sent += truesize;
	sock_wfree(sk, truesize);
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
	if (len && !data) {
		sock_free_unread(sk, truesize);
		*error = -EFAULT;
		return NULL;
	}
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

void message_set_creds(const struct task *current, struct message *msg, const struct send *s,
		       struct sock *other)
{
	msg->creds = s->creds;
	if (!msg->creds.pid &&
	    (unix_may_passcred(msg->from) || unix_may_passcred(other) || !other->inode))
		msg->creds = (struct ucreds){ current->tgid, current->ruid, current->rgid };
	if (!other->local_creds)
		return;
	msg->has_sockcred = true;
	msg->sockcred =
		(struct sockcred){ current->ruid, current->uid, current->rgid, current->gid };
	other->local_creds = other->type != SOCK_STREAM;
}

void message_receive_creds(const struct message *msg, const struct sock *sk, struct receive *r)
{
	if (msg->has_sockcred && !r->has_sockcred) {
		r->has_sockcred = true;
		r->sockcred = msg->sockcred;
	}
	if (r->has_creds || !unix_may_passcred(sk))
		return;
	r->has_creds = true;
	r->wants_creds = sk->passcred;
	r->wants_pidfd = sk->passpidfd;
	r->creds = msg->creds;
}

void message_orphan(struct message *msg)
{
	msg->orphan = true;
	sock_wfree(msg->from, msg->truesize);
}

/* ---- queues --------------------------------------------------------------------------------- */

void sock_queue(struct sock *sk, struct message *msg)
{
	list_add_tail(&msg->link, &sk->messages);
	sk->nmessages++;
	sk->received += msg->truesize;
	scm_fp_arrived(msg->fp, sk);
	poll_notify(&sk->poll, SOCK_READABLE);
	sock_wake_waitd(sk, POLL_IN);
	wake_up(sk->machine, &sk->readers);
}

/* Puts a message that was taken out back to the front. */
static void sock_requeue(struct sock *sk, struct message *msg)
{
	list_add(&msg->link, &sk->messages);
	sk->nmessages++;
	sk->received += msg->truesize;
	poll_notify(&sk->poll, SOCK_READABLE);
	wake_up(sk->machine, &sk->readers);
}

void sock_unqueue(struct sock *sk, struct message *msg)
{
	list_del(&msg->link);
	sk->nmessages--;
	sk->received -= msg->truesize;
}

void sock_purge(struct task *current, struct sock *sk)
{
	while (sock_peek(sk)) {
		struct message *msg = sock_peek(sk);

		sock_unqueue(sk, msg);
		message_free(current, msg);
	}
}

/* ---- receiving ------------------------------------------------------------------------------ */

int sock_wait_for_message(struct task *current, struct sock *sk, int64_t until)
{
	for (;;) {
		int error = sock_error(sk);

		if (error)
			return error;
		if (sock_peek(sk) || !list_empty(&sk->embryos))
			return 1;
		if (until <= current->machine->clock.now)
			return -EAGAIN;
		if (sk->shutdown & RCV_SHUTDOWN)
			return 0;
		error = sock_wait(current, &sk->readers, "__skb_wait_for_more_packets", until);
		if (error)
			return error;
	}
}

ssize_t message_copy(const struct message *msg, struct receive *r)
{
	const size_t len = min_size(msg->len, r->len);

	if (len < msg->len)
		r->msg_flags |= MSG_TRUNC;
	memcpy(r->data, msg->data, len);
	return (ssize_t)(r->flags & MSG_TRUNC ? msg->len : len);
}

bool message_receive_fds(struct task *current, struct message *msg, struct receive *r)
{
	if (!msg->fp)
		return false;
	if (r->flags & MSG_PEEK) {
		r->fp = scm_fp_dup(current, msg->fp);
	} else {
		scm_detach(msg->fp);
		r->fp = msg->fp;
		msg->fp = NULL;
	}
	return true;
}

/* A receiver that asks for credentials gets no bytes of two writers together. */
static bool has_other_writer(const struct receive *r, const struct message *msg)
{
	return r->has_creds && (msg->creds.pid != r->creds.pid || msg->creds.uid != r->creds.uid ||
				msg->creds.gid != r->creds.gid);
}

/* Whether a message must be the first that a call receives. */
static bool comes_first(const struct receive *r, const struct message *msg)
{
	return msg && ((r->keeps && msg->fp) || msg->has_sockcred || has_other_writer(r, msg));
}

/* Receives until the queue is empty, the buffer is full, or copy says so. Returns the bytes. */
static size_t take(struct task *current, struct sock *sk, struct receive *r, size_t copied,
		   const struct stream_ops *ops)
{
	const bool bsd = current->machine->kernel->bsd_sockets;
	const size_t before = copied;
	bool follows = copied; /* a message of this call, even if that gave no bytes */

	list_for_each_safe(pos, next, &sk->messages) {
		struct message *msg = container_of(pos, struct message, link);
		const size_t len = min_size(msg->len - msg->offset, r->len - copied);
		bool ends;

		if (follows && comes_first(r, msg))
			break;
		follows = true;
		message_receive_creds(msg, sk, r);
		ends = ops->copy(current, r, msg, copied, len);
		copied += len;
		if (ends && r->keeps && !(r->flags & MSG_PEEK)) {
			sock_unqueue(sk, msg);
			r->kept = msg;
			r->kept_len = len;
			break;
		}
		if (!(r->flags & MSG_PEEK)) {
			msg->offset += len;
			if (msg->offset < msg->len)
				break;
			sock_unqueue(sk, msg);
			message_free(current, msg);
		}
		/*
		 * A look goes on to the first message with descriptors, even when the buffer is
		 * full.
		 */
		if (ends || (copied == r->len &&
			     !((r->flags & MSG_PEEK) && sk->ops->family == AF_UNIX && !bsd)))
			break;
	}
	return copied - before;
}

ssize_t sock_stream_recv(struct task *current, struct sock *sk, struct receive *r,
			 const struct stream_ops *ops)
{
	const bool waits_for_all = (r->flags & MSG_WAITALL) && !(r->flags & MSG_PEEK);
	int64_t until = sock_rcvtimeo(sk, r->nonblock);
	size_t copied = 0;

	do {
		int more = ops->wait(current, sk, until);

		if (more <= 0)
			return copied ? (ssize_t)copied : more;
		/* A receive of no bytes takes the descriptors of the first message, too. */
		if (r->len || !current->machine->kernel->bsd_sockets)
			copied += take(current, sk, r, copied, ops);
		if (current->machine->kernel->bsd_timeouts)
			until = sock_rcvtimeo(sk, r->nonblock);
	} while (waits_for_all && copied < r->len && !r->fp && !comes_first(r, sock_peek(sk)));
	return (ssize_t)copied;
}

void receive_end(struct task *current, struct sock *sk, struct receive *r, bool received)
{
	struct message *msg = r->kept;

	sock_touch(current->machine);
	if (!msg)
		return;
	r->kept = NULL;
	if (received)
		msg->offset += r->kept_len;
	if (msg->offset == msg->len)
		message_free(current, msg);
	else
		sock_requeue(sk, msg);
}
