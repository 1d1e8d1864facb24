/*
 * A copy of a machine, made by running its transcript.
 */
#ifndef REPLICA_H
#define REPLICA_H

#include <stddef.h>

struct fdl_machine;
struct heap;

/*
 * A machine like m, allocated from heap; *copy is the caller's, to be given to fdl_machine_free
 * while heap is the current one, even after an error. 0; -EBUSY: a call is in flight; -E2BIG: m no
 * longer has the whole transcript; another error. -EBUSY and -E2BIG come with a message.
 */
int replica_new(struct fdl_machine *m, struct heap *heap, struct fdl_machine **copy, char *err,
		size_t errsize);

#endif
