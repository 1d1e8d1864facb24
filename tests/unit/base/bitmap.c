/*
 * Bitmaps as the kernel prints them, compared with known lines, with a printer that goes bit by
 * bit, and with lines of the running kernel.
 */
#include "base/bitmap.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct budget budget = { .limit = (size_t)1 << 28 };

static void add(struct sparse *s, uint64_t i)
{
	assert_int_equal(sparse_reserve(s, i), 0);
	sparse_set(s, SPARSE_MAP1, i);
}

/* A bitmap from the kernel's text of a list. */
static void from_list(struct sparse *s, const char *list)
{
	sparse_init(s, NULL, &budget);
	while (*list >= '0' && *list <= '9') {
		char *end;
		uint64_t first = strtoull(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoull(end + 1, &end, 10);
		for (; first <= last; first++)
			add(s, first);
		list = end + (*end == ',');
	}
}

static void expect(const struct sparse *s, uint64_t nbits, const char *mask, const char *list)
{
	struct text t = TEXT_EMPTY;

	text_putc(&t, '<');
	bitmap_mask(&t, s, SPARSE_MAP1, nbits);
	text_putc(&t, '>');
	bitmap_list(&t, s, SPARSE_MAP1, nbits);
	assert_int_equal(t.error, 0);
	assert_int_equal(t.len, strlen(mask) + strlen(list) + 2);
	assert_memory_equal(t.s + 1, mask, strlen(mask));
	assert_string_equal(t.s + 2 + strlen(mask), list);
	text_free(&t);
}

struct line {
	const char *list; /* the bits that are set */
	uint64_t nbits;
	const char *mask, *shown; /* NULL: shown like list */
};

static const struct line lines[] = {
	{ "0-2", 64, "00000000,00000007", NULL },
	{ "0-2", 70, "00,00000000,00000007", NULL },
	{ "", 64, "00000000,00000000", NULL },
	{ "", 0, "", NULL },
	{ "0", 0, "", "" },
	{ "0", 1, "1", NULL },
	{ "0-1", 4, "3", NULL },
	{ "4", 5, "10", NULL },
	{ "0,2,4-6", 32, "00000075", NULL },
	{ "31-32", 33, "1,80000000", NULL },
	{ "0-63", 64, "ffffffff,ffffffff", NULL },
	{ "0-63", 40, "ff,ffffffff", "0-39" },
	{ "62-65,127", 128, "80000000,00000003,c0000000,00000000", NULL },
	{ "62-65,127", 127, "00000000,00000003,c0000000,00000000", "62-65" },
	{ "0-127,129", 131, "2,ffffffff,ffffffff,ffffffff,ffffffff", NULL },
	{ "5,192", 193, "1,00000000,00000000,00000000,00000000,00000000,00000020", NULL },
};

static void masks_and_lists_are_the_kernels(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++) {
		const struct line *l = &lines[n];
		struct sparse s;

		from_list(&s, l->list);
		expect(&s, l->nbits, l->mask, l->shown ? l->shown : l->list);
		sparse_free(&s);
	}
}

/* The same text by definition: digit by digit, bit by bit. */
static void plain_mask(struct text *t, const struct sparse *s, uint64_t nbits)
{
	for (uint64_t digit = (nbits + 3) / 4; digit--;) {
		unsigned v = 0;

		for (uint64_t i = digit * 4; i < digit * 4 + 4 && i < nbits; i++)
			v |= (unsigned)sparse_test(s, SPARSE_MAP1, i) << i % 4;
		text_printf(t, "%x%s", v, digit && digit % 8 == 0 ? "," : "");
	}
}

static void plain_list(struct text *t, const struct sparse *s, uint64_t nbits)
{
	const char *between = "";

	for (uint64_t i = 0; i < nbits; i++) {
		uint64_t last = i;

		if (!sparse_test(s, SPARSE_MAP1, i))
			continue;
		while (last + 1 < nbits && sparse_test(s, SPARSE_MAP1, last + 1))
			last++;
		text_printf(t, last > i ? "%s%llu-%llu" : "%s%llu", between, (unsigned long long)i,
			    (unsigned long long)last);
		between = ",";
		i = last;
	}
}

