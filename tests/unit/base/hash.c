/*
 * The hash table compared with a list of its contents, with keys that differ in a few bits, equal
 * keys, and random keys.
 */
#include "base/hash.h"
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

#include <cmocka.h>

#define OBJECTS 5000

struct object {
	struct hash_node node;
	bool in, seen;
};

static struct object object[OBJECTS];

static struct object *object_of(struct hash_node *node)
{
	return container_of(node, struct object, node);
}

/* Whether an object is found by its key. */
static bool is_found(const struct hash *h, const struct object *o)
{
	struct hash_node *node = hash_first(h, o->node.key);

	while (node && node != &o->node)
		node = hash_again(node);
	return node;
}

/* A walk visits each object in the table once. */
static void check_walk(const struct hash *h)
{
	struct hash_node *node = NULL;
	size_t n = 0;

	for (size_t i = 0; i < OBJECTS; i++)
		object[i].seen = false;
	while ((node = hash_next(h, node))) {
		assert_true(object_of(node)->in);
		assert_false(object_of(node)->seen);
		object_of(node)->seen = true;
		n++;
	}
	assert_int_equal(n, h->n);
}

static uint64_t key_of(size_t i, unsigned kind)
{
	switch (kind) {
	case 0:
		return i;
	case 1:
		return (uint64_t)i << 32;
	case 2:
		return i / 4; /* four of each */
	default:
		return (uint64_t)random() << 32 ^ (uint64_t)random();
	}
}

static void objects_are_found_until_they_are_removed(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct hash h;

		assert_int_equal(hash_init(&h, 1), 0);
		for (size_t i = 0; i < OBJECTS; i++) {
			hash_add(&h, &object[i].node, key_of(i, kind));
			object[i].in = true;
			assert_true(is_found(&h, &object[i]));
		}
		check_walk(&h);
		assert_true((size_t)1 << h.bits >= OBJECTS);
		for (size_t i = 0; i < OBJECTS; i += 3) {
			hash_del(&h, &object[i].node);
			object[i].in = false;
		}
		check_walk(&h);
		for (size_t i = 0; i < OBJECTS; i++)
			assert_int_equal(is_found(&h, &object[i]), object[i].in);
		hash_free(&h);
		assert_null(h.bucket);
	}
}

static void chains_stay_short(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 2; kind++) {
		struct hash h;
		size_t longest = 0;

		assert_int_equal(hash_init(&h, 3), 0);
		for (size_t i = 0; i < OBJECTS; i++)
			hash_add(&h, &object[i].node, key_of(i, kind));
		for (size_t i = 0; i < (size_t)1 << h.bits; i++) {
			size_t len = 0;

			for (struct hash_node *node = h.bucket[i]; node; node = node->next)
				len++;
			longest = len > longest ? len : longest;
		}
		assert_true(longest <= 8);
		hash_free(&h);
	}
}

static void a_walk_may_remove_what_it_has_passed(void **state)
{
	struct hash h;
	struct hash_node *next;

	(void)state;
	assert_int_equal(hash_init(&h, 1), 0);
	for (size_t i = 0; i < OBJECTS; i++)
		hash_add(&h, &object[i].node, key_of(i, 2));
	for (struct hash_node *node = hash_next(&h, NULL); node; node = next) {
		next = hash_next(&h, node);
		hash_del(&h, node);
	}
	assert_int_equal(h.n, 0);
	assert_null(hash_next(&h, NULL));
	hash_free(&h);
}

static void bytes_that_differ_have_different_keys(void **state)
{
	char bytes[24] = { 0 };
	uint64_t plain = hash_bytes(bytes, sizeof(bytes));

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = 1;
		assert_true(hash_bytes(bytes, sizeof(bytes)) != plain);
		bytes[i] = 0;
		assert_true(hash_bytes(bytes, i) != plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_found_until_they_are_removed),
		cmocka_unit_test(chains_stay_short),
		cmocka_unit_test(a_walk_may_remove_what_it_has_passed),
		cmocka_unit_test(bytes_that_differ_have_different_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
