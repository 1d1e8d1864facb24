/*
 * Sparse arrays compared with a full array as a model. The model has only some indices: a dense
 * stretch from 0, and a few around every boundary up to the last index.
 */
#include "base/sparse.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DENSE 8500
#define FAR   64
#define CELLS (DENSE + FAR)

struct cell {
	uint64_t index;
	bool bit[SPARSE_MAPS];
	void *slot;
};

static struct cell model[CELLS];
static size_t cells;
static uint64_t seed;

static uint64_t rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

static void model_init(uint64_t with_seed)
{
	static const unsigned shifts[] = { 18, 20, 24, 30, 31, 36, 42, 48, 51, 54, 60, 63 };

	seed = with_seed * 0x9e3779b97f4a7c15 + 1;
	memset(model, 0, sizeof(model));
	for (cells = 0; cells < DENSE; cells++)
		model[cells].index = cells;
	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
		uint64_t power = (uint64_t)1 << shifts[i];

		model[cells++].index = power - 1;
		model[cells++].index = power;
		model[cells++].index = power + 63;
		model[cells++].index = power + 64;
	}
	model[cells++].index = UINT64_MAX - 1;
	assert_true(cells <= CELLS);
}

static void change(struct sparse *s, struct cell *c, unsigned what)
{
	switch (what) {
	case 0:
	case 1:
		assert_int_equal(sparse_reserve(s, c->index), 0);
		sparse_set(s, (enum sparse_map)what, c->index);
		c->bit[what] = true;
		break;
	case 2:
		assert_int_equal(sparse_reserve(s, c->index), 0);
		c->slot = (void *)(uintptr_t)(rnd(1 << 20) + 1);
		c->bit[SPARSE_SLOT] = true;
		sparse_put(s, c->index, c->slot);
		break;
	case 3:
	case 4:
		sparse_clear(s, (enum sparse_map)(what - 3), c->index);
		c->bit[what - 3] = false;
		break;
	case 5:
		sparse_put(s, c->index, NULL);
		c->slot = NULL;
		c->bit[SPARSE_SLOT] = false;
		break;
	default: /* unused room */
		assert_int_equal(sparse_reserve(s, c->index), 0);
	}
}

static size_t any_cell(void)
{
	return rnd(4) ? rnd(cells) : DENSE + rnd(cells - DENSE);
}

/* Each step changes one cell, or, to fill leaves and nodes, a stretch of cells. */
static void step(struct sparse *s)
{
	unsigned what = (unsigned)rnd(7);
	size_t at = any_cell(), n = rnd(200) ? 1 : rnd(9000);

	if (n > 1 && what > 5)
		n = 1;
	for (; n && at < cells; n--, at++)
		change(s, &model[at], what);
}

static uint64_t model_next(size_t at, enum sparse_map map)
{
	for (; at < cells; at++) {
		if (model[at].bit[map])
			return model[at].index;
	}
	return SPARSE_NONE;
}

static uint64_t model_last(enum sparse_map map)
{
	for (size_t at = cells; at--;) {
		if (model[at].bit[map])
			return model[at].index;
	}
	return SPARSE_NONE;
}

static uint64_t model_prev(size_t at, enum sparse_map map)
{
	for (at++; at--;) {
		if (model[at].bit[map])
			return model[at].index;
	}
	return SPARSE_NONE;
}

static uint64_t model_next_clear(size_t at)
{
	uint64_t i = model[at].index;

	for (; at < cells && model[at].index == i && model[at].bit[SPARSE_MAP0]; at++)
		i++;
	return i;
}

static uint64_t model_word(size_t at, enum sparse_map map)
{
	uint64_t w = model[at].index / 64, word = 0;

	while (at && model[at - 1].index / 64 == w)
		at--;
	for (; at < cells && model[at].index / 64 == w; at++)
		word |= (uint64_t)model[at].bit[map] << model[at].index % 64;
	return word;
}

