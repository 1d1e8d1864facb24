/*
 * Work that would keep the loop for long is done in parts, a part at a turn of the loop: requests
 * that have come in are served before the next part. What the work is, is not known here.
 */
#ifndef FDLABD_TURNS_H
#define FDLABD_TURNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* Nanoseconds that a part should take at most. */
#define TURN_NS 2000000

struct event_base;
struct turns;

/* Work in parts, embedded in what it is about. */
struct turn_work {
	TAILQ_ENTRY(turn_work) next;
	/* Does a part. False: there is no other, and the work may have been freed. */
	bool (*run)(struct turn_work *work);
};

/* 0 and the turns of a loop, to be freed before it; or -ENOMEM. */
int turns_new(struct event_base *base, struct turns **tp);

/* There is no work any more. NULL is allowed. */
void turns_free(struct turns *t);

/* Has the parts of a work done, beginning at the loop's next turn. False: there is no memory. */
bool turns_add(struct turns *t, struct turn_work *work);

/* Nanoseconds of a clock that is not set, to measure parts by. */
int64_t turns_now(void);

/* The rest of a work is not done. Not to be called by a work's own part. */
void turns_drop(struct turns *t, struct turn_work *work);

#endif