static void random_maps_agree_with_a_plain_printer(void **state)
{
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct text mask = TEXT_EMPTY, list = TEXT_EMPTY;
		uint64_t i, nbits;
		struct sparse s;

		seed = seed * 6364136223846793005 + 1442695040888963407;
		nbits = (seed >> 40) % (round % 4 ? 300 : 30000) + 1;
		sparse_init(&s, NULL, &budget);
		for (i = 0; i < nbits + 70;) {
			uint64_t run = (seed >> 33) % (round % 3 ? 9 : 150) + 1;

			for (; run--; i++)
				add(&s, i);
			seed = seed * 6364136223846793005 + 1442695040888963407;
			i += (seed >> 33) % (round % 5 ? 9 : 5000) + 1;
		}
		plain_mask(&mask, &s, nbits);
		plain_list(&list, &s, nbits);
		expect(&s, nbits, mask.s, list.s ? list.s : "");
		text_free(&mask);
		text_free(&list);
		sparse_free(&s);
	}
	assert_int_equal(budget.used, 0);
}

static void a_million_bits_are_as_long_as_they_should_be(void **state)
{
	struct text t = TEXT_EMPTY;
	struct sparse s;

	(void)state;
	from_list(&s, "0-2,1048575");
	bitmap_mask(&t, &s, SPARSE_MAP1, 1048576);
	assert_int_equal(t.len, 1048576 / 32 * 9 - 1);
	assert_memory_equal(t.s, "80000000,00000000,", 18);
	assert_string_equal(t.s + t.len - 18, ",00000000,00000007");
	for (size_t i = 8; i < t.len; i++)
		assert_int_equal(t.s[i], i % 9 == 8 ? ',' : i == t.len - 1 ? '7' : '0');
	text_clear(&t);
	bitmap_list(&t, &s, SPARSE_MAP1, 1048576);
	assert_string_equal(t.s, "0-2,1048575");
	text_free(&t);
	sparse_free(&s);
}

/* The text after "name:\t" in /proc/self/status, which the caller frees; NULL: there is none. */
static char *status_line(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	char *line = NULL, *found = NULL;
	size_t cap = 0;

	if (!f)
		return NULL;
	while (!found && getline(&line, &cap, f) >= 0) {
		if (strncmp(line, name, strlen(name)) || line[strlen(name)] != ':')
			continue;
		line[strcspn(line, "\n")] = '\0';
		found = strdup(line + strlen(name) + 2);
	}
	free(line);
	fclose(f);
	return found;
}

static void running_kernel_prints_the_same(const char *mask_name, const char *list_name)
{
	char *mask = status_line(mask_name), *list = status_line(list_name);
	uint64_t digits = 0;
	struct sparse s;

	if (!mask || !list) {
		free(mask);
		free(list);
		skip();
	}
	for (const char *c = mask; *c; c++)
		digits += *c != ',';
	from_list(&s, list);
	expect(&s, digits * 4, mask, list);
	sparse_free(&s);
	free(mask);
	free(list);
}

static void cpus_allowed_are_as_the_running_kernel_prints_them(void **state)
{
	(void)state;
	running_kernel_prints_the_same("Cpus_allowed", "Cpus_allowed_list");
}

static void mems_allowed_are_as_the_running_kernel_prints_them(void **state)
{
	(void)state;
	running_kernel_prints_the_same("Mems_allowed", "Mems_allowed_list");
}

static void a_word_is_drawn_lowest_bit_first_in_groups_of_eight(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	bitmap_draw(&t, "bits", 6, 0x8000000000000105, 64);
	bitmap_draw(&t, "few", 4, 0xffff, 10);
	assert_int_equal(t.error, 0);
	assert_string_equal(t.s, "bits   1.1..... 1....... ........ ........ ........ ........ "
				 "........ .......1\nfew  11111111 11\n");
	text_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_and_lists_are_the_kernels),
		cmocka_unit_test(random_maps_agree_with_a_plain_printer),
		cmocka_unit_test(a_million_bits_are_as_long_as_they_should_be),
		cmocka_unit_test(cpus_allowed_are_as_the_running_kernel_prints_them),
		cmocka_unit_test(mems_allowed_are_as_the_running_kernel_prints_them),
		cmocka_unit_test(a_word_is_drawn_lowest_bit_first_in_groups_of_eight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
