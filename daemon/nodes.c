/*
 * The numbers by which the kernel knows files: the tree's own, and aliases, each of which stands
 * for a number of the tree. Which files get aliases is not known here.
 */
#include "nodes.h"

#include <errno.h>
#include <stdlib.h>

/* The tree numbers its files below this bit. */
#define ALIAS ((fuse_ino_t)1 << 63)

void nodes_destroy(struct nodes *n)
{
	free(n->own);
}

static int nodes_grow(struct nodes *n)
{
	size_t size = n->size ? 2 * n->size : 64;
	fdl_ino *own = reallocarray(n->own, size, sizeof(*own));

	if (!own)
		return -ENOMEM;
	n->own = own;
	n->size = size;
	return 0;
}

int nodes_alias(struct nodes *n, fdl_ino ino, fuse_ino_t *node)
{
	size_t i = n->free;
	int r;

	if (ino & ALIAS)
		return -EOVERFLOW;
	if (i == n->count) {
		if (n->count == n->size) {
			r = nodes_grow(n);
			if (r)
				return r;
		}
		n->free = ++n->count;
	} else {
		n->free = n->own[i];
	}
	n->own[i] = ino;
	*node = ALIAS | i;
	return 0;
}

fdl_ino nodes_ino(const struct nodes *n, fuse_ino_t node)
{
	return node & ALIAS ? n->own[node & ~ALIAS] : node;
}

/* An alias answers one lookup alone: the kernel holds it once, and there is nothing to count. */
void nodes_forget(struct nodes *n, fuse_ino_t node)
{
	if (!(node & ALIAS))
		return;
	n->own[node & ~ALIAS] = n->free;
	n->free = node & ~ALIAS;
}
