/*
 * An epoll: its entries, its list of ready ones, and its file. As in fs/eventpoll.c, an entry gets
 * on the ready list when its file says that it may be ready, and its file is asked again when a
 * call takes events. The locking of the kernel is left out: a step of a call is atomic here.
 */
#include "objects/epoll.h"

#include "base/heap.h"
#include "base/text.h"
#include "machine/kmem.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/touch.h"
#include "vfs/file.h"
#include "vfs/inode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

/* The kernel's memory for each. */
#define EVENTPOLL_SIZE ((size_t)192)
#define EPITEM_SIZE    ((size_t)128)
#define PWQ_SIZE       ((size_t)72)
#define EPHEAD_SIZE    ((size_t)16)

#define ITEM_BITS 3 /* of an epoll's first table of entries */

_Static_assert(sizeof(struct eventpoll) <= EVENTPOLL_SIZE, "an epoll is charged for too little");
_Static_assert(sizeof(struct epitem) <= EPITEM_SIZE, "an entry is charged for too little");
_Static_assert(sizeof(struct eppoll_entry) <= PWQ_SIZE, "a watch is charged for too little");

/* The bits of an entry's events that stay when EPOLLONESHOT has disabled it. */
#define EP_PRIVATE_BITS ((uint32_t)(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE))

/* An entry from its place among the watches of its file: epoll alone watches files. */
static const struct epitem *entry_of_file(const struct list *pos)
{
	return container_of(pos, const struct epitem, watch.of_file);
}

struct eventpoll *file_epoll(const struct file *f)
{
	return f->ops == &eventpoll_fops ? f->private : NULL;
}

/* ---- the set -------------------------------------------------------------------------------- */

static struct epitem *item_of(struct hash_node *node)
{
	return container_of(node, struct epitem, in_set);
}

/* Hashes the id of the file, not its address, so that equal machines have equal tables. */
static uint64_t item_key(const struct file *f, int fd)
{
	return f->id << 32 ^ (unsigned)fd;
}

struct epitem *ep_find(struct eventpoll *ep, const struct file *f, int fd)
{
	struct hash_node *node = hash_first(&ep->items, item_key(f, fd));

	while (node && (item_of(node)->file != f || item_of(node)->fd != fd))
		node = hash_again(node);
	return node ? item_of(node) : NULL;
}

static void ep_each(const struct eventpoll *ep, bool (*visit)(struct epitem *item, void *ctx),
		    void *ctx)
{
	struct hash_node *node = NULL;

	while ((node = hash_next(&ep->items, node)) && visit(item_of(node), ctx))
		;
}

/* ---- nests ---------------------------------------------------------------------------------- */

/* A search through a nest, in which each epoll is visited once. */
struct nest_search {
	const struct eventpoll *inserting_into;
	uint64_t number;
	int depth; /* of the epoll whose entries are looked at */
	int result;
};

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int ep_loop_check_proc(const struct nest_search *s, struct eventpoll *ep, int depth);

static bool look_below(struct epitem *item, void *ctx)
{
	struct nest_search *s = ctx;
	struct eventpoll *below = file_epoll(item->file);

	if (!below)
		return true;
	if (below == s->inserting_into || s->depth > EP_MAX_NESTS)
		s->result = EP_MAX_NESTS + 1;
	else
		s->result = max_int(s->result, ep_loop_check_proc(s, below, s->depth + 1) + 1);
	return s->result <= EP_MAX_NESTS;
}

/* How many epolls are nested below ep; more than EP_MAX_NESTS if inserting_into is one of them. */
static int ep_loop_check_proc(const struct nest_search *s, struct eventpoll *ep, int depth)
{
	struct nest_search here = { s->inserting_into, s->number, depth, 0 };

	if (ep->visited == s->number)
		return ep->depth;
	ep->visited = s->number;
	ep_each(ep, look_below, &here);
	ep->depth = here.result;
	return here.result;
}

/* How many epolls are nested above ep. There are no loops, so this ends. */
static int ep_get_upwards_depth_proc(uint64_t number, struct eventpoll *ep)
{
	int result = 0;

	if (ep->visited == number)
		return ep->depth;
	list_for_each(pos, &ep->file->watches)
		result = max_int(result,
				 ep_get_upwards_depth_proc(number, entry_of_file(pos)->ep) + 1);
	ep->visited = number;
	ep->depth = result;
	return result;
}

