/*
 * The machine's clock: its timers in the order in which they expire, and waiting for a time.
 */
#include "machine/clock.h"

#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"

#include <errno.h>

static const struct timer *timer_of(const struct avl_node *node)
{
	return container_of(node, const struct timer, node);
}

static bool expires_before(const struct avl_node *a, const struct avl_node *b)
{
	return timer_of(a)->expires < timer_of(b)->expires;
}

void clock_init(struct clock *clock)
{
	*clock = (struct clock){ .timers.less = expires_before };
}

void timer_start(struct fdl_machine *m, struct timer *timer, int64_t expires)
{
	timer->clock = &m->clock;
	timer->expires = expires;
	avl_insert(&m->clock.timers, &timer->node);
}

void timer_stop(struct timer *timer)
{
	if (timer_runs(timer))
		avl_erase(&timer->clock->timers, &timer->node);
}

int64_t clock_after(const struct fdl_machine *m, int64_t ns)
{
	int64_t expires;

	return __builtin_add_overflow(m->clock.now, ns, &expires) ? KTIME_MAX : expires;
}

int64_t ktime_set(int64_t sec, int64_t nsec)
{
	int64_t ns;

	if (__builtin_mul_overflow(sec, NSEC_PER_SEC, &ns) || __builtin_add_overflow(ns, nsec, &ns))
		return KTIME_MAX;
	return ns;
}

/* A call that waits with a timeout. */
struct sleeper {
	struct timer timer;
	struct call *call;
	bool expired;
};

static void wake_sleeper(struct timer *timer)
{
	struct sleeper *s = container_of(timer, struct sleeper, timer);

	s->expired = true;
	wake_up_call(s->call);
}

int sched_wait_until(struct task *current, struct wait_queue *q, const char *where, int64_t expires)
{
	struct sleeper s = { .timer.expire = wake_sleeper, .call = current->call };
	struct fdl_machine *m = current->machine;
	int error;

	if (expires <= m->clock.now)
		return -ETIMEDOUT;
	if (expires != KTIME_MAX)
		timer_start(m, &s.timer, expires);
	error = sched_wait(current, q, where);
	timer_stop(&s.timer);
	if (error)
		return error;
	return s.expired ? -ETIMEDOUT : 0;
}

struct timer *timer_next(const struct fdl_machine *m, int64_t until)
{
	struct avl_node *first = avl_first(&m->clock.timers);
	struct timer *timer = first ? container_of(first, struct timer, node) : NULL;

	return timer && timer->expires <= until ? timer : NULL;
}
