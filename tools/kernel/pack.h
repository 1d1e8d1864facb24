/*
 * Room for what the arguments of a call point to: bytes of a task's memory that a call gets, and
 * elements made of what it left there. What the bytes mean is not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_PACK_H
#define FDLAB_TOOLS_KERNEL_PACK_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where arguments are being put. */
struct kernel_packer {
	char *data;
	size_t size;
	int64_t address; /* of data, for the task */
	size_t used;
	uint64_t count;             /* the number behind an argument, which may be its size */
	const struct fdl_arg *args; /* all of the call */
	bool full;
};

/* Where arguments that a call filled in are made. */
struct kernel_taker {
	struct fdl_arg *arg;        /* room for elements */
	const struct fdl_arg *args; /* all of the call, as it was made */
	size_t n, used;
	int64_t result; /* of the call */
	size_t length;  /* what came of an address, where a length stands behind it */
	const char *data;
	int64_t address;  /* of data, for the task */
	int64_t pid_base; /* what the task's pids are above those that are told */
	bool full;
};

/* Room of zeros, and its address for the task. NULL, and p->full: there is none. */
char *packer_room(struct kernel_packer *p, size_t size, int64_t *address);

/* Puts len bytes into room of size; their address for the task. */
int64_t packer_put(struct kernel_packer *p, const void *bytes, size_t len, size_t size);

/* So many elements, all 0; NULL, and t->full, when there is no room. */
struct fdl_arg *taker_elements(struct kernel_taker *t, size_t n);

#endif