int ep_loop_check(struct eventpoll *ep, struct eventpoll *to)
{
	const struct nest_search s = { .inserting_into = ep,
				       .number = ++ep->machine->epoll_searches };
	int depth = ep_loop_check_proc(&s, to, 0);

	if (depth > EP_MAX_NESTS)
		return -ELOOP;
	return depth + 1 + ep_get_upwards_depth_proc(s.number, ep) > EP_MAX_NESTS ? -ELOOP : 0;
}

/* How many paths of each length a file may have to epolls that no other epoll watches. */
static const int path_limits[] = { 1000, 500, 100, 50, 10 };
#define PATH_ARR_SIZE ((int)(sizeof(path_limits) / sizeof(path_limits[0])))

/* Paths of length 1 are not limited. */
static int path_count_inc(int *count, int nests)
{
	if (nests == 0)
		return 0;
	return ++count[nests] > path_limits[nests] ? -EINVAL : 0;
}

static int reverse_path_check_proc(const struct file *f, int *count, int depth)
{
	int error = 0;

	if (depth > EP_MAX_NESTS)
		return -EINVAL;
	list_for_each(pos, &f->watches) {
		const struct file *above = entry_of_file(pos)->ep->file;

		if (list_empty(&above->watches))
			error = path_count_inc(count, depth);
		else
			error = reverse_path_check_proc(above, count, depth + 1);
		if (error)
			break;
	}
	return error;
}

static int reverse_path_check(const struct file *f);

static bool check_below(struct epitem *item, void *ctx)
{
	int *error = ctx;

	*error = reverse_path_check(item->file);
	return !*error;
}

static int reverse_path_check(const struct file *f)
{
	int count[PATH_ARR_SIZE] = { 0 }, error = 0;

	if (!file_epoll(f))
		return reverse_path_check_proc(f, count, 0);
	ep_each(file_epoll(f), check_below, &error);
	return error;
}

/* ---- readiness ------------------------------------------------------------------------------ */

static inline bool ep_is_linked(const struct epitem *item)
{
	return !list_empty(&item->ready);
}

static unsigned ep_item_poll(struct epitem *item, struct poll_table *pt)
{
	return vfs_poll(item->file, pt) & item->events;
}

/* Puts an entry on the ready list, wakes one waiter, and tells those that poll the epoll. */
static void ep_ready(struct epitem *item)
{
	struct eventpoll *ep = item->ep;

	if (!ep_is_linked(item))
		list_add_tail(&item->ready, &ep->ready);
	wake_up_one(ep->machine, &ep->wq);
	poll_notify(&ep->poll_wait, EPOLLIN);
}

/*
 * Whether an exclusive entry wakes a waiter with one of its own events. If not, the next exclusive
 * watch of the file is told as well.
 */
static bool wakes_exclusively(const struct epitem *item, unsigned events)
{
	const unsigned inout = events & (EPOLLIN | EPOLLOUT);

	if (list_empty(&item->ep->wq.waiters))
		return false;
	if (inout == EPOLLIN || inout == EPOLLOUT)
		return item->events & inout;
	return inout == 0;
}

static bool ep_poll_callback(struct poll_watch *watch, unsigned events)
{
	struct epitem *item = container_of(watch, struct eppoll_entry, watch)->item;
	const bool exclusive = item->events & EPOLLEXCLUSIVE;
	bool woke = false;

	/* The ready list keeps the order of events, so no other step commutes with this one. */
	touch_all(item->ep->machine);
	if ((item->events & ~EP_PRIVATE_BITS) && (!events || (events & item->events))) {
		woke = wakes_exclusively(item, events);
		ep_ready(item);
	}
	return woke || !exclusive;
}

/* Entries are left on the ready list: wake the next waiter. */
static void ep_done_scan(struct eventpoll *ep)
{
	if (!list_empty(&ep->ready))
		wake_up_one(ep->machine, &ep->wq);
}

