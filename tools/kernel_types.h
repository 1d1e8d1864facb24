/*
 * What arguments look like in the memory of a real task: for each type of the notation that is not a
 * mere number, how one is put there, and how what a call has left there is taken out. Which calls
 * have which arguments is not known here.
 */
#ifndef FDLAB_TOOLS_KERNEL_TYPES_H
#define FDLAB_TOOLS_KERNEL_TYPES_H

#include "fdlab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where arguments are being put. */
struct packer {
	char *data;
	int64_t address; /* of data, for the task */
	size_t used, size;
	uint64_t count; /* the number behind the argument, which is the size of a buffer */
	bool full;      /* something did not fit */
};

struct kind {
	const char *type;
	/* Puts an argument; returns what the call is given: mostly an address. NULL: it is a number,
	 * or filled in. */
	int64_t (*put)(struct packer *p, const struct fdl_arg *a);
	/* Takes what is at `at` into *a, in room for elements at e. */
	void (*take)(const char *at, int64_t result, struct fdl_arg *a, struct fdl_arg *e);
	size_t size;   /* what has to be there for a call to fill in; 0: packer.count */
	bool in_out;   /* what was put is changed by the call */
	bool in_place; /* what is filled in is written over the argument in front of it */
};

/* The form of a type; NULL: it is a number, or has none. */
const struct kind *kind_find(const char *type);

/* Whether a type is a number that calls are given as it is. */
bool kind_is_number(const char *type);

/* Room for what a call fills in; its address for the task. */
int64_t kind_room(struct packer *p, const struct kind *kind);

#endif
