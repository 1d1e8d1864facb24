/*
 * Hash tables: buckets of chained nodes. Their number doubles when there are as many nodes.
 */
#include "base/hash.h"

#include "base/heap.h"

#include <errno.h>

#define BITS_MAX 31

int hash_init(struct hash *h, unsigned bits)
{
	*h = (struct hash){ .bits = bits };
	h->bucket = calloc((size_t)1 << bits, sizeof(struct hash_node *));
	return h->bucket ? 0 : -ENOMEM;
}

void hash_free(struct hash *h)
{
	free(h->bucket);
	*h = (struct hash){ 0 };
}

static void put(struct hash *h, struct hash_node *node)
{
	struct hash_node **bucket = hash_bucket(h, node->key);

	node->next = *bucket;
	*bucket = node;
}

static void grow(struct hash *h)
{
	struct hash larger;
	struct hash_node *next;

	if (h->bits == BITS_MAX || hash_init(&larger, h->bits + 1))
		return;
	for (size_t i = 0; i < (size_t)1 << h->bits; i++) {
		for (struct hash_node *node = h->bucket[i]; node; node = next) {
			next = node->next;
			put(&larger, node);
		}
	}
	free(h->bucket);
	h->bucket = larger.bucket;
	h->bits = larger.bits;
}

void hash_add(struct hash *h, struct hash_node *node, uint64_t key)
{
	if (h->n >= (size_t)1 << h->bits)
		grow(h);
	node->key = key;
	put(h, node);
	h->n++;
}

void hash_del(struct hash *h, struct hash_node *node)
{
	struct hash_node **at = hash_bucket(h, node->key);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	h->n--;
}

struct hash_node *hash_next(const struct hash *h, const struct hash_node *node)
{
	size_t i = 0;

	if (node && node->next)
		return node->next;
	if (node)
		i = (size_t)(hash_bucket(h, node->key) - h->bucket) + 1;
	for (; i < (size_t)1 << h->bits; i++) {
		if (h->bucket[i])
			return h->bucket[i];
	}
	return NULL;
}
