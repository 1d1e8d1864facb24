/*
 * Texts that grow, and arenas: all printed lines are made with them.
 */
#include "base/arena.h"
#include "base/suggest.h"
#include "base/text.h"
#include "fdlab.h"

#include <errno.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_is_NUL_terminated_after_each_write(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "");
	assert_string_equal(t.s, "");
	text_putc(&t, 'a');
	assert_string_equal(t.s, "a");
	text_put(&t, "bcd", 2);
	assert_string_equal(t.s, "abc");
	text_printf(&t, "%d-%s", 12, "x");
	assert_string_equal(t.s, "abc12-x");
	assert_int_equal(t.len, 7);
	assert_int_equal(t.error, 0);
	text_free(&t);
	assert_null(t.s);
}

static void printf_longer_than_the_room_is_whole(void **state)
{
	struct text t = TEXT_EMPTY;
	char want[1001];

	(void)state;
	memset(want, 'x', 1000);
	want[1000] = '\0';
	text_putc(&t, '<');
	text_printf(&t, "%s", want);
	assert_int_equal(t.len, 1001);
	assert_string_equal(t.s + 1, want);
	text_free(&t);
}

static void a_text_takes_no_more_than_its_limit(void **state)
{
	for (size_t limit = 1; limit < 300; limit++) {
		struct text t = { .limit = limit };

		(void)state;
		for (size_t i = 0; i + 3 <= limit; i += 3) {
			text_printf(&t, "%03zu", i);
			assert_int_equal(t.error, 0);
		}
		while (t.len < limit)
			text_putc(&t, 'x');
		assert_int_equal(t.error, 0);
		text_printf(&t, "%d", 1);
		assert_int_equal(t.error, -EFBIG);
		text_putc(&t, 'x');
		assert_int_equal(t.len, limit);
		assert_int_equal(strlen(t.s), limit);
		text_clear(&t);
		text_put(&t, t.s, limit < 2 ? limit : 2);
		assert_int_equal(t.error, 0);
		text_free(&t);
	}
}

static void a_text_that_cannot_grow_says_so_and_keeps_what_it_has(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "kept");
	assert_false(text_grow(&t, SIZE_MAX / 2));
	assert_int_equal(t.error, -ENOMEM);
	text_puts(&t, "lost");
	assert_string_equal(t.s, "kept");
	text_clear(&t);
	assert_int_equal(t.error, 0);
	text_puts(&t, "again");
	assert_string_equal(t.s, "again");
	text_free(&t);
}

static void cutting_forgets_the_end_only(void **state)
{
	struct text t = TEXT_EMPTY;

	(void)state;
	text_puts(&t, "abcdef");
	text_cut(&t, 9);
	assert_string_equal(t.s, "abcdef");
	text_cut(&t, 2);
	assert_string_equal(t.s, "ab");
	text_free(&t);
}

/* Numbers are printed as by printf. */
static void numbers_are_those_of_printf(void **state)
{
	static const uint64_t numbers[] = { 0,          1,         7,          8,         9,
					    10,         0777,      4095,       0x8002,    INT32_MAX,
					    UINT32_MAX, INT64_MAX, 1ull << 63, UINT64_MAX };
	struct text t = TEXT_EMPTY;
	char want[200];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unsigned long long n = numbers[i];

		text_clear(&t);
		text_int(&t, (int64_t)n);
		text_putc(&t, ' ');
		text_uint(&t, n);
		text_putc(&t, ' ');
		text_hex(&t, n);
		text_putc(&t, ' ');
		text_octal(&t, n);
		snprintf(want, sizeof(want), "%lld %llu %#llx %#llo", (long long)n, n, n, n);
		assert_string_equal(t.s, want);
	}
	text_free(&t);
}

static void check_quoted(const char *s, size_t len, size_t max, const char *want)
{
	struct text t = TEXT_EMPTY;

	text_quoted(&t, s, len, max);
	assert_string_equal(t.s, want);
	text_free(&t);
}

static void quoted_strings_are_those_of_strace(void **state)
{
	/* The text that strace 6.1 prints for a write of these bytes. */
	static const char bytes[] = "\0\1\2"
				    "7\377\x7f\n\t\r\"'\\?\a\b\33x\v\f<>";

	(void)state;
	check_quoted(bytes, sizeof(bytes), SIZE_MAX,
		     "\"\\0\\1\\0027\\377\\177\\n\\t\\r\\\"'\\\\?\\7\\10\\33x\\v\\f<>\\0\"");
	check_quoted("", 0, SIZE_MAX, "\"\"");
	check_quoted("abc", 3, 3, "\"abc\"");
}