int ep_send_events(struct eventpoll *ep, int max,
		   void (*put)(void *ctx, uint32_t events, uint64_t data), void *ctx)
{
	struct list scanned;
	int n = 0;

	/* Level-triggered entries are put back after all that are on the list now. */
	list_init(&scanned);
	while (n < max && !list_empty(&ep->ready)) {
		struct epitem *item = container_of(ep->ready.next, struct epitem, ready);
		unsigned events;

		list_del(&item->ready);
		events = ep_item_poll(item, NULL);
		if (!events)
			continue;
		put(ctx, events, item->data);
		n++;
		if (item->events & EPOLLONESHOT)
			item->events &= EP_PRIVATE_BITS;
		else if (!(item->events & EPOLLET))
			list_add_tail(&item->ready, &scanned);
	}
	while (!list_empty(&scanned)) {
		struct list *first = scanned.next;

		list_del(first);
		list_add_tail(first, &ep->ready);
	}
	ep_done_scan(ep);
	return n;
}

/* Ready when an entry is. Entries on the list that are no longer ready leave it. */
static unsigned ep_eventpoll_poll(struct file *f, struct poll_table *pt)
{
	struct eventpoll *ep = f->private;
	unsigned events = 0;

	poll_wait(f, &ep->poll_wait, pt);
	while (!events && !list_empty(&ep->ready)) {
		struct epitem *item = container_of(ep->ready.next, struct epitem, ready);

		if (ep_item_poll(item, NULL))
			events = EPOLLIN | EPOLLRDNORM;
		else
			list_del(&item->ready);
	}
	ep_done_scan(ep);
	return events;
}

/* ---- adding, changing, removing ------------------------------------------------------------- */

/* Collects the watches of a new entry while its file is polled. */
struct ep_pqueue {
	struct poll_table pt;
	struct task *current;
	struct epitem *item;
	int error;
};

static void ep_ptable_queue_proc(struct poll_table *pt, struct file *f, struct poll_list *list)
{
	struct ep_pqueue *epq = container_of(pt, struct ep_pqueue, pt);
	struct eppoll_entry *entry;

	(void)f;
	if (epq->error)
		return;
	entry = object_alloc(epq->current, PWQ_SIZE);
	if (!entry) {
		epq->error = -ENOMEM;
		return;
	}
	entry->item = epq->item;
	entry->watch.changed = ep_poll_callback;
	entry->watch.exclusive = epq->item->events & EPOLLEXCLUSIVE;
	entry->next = epq->item->watches;
	epq->item->watches = entry;
	poll_watch_add(list, &entry->watch);
}

static void ep_file_released(struct file_watch *watch)
{
	ep_remove(container_of(watch, struct epitem, watch));
}

/* Adds an entry to its file. The kernel allocates a list head for the first one. */
static int attach_epitem(struct task *current, struct epitem *item)
{
	struct file *f = item->file;
	struct kmem head;

	if (list_empty(&f->watches) && !file_epoll(f)) {
		int error = kmalloc(current, &head, EPHEAD_SIZE);

		if (error)
			return error;
	}
	item->watch.released = ep_file_released;
	list_add(&item->watch.of_file, &f->watches);
	return 0;
}

static void detach_epitem(struct epitem *item)
{
	struct kmem head = { KMEM_KMALLOC, EPHEAD_SIZE };

	list_del(&item->watch.of_file);
	if (list_empty(&item->file->watches) && !file_epoll(item->file))
		kvfree(item->ep->machine, &head);
}

void ep_remove(struct epitem *item)
{
	struct fdl_machine *m = item->ep->machine;
	struct eppoll_entry *next;

	for (struct eppoll_entry *entry = item->watches; entry; entry = next) {
		next = entry->next;
		poll_watch_del(&entry->watch);
		object_free(m, entry, PWQ_SIZE);
	}
	detach_epitem(item);
	hash_del(&item->ep->items, &item->in_set);
	list_del(&item->ready);
	object_free(m, item, EPITEM_SIZE);
}

