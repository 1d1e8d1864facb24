/*
 * Readiness: who wants to hear that an object may be ready now. An object embeds a poll_list for
 * each thing that can be waited for (a pipe: one for bytes, one for room); those who wait put a
 * watch on it by way of file_ops.poll, as with the kernel's poll_wait, and are told by poll_notify.
 */
#ifndef POLL_H
#define POLL_H

#include "base/list.h"

#include <stdbool.h>
#include <sys/epoll.h>

struct file;

/* What an object without poll is, always (the kernel's DEFAULT_POLLMASK). */
#define DEFAULT_POLLMASK ((unsigned)(EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM))

struct poll_list {
	struct list watches;
};

/*
 * A place in a poll_list. changed is told the events that woke it (0: any); it says whether it has
 * woken somebody, which matters to exclusive ones only: of them one is woken. It may take its own
 * watch out of the list, and no other.
 */
struct poll_watch {
	struct list link;
	bool (*changed)(struct poll_watch *watch, unsigned events);
	bool exclusive;
};

/* What a poll goes through an object with: how it wants its lists. */
struct poll_table {
	void (*queue)(struct poll_table *pt, struct file *f, struct poll_list *list);
};

static inline void poll_list_init(struct poll_list *list)
{
	list_init(&list->watches);
}

/* A poll method names each of its lists with this; pt is what it was given, NULL: nobody waits. */
static inline void poll_wait(struct file *f, struct poll_list *list, struct poll_table *pt)
{
	if (pt && pt->queue)
		pt->queue(pt, f, list);
}

/*
 * As the kernel's wait queues have it: the newest first, and all exclusive ones behind, the oldest
 * of them first.
 */
void poll_watch_add(struct poll_list *list, struct poll_watch *watch);

/* Takes it out; one that is in no list (list_init) stays so. */
void poll_watch_del(struct poll_watch *watch);

/*
 * The object is, or may be, ready for these events (EPOLL*; 0: for any). To be called before
 * wake_up on those who wait in a call of the same object, as they stand behind in the kernel's
 * queues.
 */
void poll_notify(struct poll_list *list, unsigned events);

#endif
