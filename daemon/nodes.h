#ifndef FDLABD_NODES_H
#define FDLABD_NODES_H

#include <stddef.h>

#include <fdlab.h>
#include "libfuse.h"

/* Numbers given out beside the tree's own, each for one lookup of one file. */
struct nodes {
	fdl_ino *own; /* by index; a free one holds the index of the next free one */
	size_t count;
	size_t size;
	size_t free; /* first free index, or count */
};

void nodes_destroy(struct nodes *n);

/* A number of its own for ino, good until it is forgotten. 0, or -ENOMEM. */
int nodes_alias(struct nodes *n, fdl_ino ino, fuse_ino_t *node);

/* The file behind a number, whether it is an alias or the tree's. */
fdl_ino nodes_ino(const struct nodes *n, fuse_ino_t node);

/* The kernel has dropped a number; the tree's own ones need no keeping. */
void nodes_forget(struct nodes *n, fuse_ino_t node);

#endif