static void quoted_strings_are_cut_with_dots_after_them(void **state)
{
	(void)state;
	check_quoted("abcdef", 6, 3, "\"abc\"...");
	check_quoted("abc", 3, 0, "\"\"...");
}

static void an_octal_escape_in_front_of_what_was_cut_off_is_short(void **state)
{
	(void)state;
	check_quoted("\0017", 2, 1, "\"\\1\"...");
	check_quoted("\0019", 2, 2, "\"\\0019\"");
}

static void arena_pieces_are_aligned_and_apart(void **state)
{
	struct arena a = { 0 };
	char *piece[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		size_t size = i * 7 % 300;

		piece[i] = arena_alloc(&a, size);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % alignof(max_align_t), 0);
		memset(piece[i], (int)(i & 0xff), size);
	}
	for (size_t i = 0; i < 1000; i++) {
		for (size_t j = 0; j < i * 7 % 300; j++)
			assert_int_equal((unsigned char)piece[i][j], i & 0xff);
	}
	arena_free(&a);
	assert_null(a.chunks);
}

static void arena_keeps_a_chunk_when_it_is_reset(void **state)
{
	struct arena a = { 0 };
	void *first = arena_alloc(&a, 100);

	(void)state;
	assert_non_null(first);
	assert_non_null(arena_alloc(&a, 1000000));
	assert_non_null(arena_alloc(&a, 10000));
	arena_reset(&a);
	assert_ptr_equal(arena_alloc(&a, 100), first);
	arena_free(&a);
}

static void an_arena_asked_for_too_much_has_no_memory(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 64));
	assert_null(arena_copy(&a, "", SIZE_MAX));
	arena_free(&a);
}

static void a_copy_has_a_NUL_after_it(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(arena_copy(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(&a, NULL, 0), "");
	arena_free(&a);
}

static const char *suggestion_for(const char *word)
{
	static const char *const words[] = { "dup",    "dup2",    "dup3",  "close", "open", "fork",
					     "O_RDWR", "O_CREAT", "fcntl", "a",     NULL };

	return fdl_suggest(word, words);
}

static void the_word_with_the_fewest_corrections_is_suggested(void **state)
{
	(void)state;
	assert_string_equal(suggestion_for("clsoe"), "close");
	assert_string_equal(suggestion_for("closee"), "close");
	assert_string_equal(suggestion_for("clse"), "close");
	assert_string_equal(suggestion_for("dupp2"), "dup2");
	assert_string_equal(suggestion_for("O_RDWRR"), "O_RDWR");
	assert_string_equal(suggestion_for("O_CRAET"), "O_CREAT");
}

static void upper_and_lower_case_are_the_same_in_suggestions(void **state)
{
	(void)state;
	assert_string_equal(suggestion_for("o_rdwr"), "O_RDWR");
	assert_string_equal(suggestion_for("FORK"), "fork");
}

static void a_word_that_resembles_no_other_has_no_suggestion(void **state)
{
	char word[5000];

	(void)state;
	assert_null(suggestion_for("frobnicate"));
	assert_null(suggestion_for(""));
	assert_null(suggestion_for("b"));
	memset(word, 'o', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(suggestion_for(word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_NUL_terminated_after_each_write),
		cmocka_unit_test(printf_longer_than_the_room_is_whole),
		cmocka_unit_test(a_text_takes_no_more_than_its_limit),
		cmocka_unit_test(a_text_that_cannot_grow_says_so_and_keeps_what_it_has),
		cmocka_unit_test(cutting_forgets_the_end_only),
		cmocka_unit_test(numbers_are_those_of_printf),
		cmocka_unit_test(quoted_strings_are_those_of_strace),
		cmocka_unit_test(quoted_strings_are_cut_with_dots_after_them),
		cmocka_unit_test(an_octal_escape_in_front_of_what_was_cut_off_is_short),
		cmocka_unit_test(arena_pieces_are_aligned_and_apart),
		cmocka_unit_test(arena_keeps_a_chunk_when_it_is_reset),
		cmocka_unit_test(an_arena_asked_for_too_much_has_no_memory),
		cmocka_unit_test(a_copy_has_a_NUL_after_it),
		cmocka_unit_test(the_word_with_the_fewest_corrections_is_suggested),
		cmocka_unit_test(upper_and_lower_case_are_the_same_in_suggestions),
		cmocka_unit_test(a_word_that_resembles_no_other_has_no_suggestion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
