/*
 * The garbage collector of descriptors in transit. When a socket was sent through itself, or two
 * through each other, and their descriptors were closed, only messages hold them, and no task can
 * receive these messages. As in the kernel: count the references that are in transit, trace which
 * sockets can be reached, and drop the messages of the rest.
 */
#include "socket/unix.h"

#include "machine/machine.h"
#include "machine/task.h"
#include "socket/message.h"
#include "socket/scm.h"
#include "socket/sock.h"
#include "vfs/file.h"

#include <sys/socket.h>

/* Goes over the queues of a socket: its own, and those of its embryos. NULL: no more. */
static struct sock *next_queue(struct sock *sk, struct sock *last)
{
	struct list *next = last == sk ? sk->embryos.next : last->embryo.next;

	return next == &sk->embryos ? NULL : container_of(next, struct sock, embryo);
}

typedef void scan_fn(struct sock *child, struct list *todo);

/* Calls fn for each candidate in the messages of a queue. */
static void scan_messages(const struct sock *queue, scan_fn *fn, struct list *todo)
{
	list_for_each(pos, &queue->messages) {
		const struct message *msg = container_of(pos, struct message, link);

		for (size_t i = 0; msg->fp && i < msg->fp->n; i++) {
			struct sock *child = sock_from_file(msg->fp->file[i]);

			if (child && child->ops->family == AF_UNIX && child->candidate)
				fn(child, todo);
		}
	}
}

static void scan_children(struct sock *sk, scan_fn *fn, struct list *todo)
{
	for (struct sock *queue = sk; queue; queue = next_queue(sk, queue))
		scan_messages(queue, fn, todo);
}

static void dec_inflight(struct sock *child, struct list *todo)
{
	(void)todo;
	child->unaccounted--;
}

/* The child can be reached, and is to be scanned: so can the sockets in its queues. */
static void inc_inflight(struct sock *child, struct list *todo)
{
	child->unaccounted++;
	child->candidate = false;
	list_del(&child->garbage);
	list_add_tail(&child->garbage, todo);
}

/* Whether messages hold every reference to the file of a socket. */
static bool only_in_transit(const struct sock *sk, const struct file *f)
{
	return sk->inflight && f->count == sk->inflight;
}

static void find_candidates(struct fdl_machine *m, struct list *candidates)
{
	list_for_each(pos, &m->transit) {
		const struct scm_fp_list *fp = container_of(pos, struct scm_fp_list, transit);

		for (size_t i = 0; i < fp->n; i++) {
			struct sock *sk = sock_from_file(fp->file[i]);

			if (!sk || sk->ops->family != AF_UNIX || sk->candidate ||
			    !only_in_transit(sk, fp->file[i]))
				continue;
			sk->candidate = true;
			sk->unaccounted = sk->inflight;
			list_add_tail(&sk->garbage, candidates);
		}
	}
}

/* Moves the messages with descriptors from the queues of a garbage socket to dropped. */
static void collect(struct sock *sk, struct list *dropped)
{
	for (struct sock *queue = sk; queue; queue = next_queue(sk, queue)) {
		list_for_each_safe(pos, next, &queue->messages) {
			struct message *msg = container_of(pos, struct message, link);

			if (!msg->fp)
				continue;
			sock_unqueue(queue, msg);
			scm_fp_arrived(msg->fp, NULL);
			list_add_tail(&msg->link, dropped);
		}
	}
}

void unix_gc(struct task *current)
{
	struct fdl_machine *m = current->machine;
	struct list candidates, reachable, dropped;

	if (list_empty(&m->transit) || m->collecting)
		return;
	m->collecting = true;
	list_init(&candidates);
	list_init(&reachable);
	list_init(&dropped);
	find_candidates(m, &candidates);
	list_for_each(pos, &candidates)
		scan_children(container_of(pos, struct sock, garbage), dec_inflight, NULL);
	/* A candidate that is also in the queue of a socket that is none can be received. */
	list_for_each_safe(pos, next, &candidates) {
		struct sock *sk = container_of(pos, struct sock, garbage);

		if (!sk->unaccounted)
			continue;
		sk->candidate = false;
		list_del(&sk->garbage);
		list_add_tail(&sk->garbage, &reachable);
	}
	while (!list_empty(&reachable)) {
		struct sock *sk = container_of(reachable.next, struct sock, garbage);

		list_del(&sk->garbage);
		scan_children(sk, inc_inflight, &reachable);
	}
	list_for_each_safe(pos, next, &candidates) {
		struct sock *sk = container_of(pos, struct sock, garbage);

		sk->candidate = false;
		list_del(&sk->garbage);
		collect(sk, &dropped);
	}
	while (!list_empty(&dropped)) {
		struct message *msg = container_of(dropped.next, struct message, link);

		list_del(&msg->link);
		message_free(current, msg);
	}
	m->collecting = false;
}
