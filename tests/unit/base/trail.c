/*
 * Trails compared with a plain list of all records ever written.
 */
#include "base/trail.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct record {
	uint64_t mark;
	size_t len, text_len;
	char *bytes;
};

static struct record *records;
static size_t nrecords, nrendered;
static uint64_t seed;

static uint64_t rnd(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* A tag for a record of this many bytes. */
static uint64_t tag_of(size_t len)
{
	return (uint64_t)len * 0x10001 % ((UINT64_C(1) << TRAIL_TAG_BITS) - 1);
}

/* "[len:", the first bytes in capitals, "]\n"; an empty record has no text. */
static void render(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	char upper[100];
	size_t i;

	assert_ptr_equal(ctx, &seed);
	assert_int_equal(tag, tag_of(len));
	assert_int_equal((uintptr_t)record % sizeof(uint64_t), 0);
	nrendered++;
	if (!len)
		return;
	text_putc(out, '[');
	text_uint(out, len);
	text_putc(out, ':');
	for (i = 0; i < len && i < sizeof(upper); i++)
		upper[i] = (char)(record[i] - 'a' + 'A');
	text_put(out, upper, i);
	text_puts(out, "]\n");
}

static void append(struct trail *t, size_t len)
{
	struct text text = TEXT_EMPTY;
	struct record *r;
	char *p;

	if (!(nrecords & (nrecords - 1))) { /* doubled at each power of two */
		records = realloc(records, (2 * nrecords + 1) * sizeof(*records));
		assert_non_null(records);
	}
	r = &records[nrecords++];
	r->mark = trail_mark(t);
	r->len = len;
	r->bytes = malloc(len + 1);
	assert_non_null(r->bytes);
	for (size_t i = 0; i < len; i++)
		r->bytes[i] = (char)('a' + rnd(26));
	p = trail_reserve(t, len + (rnd(2) && len < 1000 ? rnd(500) : 0));
	assert_non_null(p);
	memcpy(p, r->bytes, len);
	trail_commit(t, tag_of(len), len);
	render(&seed, tag_of(len), p, len, &text);
	r->text_len = text.len;
	text_free(&text);
}

static void start(struct trail *t, size_t limit, uint64_t with_seed)
{
	seed = with_seed * 0x9e3779b97f4a7c15 + 1;
	trail_init(t, limit, render, &seed);
}

static void finish(struct trail *t)
{
	trail_free(t);
	while (nrecords)
		free(records[--nrecords].bytes);
	free(records);
	records = NULL;
}

/* The expected whole text. */
static struct text whole(const struct trail *t)
{
	struct text text = TEXT_EMPTY;

	text_puts(&text, "");
	if (t->dropped)
		text_printf(&text, "# %zu earlier records are no longer kept\n",
			    (size_t)t->dropped);
	for (size_t i = (size_t)t->dropped; i < nrecords; i++) {
		uint64_t aligned[128] = { 0 };
		size_t len = records[i].len;
		char *p = (char *)aligned;

		memcpy(p, records[i].bytes, len < 100 ? len : 100);
		render(&seed, tag_of(len), p, len, &text);
	}
	return text;
}

static void expect_read(struct trail *t, const struct text *text, size_t off, size_t size)
{
	char *buf = malloc(size + 1);
	size_t want = off >= text->len ? 0 : text->len - off;

	assert_non_null(buf);
	if (want > size)
		want = size;
	assert_int_equal(trail_read(t, buf, size, (off_t)off), want);
	assert_memory_equal(buf, text->s + (want ? off : 0), want);
	free(buf);
}

static void expect_records(const struct trail *t)
{
	for (size_t i = 0; i < nrecords; i++) {
		size_t len = 0;
		uint64_t tag = 0;
		const char *p = trail_record(t, records[i].mark, &tag, &len);

		if (i < t->dropped) {
			assert_null(p);
			continue;
		}
		assert_non_null(p);
		assert_int_equal(len, records[i].len);
		assert_int_equal(tag, tag_of(len));
		assert_memory_equal(p, records[i].bytes, len);
	}
}

static void random_reads(struct trail *t, bool sized)
{
	struct text text = whole(t);

	if (sized)
		assert_int_equal(trail_size(t), text.len);
	for (int n = 0; n < 5; n++)
		expect_read(t, &text, rnd(text.len + 10), rnd(rnd(3) ? 200 : 100000));
	if (rnd(4) == 0)
		expect_read(t, &text, 0, text.len + 1);
	text_free(&text);
}

static void run_random(size_t limit, int rounds, size_t longest, uint64_t with_seed)
{
	struct trail t;

	start(&t, limit, with_seed);
	for (int round = 0; round < rounds; round++) {
		for (uint64_t n = rnd(60); n--;)
			append(&t, rnd(rnd(50) ? 60 : longest));
		random_reads(&t, rnd(2));
		assert_true(t.bytes <= limit || t.oldest == t.newest);
		assert_int_equal(t.records, nrecords);
	}
	expect_records(&t);
	finish(&t);
}

static void the_text_is_that_of_the_records_in_order(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 3; n++)
		run_random((size_t)1 << 28, 100, 3000, n);
}

