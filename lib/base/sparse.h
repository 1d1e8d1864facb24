/*
 * Sparse arrays of pointers with three bitmaps, for descriptor tables, pids and file pages: memory
 * and time grow with what is in use, not with the largest index. A radix tree of 64-wide nodes,
 * each of which knows below which children a bitmap has any bit, and below which the first one has
 * all. Two of the bitmaps are the user's; SPARSE_SLOT says that a slot holds a pointer, and is kept
 * here.
 */
#ifndef SPARSE_H
#define SPARSE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sparse_map {
	SPARSE_MAP0, /* the one that sparse_next_clear searches */
	SPARSE_MAP1,
	SPARSE_SLOT, /* a pointer is there */
	SPARSE_MAPS,
	SPARSE_ANY =
		SPARSE_MAPS /* all maps together, of which a bit is set in any: for sparse_next */
};

#define SPARSE_NONE UINT64_MAX /* the one number that is no index */

struct sparse_leaf {
	uint64_t map[SPARSE_MAPS];
	void *slot[64];
};

/* How much memory a kind of object takes, and may take at most. */
struct budget {
	size_t used, limit;
};

/* Takes size more of a budget. False: there is not so much left, and nothing was taken. */
static inline bool budget_take(struct budget *b, size_t size)
{
	if (size > b->limit - b->used)
		return false;
	b->used += size;
	return true;
}

struct sparse {
	void *root;                /* NULL, a leaf at height 0, else a node */
	unsigned height;           /* levels above the leaves */
	struct sparse_leaf *first; /* the owner's own leaf for indices 0 to 63, or NULL */
	struct budget *budget;
};

/*
 * An empty array. first: a zeroed leaf that the owner embeds for indices 0 to 63, so that small
 * arrays allocate nothing and are fast; may be NULL. budget is charged for every node and leaf with
 * its true size, and must outlive the array.
 */
void sparse_init(struct sparse *s, struct sparse_leaf *first, struct budget *budget);

/* Frees the nodes and leaves, not what the slots point to, and leaves an empty array. */
void sparse_free(struct sparse *s);

/*
 * Makes an empty array a copy of the bits and slots of the first `words` times 64 indices of from
 * (UINT64_MAX: of all). 0, or -ENOMEM, and then it is still empty.
 */
int sparse_copy(struct sparse *s, const struct sparse *from, uint64_t words);

/* The leaf of indices 64 * w to 64 * w + 63, to be read only; NULL: none of them is in use. */
const struct sparse_leaf *sparse_leaf(const struct sparse *s, uint64_t w);

/*
 * The first index from `from` on whose bit is set, the last of all, the last up to `from`, or
 * SPARSE_NONE; and the 64 bits of indices 64 * w to 64 * w + 63.
 */
uint64_t sparse_next(const struct sparse *s, enum sparse_map map, uint64_t from);
uint64_t sparse_last(const struct sparse *s, enum sparse_map map);
uint64_t sparse_prev(const struct sparse *s, enum sparse_map map, uint64_t from);
uint64_t sparse_word(const struct sparse *s, enum sparse_map map, uint64_t w);

/* The functions below, for indices that are in the tree. */
int sparse_reserve_far(struct sparse *s, uint64_t i);
bool sparse_test_far(const struct sparse *s, enum sparse_map map, uint64_t i);
void sparse_set_far(struct sparse *s, enum sparse_map map, uint64_t i);
void sparse_clear_far(struct sparse *s, enum sparse_map map, uint64_t i);
void *sparse_get_far(const struct sparse *s, uint64_t i);
void sparse_put_far(struct sparse *s, uint64_t i, void *p);
uint64_t sparse_next_clear_far(const struct sparse *s, uint64_t from);

/* The owner's own leaf if index i is in it, else NULL. */
static inline struct sparse_leaf *sparse_near(const struct sparse *s, uint64_t i)
{
	return i < 64 ? s->first : NULL;
}

/*
 * Makes room for index i: setting bits and the slot there cannot fail until something is cleared. 0
 * or -ENOMEM (no memory, or beyond the budget), and then nothing has changed.
 */
static inline int sparse_reserve(struct sparse *s, uint64_t i)
{
	return sparse_near(s, i) ? 0 : sparse_reserve_far(s, i);
}

/*
 * Bits. Setting one needs room (sparse_reserve). Clearing the last one of a leaf gives the room
 * back; clearing one that is clear, or has no room, does nothing.
 */
static inline bool sparse_test(const struct sparse *s, enum sparse_map map, uint64_t i)
{
	const struct sparse_leaf *leaf = sparse_near(s, i);

	return leaf ? leaf->map[map] >> i & 1 : sparse_test_far(s, map, i);
}

static inline void sparse_set(struct sparse *s, enum sparse_map map, uint64_t i)
{
	struct sparse_leaf *leaf = sparse_near(s, i);

	assert(map != SPARSE_SLOT);
	if (leaf)
		leaf->map[map] |= (uint64_t)1 << i;
	else
		sparse_set_far(s, map, i);
}

static inline void sparse_clear(struct sparse *s, enum sparse_map map, uint64_t i)
{
	struct sparse_leaf *leaf = sparse_near(s, i);

	assert(map != SPARSE_SLOT);
	if (leaf)
		leaf->map[map] &= ~((uint64_t)1 << i);
	else
		sparse_clear_far(s, map, i);
}

/* Sets bit i of SPARSE_MAP0, and makes that of SPARSE_MAP1 what map1 says. Needs room. */
static inline void sparse_set_both(struct sparse *s, uint64_t i, bool map1)
{
	struct sparse_leaf *leaf = sparse_near(s, i);

	if (leaf) {
		leaf->map[SPARSE_MAP0] |= (uint64_t)1 << i;
		leaf->map[SPARSE_MAP1] &= ~((uint64_t)1 << i);
		leaf->map[SPARSE_MAP1] |= (uint64_t)map1 << i;
		return;
	}
	sparse_set_far(s, SPARSE_MAP0, i);
	if (map1)
		sparse_set_far(s, SPARSE_MAP1, i);
	else
		sparse_clear_far(s, SPARSE_MAP1, i);
}

/* Slots: NULL is empty. Storing a pointer needs room; removing the last one gives it back. */
static inline void *sparse_get(const struct sparse *s, uint64_t i)
{
	const struct sparse_leaf *leaf = sparse_near(s, i);

	return leaf ? leaf->slot[i] : sparse_get_far(s, i);
}

static inline void sparse_put(struct sparse *s, uint64_t i, void *p)
{
	struct sparse_leaf *leaf = sparse_near(s, i);

	if (!leaf) {
		sparse_put_far(s, i, p);
		return;
	}
	leaf->slot[i] = p;
	leaf->map[SPARSE_SLOT] &= ~((uint64_t)1 << i);
	leaf->map[SPARSE_SLOT] |= (uint64_t)(p != NULL) << i;
}

/* The first index from `from` on whose SPARSE_MAP0 bit is clear. */
static inline uint64_t sparse_next_clear(const struct sparse *s, uint64_t from)
{
	const struct sparse_leaf *leaf = sparse_near(s, from);

	if (leaf) {
		uint64_t clear = ~leaf->map[SPARSE_MAP0] >> from;

		if (clear)
			return from + (unsigned)__builtin_ctzll(clear);
		from = 64;
	}
	return sparse_next_clear_far(s, from);
}

#endif
