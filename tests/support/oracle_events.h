/*
 * For oracle.h: arguments and results of poll, select, epoll and timers in the kernel's form: sets,
 * times, events. Values that are filled in come back into the arguments that the machine prints.
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

/* Room for the values that the kernel fills in of these types. False: the type is another. */
bool event_out(struct arena *arena, const struct param *p, long *v);

/* Times differ from run to run: a remaining time is compared in full seconds, rounded up. */
void itimerspec_filled(struct arena *arena, struct fdl_arg *a, const int64_t *times);

/* The same for the machine's arguments. */
void event_filled(struct arena *arena, struct fdl_arg *a, long v, int64_t result);

/* The pointer that the kernel gets for an argument of the model. False: the type is another. */
bool event_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v);

/* Reads the values that the kernel has filled in. */
void event_back(const struct param *p, struct fdl_arg *a, long v);

/* The text after the call's result, without the remaining time. */
void put_event_remark(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		      int64_t result);

#endif
