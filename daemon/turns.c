/*
 * The queue of works in parts, and the timer that lets the next part be done: it has expired at
 * the loop's next turn, after the loop has looked for requests.
 */
#include "turns.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <event2/event.h>

TAILQ_HEAD(work_queue, turn_work);

struct turns {
	struct work_queue works;
	struct event *timer;
};

static const struct timeval at_once = { 0 };

/* Does a part of the first work, which is the last one then. */
static void run_part(struct turns *t)
{
	struct turn_work *work = TAILQ_FIRST(&t->works);

	TAILQ_REMOVE(&t->works, work, next);
	if (work->run(work))
		TAILQ_INSERT_TAIL(&t->works, work, next);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct turns *t = arg;

	(void)fd, (void)what;
	if (!TAILQ_EMPTY(&t->works))
		run_part(t);
	/* Without memory for the timer the rest is done now. */
	while (!TAILQ_EMPTY(&t->works) && event_add(t->timer, &at_once))
		run_part(t);
}

int turns_new(struct event_base *base, struct turns **tp)
{
	struct turns *t = malloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	TAILQ_INIT(&t->works);
	t->timer = evtimer_new(base, on_timer, t);
	if (!t->timer) {
		free(t);
		return -ENOMEM;
	}
	*tp = t;
	return 0;
}

void turns_free(struct turns *t)
{
	if (!t)
		return;
	event_free(t->timer);
	free(t);
}

bool turns_add(struct turns *t, struct turn_work *work)
{
	if (event_add(t->timer, &at_once))
		return false;
	TAILQ_INSERT_TAIL(&t->works, work, next);
	return true;
}

void turns_drop(struct turns *t, struct turn_work *work)
{
	TAILQ_REMOVE(&t->works, work, next);
}

int64_t turns_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
