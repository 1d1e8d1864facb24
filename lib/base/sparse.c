/*
 * Sparse arrays with bitmaps: the tree. A node sums up the bits below it, so that a search skips
 * subtrees that are empty or full. Leaves and nodes live only while a bit below them is set or room
 * is reserved; the owner's own leaf is not part of the tree.
 */
#include "base/sparse.h"

#include "base/heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BITS       6 /* of an index, for each level */
#define HEIGHT_MAX 10
#define ALL        UINT64_MAX

struct sparse_node {
	uint64_t any[SPARSE_MAPS]; /* children below which this map has a bit */
	uint64_t full;             /* children all of whose SPARSE_MAP0 bits are set */
	uint64_t present;          /* children that exist */
	void *child[64];           /* at height 1 leaves, else nodes */
};

/* The nodes between the root and a leaf: the one at height h is number h - 1. */
typedef struct sparse_node *sparse_path[HEIGHT_MAX];

/* The memory that a reservation needs, allocated first, so that it happens whole or not at all. */
struct stock {
	struct sparse_node *nodes; /* chained by their first child */
	struct sparse_leaf *leaf;
};

static uint64_t bit(unsigned n)
{
	return (uint64_t)1 << n;
}

/* Which child of a node at this height leads to index i; at height 0, which slot of the leaf. */
static unsigned child_of(uint64_t i, unsigned height)
{
	return i >> (BITS * height) & 63;
}

/* True if a tree of this height has no place for index i. */
static bool beyond(unsigned height, uint64_t i)
{
	return i >> BITS >> (BITS * height) != 0;
}

void sparse_init(struct sparse *s, struct sparse_leaf *first, struct budget *budget)
{
	*s = (struct sparse){ .first = first, .budget = budget };
}

static void give_back(struct sparse *s, void *p, size_t size)
{
	assert(s->budget->used >= size);
	s->budget->used -= size;
	free(p);
}

/* Frees the subtree at p, which is height levels above the leaves. */
static void subtree_free(struct sparse *s, void *p, unsigned height)
{
	struct sparse_node *node = p;

	if (!height) {
		give_back(s, p, sizeof(struct sparse_leaf));
		return;
	}
	for (uint64_t left = node->present; left; left &= left - 1)
		subtree_free(s, node->child[__builtin_ctzll(left)], height - 1);
	give_back(s, p, sizeof(*node));
}

static void nodes_free(struct sparse *s)
{
	if (s->root)
		subtree_free(s, s->root, s->height);
	s->root = NULL;
	s->height = 0;
}

void sparse_free(struct sparse *s)
{
	nodes_free(s);
	if (s->first)
		memset(s->first, 0, sizeof(*s->first));
}

/* The leaf of the tree with index i, or NULL. path, unless NULL, gets the nodes above it. */
static inline struct sparse_leaf *descend(const struct sparse *s, uint64_t i,
					  struct sparse_node **path)
{
	void *p = s->root;

	if (beyond(s->height, i))
		return NULL;
	for (unsigned height = s->height; height && p; height--) {
		struct sparse_node *node = p;

		if (path)
			path[height - 1] = node;
		p = node->child[child_of(i, height)];
	}
	return p;
}

const struct sparse_leaf *sparse_leaf(const struct sparse *s, uint64_t w)
{
	const struct sparse_leaf *leaf = sparse_near(s, w << BITS);

	return leaf ? leaf : descend(s, w << BITS, NULL);
}

uint64_t sparse_word(const struct sparse *s, enum sparse_map map, uint64_t w)
{
	const struct sparse_leaf *leaf = sparse_leaf(s, w);

	return leaf ? leaf->map[map] : 0;
}

/* ---- making room -------------------------------------------------------------------------- */

static void stock_free(struct stock *stock)
{
	struct sparse_node *next;

	for (struct sparse_node *node = stock->nodes; node; node = next) {
		next = node->child[0];
		free(node);
	}
	free(stock->leaf);
}

/* Fills an empty stock with a leaf and so many nodes, and charges for them. 0 or -ENOMEM. */
static int stock_fill(struct sparse *s, struct stock *stock, unsigned nodes)
{
	size_t size = sizeof(struct sparse_leaf) + nodes * sizeof(struct sparse_node);
	struct budget *b = s->budget;

	if (b->used > b->limit || size > b->limit - b->used)
		return -ENOMEM;
	stock->leaf = calloc(1, sizeof(*stock->leaf));
	if (!stock->leaf)
		return -ENOMEM;
	while (nodes--) {
		struct sparse_node *node = calloc(1, sizeof(*node));

		if (!node)
			goto no_memory;
		node->child[0] = stock->nodes;
		stock->nodes = node;
	}
	b->used += size;
	return 0;

no_memory:
	stock_free(stock);
	return -ENOMEM;
}

