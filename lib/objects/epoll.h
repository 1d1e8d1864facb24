/*
 * epoll: a set of open files, each under a number, and a list of those of them that are ready. The
 * set holds no references: a file takes its entries along when its last one goes.
 */
#ifndef EPOLL_H
#define EPOLL_H

#include "base/list.h"
#include "machine/poll.h"
#include "machine/sched.h"
#include "vfs/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;

#define EP_MAX_NESTS 4 /* epolls below each other */

struct eventpoll {
	struct fdl_machine *machine;
	struct file *file;          /* whose object it is; no reference */
	void *items;                /* tsearch's tree, by file and number */
	struct list ready;          /* entries that are, or were, ready, the oldest first */
	struct wait_queue wq;       /* who waits in epoll_wait: one of them is woken */
	struct poll_list poll_wait; /* who polls the epoll itself */
	uint64_t visited;           /* by which search for loops */
	int depth;                  /* what that found */
};

/* A watch of an entry; objects may have several lists. */
struct eppoll_entry {
	struct poll_watch watch;
	struct epitem *item;
	struct eppoll_entry *next;
};

struct epitem {
	struct eventpoll *ep;
	struct file *file; /* no reference */
	int fd;            /* what it was called when it was added */
	uint32_t events;
	uint64_t data;
	struct list ready;       /* list_init: it is not in the list */
	struct file_watch watch; /* ends with its file */
	struct eppoll_entry *watches;
};

/* The epoll behind a file; NULL: it is of another kind. */
struct eventpoll *file_epoll(const struct file *f);

/* A new epoll and the ops of its file; its file's release frees it. NULL: no memory. */
extern const struct file_ops eventpoll_fops;
struct eventpoll *ep_alloc(struct task *current);
void ep_free(struct eventpoll *ep);

/* The entry of a file under a number, or NULL. */
struct epitem *ep_find(struct eventpoll *ep, const struct file *f, int fd);

/*
 * What epoll_ctl does once everything was checked. full_check: the number of paths that wake
 * somebody may have grown. 0; of ep_insert -ENOMEM, or -EINVAL for too many paths.
 */
int ep_insert(struct task *current, struct eventpoll *ep, struct file *f, int fd, uint32_t events,
	      uint64_t data, bool full_check);
void ep_modify(struct epitem *item, uint32_t events, uint64_t data);
void ep_remove(struct epitem *item);

/*
 * Takes up to max events off the ready list: put is called with each. What is level-triggered goes
 * to the end of the list again. Their number.
 */
int ep_send_events(struct eventpoll *ep, int max,
		   void (*put)(void *ctx, uint32_t events, uint64_t data), void *ctx);

/*
 * epoll_nest.c. Whether adding to (an epoll) to ep would make a loop, or too deep a nest: 0 or
 * -ELOOP. Whether a file would now wake too many epolls: 0 or -EINVAL.
 */
int ep_loop_check(struct eventpoll *ep, struct eventpoll *to);
int reverse_path_check(const struct file *f);

/* Calls visit with each entry of an epoll, in order, until it returns false. */
void ep_each(const struct eventpoll *ep, bool (*visit)(struct epitem *item, void *ctx), void *ctx);

#endif
