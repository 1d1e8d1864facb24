/*
 * SO_RCVTIMEO and SO_SNDTIMEO: their values, in ticks of the kernel, and waiting for that long. A
 * call takes the time when it begins to wait, and a later change of the option is not for it.
 */
#include "socket/timeouts.h"

#include "machine/clock.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/sched.h"
#include "machine/task.h"
#include "notation/args.h"
#include "socket/message.h"
#include "socket/sock.h"
#include "socket/socket_calls.h"
#include "socket/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define USEC_PER_SEC 1000000

/* ---- waiting -------------------------------------------------------------------------------- */

static int64_t wait_until(const struct sock *sk, int64_t ticks, bool nonblock)
{
	const int64_t hz = sk->machine->kernel->hz;

	if (nonblock || !ticks)
		return 0;
	if (ticks == TICKS_FOREVER)
		return KTIME_MAX;
	return clock_after(sk->machine, ktime_set(ticks / hz, ticks % hz * (NSEC_PER_SEC / hz)));
}

int64_t sock_rcvtimeo(const struct sock *sk, bool nonblock)
{
	return wait_until(sk, sk->rcvtimeo, nonblock);
}

int64_t sock_sndtimeo(const struct sock *sk, bool nonblock)
{
	return wait_until(sk, sk->sndtimeo, nonblock);
}

int64_t sock_accepttimeo(const struct sock *sk, bool nonblock)
{
	const bool forever = sk->machine->kernel->bsd_timeouts;

	return wait_until(sk, forever ? TICKS_FOREVER : sk->rcvtimeo, nonblock);
}

int64_t sock_connecttimeo(const struct sock *sk, bool nonblock)
{
	const bool forever = sk->machine->kernel->bsd_timeouts;

	return wait_until(sk, forever ? TICKS_FOREVER : sk->sndtimeo, nonblock);
}

int sock_wait(struct task *current, struct wait_queue *q, const char *where, int64_t until)
{
	int error;

	if (until <= current->machine->clock.now)
		return -EAGAIN;
	error = sched_wait_until(current, q, where, until);
	sock_touch(current->machine);
	/* A call whose time is limited is not made again: it would wait for all of it once more. */
	if (error == -EINTR && until != KTIME_MAX && !current->machine->kernel->bsd_timeouts)
		current->call->restarts = false;
	return error == -ETIMEDOUT ? 0 : error;
}

/* ---- the options ---------------------------------------------------------------------------- */

/* The number of the option for a time of 64 bits, on machines of 32 bits. */
enum { OPT_RCVTIMEO_NEW = 66, OPT_SNDTIMEO_NEW = 67 };

static int64_t *timeout_of(struct sock *sk, int64_t name)
{
	return name == SO_RCVTIMEO || name == OPT_RCVTIMEO_NEW ? &sk->rcvtimeo : &sk->sndtimeo;
}

static bool has_option(const struct sock *sk, int64_t name)
{
	const struct kernel *kernel = sk->machine->kernel;

	return !kernel->has_option || kernel->has_option(sk->ops->family, SOL_SOCKET, name);
}

/* Ticks of a time, rounded up. The longest times are for ever. */
static int linux_timeout(int64_t hz, int64_t sec, int64_t usec, int64_t *ticks)
{
	const int64_t tick = USEC_PER_SEC / hz;

	if (usec < 0 || usec >= USEC_PER_SEC)
		return -EDOM;
	*ticks = TICKS_FOREVER;
	if (sec < 0)
		*ticks = 0;
	else if ((sec || usec) && sec < INT64_MAX / hz - 1)
		*ticks = sec * hz + (usec + tick - 1) / tick;
	return 0;
}

/* Ticks in a short, rounded down, but at least one. */
static int bsd_timeout(int64_t hz, int64_t sec, int64_t usec, int64_t *ticks)
{
	const int64_t tick = USEC_PER_SEC / hz;

	if (sec > (SHRT_MAX - usec / tick) / hz)
		return -EDOM;
	/* A negative timeout is over at the next tick. */
	*ticks = sec < 0 || usec < 0 ? 1 : sec * hz + usec / tick;
	if (!*ticks)
		*ticks = usec ? 1 : TICKS_FOREVER;
	return 0;
}

static int64_t set_timeout(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	const struct kernel *kernel = current->machine->kernel;
	const struct fdl_arg *tv = a[3].sub;

	(void)f;
	if (a[4].num < 0)
		return -EINVAL;
	if (!has_option(sk, a[2].num))
		return -ENOPROTOOPT;
	if (!tv && !kernel->bsd_sockets && a[4].num >= (int64_t)sizeof(int))
		return -EFAULT;
	if (a[4].num < (int64_t)sizeof(struct timeval))
		return -EINVAL;
	if (!tv)
		return -EFAULT;
	return (kernel->bsd_timeouts ? bsd_timeout : linux_timeout)(
		kernel->hz, tv[TIMEVAL_SEC].num, tv[TIMEVAL_USEC].num, timeout_of(sk, a[2].num));
}

/* As many bytes of the time as there is room for. */
static int64_t get_timeout(struct task *current, struct file *f, struct sock *sk, struct fdl_arg *a)
{
	struct fdl_arg *out = arena_alloc(&current->call->arena, TIMEVAL_FIELDS * sizeof(*out));
	const int64_t hz = sk->machine->kernel->hz, ticks = *timeout_of(sk, a[2].num);
	const int room = value_given(a[4].num);
	int64_t tv[TIMEVAL_FIELDS] = { 0, 0 }, shown[TIMEVAL_FIELDS] = { 0, 0 };
	int error;

	(void)f;
	if (!has_option(sk, a[2].num))
		return -ENOPROTOOPT;
	error = out ? put_length(&a[4], sizeof(struct timeval)) : -ENOMEM;
	if (error)
		return error;
	if (ticks != TICKS_FOREVER) {
		tv[TIMEVAL_SEC] = ticks / hz;
		tv[TIMEVAL_USEC] = ticks % hz * (USEC_PER_SEC / hz);
	}
	memcpy(shown, tv, min_size((size_t)room, sizeof(tv)));
	for (size_t i = 0; i < TIMEVAL_FIELDS; i++)
		out[i] = (struct fdl_arg){ .num = shown[i] };
	a[3] = (struct fdl_arg){ .num = TIMEVAL_FIELDS, .sub = out };
	return 0;
}

int64_t sys_get_timeout(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, get_timeout);
}

int64_t sys_set_timeout(struct task *current, struct fdl_arg *a)
{
	return sock_call(current, a, set_timeout);
}
