#ifndef FDLABD_ANSWERS_H
#define FDLABD_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "libfuse.h"

STAILQ_HEAD(answer_list, kept_answer);

/*
 * Answers that wait until what they tell of is on the disk, in the order in which they were made.
 */
struct answers {
	struct answer_list list;
};

void answers_init(struct answers *a);

/* Answers a request at once: a write with its result, a read with result bytes of data. */
void answer_write(fuse_req_t req, ssize_t result);
void answer_read(fuse_req_t req, const char *data, ssize_t result);

/*
 * Keeps the answer for later; data is copied. command is the number of the command that made it, if
 * that may be taken back, or 0. False: no memory.
 */
bool answers_hold(struct answers *a, fuse_req_t req, const char *data, ssize_t result,
		  uint64_t command);

/* The answers that a command made are this error. */
void answers_take_back(struct answers *a, uint64_t command, int error);

/* Gives the answers that were kept; with an error, all of them are that. */
void answers_give(struct answers *a, int error);

#endif