static struct sparse_node *stock_node(struct stock *stock)
{
	struct sparse_node *node = stock->nodes;

	stock->nodes = node->child[0];
	node->child[0] = NULL;
	return node;
}

/* How many levels are missing on the way to index i, in a tree that is high enough for it. */
static unsigned levels_missing(const struct sparse *s, uint64_t i)
{
	const struct sparse_node *node = s->root;
	unsigned height = s->height;

	while (node && height)
		node = node->child[child_of(i, height--)];
	return node ? 0 : height + 1;
}

/* Puts a node above the root. */
static void grow(struct sparse *s, struct sparse_node *above)
{
	const struct sparse_node *node = s->root;
	const struct sparse_leaf *leaf = s->root;
	const uint64_t *below = s->height ? node->any : leaf->map;
	uint64_t full = s->height ? node->full : leaf->map[SPARSE_MAP0];

	for (int map = 0; map < SPARSE_MAPS; map++)
		above->any[map] = below[map] != 0;
	above->full = full == ALL;
	above->present = 1;
	above->child[0] = s->root;
	s->root = above;
	s->height++;
}

int sparse_reserve_far(struct sparse *s, uint64_t i)
{
	struct stock stock = { 0 };
	unsigned height = s->height, nodes;
	void **place;
	int error;

	if (descend(s, i, NULL))
		return 0;
	while (beyond(height, i))
		height++;
	if (!s->root)
		nodes = height;
	else if (height > s->height)
		nodes = height - s->height + height - 1;
	else
		nodes = levels_missing(s, i) - 1;
	error = stock_fill(s, &stock, nodes);
	if (error)
		return error;

	while (s->root && s->height < height)
		grow(s, stock_node(&stock));
	s->height = height;
	place = &s->root;
	for (; height; height--) {
		struct sparse_node *node = *place ? *place : stock_node(&stock);

		*place = node;
		node->present |= bit(child_of(i, height));
		place = &node->child[child_of(i, height)];
	}
	*place = stock.leaf;
	assert(!stock.nodes);
	return 0;
}

/* ---- bits and slots ----------------------------------------------------------------------- */

bool sparse_test_far(const struct sparse *s, enum sparse_map map, uint64_t i)
{
	const struct sparse_leaf *leaf = descend(s, i, NULL);

	return leaf && leaf->map[map] >> child_of(i, 0) & 1;
}

void *sparse_get_far(const struct sparse *s, uint64_t i)
{
	const struct sparse_leaf *leaf = descend(s, i, NULL);

	return leaf ? leaf->slot[child_of(i, 0)] : NULL;
}

/* A bit was set in a map of a leaf: updates the nodes above it. */
static void sum_up(struct sparse *s, enum sparse_map map, uint64_t i, struct sparse_node **path,
		   const struct sparse_leaf *leaf)
{
	for (unsigned h = 1; leaf->map[map] && h <= s->height; h++) {
		if (path[h - 1]->any[map] & bit(child_of(i, h)))
			break;
		path[h - 1]->any[map] |= bit(child_of(i, h));
	}
	if (map != SPARSE_MAP0 || leaf->map[map] != ALL)
		return;
	for (unsigned h = 1; h <= s->height; h++) {
		path[h - 1]->full |= bit(child_of(i, h));
		if (path[h - 1]->full != ALL)
			break;
	}
}

void sparse_set_far(struct sparse *s, enum sparse_map map, uint64_t i)
{
	sparse_path path;
	struct sparse_leaf *leaf = descend(s, i, path);

	assert(leaf);
	leaf->map[map] |= bit(child_of(i, 0));
	sum_up(s, map, i, path, leaf);
}

static bool node_empty(const struct sparse_node *node)
{
	return !(node->any[SPARSE_MAP0] | node->any[SPARSE_MAP1] | node->any[SPARSE_SLOT]);
}

/*
 * Takes an empty leaf out of the tree, and the nodes above it below which no bit is left, with the
 * leaves that were reserved there and never used. Then makes the tree as low as it can be.
 */