static void compare_cell(const struct sparse *s, size_t at)
{
	const struct cell *c = &model[at];

	for (enum sparse_map map = 0; map < SPARSE_MAPS; map++) {
		assert_int_equal(sparse_test(s, map, c->index), c->bit[map]);
		assert_true(sparse_word(s, map, c->index / 64) == model_word(at, map));
	}
	assert_ptr_equal(sparse_get(s, c->index), c->slot);
}

static void compare_searches(const struct sparse *s, size_t at)
{
	uint64_t i = model[at].index;

	for (enum sparse_map map = 0; map < SPARSE_MAPS; map++) {
		assert_true(sparse_next(s, map, i) == model_next(at, map));
		assert_true(sparse_last(s, map) == model_last(map));
		assert_true(sparse_prev(s, map, i) == model_prev(at, map));
	}
	assert_true(sparse_next_clear(s, i) == model_next_clear(at));
}

static void compare_all(const struct sparse *s)
{
	for (size_t at = 0; at < cells; at++)
		compare_cell(s, at);
	for (int n = 0; n < 200; n++)
		compare_searches(s, any_cell());
}

static void empty_it(struct sparse *s)
{
	for (size_t at = cells; at--;) {
		for (unsigned what = 3; what <= 5; what++)
			change(s, &model[at], what);
	}
	assert_null(s->root);
	assert_int_equal(s->budget->used, 0);
	for (enum sparse_map map = 0; map < SPARSE_MAPS; map++)
		assert_true(sparse_next(s, map, 0) == SPARSE_NONE);
	assert_int_equal(sparse_next_clear(s, 0), 0);
}

static void run_random(struct sparse_leaf *first, uint64_t with_seed)
{
	struct budget budget = { .limit = (size_t)1 << 30 };
	struct sparse s;

	model_init(with_seed);
	sparse_init(&s, first, &budget);
	for (int round = 0; round < 6; round++) {
		for (int n = 0; n < 2000; n++) {
			size_t at = any_cell();

			step(&s);
			compare_cell(&s, at);
			if (n % 10 == 0)
				compare_searches(&s, at);
		}
		compare_all(&s);
		if (round % 2)
			empty_it(&s);
	}
	sparse_free(&s);
	assert_int_equal(budget.used, 0);
}

static void random_changes_agree_with_a_model(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 4; n++)
		run_random(NULL, n);
}

static void random_changes_agree_with_a_model_with_a_leaf_of_the_owner(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 4; n++) {
		struct sparse_leaf first = { 0 };
		struct sparse_leaf zero = { 0 };

		run_random(&first, n);
		assert_memory_equal(&first, &zero, sizeof(first));
	}
}

static void indices_below_64_cost_nothing_with_a_leaf_of_the_owner(void **state)
{
	struct budget budget = { .limit = 0 };
	struct sparse_leaf first = { 0 };
	struct sparse s;

	(void)state;
	sparse_init(&s, &first, &budget);
	for (uint64_t i = 0; i < 64; i++) {
		assert_int_equal(sparse_next_clear(&s, 0), i);
		assert_int_equal(sparse_reserve(&s, i), 0);
		sparse_set(&s, SPARSE_MAP0, i);
		sparse_put(&s, i, &s);
	}
	assert_int_equal(sparse_next_clear(&s, 0), 64);
	assert_int_equal(sparse_reserve(&s, 64), -ENOMEM);
	assert_int_equal(sparse_last(&s, SPARSE_SLOT), 63);
	assert_int_equal(budget.used, 0);
	sparse_free(&s);
}

static void a_full_node_is_passed_over(void **state)
{
	struct budget budget = { .limit = (size_t)1 << 26 };
	struct sparse s;

	(void)state;
	sparse_init(&s, NULL, &budget);
	for (uint64_t i = 0; i < 262144; i++) {
		assert_int_equal(sparse_reserve(&s, i), 0);
		sparse_set(&s, SPARSE_MAP0, i);
	}
	assert_int_equal(sparse_next_clear(&s, 0), 262144);
	assert_int_equal(sparse_next_clear(&s, 4095), 262144);
	sparse_clear(&s, SPARSE_MAP0, 131072);
	assert_int_equal(sparse_next_clear(&s, 3), 131072);
	assert_int_equal(sparse_next_clear(&s, 131073), 262144);
	sparse_set(&s, SPARSE_MAP0, 131072);
	assert_int_equal(sparse_next_clear(&s, 0), 262144);
	sparse_free(&s);
	assert_int_equal(budget.used, 0);
}

