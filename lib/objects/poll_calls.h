/*
 * Timeouts of the calls that wait for readiness.
 */
#ifndef POLL_CALLS_H
#define POLL_CALLS_H

#include "fdlab.h"

#include <stdint.h>

struct task;

/*
 * When a timeout structure ends. It has seconds, and parts of unit nanoseconds each: 1, or 1000
 * (microseconds, which may add up to more than a second). No structure: KTIME_MAX. 0, -EINVAL,
 * -EFAULT.
 */
int poll_select_set_timeout(const struct task *current, const struct fdl_arg *timeout, int64_t unit,
			    int64_t *expires);

/* Fills in what is left of a timeout structure, of the same unit. */
void poll_put_left(struct task *current, struct fdl_arg *timeout, int64_t unit, int64_t expires);

/* When a timeout of milliseconds ends; a negative one never does: KTIME_MAX. */
int64_t timeout_ms(const struct task *current, int64_t ms);

#endif