static void prune(struct sparse *s, uint64_t i, struct sparse_node **path)
{
	unsigned h = 1;

	while (h <= s->height && node_empty(path[h - 1]))
		h++;
	if (h > s->height) {
		nodes_free(s);
		return;
	}
	subtree_free(s, path[h - 1]->child[child_of(i, h)], h - 1);
	path[h - 1]->child[child_of(i, h)] = NULL;
	path[h - 1]->present &= ~bit(child_of(i, h));
	while (s->height) {
		struct sparse_node *root = s->root;

		if (root->present != 1)
			break;
		s->root = root->child[0];
		s->height--;
		give_back(s, root, sizeof(*root));
	}
}

/* Clears a bit that is set, and updates the nodes above. May free the leaf. */
static void clear_in(struct sparse *s, enum sparse_map map, uint64_t i, struct sparse_node **path,
		     struct sparse_leaf *leaf)
{
	bool full = map == SPARSE_MAP0 && leaf->map[map] == ALL;

	leaf->map[map] &= ~bit(child_of(i, 0));
	for (unsigned h = 1; full && h <= s->height; h++) {
		full = path[h - 1]->full == ALL;
		path[h - 1]->full &= ~bit(child_of(i, h));
	}
	if (leaf->map[map])
		return;
	for (unsigned h = 1; h <= s->height; h++) {
		path[h - 1]->any[map] &= ~bit(child_of(i, h));
		if (path[h - 1]->any[map])
			break;
	}
	if (!(leaf->map[SPARSE_MAP0] | leaf->map[SPARSE_MAP1] | leaf->map[SPARSE_SLOT]))
		prune(s, i, path);
}

void sparse_clear_far(struct sparse *s, enum sparse_map map, uint64_t i)
{
	sparse_path path;
	struct sparse_leaf *leaf = descend(s, i, path);

	if (leaf && leaf->map[map] & bit(child_of(i, 0)))
		clear_in(s, map, i, path, leaf);
}

void sparse_put_far(struct sparse *s, uint64_t i, void *p)
{
	sparse_path path;
	struct sparse_leaf *leaf = descend(s, i, path);
	bool was;

	assert(leaf || !p);
	if (!leaf)
		return;
	was = leaf->map[SPARSE_SLOT] & bit(child_of(i, 0));
	leaf->slot[child_of(i, 0)] = p;
	if (p) {
		leaf->map[SPARSE_SLOT] |= bit(child_of(i, 0));
		sum_up(s, SPARSE_SLOT, i, path, leaf);
	} else if (was) {
		clear_in(s, SPARSE_SLOT, i, path, leaf);
	}
}

/* ---- searching ---------------------------------------------------------------------------- */

/* The word of a map among those of a leaf, or of a node. */
static inline uint64_t word_of(const uint64_t words[SPARSE_MAPS], enum sparse_map map)
{
	if (map == SPARSE_ANY)
		return words[SPARSE_MAP0] | words[SPARSE_MAP1] | words[SPARSE_SLOT];
	return words[map];
}

/* sparse_next within a subtree; indices count from where it begins. */
static uint64_t next_below(const void *p, unsigned height, enum sparse_map map, uint64_t from)
{
	const struct sparse_node *node = p;
	const struct sparse_leaf *leaf = p;
	unsigned c = child_of(from, height);
	uint64_t left = word_of(height ? node->any : leaf->map, map) & ALL << c;
	uint64_t rest = from & (bit(BITS * height) - 1);

	if (!height)
		return left ? (unsigned)__builtin_ctzll(left) : SPARSE_NONE;
	for (; left; left &= left - 1) {
		unsigned child = (unsigned)__builtin_ctzll(left);
		uint64_t start = child == c ? rest : 0;
		uint64_t found = next_below(node->child[child], height - 1, map, start);

		if (found != SPARSE_NONE)
			return (uint64_t)child << (BITS * height) | found;
	}
	return SPARSE_NONE;
}

uint64_t sparse_next(const struct sparse *s, enum sparse_map map, uint64_t from)
{
	const struct sparse_leaf *leaf = sparse_near(s, from);

	if (leaf) {
		uint64_t left = word_of(leaf->map, map) >> from;

		if (left)
			return from + (unsigned)__builtin_ctzll(left);
		from = 64;
	}
	if (!s->root || beyond(s->height, from))
		return SPARSE_NONE;
	return next_below(s->root, s->height, map, from);
}

static unsigned highest(uint64_t word)
{
	return 63 - (unsigned)__builtin_clzll(word);
}