static void one_high_index_costs_less_than_64_KiB(void **state)
{
	static const uint64_t indices[] = { 1048575, INT32_MAX, (uint64_t)1 << 51, UINT64_MAX - 1 };

	(void)state;
	for (size_t n = 0; n < sizeof(indices) / sizeof(indices[0]); n++) {
		struct budget budget = { .limit = 65535 };
		struct sparse s;
		size_t used;

		sparse_init(&s, NULL, &budget);
		assert_int_equal(sparse_reserve(&s, 0), 0);
		sparse_set(&s, SPARSE_MAP0, 0);
		used = budget.used;
		assert_int_equal(sparse_reserve(&s, indices[n]), 0);
		sparse_set(&s, SPARSE_MAP0, indices[n]);
		assert_true(sparse_next(&s, SPARSE_MAP0, 1) == indices[n]);
		assert_true(sparse_next_clear(&s, indices[n]) == indices[n] + 1);
		assert_true(budget.used > used);
		sparse_clear(&s, SPARSE_MAP0, indices[n]);
		assert_int_equal(budget.used, used);
		sparse_clear(&s, SPARSE_MAP0, 0);
		assert_int_equal(budget.used, 0);
	}
}

static void a_reservation_beyond_the_budget_is_ENOMEM_and_changes_nothing(void **state)
{
	struct budget budget = { .limit = 4096 };
	struct sparse s;
	size_t used;

	(void)state;
	sparse_init(&s, NULL, &budget);
	assert_int_equal(sparse_reserve(&s, 5), 0);
	sparse_set(&s, SPARSE_MAP1, 5);
	used = budget.used;
	assert_int_equal(sparse_reserve(&s, (uint64_t)1 << 51), -ENOMEM);
	assert_int_equal(budget.used, used);
	assert_int_equal(s.height, 0);
	assert_true(sparse_test(&s, SPARSE_MAP1, 5));
	for (uint64_t i = 0; sparse_reserve(&s, i * 64) == 0; i++) {
		sparse_set(&s, SPARSE_MAP0, i * 64);
		assert_true(i < 8);
	}
	assert_true(budget.used <= budget.limit);
	budget.limit = 0;
	assert_int_equal(sparse_reserve(&s, 1000000), -ENOMEM);
	assert_int_equal(sparse_reserve(&s, 6), 0);
	sparse_free(&s);
	assert_int_equal(budget.used, 0);
}

static void a_reservation_that_was_not_used_goes_with_the_rest(void **state)
{
	struct budget budget = { .limit = 1 << 20 };
	struct sparse s;

	(void)state;
	sparse_init(&s, NULL, &budget);
	assert_int_equal(sparse_reserve(&s, 70000), 0);
	assert_int_equal(sparse_reserve(&s, 3), 0);
	assert_int_equal(sparse_last(&s, SPARSE_MAP0), SPARSE_NONE);
	sparse_put(&s, 3, &s);
	sparse_put(&s, 3, NULL);
	assert_int_equal(budget.used, 0);
	sparse_free(&s);
}

static void clearing_where_nothing_is_does_nothing(void **state)
{
	struct budget budget = { .limit = 1 << 20 };
	struct sparse s;
	size_t used;

	(void)state;
	sparse_init(&s, NULL, &budget);
	sparse_clear(&s, SPARSE_MAP0, 0);
	sparse_put(&s, 1000000, NULL);
	assert_int_equal(sparse_reserve(&s, 100), 0);
	used = budget.used;
	sparse_clear(&s, SPARSE_MAP1, 100);
	sparse_put(&s, 100, NULL);
	assert_int_equal(budget.used, used);
	sparse_set(&s, SPARSE_MAP0, 100);
	assert_true(sparse_test(&s, SPARSE_MAP0, 100));
	sparse_free(&s);
}

