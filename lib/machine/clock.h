/*
 * The machine's clock and its timers. It stands still until it is told to move on; then whatever
 * was to happen meanwhile happens in order, each at its time.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;
struct wait_queue;

#define NSEC_PER_SEC INT64_C(1000000000)

/* The latest time that there is; a timer for it never expires. */
#define KTIME_MAX INT64_MAX

/* What a machine has of this room. */
struct clock {
	int64_t now;        /* nanoseconds since the machine was started */
	struct list timers; /* by their times; those of one time as they were started */
};

/* Part of whatever waits for a time; expire is called once, when it has come. */
struct timer {
	struct list link; /* list_init: not started */
	int64_t expires;
	void (*expire)(struct timer *timer);
};

void clock_init(struct clock *clock);

/* Starts a timer that does not run; stops one that may. */
void timer_start(struct fdl_machine *m, struct timer *timer, int64_t expires);
void timer_stop(struct timer *timer);

/* The first timer that has expired at a time, or NULL. */
struct timer *timer_next(const struct fdl_machine *m, int64_t until);

static inline bool timer_runs(const struct timer *timer)
{
	return !list_empty(&timer->link);
}

/*
 * A time from now on, or KTIME_MAX when that is beyond all times. ns is not negative.
 */
int64_t clock_after(const struct fdl_machine *m, int64_t ns);

/* Seconds and a part of one (its nanoseconds) as a time: cut to KTIME_MAX. Neither is negative. */
int64_t ktime_set(int64_t sec, int64_t nsec);

/* sched_wait, but at most until a time of the clock: then -ETIMEDOUT. */
int sched_wait_until(struct task *current, struct wait_queue *q, const char *where,
		     int64_t expires);

#endif
