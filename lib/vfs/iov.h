/*
 * Buffers in pieces, of readv and of messages: their length, and their bytes in one buffer. This
 * file does not move the bytes.
 */
#ifndef IOV_H
#define IOV_H

#include "notation/args.h"

#include <stddef.h>
#include <stdint.h>

struct task;

#define UIO_MAXIOV 1024

/*
 * The length of the first count pieces together, at most max. 0; -EINVAL: a length is negative;
 * -EFAULT: there are fewer pieces.
 */
int iov_length(const struct fdl_arg *iov, int64_t count, size_t max, size_t *len);

/*
 * The len bytes of the first count pieces in one buffer of the call, with zeros in place of those
 * that are not written out. *data is NULL if no byte can be read; otherwise *fault_at is the first
 * byte that cannot, or 0: all can. 0 or -ENOMEM. iov_length has checked the pieces.
 */
int iov_gather(struct task *current, const struct fdl_arg *iov, int64_t count, size_t len,
	       const char **data, size_t *fault_at);

/* Lets the first count pieces point to their parts of len bytes. */
void iov_scatter(struct fdl_arg *iov, int64_t count, const char *data, size_t len);

/*
 * Pieces of the call with the lengths of given and no bytes yet; where given is an address, one
 * piece of 4096 bytes. NULL: no memory.
 */
struct fdl_arg *iov_wanted(struct task *current, const struct fdl_arg *given);

#endif
