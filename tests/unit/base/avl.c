/*
 * AVL trees compared with a sorted array, while elements are added and removed at random; and the
 * summary that an owner keeps, here the greatest value below each element.
 */
#include "base/avl.h"
#include "base/list.h"
#include "support/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OBJECTS 600
#define KEYS    100 /* fewer than objects: some are equal */
#define STEPS   20000

struct object {
	struct avl_node node;
	unsigned key, value, greatest;
};

static struct object object[OBJECTS];
static struct object *sorted[OBJECTS];
static size_t n;

static struct object *object_of(const struct avl_node *node)
{
	return container_of(node, struct object, node);
}

static bool is_less(const struct avl_node *a, const struct avl_node *b)
{
	return object_of(a)->key < object_of(b)->key;
}

static void note_greatest(struct avl_node *node)
{
	struct object *o = object_of(node);

	o->greatest = o->value;
	for (int i = 0; i < 2; i++) {
		if (node->child[i] && object_of(node->child[i])->greatest > o->greatest)
			o->greatest = object_of(node->child[i])->greatest;
	}
}

static struct avl_tree tree = { .less = is_less, .update = note_greatest };

static void insert(struct object *o)
{
	size_t at = n++;

	for (; at && sorted[at - 1]->key > o->key; at--)
		sorted[at] = sorted[at - 1];
	sorted[at] = o;
	avl_insert(&tree, &o->node);
}

static void erase(struct object *o)
{
	size_t at = 0;

	while (sorted[at] != o)
		at++;
	memmove(&sorted[at], &sorted[at + 1], (--n - at) * sizeof(sorted[0]));
	avl_erase(&tree, &o->node);
}

/* Checks links, heights and summaries; the height. */
static int check_node(const struct avl_node *node, const struct avl_node *parent)
{
	unsigned greatest;
	int height[2];

	if (!node)
		return 0;
	assert_ptr_equal(node->parent, parent);
	greatest = object_of(node)->value;
	for (int i = 0; i < 2; i++) {
		height[i] = check_node(node->child[i], node);
		if (node->child[i] && object_of(node->child[i])->greatest > greatest)
			greatest = object_of(node->child[i])->greatest;
	}
	assert_int_equal(object_of(node)->greatest, greatest);
	assert_in_range(height[1] - height[0] + 1, 0, 2);
	assert_int_equal(node->height, 1 + (height[0] > height[1] ? height[0] : height[1]));
	return node->height;
}

static bool is_before(const struct avl_node *node, const void *key)
{
	return object_of(node)->key < *(const unsigned *)key;
}

static void check(void)
{
	struct avl_node *node = avl_first(&tree), *back = avl_last(&tree);

	check_node(tree.root, NULL);
	for (size_t i = 0; i < n; i++, node = avl_next(node), back = avl_prev(back)) {
		assert_ptr_equal(node, &sorted[i]->node);
		assert_ptr_equal(back, &sorted[n - 1 - i]->node);
	}
	assert_null(node);
	assert_null(back);
	for (unsigned key = 0; key <= KEYS; key++) {
		size_t at = 0;

		while (at < n && sorted[at]->key < key)
			at++;
		assert_ptr_equal(avl_lower(&tree, is_before, &key),
				 at < n ? &sorted[at]->node : NULL);
	}
	assert_int_equal(avl_is_empty(&tree), n == 0);
}

static void elements_keep_their_order_while_some_come_and_go(void **state)
{
	(void)state;
	random_state = 1;
	for (unsigned i = 0; i < STEPS; i++) {
		struct object *o = &object[pick(OBJECTS)];

		if (avl_in_tree(&o->node) && i % 3) {
			erase(o);
		} else if (avl_in_tree(&o->node)) {
			o->value = pick(1000);
			avl_changed(&tree, &o->node);
		} else {
			o->key = pick(KEYS);
			o->value = pick(1000);
			insert(o);
		}
		if (i % 50 == 0)
			check();
	}
	while (n) {
		erase(sorted[pick((unsigned)n)]);
		check();
	}
}

static void rising_and_falling_keys_make_no_deep_tree(void **state)
{
	(void)state;
	for (int falling = 0; falling < 2; falling++) {
		for (unsigned i = 0; i < OBJECTS; i++) {
			object[i].key = falling ? OBJECTS - i : i;
			insert(&object[i]);
		}
		check();
		assert_in_range(tree.root->height, 9, 13);
		while (n)
			erase(sorted[0]);
		check();
	}
}

static void erasing_what_is_in_no_tree_does_nothing(void **state)
{
	struct object o = { 0 };

	(void)state;
	avl_erase(&tree, &o.node);
	assert_true(avl_is_empty(&tree));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_keep_their_order_while_some_come_and_go),
		cmocka_unit_test(rising_and_falling_keys_make_no_deep_tree),
		cmocka_unit_test(erasing_what_is_in_no_tree_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
