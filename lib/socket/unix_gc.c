/*
 * The garbage collector of descriptors in transit. When a socket was sent through itself, or two
 * through each other, and their descriptors were closed, only messages hold them, and no task can
 * receive these messages. As in the kernel: count the references that are in transit, trace which
 * sockets can be reached, and drop the messages of the rest. Only sockets that have lost a
 * reference since the last time, and what their messages hold, are looked at.
 */
#include "socket/unix.h"

#include "base/avl.h"
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

/* ---- suspects ------------------------------------------------------------------------------ */

/* Whether messages hold every reference to the description of a socket. */
static bool only_in_transit(const struct sock *sk)
{
	const struct list *first = sk->holders.next;

	return !list_empty(&sk->holders) &&
	       container_of(first, struct transit_ref, holder)->file->count == sk->inflight;
}

void unix_suspect(struct file *f)
{
	struct sock *sk = sock_from_file(f);

	if (list_empty(&sk->suspect) && only_in_transit(sk))
		list_add_tail(&sk->suspect, &sk->machine->suspects);
}

enum { FORWARDS, BACKWARDS };

/*
 * A search along messages: forwards to what a socket's queues hold, or backwards to what holds it.
 */
struct transit_search {
	const struct sock *from;
	struct list found; /* in the order in which they were found */
	struct list *at;   /* the last one that was looked at */
	uint64_t number;
	int way;
	bool hit; /* it came back to where it began, or to a socket that can be reached */
};

static void search_add(struct transit_search *s, struct sock *sk)
{
	if (sk->search[s->way] == s->number)
		return;
	sk->search[s->way] = s->number;
	list_add_tail(&sk->found[s->way], &s->found);
}

static void search_begin(struct transit_search *s, struct sock *from, int way)
{
	*s = (struct transit_search){ .from = from,
				      .number = ++from->machine->gc_searches,
				      .way = way };
	list_init(&s->found);
	s->at = &s->found;
	search_add(s, from);
}

static void search_end(struct transit_search *s)
{
	while (!list_empty(&s->found))
		list_del(s->found.next);
}

static void look_ahead(struct transit_search *s, struct sock *sk)
{
	for (struct sock *queue = sk; queue; queue = next_queue(sk, queue)) {
		list_for_each(pos, &queue->messages) {
			const struct message *msg = container_of(pos, struct message, link);

			for (size_t i = 0; msg->fp && i < msg->fp->nrefs; i++) {
				struct sock *child = sock_from_file(msg->fp->refs[i].file);

				s->hit |= child == s->from;
				if (only_in_transit(child))
					search_add(s, child);
			}
		}
	}
}

static void look_back(struct transit_search *s, struct sock *sk)
{
	list_for_each(pos, &sk->holders) {
		struct sock *to = container_of(pos, struct transit_ref, holder)->fp->to;

		/* The messages of an embryo are in reach of the listener. */
		if (to && to->listener)
			to = to->listener;
		s->hit = !to || !only_in_transit(to);
		if (s->hit)
			return;
		search_add(s, to);
	}
}

/* Looks at one more socket. False: there is none, or the search is over. */
static bool search_step(struct transit_search *s)
{
	struct sock *sk;

	if (s->hit || s->at->next == &s->found)
		return false;
	s->at = s->at->next;
	sk = container_of(s->at, struct sock, found[s->way]);
	if (s->way == FORWARDS)
		look_ahead(s, sk);
	else
		look_back(s, sk);
	return true;
}

/*
 * Whether a socket has become garbage, and is in a cycle of it: other garbage is found from there.
 * A socket that is not in its own queue, by however many others, is in no cycle; one that leads
 * back to a socket in reach can be reached. Both are searched for in turns, so that a long line
 * costs no more than its shorter side.
 */
static bool is_garbage(struct sock *sk)
{
	struct transit_search ahead, back;
	bool more_ahead = true, more_back = true;

	search_begin(&ahead, sk, FORWARDS);
	search_begin(&back, sk, BACKWARDS);
	while (more_back && (more_ahead || ahead.hit)) {
		more_ahead = more_ahead && search_step(&ahead);
		more_back = search_step(&back);
	}
	search_end(&ahead);
	search_end(&back);
	/* Nothing that leads back to it is in reach. */
	return !more_back && !back.hit;
}

/* ---- candidates ----------------------------------------------------------------------------- */

static struct sock *in_transit(const struct avl_node *node)
{
	return container_of(node, struct sock, in_transit);
}

static bool transit_less(const struct avl_node *a, const struct avl_node *b)
{
	return in_transit(a)->transit_place < in_transit(b)->transit_place;
}

/* The place of the first reference to a socket, among all that are in transit. */
static uint64_t transit_place(const struct sock *sk)
{
	uint64_t first = UINT64_MAX;

	list_for_each(pos, &sk->holders) {
		const struct transit_ref *ref = container_of(pos, struct transit_ref, holder);
		const uint64_t place =
			ref->fp->number * SCM_MAX_FD + (uint64_t)(ref - ref->fp->refs);

		if (place < first)
			first = place;
	}
	return first;
}

/* Makes candidates of a garbage socket and of all that messages alone hold below it. */
static void add_candidates(struct sock *garbage, struct avl_tree *tree)
{
	struct transit_search ahead;

	search_begin(&ahead, garbage, FORWARDS);
	do
		ahead.hit = false;
	while (search_step(&ahead));
	list_for_each(pos, &ahead.found) {
		struct sock *sk = container_of(pos, struct sock, found[FORWARDS]);

		if (sk->candidate)
			continue;
		sk->candidate = true;
		sk->unaccounted = sk->inflight;
		sk->transit_place = transit_place(sk);
		avl_insert(tree, &sk->in_transit);
	}
	search_end(&ahead);
}

/*
 * All garbage is below a socket that is in a cycle and has lost a reference since the last
 * collection. Lists what may be garbage in the order of its messages.
 */
static void find_candidates(struct fdl_machine *m, struct list *candidates)
{
	struct avl_tree tree = { .less = transit_less };
	struct avl_node *node;

	while (!list_empty(&m->suspects)) {
		struct sock *sk = container_of(m->suspects.next, struct sock, suspect);

		list_del(&sk->suspect);
		if (!sk->candidate && only_in_transit(sk) && is_garbage(sk))
			add_candidates(sk, &tree);
	}
	while ((node = avl_first(&tree)) != NULL) {
		avl_erase(&tree, node);
		list_add_tail(&in_transit(node)->garbage, candidates);
	}
}

/* ---- collecting ----------------------------------------------------------------------------- */

/* Moves the messages from the queues of a garbage socket to dropped: none is left unread. */
static void collect(struct sock *sk, struct list *dropped)
{
	for (struct sock *queue = sk; queue; queue = next_queue(sk, queue)) {
		list_for_each_safe(pos, next, &queue->messages) {
			struct message *msg = container_of(pos, struct message, link);

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

	if (list_empty(&m->suspects) || m->collecting)
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
