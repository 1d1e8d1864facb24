/*
 * For oracle.h: arguments and results of the calls that wait, as the kernel takes and gives them:
 * sets, times, events. What is filled in comes back into the arguments that the machine prints.
 */
#ifndef ORACLE_EVENTS_H
#define ORACLE_EVENTS_H

#include "base/arena.h"
#include "base/text.h"
#include "notation/args.h"
#include "notation/types.h"

#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

void *oracle_room(struct arena *arena, size_t size);

/* Room for what the kernel fills in of these types. False: it is of another type. */
bool event_out(struct arena *arena, const struct param *p, long *v);

/* Times differ from run to run: what is left of one is compared in full seconds, rounded up. */
void itimerspec_filled(struct arena *arena, struct fdl_arg *a, const int64_t *times);

/* And that as the machine has it. */
void event_filled(struct arena *arena, struct fdl_arg *a, long v, int64_t result);

/* The pointer that the kernel gets for an argument of the model. False: it is of another type. */
bool event_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v);

/* What the kernel left behind the pointer. */
void event_back(const struct param *p, struct fdl_arg *a, long v);

/* What the call says behind its result, without the time that was left. */
void put_event_remark(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		      int64_t result);

#endif
