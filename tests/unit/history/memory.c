/*
 * A history does without what it has no memory for: a line that was done does not fail because
 * memory for a checkpoint, for the second machine or for the lengths of records was refused.
 */
#include "base/trail.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "support/failing_malloc.h"
#include "support/history_lab.h"

#include <string.h>

static void line(void)
{
	assert_int_equal(put(control, "dup2(0, 9)\n"), strlen("dup2(0, 9)\n"));
}

static void put_lines(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		line();
}

/* Does work while the n-th allocation is refused; no refusal is counted. Whether there was one. */
static bool is_optional(void (*work)(void), size_t n, bool lasting)
{
	const uint64_t refused = fdl_refused();
	bool failed;

	failing_malloc_arm(n, lasting);
	work();
	failed = failing_malloc_disarm();
	assert_int_equal(fdl_refused(), refused);
	return failed;
}

static void come(void)
{
	m->past->came(m->past);
}

static void fill(void)
{
	m->log.fills(m->log.fills_ctx);
}

static void a_checkpoint_of_the_machine(void **state)
{
	(void)state;
	for (int lasting = 0; lasting < 2; lasting++) {
		bool failed = true;

		for (size_t n = 1; failed; n++) {
			put_lines(3);
			failed = is_optional(come, n, lasting);
		}
	}
}

static void a_line_that_a_checkpoint_follows(void **state)
{
	const uint64_t records = m->log.records;

	(void)state;
	put_lines(100);
	m->past->due = m->log.records + 1;
	assert_true(is_optional(line, 1, true));
	assert_true(m->past->due > m->log.records);
	assert_int_equal(m->log.records, records + 101);
}

static void a_history_that_follows_a_full_transcript(void **state)
{
	(void)state;
	for (int lasting = 0; lasting < 2; lasting++) {
		for (size_t n = 1; n < 2000; n = n < 40 ? n + 1 : n * 5 / 4) {
			put_lines(3);
			is_optional(fill, n, lasting);
		}
	}
}

/* ---- the lengths of records, which a reader of the transcript needs ---- */

static struct trail trail;

static void render(void *ctx, uint64_t tag, const char *record, size_t len, struct text *out)
{
	(void)ctx;
	(void)tag;
	text_put(out, record, len);
}

static void keep_up(void)
{
	trail_keep_up(&trail);
}

static void the_lengths_of_old_records(void **state)
{
	const char record[1000] = "";
	bool failed = true;

	(void)state;
	trail_init(&trail, (size_t)4 << 20, render, NULL);
	for (int i = 0; i < 1000; i++)
		assert_true(trail_copy(&trail, 0, record, sizeof(record)));
	for (size_t n = 1; failed; n++)
		failed = is_optional(keep_up, n, true);
	assert_int_equal(trail_size(&trail), 1000 * sizeof(record));
	trail_free(&trail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		history_test(a_checkpoint_of_the_machine),
		history_test(a_line_that_a_checkpoint_follows),
		history_test(a_history_that_follows_a_full_transcript),
		cmocka_unit_test(the_lengths_of_old_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
