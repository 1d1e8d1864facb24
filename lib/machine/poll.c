/*
 * Readiness: lists of watches on objects, and telling them. What a watch does with that is its
 * owner's affair (a call that waits in poll, an epoll's entry).
 */
#include "machine/poll.h"

void poll_watch_add(struct poll_list *list, struct poll_watch *watch)
{
	/* In front of the first, or of the head, which is behind the last. */
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