/* The last bit of a map in the tree. */
static uint64_t last_far(const struct sparse *s, enum sparse_map map)
{
	const struct sparse_node *node = s->root;
	const struct sparse_leaf *leaf;
	uint64_t found = 0;

	for (unsigned height = s->height; node && height; height--) {
		unsigned child;

		if (!node->any[map])
			return SPARSE_NONE;
		child = highest(node->any[map]);
		found |= (uint64_t)child << (BITS * height);
		node = node->child[child];
	}
	leaf = (const void *)node;
	return leaf && leaf->map[map] ? found | highest(leaf->map[map]) : SPARSE_NONE;
}

uint64_t sparse_last(const struct sparse *s, enum sparse_map map)
{
	uint64_t found = last_far(s, map);

	if (found == SPARSE_NONE && s->first && s->first->map[map])
		return highest(s->first->map[map]);
	return found;
}

/* sparse_prev within a subtree. */
static uint64_t prev_below(const void *p, unsigned height, enum sparse_map map, uint64_t from)
{
	const struct sparse_node *node = p;
	const struct sparse_leaf *leaf = p;
	unsigned c = child_of(from, height);
	uint64_t left = (height ? node->any[map] : leaf->map[map]) & (ALL >> (63 - c));
	uint64_t rest = from & (bit(BITS * height) - 1);

	if (!height)
		return left ? highest(left) : SPARSE_NONE;
	while (left) {
		unsigned child = highest(left);
		uint64_t start = child == c ? rest : bit(BITS * height) - 1;
		uint64_t found = prev_below(node->child[child], height - 1, map, start);

		if (found != SPARSE_NONE)
			return (uint64_t)child << (BITS * height) | found;
		left &= ~bit(child);
	}
	return SPARSE_NONE;
}

uint64_t sparse_prev(const struct sparse *s, enum sparse_map map, uint64_t from)
{
	uint64_t found = SPARSE_NONE, near;

	if (s->root && beyond(s->height, from))
		found = last_far(s, map);
	else if (s->root)
		found = prev_below(s->root, s->height, map, from);
	if (found != SPARSE_NONE || !s->first)
		return found;
	near = s->first->map[map] & (from < 64 ? ALL >> (63 - from) : ALL);
	return near ? highest(near) : SPARSE_NONE;
}

/* sparse_next_clear within a subtree. */
static uint64_t next_clear_below(const void *p, unsigned height, uint64_t from)
{
	const struct sparse_node *node = p;
	const struct sparse_leaf *leaf = p;
	unsigned c = child_of(from, height);
	uint64_t left = ~(height ? node->full : leaf->map[SPARSE_MAP0]) & ALL << c;
	uint64_t rest = from & (bit(BITS * height) - 1);

	if (!height)
		return left ? (unsigned)__builtin_ctzll(left) : SPARSE_NONE;
	for (; left; left &= left - 1) {
		unsigned child = (unsigned)__builtin_ctzll(left);
		uint64_t found = child == c ? rest : 0;

		if (node->child[child])
			found = next_clear_below(node->child[child], height - 1, found);
		if (found != SPARSE_NONE)
			return (uint64_t)child << (BITS * height) | found;
	}
	return SPARSE_NONE;
}

uint64_t sparse_next_clear_far(const struct sparse *s, uint64_t from)
{
	uint64_t found;

	if (!s->root || beyond(s->height, from))
		return from;
	found = next_clear_below(s->root, s->height, from);
	if (found == SPARSE_NONE && s->height < HEIGHT_MAX)
		found = bit(BITS) << (BITS * s->height);
	return found;
}

/* ---- copying ------------------------------------------------------------------------------ */

/* The first word from w on in which any map has a bit, or SPARSE_NONE. */
static uint64_t word_in_use(const struct sparse *s, uint64_t w)
{
	const uint64_t found = sparse_next(s, SPARSE_ANY, w << BITS);

	return found == SPARSE_NONE ? SPARSE_NONE : found >> BITS;
}

int sparse_copy(struct sparse *s, const struct sparse *from, uint64_t words)
{
	uint64_t w = word_in_use(from, 0);

	while (w < words) {
		sparse_path path;
		struct sparse_leaf *leaf;
		int error = sparse_reserve(s, w << BITS);

		if (error) {
			sparse_free(s);
			return error;
		}
		leaf = sparse_near(s, w << BITS);
		if (leaf) {
			*leaf = *sparse_leaf(from, w);
		} else {
			leaf = descend(s, w << BITS, path);
			*leaf = *sparse_leaf(from, w);
			for (enum sparse_map map = 0; map < SPARSE_MAPS; map++)
				sum_up(s, map, w << BITS, path, leaf);
		}
		if (w == SPARSE_NONE >> BITS)
			break;
		w = word_in_use(from, w + 1);
	}
	return 0;
}
