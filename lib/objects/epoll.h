/*
 * epoll: a set of open files, each with the descriptor that it was added under, and a list of the
 * entries that are ready. The set holds no references: an entry ends when its file is freed.
 */
#ifndef EPOLL_H
#define EPOLL_H

#include "base/hash.h"
#include "base/list.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "vfs/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;

#define EP_MAX_NESTS 4 /* how deep epolls may be nested */

struct eventpoll {
	struct fdl_machine *machine;
	struct file *file;          /* the epoll's own; no reference */
	struct hash items;          /* its entries */
	struct list ready;          /* entries that are, or were, ready, the oldest first */
	struct wait_queue wq;       /* of epoll_wait; one waiter is woken at a time */
	struct poll_list poll_wait; /* of those that poll the epoll itself */
	uint64_t visited;           /* the number of the last search that came here */
	int depth;                  /* the result of that search */
};

/* A watch of an entry; a file may have several lists to watch. */
struct eppoll_entry {
	struct poll_watch watch;
	struct epitem *item;
	struct eppoll_entry *next;
};

struct epitem {
	struct eventpoll *ep;
	struct hash_node in_set;
	struct file *file; /* no reference */
	int fd;            /* the descriptor at the time of EPOLL_CTL_ADD */
	uint32_t events;
	uint64_t data;
	struct list ready;       /* its place in the ready list; list_init: none */
	struct file_watch watch; /* on file */
	struct eppoll_entry *watches;
};

/* The epoll of a file; NULL: the file is of another kind. */
struct eventpoll *file_epoll(const struct file *f);

extern const struct file_ops eventpoll_fops;

/* A new epoll, to be put into a file with eventpoll_fops, which frees it. NULL: no memory. */
struct eventpoll *ep_alloc(struct task *current);
void ep_free(struct eventpoll *ep);

/* The entry of a file under a descriptor, or NULL. */
struct epitem *ep_find(struct eventpoll *ep, const struct file *f, int fd);

/*
 * The work of epoll_ctl, after its checks. full_check: the entry is part of a nest, so the paths to
 * epolls are counted. ep_insert returns 0, -ENOMEM, or -EINVAL for too many paths.
 */
int ep_insert(struct task *current, struct eventpoll *ep, struct file *f, int fd, uint32_t events,
	      uint64_t data, bool full_check);
void ep_modify(struct epitem *item, uint32_t events, uint64_t data);
void ep_remove(struct epitem *item);

/*
 * Takes up to max events off the ready list, and calls put with each. Level-triggered entries go to
 * the end of the list again. Returns how many events there were.
 */
int ep_send_events(struct eventpoll *ep, int max,
		   void (*put)(void *ctx, uint32_t events, uint64_t data), void *ctx);

/* -ELOOP if adding the epoll to into ep would make a loop, or too deep a nest; otherwise 0. */
int ep_loop_check(struct eventpoll *ep, struct eventpoll *to);

#endif
