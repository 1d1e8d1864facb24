/*
 * For oracle.h: arguments and results of calls on sockets in the kernel's form: addresses, lengths,
 * messages. Values that are filled in come back into the arguments that the machine prints.
 */
#ifndef ORACLE_SOCKET_H
#define ORACLE_SOCKET_H

#include "base/text.h"
#include "support/oracle_events.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The pointer that the kernel gets for an argument of the model. False: the type is another. */
bool socket_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v);

/* Reads the values back after the call has succeeded. v has the pointers of all arguments. */
bool socket_back(struct arena *arena, const struct fdl_row *row, size_t i, const long *v,
		 int64_t result, struct fdl_arg *a);

/* Prints the values that either side has filled in. False: the type is another. */
bool put_socket(struct text *t, const struct param *p, const struct fdl_arg *a);

#endif
