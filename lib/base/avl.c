/*
 * AVL trees: the heights of a node's children differ by at most one.
 */
#include "base/avl.h"

static int height_of(const struct avl_node *node)
{
	return node ? node->height : 0;
}

/* Makes a node's height, and the owner's summary, from its children. */
static void renew(const struct avl_tree *tree, struct avl_node *node)
{
	const int left = height_of(node->child[0]), right = height_of(node->child[1]);

	node->height = 1 + (left > right ? left : right);
	if (tree->update)
		tree->update(node);
}

/* Puts new (may be NULL) where old hangs. */
static void replace(struct avl_tree *tree, struct avl_node *parent, const struct avl_node *old,
		    struct avl_node *new)
{
	if (!parent)
		tree->root = new;
	else
		parent->child[parent->child[1] == old] = new;
	if (new)
		new->parent = parent;
}

static void set_child(struct avl_node *node, int side, struct avl_node *child)
{
	node->child[side] = child;
	if (child)
		child->parent = node;
}

/* The child on the other side takes the node's place; the node goes down to this side. */
static struct avl_node *rotate(struct avl_tree *tree, struct avl_node *node, int side)
{
	struct avl_node *up = node->child[!side];

	replace(tree, node->parent, node, up);
	set_child(node, !side, up->child[side]);
	set_child(up, side, node);
	renew(tree, node);
	renew(tree, up);
	return up;
}

/* From a node whose children have changed up to the root. */
static void rebalance(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent) {
		const int lean = height_of(node->child[1]) - height_of(node->child[0]);
		const int high = lean > 0;

		if (lean < -1 || lean > 1) {
			struct avl_node *child = node->child[high];

			if (height_of(child->child[!high]) > height_of(child->child[high]))
				rotate(tree, child, high);
			node = rotate(tree, node, !high);
		} else {
			renew(tree, node);
		}
	}
}

void avl_insert(struct avl_tree *tree, struct avl_node *node)
{
	struct avl_node **at = &tree->root, *parent = NULL;

	while (*at) {
		parent = *at;
		at = &parent->child[!tree->less(node, parent)];
	}
	*node = (struct avl_node){ .parent = parent };
	*at = node;
	rebalance(tree, node);
}

void avl_erase(struct avl_tree *tree, struct avl_node *node)
{
	struct avl_node *child = node->child[0] ? node->child[0] : node->child[1], *from;

	if (!avl_in_tree(node))
		return;
	from = node->parent;
	if (node->child[0] && node->child[1]) {
		/* The next element has no child before it, and takes the node's place. */
		struct avl_node *next = avl_next(node);

		from = next->parent == node ? next : next->parent;
		replace(tree, next->parent, next, next->child[1]);
		set_child(next, 0, node->child[0]);
		set_child(next, 1, node->child[1]);
		child = next;
	}
	replace(tree, node->parent, node, child);
	rebalance(tree, from);
	*node = (struct avl_node){ 0 };
}

void avl_changed(struct avl_tree *tree, struct avl_node *node)
{
	for (; node; node = node->parent)
		tree->update(node);
}

/* The element at one end of a subtree. */
static struct avl_node *end_of(struct avl_node *node, int side)
{
	while (node && node->child[side])
		node = node->child[side];
	return node;
}

struct avl_node *avl_first(const struct avl_tree *tree)
{
	return end_of(tree->root, 0);
}

struct avl_node *avl_last(const struct avl_tree *tree)
{
	return end_of(tree->root, 1);
}

/* The element beside a node, on the side of its later (1) or its earlier ones. */
static struct avl_node *beside(const struct avl_node *node, int side)
{
	if (node->child[side])
		return end_of(node->child[side], !side);
	while (node->parent && node->parent->child[side] == node)
		node = node->parent;
	return node->parent;
}

struct avl_node *avl_next(const struct avl_node *node)
{
	return beside(node, 1);
}

struct avl_node *avl_prev(const struct avl_node *node)
{
	return beside(node, 0);
}

struct avl_node *avl_lower(const struct avl_tree *tree,
			   bool (*before)(const struct avl_node *node, const void *key),
			   const void *key)
{
	struct avl_node *node = tree->root, *found = NULL;

	while (node) {
		const bool is_before = before(node, key);

		if (!is_before)
			found = node;
		node = node->child[is_before];
	}
	return found;
}
