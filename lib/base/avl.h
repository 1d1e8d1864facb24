/*
 * Balanced binary search trees whose nodes live in their elements (AVL trees). Adding, removing and
 * finding take time in the logarithm of the size. The order is the owner's, and equal elements keep
 * the order in which they were added, so that a tree never depends on addresses. An owner may keep
 * in each element a summary of the elements below it, such as the greatest end of an interval.
 */
#ifndef AVL_H
#define AVL_H

#include <stdbool.h>
#include <stddef.h>

struct avl_node {
	struct avl_node *parent, *child[2]; /* child[0]: the elements before it */
	int height;                         /* of the tree below and with it; 0: it is in no tree */
};

/* A tree that is all zero but for its functions is empty. */
struct avl_tree {
	struct avl_node *root;
	/* Whether a belongs before b. */
	bool (*less)(const struct avl_node *a, const struct avl_node *b);
	/* The children of an element have changed: makes its summary anew. NULL: there is none. */
	void (*update)(struct avl_node *node);
};

/* Adds an element that is in no tree, after its equals. */
void avl_insert(struct avl_tree *tree, struct avl_node *node);

/* Takes an element out, if it is in this tree; it must be in no other. */
void avl_erase(struct avl_tree *tree, struct avl_node *node);

/* An element's part of the owner's summary has changed, but not its place. */
void avl_changed(struct avl_tree *tree, struct avl_node *node);

/* The first and the last element, and those beside an element; NULL: there is none. */
struct avl_node *avl_first(const struct avl_tree *tree);
struct avl_node *avl_last(const struct avl_tree *tree);
struct avl_node *avl_next(const struct avl_node *node);
struct avl_node *avl_prev(const struct avl_node *node);

/*
 * The first element that does not belong before a key, of which before tells; NULL: there is none.
 */
struct avl_node *avl_lower(const struct avl_tree *tree,
			   bool (*before)(const struct avl_node *node, const void *key),
			   const void *key);

static inline bool avl_is_empty(const struct avl_tree *tree)
{
	return !tree->root;
}

/* Whether an element, which was zero before it was first added, is in a tree. */
static inline bool avl_in_tree(const struct avl_node *node)
{
	return node->height != 0;
}

#endif