static void records_larger_than_a_chunk_get_their_own(void **state)
{
	(void)state;
	run_random((size_t)1 << 28, 60, 200000, 11);
}

static void the_text_is_that_of_the_records_that_are_kept(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 3; n++)
		run_random(40000, 150, 3000, n + 20);
	run_random(40000, 100, 100000, 30);
	run_random(0, 50, 3000, 31);
}

static void an_empty_trail_has_no_text_and_no_records(void **state)
{
	struct trail t;
	char buf[10];
	uint64_t tag;
	size_t len;

	(void)state;
	start(&t, 1 << 20, 1);
	assert_int_equal(trail_size(&t), 0);
	assert_int_equal(trail_read(&t, buf, sizeof(buf), 0), 0);
	assert_int_equal(trail_read(&t, buf, sizeof(buf), -1), -EINVAL);
	assert_null(trail_record(&t, 0, &tag, &len));
	assert_null(trail_record(&t, UINT64_MAX, &tag, &len));
	assert_non_null(trail_reserve(&t, 100));
	assert_int_equal(trail_size(&t), 0);
	assert_null(trail_record(&t, trail_mark(&t), &tag, &len));
	finish(&t);
}

static void dropping_keeps_the_newer_half_and_says_so(void **state)
{
	struct trail t;
	char buf[100] = "";
	size_t peak = 0;

	(void)state;
	start(&t, 1 << 20, 5);
	while (!t.dropped) {
		append(&t, 50);
		peak = t.bytes > peak && !t.dropped ? t.bytes : peak;
		assert_true(nrecords < 100000);
	}
	assert_true(peak > (1 << 20) - (1 << 17));
	assert_true(t.bytes <= 1 << 19 && t.bytes > (1 << 19) - (1 << 17));
	assert_true(trail_read(&t, buf, sizeof(buf) - 1, 0) > 0);
	assert_memory_equal(buf, "# ", 2);
	assert_int_equal(strtoull(buf + 2, NULL, 10), t.dropped);
	assert_memory_equal(strchr(buf + 2, ' '), " earlier records are no longer kept\n", 36);
	random_reads(&t, true);
	finish(&t);
}

static void the_size_falls_only_when_records_are_dropped(void **state)
{
	struct trail t;
	ssize_t size = 0;

	(void)state;
	start(&t, 20000, 6);
	for (int n = 0; n < 2000; n++) {
		uint64_t dropped = t.dropped;
		ssize_t now;

		append(&t, 40);
		now = trail_size(&t);
		assert_int_equal(now > size, dropped == t.dropped);
		size = now;
	}
	finish(&t);
}

/* Reading in small pieces and measuring repeatedly makes each text only a few times. */
static void small_reads_do_not_render_again(void **state)
{
	struct trail t;
	char buf[64];
	ssize_t n, off = 0;

	(void)state;
	start(&t, (size_t)1 << 28, 7);
	for (int i = 0; i < 20000; i++)
		append(&t, 40);
	nrendered = 0;
	assert_true(trail_size(&t) > 0);
	while ((n = trail_read(&t, buf, sizeof(buf), off)) > 0)
		off += n;
	assert_int_equal(off, trail_size(&t));
	assert_true(nrendered <= 2 * 20000);

	for (int i = 0; i < 500; i++) {
		append(&t, 40);
		nrendered = 0;
		n = trail_read(&t, buf, sizeof(buf), off);
		assert_int_equal(n, records[nrecords - 1].text_len);
		off += n;
		assert_int_equal(off, trail_size(&t));
		assert_true(nrendered <= 1);
	}
	finish(&t);
}

static void a_record_is_at_most_TRAIL_RECORD_MAX(void **state)
{
	struct trail t;

	(void)state;
	start(&t, 1 << 16, 8);
	append(&t, 10);
	append(&t, TRAIL_RECORD_MAX);
	append(&t, 10);
	expect_records(&t);
	assert_true(trail_size(&t) > 0);
	assert_null(trail_reserve(&t, TRAIL_RECORD_MAX + 1));
	assert_null(trail_reserve(&t, SIZE_MAX));
	assert_int_equal(trail_size(&t), -ENOMEM);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_that_of_the_records_in_order),
		cmocka_unit_test(records_larger_than_a_chunk_get_their_own),
		cmocka_unit_test(the_text_is_that_of_the_records_that_are_kept),
		cmocka_unit_test(an_empty_trail_has_no_text_and_no_records),
		cmocka_unit_test(dropping_keeps_the_newer_half_and_says_so),
		cmocka_unit_test(the_size_falls_only_when_records_are_dropped),
		cmocka_unit_test(small_reads_do_not_render_again),
		cmocka_unit_test(a_record_is_at_most_TRAIL_RECORD_MAX),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
