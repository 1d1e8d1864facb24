/*
 * Calls on the clock: reading it, and sleeping. All of the kernel's clocks show the same time,
 * which began when the machine was started.
 */
#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "process/calls.h"

#include <errno.h>
#include <time.h>

/* The clocks that exist, by their numbers, and whether a task can sleep by them. */
static const struct {
	bool exists, sleeps;
} clocks[] = {
	[CLOCK_REALTIME] = { true, true },
	[CLOCK_MONOTONIC] = { true, true },
	[CLOCK_MONOTONIC_RAW] = { true, false },
	[CLOCK_REALTIME_COARSE] = { true, false },
	[CLOCK_MONOTONIC_COARSE] = { true, false },
	[CLOCK_BOOTTIME] = { true, true },
	[CLOCK_TAI] = { true, true },
};

#define CLOCKS ((int64_t)(sizeof(clocks) / sizeof(clocks[0])))

static int put_timespec(struct task *current, int64_t ns, struct fdl_arg *out)
{
	struct fdl_arg *time = arena_alloc(&current->call->arena, TIMESPEC_FIELDS * sizeof(*time));

	if (!time)
		return -ENOMEM;
	time[TIMESPEC_SEC] = (struct fdl_arg){ .num = ns / NSEC_PER_SEC };
	time[TIMESPEC_NSEC] = (struct fdl_arg){ .num = ns % NSEC_PER_SEC };
	*out = (struct fdl_arg){ .num = TIMESPEC_FIELDS, .sub = time };
	return 0;
}

static int64_t sys_clock_gettime(struct task *current, struct fdl_arg *a)
{
	if (a[0].num < 0 || a[0].num >= CLOCKS || !clocks[a[0].num].exists)
		return -EINVAL;
	return put_timespec(current, current->machine->clock.now, &a[1]);
}

/* Sleeps until a time. 0, or -EINTR with the time that is left in *left (may be NULL). */
static int sleep_until(struct task *current, int64_t expires, struct fdl_arg *left)
{
	struct wait_queue nobody;
	int error;

	wait_queue_init(&nobody);
	error = sched_wait_until(current, &nobody, "hrtimer_nanosleep", expires);
	if (error == -EINTR && left)
		put_timespec(current, expires - current->machine->clock.now, left);
	return error == -ETIMEDOUT ? 0 : error;
}

/* A timespec as nanoseconds; or -EFAULT, -EINVAL. */
static int64_t read_timespec(const struct fdl_arg *time)
{
	if (!time->sub)
		return -EFAULT;
	if (time->sub[TIMESPEC_SEC].num < 0 || time->sub[TIMESPEC_NSEC].num < 0 ||
	    time->sub[TIMESPEC_NSEC].num >= NSEC_PER_SEC)
		return -EINVAL;
	return ktime_set(time->sub[TIMESPEC_SEC].num, time->sub[TIMESPEC_NSEC].num);
}

static int64_t sys_nanosleep(struct task *current, struct fdl_arg *a)
{
	int64_t ns = read_timespec(&a[0]);

	return ns < 0 ? ns : sleep_until(current, clock_after(current->machine, ns), &a[1]);
}

static int64_t sys_clock_nanosleep(struct task *current, struct fdl_arg *a)
{
	const bool absolute = a[1].num & TIMER_ABSTIME;
	int64_t ns;

	if (a[0].num < 0 || a[0].num >= CLOCKS || !clocks[a[0].num].exists)
		return -EINVAL;
	if (!clocks[a[0].num].sleeps)
		return -EOPNOTSUPP;
	ns = read_timespec(&a[2]);
	if (ns < 0)
		return ns;
	if (absolute)
		return sleep_until(current, ns, NULL);
	return sleep_until(current, clock_after(current->machine, ns), &a[3]);
}

const struct call_row clock_calls[] = {
	{ "clock_gettime", "clockid clockid=CLOCK_MONOTONIC, out timespec tp", sys_clock_gettime,
	  CALL_NO_FILES, NULL },
	{ "nanosleep", "timespec rqtp, out timespec rmtp", sys_nanosleep,
	  CALL_MAY_BLOCK | CALL_NO_RESTART | CALL_NO_FILES, NULL },
	{ "clock_nanosleep", "clockid clockid, timerflags flags, timespec rqtp, out timespec rmtp",
	  sys_clock_nanosleep, CALL_MAY_BLOCK | CALL_NO_RESTART | CALL_NO_FILES, NULL },
	{ 0 },
};
