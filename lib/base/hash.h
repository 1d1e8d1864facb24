/*
 * Hash tables of objects that embed a hash_node. A key is any number: unequal objects may share
 * one, so that the user compares what is found. A table doubles as it fills; its order depends on
 * the keys and on the order of additions alone, never on addresses.
 */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_node {
	struct hash_node *next; /* in its bucket */
	uint64_t key;
};

struct hash {
	struct hash_node **bucket; /* NULL: hash_init was not called, or failed */
	unsigned bits;             /* there are 1 << bits buckets */
	size_t n;                  /* nodes */
};

/* An empty table with room for about 1 << bits nodes, bits from 1 to 31. 0 or -ENOMEM. */
int hash_init(struct hash *h, unsigned bits);

/* Gives the table's memory back, not the nodes'. A table that is all zero is allowed. */
void hash_free(struct hash *h);

/* Without memory for a larger table the chains grow longer: adding never fails. */
void hash_add(struct hash *h, struct hash_node *node, uint64_t key);
void hash_del(struct hash *h, struct hash_node *node);

/*
 * The node after this one (NULL: the first), or NULL. Nothing may be added during a walk; a node
 * may be removed once the next one is known.
 */
struct hash_node *hash_next(const struct hash *h, const struct hash_node *node);

/* The upper bits of the product depend on every bit of the key. */
static inline struct hash_node **hash_bucket(const struct hash *h, uint64_t key)
{
	return &h->bucket[key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - h->bits)];
}

/* The first node with this key, and the next one with the key of a node; NULL: there is none. */
static inline struct hash_node *hash_first(const struct hash *h, uint64_t key)
{
	struct hash_node *node = *hash_bucket(h, key);

	while (node && node->key != key)
		node = node->next;
	return node;
}

static inline struct hash_node *hash_again(const struct hash_node *node)
{
	struct hash_node *next = node->next;

	while (next && next->key != node->key)
		next = next->next;
	return next;
}

/* A key for bytes. */
static inline uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325), word;

	for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (; len; len--)
		h = (h ^ (unsigned char)*s++) * UINT64_C(0x100000001b3);
	return h;
}

#endif
