#ifndef FDLABD_NODES_H
#define FDLABD_NODES_H

#include <stddef.h>

#include <fdlab.h>
#include "libfuse.h"

/* Aliases: numbers beside the tree's own, each given out for one lookup of one file. */
struct nodes {
	fdl_ino *own; /* by index; a free one holds the index of the next free one */
	size_t count;
	size_t size;
	size_t free; /* first free index, or count */
};

void nodes_destroy(struct nodes *n);

/* A new alias for ino, until it is forgotten. 0, -ENOMEM, or -EOVERFLOW: ino is too large. */
int nodes_alias(struct nodes *n, fdl_ino ino, fuse_ino_t *node);

/* The number in the tree that a number stands for. */
fdl_ino nodes_ino(const struct nodes *n, fuse_ino_t node);

/* The kernel has dropped a number: frees an alias; does nothing for the tree's own. */
void nodes_forget(struct nodes *n, fuse_ino_t node);

#endif
