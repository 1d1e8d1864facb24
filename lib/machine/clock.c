/*
 * The machine's clock: a number that moves when it is told, and the timers that it passes on its
 * way. Between two times everything that was woken runs, so that who sleeps shorter is ahead.
 */
#include "machine/clock.h"

#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "base/text.h"
#include "machine/transcript.h"

#include <errno.h>

void clock_init(struct clock *clock)
{
	clock->now = 0;
	list_init(&clock->timers);
}

void timer_start(struct fdl_machine *m, struct timer *timer, int64_t expires)
{
	struct list *behind = m->clock.timers.prev;

	timer->expires = expires;
	while (behind != &m->clock.timers &&
	       container_of(behind, struct timer, link)->expires > expires)
		behind = behind->prev;
	list_add_tail(&timer->link, behind->next);
}

void timer_stop(struct timer *timer)
{
	list_del(&timer->link);
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

/* A call that waits for something, but not for ever. */
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
	list_init(&s.timer.link);
	if (expires != KTIME_MAX)
		timer_start(m, &s.timer, expires);
	error = sched_wait(current, q, where);
	timer_stop(&s.timer);
	if (error)
		return error;
	return s.expired ? -ETIMEDOUT : 0;
}

/* The first timer that has expired at a time, or NULL. */
static struct timer *next_timer(struct fdl_machine *m, int64_t until)
{
	struct timer *first = container_of(m->clock.timers.next, struct timer, link);

	return list_empty(&m->clock.timers) || first->expires > until ? NULL : first;
}

static void clock_advance(struct fdl_machine *m, int64_t until)
{
	struct timer *timer;

	while ((timer = next_timer(m, until)) != NULL) {
		if (timer->expires > m->clock.now)
			m->clock.now = timer->expires;
		while ((timer = next_timer(m, m->clock.now)) != NULL) {
			timer_stop(timer);
			timer->expire(timer);
		}
		machine_run(m);
	}
	m->clock.now = until;
	m->generation++;
}

/* "+1.5" as nanoseconds, or -1. */
static int64_t read_seconds(const char *s, const char *end)
{
	int64_t ns = 0, unit = NSEC_PER_SEC;
	const char *digits;

	if (s == end || *s++ != '+')
		return -1;
	digits = s;
	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		if (__builtin_mul_overflow(ns, 10, &ns) ||
		    __builtin_add_overflow(ns, (*s - '0') * NSEC_PER_SEC, &ns))
			return -1;
	}
	if (s < end && *s == '.') {
		for (s++; s < end && *s >= '0' && *s <= '9'; s++) {
			unit /= 10;
			if (__builtin_add_overflow(ns, (*s - '0') * unit, &ns))
				return -1;
		}
	}
	return s == end && s > digits && unit > 0 ? ns : -1;
}

int clock_command(struct fdl_machine *m, const char *s, size_t len)
{
	struct text line = TEXT_EMPTY;
	int64_t ns = read_seconds(s, s + len), until;

	if (ns < 0 || __builtin_add_overflow(m->clock.now, ns, &until))
		return -EINVAL;
	text_puts(&line, "clock ");
	text_put(&line, s, len);
	if (!line.error)
		transcript_line(m, line.s, line.len);
	text_free(&line);
	clock_advance(m, until);
	return 0;
}
