/*
 * Readiness: lists of watches. A watch's owner decides what it does when it is told (a call
 * that waits in poll, an entry of an epoll).
 */
#include "machine/poll.h"

void poll_watch_add(struct poll_list *list, struct poll_watch *watch)
{
	/* Before the list itself is at the tail. */
	list_add_tail(&watch->link, watch->exclusive ? &list->watches : list->watches.next);
}

void poll_watch_del(struct poll_watch *watch)
{
	list_del(&watch->link);
}

void poll_notify(struct poll_list *list, unsigned events)
{
	list_for_each_safe(pos, next, &list->watches) {
		struct poll_watch *watch = container_of(pos, struct poll_watch, link);

		if (watch->changed(watch, events) && watch->exclusive)
			return;
	}
}
