/*
 * Readiness: watches on objects that may become ready. An object embeds a poll_list for each thing
 * that a task can wait for (a pipe: one for bytes, one for room). A waiting task or an epoll puts a
 * watch on it by way of file_ops.poll, as by the kernel's poll_wait, and poll_notify tells the
 * watch.
 */
#ifndef POLL_H
#define POLL_H

#include "base/list.h"

#include <stdbool.h>
#include <sys/epoll.h>

struct file;

/* The events of an object without poll, always (the kernel's DEFAULT_POLLMASK). */
#define DEFAULT_POLLMASK ((unsigned)(EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM))

struct poll_list {
	struct list watches;
};

/*
 * An entry of a poll_list. changed is given the events that poll_notify tells (0: any) and returns
 * whether it has woken a call: poll_notify stops after the first exclusive watch that has. It may
 * delete its own watch, and no other.
 */
struct poll_watch {
	struct list link;
	bool (*changed)(struct poll_watch *watch, unsigned events);
	bool exclusive;
};

/* The argument that a caller of poll passes along: queue is called for each list of the object. */
struct poll_table {
	void (*queue)(struct poll_table *pt, struct file *f, struct poll_list *list);
};

static inline void poll_list_init(struct poll_list *list)
{
	list_init(&list->watches);
}

/* A poll method calls this for each of its lists, with the pt that it was given (may be NULL). */
static inline void poll_wait(struct file *f, struct poll_list *list, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(pt, f, list);
}

/*
 * Adds a watch where the kernel's wait queues have it: at the head; an exclusive one at the tail.
 */
void poll_watch_add(struct poll_list *list, struct poll_watch *watch);

/* Takes a watch out of its list, if it is in one. */
void poll_watch_del(struct poll_watch *watch);

/*
 * Tells the watches of a list that the object may be ready for these events (EPOLL*; 0: any). Call
 * it before wake_up for the calls that wait in the object: in the kernel's queues they come after
 * the watches.
 */
void poll_notify(struct poll_list *list, unsigned events);

#endif
