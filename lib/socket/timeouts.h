/*
 * SO_RCVTIMEO and SO_SNDTIMEO limit the waits of a socket's calls, by the machine's clock.
 */
#ifndef TIMEOUTS_H
#define TIMEOUTS_H

#include <stdbool.h>
#include <stdint.h>

struct fdl_arg;
struct sock;
struct task;
struct wait_queue;

/*
 * The time until which a call that receives, or one that sends, waits: 0 if it may not wait,
 * KTIME_MAX if it waits for ever.
 */
int64_t sock_rcvtimeo(const struct sock *sk, bool nonblock);
int64_t sock_sndtimeo(const struct sock *sk, bool nonblock);

/* The same for accept and connect. */
int64_t sock_accepttimeo(const struct sock *sk, bool nonblock);
int64_t sock_connecttimeo(const struct sock *sk, bool nonblock);

/*
 * As sched_wait, for functions that go on to look at the socket. 0: woken, or the time is over,
 * which the next wait reports; -EAGAIN: the time was over before; -EINTR, -ENOMEM.
 */
int sock_wait(struct task *current, struct wait_queue *q, const char *where, int64_t until);

/* getsockopt and setsockopt of the two options. */
int64_t sys_get_timeout(struct task *current, struct fdl_arg *a);
int64_t sys_set_timeout(struct task *current, struct fdl_arg *a);

#endif
