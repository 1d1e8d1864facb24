/*
 * For oracle.h: the arguments and results of the calls of sockets, as the kernel takes and gives
 * them: addresses, lengths, messages. What is filled in comes back into the arguments that the
 * machine prints.
 */
#ifndef ORACLE_SOCKET_H
#define ORACLE_SOCKET_H

#include "base/text.h"
#include "support/oracle_events.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The pointer that the kernel gets for an argument of the model. False: it is of another type. */
bool socket_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v);

/* Back again, when the call has succeeded. v are the pointers of all arguments. */
bool socket_back(struct arena *arena, const struct fdl_row *row, size_t i, const long *v,
		 int64_t result, struct fdl_arg *a);

/* Prints what either side has filled in. False: it is of another type. */
bool put_socket(struct text *t, const struct param *p, const struct fdl_arg *a);

#endif
