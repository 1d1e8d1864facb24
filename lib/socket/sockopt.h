/*
 * Parts that the calls on options of sockets have in common.
 */
#ifndef SOCKOPT_H
#define SOCKOPT_H

struct fdl_arg;

/* The length that getsockopt fills in, of at most size bytes. 0, -EFAULT, -EINVAL. */
int put_length(struct fdl_arg *len, int size);

#endif
