/*
 * The machine's clock and its timers. The clock stands still until the command "clock" moves it;
 * then each timer on the way expires at its time.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include "base/avl.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fdl_machine;
struct task;
struct wait_queue;

#define NSEC_PER_SEC INT64_C(1000000000)

/* The end of time: a timer for it never expires. */
#define KTIME_MAX INT64_MAX

/* A machine's clock. */
struct clock {
	int64_t now;            /* nanoseconds since the machine was started */
	struct avl_tree timers; /* by time, and in the order in which they were started */
};

/* Embedded in what waits for a time. expire is called once, when the time has come. */
struct timer {
	struct avl_node node; /* zero before it is first started */
	struct clock *clock;  /* of a timer that runs */
	int64_t expires;
	void (*expire)(struct timer *timer);
};

/* A clock at 0, without timers. */
void clock_init(struct clock *clock);

/* Starts a timer that does not run, for a time of the clock; stops one, whether it runs or not. */
void timer_start(struct fdl_machine *m, struct timer *timer, int64_t expires);
void timer_stop(struct timer *timer);

/* The first of the timers that expire at or before a time; NULL: none. */
struct timer *timer_next(const struct fdl_machine *m, int64_t until);

static inline bool timer_runs(const struct timer *timer)
{
	return avl_in_tree(&timer->node);
}

/* The time ns nanoseconds from now, at most KTIME_MAX. ns is not negative. */
int64_t clock_after(const struct fdl_machine *m, int64_t ns);

/* Seconds and nanoseconds as a time, at most KTIME_MAX. Neither is negative. */
int64_t ktime_set(int64_t sec, int64_t nsec);

/* sched_wait, at most until a time of the clock: then -ETIMEDOUT. */
int sched_wait_until(struct task *current, struct wait_queue *q, const char *where,
		     int64_t expires);

#endif
