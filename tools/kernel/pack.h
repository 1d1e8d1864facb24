/*
 * Room for what the arguments of a call point to: bytes in the memory of a task, and elements made
 * of what a call wrote there. The meaning of the bytes is not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_PACK_H
#define FDLAB_TOOLS_KERNEL_PACK_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts arguments into memory. */
struct kernel_packer {
	char *data;
	size_t size;
	int64_t address; /* of data, for the task */
	size_t used;
	uint64_t count;             /* the next argument, which may be the size of this one */
	const struct fdl_arg *args; /* all of the call */
	bool fills; /* the call fills in the argument: a piece without bytes is room */
	bool full;
};

/* Makes arguments of what a call filled in. */
struct kernel_taker {
	struct fdl_arg *arg;        /* room for elements */
	const struct fdl_arg *args; /* all of the call, as it was made */
	size_t n, used;
	int64_t result; /* of the call */
	uint64_t count; /* the next argument, which is the size of a buffer */
	size_t length;  /* of an address, as the call wrote it */
	const char *data;
	int64_t address;  /* of data, for the task */
	int64_t pid_base; /* a pid of the task less the one in the scenario */
	bool full;
};

/* Room of zeros, and its address for the task. NULL, and p->full: there is none. */
char *packer_room(struct kernel_packer *p, size_t size, int64_t *address);

/* Copies len bytes into room of size bytes, and returns their address for the task. */
int64_t packer_put(struct kernel_packer *p, const void *bytes, size_t len, size_t size);

/* Takes n elements, all 0. NULL, and t->full: there is no room. */
struct fdl_arg *taker_elements(struct kernel_taker *t, size_t n);

#endif