int ep_insert(struct task *current, struct eventpoll *ep, struct file *f, int fd, uint32_t events,
	      uint64_t data, bool full_check)
{
	struct ep_pqueue epq = { .pt.queue = ep_ptable_queue_proc, .current = current };
	struct epitem *item = object_alloc(current, EPITEM_SIZE);

	if (!item)
		return -ENOMEM;
	item->ep = ep;
	item->file = f;
	item->fd = fd;
	item->events = events;
	item->data = data;
	list_init(&item->ready);
	if (attach_epitem(current, item)) {
		object_free(ep->machine, item, EPITEM_SIZE);
		return -ENOMEM;
	}
	hash_add(&ep->items, &item->in_set, item_key(f, fd));
	if (full_check && reverse_path_check(f)) {
		ep_remove(item);
		return -EINVAL;
	}
	epq.item = item;
	events = ep_item_poll(item, &epq.pt);
	if (epq.error) {
		ep_remove(item);
		return epq.error;
	}
	if (events)
		ep_ready(item);
	return 0;
}

void ep_modify(struct epitem *item, uint32_t events, uint64_t data)
{
	item->events = events;
	item->data = data;
	if (ep_item_poll(item, NULL) && !ep_is_linked(item))
		ep_ready(item);
}

/* ---- its own file --------------------------------------------------------------------------- */

struct eventpoll *ep_alloc(struct task *current)
{
	struct eventpoll *ep = object_alloc(current, EVENTPOLL_SIZE);

	if (!ep)
		return NULL;
	if (hash_init(&ep->items, ITEM_BITS)) {
		object_free(current->machine, ep, EVENTPOLL_SIZE);
		return NULL;
	}
	ep->machine = current->machine;
	list_init(&ep->ready);
	wait_queue_init(&ep->wq);
	poll_list_init(&ep->poll_wait);
	return ep;
}

void ep_free(struct eventpoll *ep)
{
	hash_free(&ep->items);
	object_free(ep->machine, ep, EVENTPOLL_SIZE);
}

static void ep_eventpoll_release(struct task *current, struct file *f)
{
	struct eventpoll *ep = f->private;
	struct hash_node *next;

	(void)current;
	poll_notify(&ep->poll_wait, EPOLLIN);
	for (struct hash_node *node = hash_next(&ep->items, NULL); node; node = next) {
		next = hash_next(&ep->items, node);
		ep_remove(item_of(node));
	}
	ep_free(ep);
}

static int by_file_and_fd(const void *a, const void *b)
{
	const struct epitem *x = *(struct epitem *const *)a, *y = *(struct epitem *const *)b;

	if (x->file != y->file)
		return x->file->id < y->file->id ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static void show_item(const struct epitem *item, struct text *out)
{
	struct inode *inode = item->file->inode;

	text_printf(out,
		    "tfd: %8d events: %8x data: %16" PRIx64 "  pos:%lld ino:%" PRIx64 " sdev:%x\n",
		    item->fd, item->events, item->data, (long long)item->file->pos,
		    inode_common(inode)->ino, 1);
}

static void ep_show_fdinfo(const struct file *f, struct text *out)
{
	const struct eventpoll *ep = f->private;
	struct epitem **items = calloc(ep->items.n + 1, sizeof(struct epitem *));
	struct hash_node *node = NULL;
	size_t n = 0;

	if (!items) {
		out->error = -ENOMEM;
		return;
	}
	while ((node = hash_next(&ep->items, node)))
		items[n++] = item_of(node);
	qsort(items, n, sizeof(struct epitem *), by_file_and_fd);
	for (size_t i = 0; i < n; i++)
		show_item(items[i], out);
	free(items);
}

#define EPOLL_IOC_TYPE 0x8a /* EPIOCSPARAMS, EPIOCGPARAMS */

static int ep_eventpoll_ioctl(const struct file *f, unsigned request)
{
	(void)f;
	if (_IOC_TYPE(request) == EPOLL_IOC_TYPE)
		return -ENOSYS;
	return request == FIOQSIZE ? -ENOTTY : -EINVAL;
}

const struct file_ops eventpoll_fops = {
	.ioctl = ep_eventpoll_ioctl,
	.llseek = noop_llseek,
	.poll = ep_eventpoll_poll,
	.release = ep_eventpoll_release,
	.fdinfo = ep_show_fdinfo,
};
