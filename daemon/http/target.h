#ifndef FDLABD_TARGET_H
#define FDLABD_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#define TARGET_MAX 4096 /* bytes of a path */

/* The path of a request, taken apart. */
struct request_target {
	char path[TARGET_MAX]; /* decoded, taken apart */
	const char *name;      /* of the resource: the path's first part; "" for the page */
	bool slash;            /* a slash follows the name */
	const char *rest;      /* after the slash; "" */
	bool has_moment;       /* /at/N/ came first */
	uint64_t moment;       /* N */
};

/*
 * Reads a path as the line of a request has it, with its leading slash. False: it is none, is too
 * long, or has a NUL.
 */
bool target_read(struct request_target *t, const char *path);

#endif
