/*
 * What the calls that wait have in common: their times.
 */
#ifndef POLL_CALLS_H
#define POLL_CALLS_H

#include "fdlab.h"

#include <stdint.h>

struct task;

/*
 * The end of a wait of so many seconds and parts of one, a unit of them being so many nanoseconds:
 * 1, or 1000 (microseconds, which may be more than a second). Without a structure: KTIME_MAX.
 * 0, -EINVAL, -EFAULT.
 */
int poll_select_set_timeout(const struct task *current, const struct fdl_arg *timeout, int64_t unit,
			    int64_t *expires);

/* The end of a wait of milliseconds, of which negative ones are for ever. */
int64_t timeout_ms(const struct task *current, int64_t ms);

#endif