/* Whether the copy has exactly the model's cells below an index. */
static void compare_copy(const struct sparse *copy, uint64_t below)
{
	for (size_t at = 0; at < cells; at++) {
		const struct cell *c = &model[at];
		bool within = c->index < below;

		for (enum sparse_map map = 0; map < SPARSE_MAPS; map++)
			assert_int_equal(sparse_test(copy, map, c->index), within && c->bit[map]);
		assert_ptr_equal(sparse_get(copy, c->index), within ? c->slot : NULL);
	}
}

static void copies_have_what_is_below_their_end(void **state)
{
	static const uint64_t words[] = { 0, 1, 2, 64, 100, 1 << 20, UINT64_MAX };
	struct budget budget = { .limit = (size_t)1 << 30 };
	struct sparse_leaf first = { 0 };
	struct sparse s;

	(void)state;
	model_init(77);
	sparse_init(&s, NULL, &budget);
	for (int n = 0; n < 3000; n++)
		step(&s);
	for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
		size_t used = budget.used;
		struct sparse copy;

		sparse_init(&copy, &first, &budget);
		assert_int_equal(sparse_copy(&copy, &s, words[n]), 0);
		compare_copy(&copy, words[n] > UINT64_MAX / 64 ? UINT64_MAX : words[n] * 64);
		if (words[n] == UINT64_MAX)
			compare_searches(&copy, 0);
		sparse_free(&copy);
		assert_int_equal(budget.used, used);
	}
	sparse_free(&s);
}

static void a_copy_beyond_the_budget_is_ENOMEM_and_empty(void **state)
{
	struct budget budget = { .limit = 1 << 20 };
	struct budget small = { .limit = 4096 };
	struct sparse_leaf first = { 0 };
	struct sparse s, copy;

	(void)state;
	sparse_init(&s, NULL, &budget);
	for (uint64_t i = 0; i < 6400; i += 64) {
		assert_int_equal(sparse_reserve(&s, i), 0);
		sparse_put(&s, i, &s);
	}
	sparse_init(&copy, &first, &small);
	assert_int_equal(sparse_copy(&copy, &s, UINT64_MAX), -ENOMEM);
	assert_int_equal(small.used, 0);
	assert_true(sparse_next(&copy, SPARSE_SLOT, 0) == SPARSE_NONE);
	sparse_free(&s);
	assert_int_equal(budget.used, 0);
}

static void leaves_are_found_by_their_word(void **state)
{
	struct budget budget = { .limit = 1 << 20 };
	struct sparse_leaf first = { 0 };
	struct sparse s;

	(void)state;
	sparse_init(&s, &first, &budget);
	assert_ptr_equal(sparse_leaf(&s, 0), &first);
	assert_null(sparse_leaf(&s, 1));
	assert_int_equal(sparse_reserve(&s, 4096 + 65), 0);
	sparse_put(&s, 4096 + 65, &s);
	assert_non_null(sparse_leaf(&s, 65));
	assert_ptr_equal(sparse_leaf(&s, 65)->slot[1], &s);
	assert_null(sparse_leaf(&s, 64));
	sparse_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes_agree_with_a_model),
		cmocka_unit_test(random_changes_agree_with_a_model_with_a_leaf_of_the_owner),
		cmocka_unit_test(indices_below_64_cost_nothing_with_a_leaf_of_the_owner),
		cmocka_unit_test(a_full_node_is_passed_over),
		cmocka_unit_test(one_high_index_costs_less_than_64_KiB),
		cmocka_unit_test(a_reservation_beyond_the_budget_is_ENOMEM_and_changes_nothing),
		cmocka_unit_test(a_reservation_that_was_not_used_goes_with_the_rest),
		cmocka_unit_test(clearing_where_nothing_is_does_nothing),
		cmocka_unit_test(copies_have_what_is_below_their_end),
		cmocka_unit_test(a_copy_beyond_the_budget_is_ENOMEM_and_empty),
		cmocka_unit_test(leaves_are_found_by_their_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
