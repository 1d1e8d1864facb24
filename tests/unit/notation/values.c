/*
 * The grammar of values: numbers, strings, brackets, keys, decorations, and the message for each
 * error.
 */
#include "support/notation_lab.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int64_t number(const char *text)
{
	char line[200];
	struct line l;

	snprintf(line, sizeof(line), "f(%s)", text);
	l = parse(line);
	assert_int_equal(l.nargs, 1);
	assert_int_equal(l.args->kind, FDL_VALUE_NUMBER);
	assert_false(l.args->overflow);
	return l.args->num;
}

static void numbers_are_those_of_C(void **state)
{
	(void)state;
	assert_int_equal(number("0"), 0);
	assert_int_equal(number("10"), 10);
	assert_int_equal(number("-1"), -1);
	assert_int_equal(number("0x0a"), 10);
	assert_int_equal(number("0XFF"), 255);
	assert_int_equal(number("012"), 10);
	assert_int_equal(number("8*1024"), 8192);
	assert_int_equal(number("9223372036854775807"), INT64_MAX);
	assert_int_equal(number("-9223372036854775808"), INT64_MIN);
	assert_int_equal(number("0xffffffffffffffff"), -1);
	assert_int_equal(number("18446744073709551615"), -1);
}

static void numbers_of_more_than_64_bits_overflow(void **state)
{
	static const char *const lines[] = {
		"f(18446744073709551616)",      "f(-9223372036854775809)",
		"f(0x10000000000000000)",       "f(99999999999999999999999999999999999999999)",
		"f(18446744073709551615*2)",    "f(02000000000000000000000)",
		"f(99999999999999999999999*0)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i]);

		assert_int_equal(l.args->kind, FDL_VALUE_NUMBER);
		assert_true(l.args->overflow);
	}
}

static void a_text_that_only_starts_like_a_number_is_a_word(void **state)
{
	static const char *const lines[] = { "f(08)",  "f(0x)", "f(12ab)", "f(0x2|O_RDWR)",
					     "f(1.5)", "f(-)",  "f(--1)",  "f(0x1g)" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i]).args->kind, FDL_VALUE_WORD);
}

static void check_string(const char *text, const char *want, size_t len)
{
	struct line l = parse(text);

	assert_int_equal(l.args->kind, FDL_VALUE_STRING);
	assert_int_equal(l.args->len, len);
	assert_memory_equal(l.args->text, want, len);
}

static void escapes_are_those_of_C(void **state)
{
	static const char want[] = "\0\1\0027\377A\n\t\r\"'\\?\a\b\33x\v\f";

	(void)state;
	check_string("f(\"\\0\\1\\0027\\377\\x41\\n\\t\\r\\\"\\'\\\\\\?\\a\\b\\ex\\v\\f\")", want,
		     sizeof(want) - 1);
	check_string("f(\"\")", "", 0);
	check_string("f(\"\\xaBc\")",
		     "\xab"
		     "c",
		     2);
	check_string("f(\"\\0019\")", "\0019", 2);
	check_string("f(\"a, b) = 3\")", "a, b) = 3", 9);
	check_string("f(\"# no comment\")", "# no comment", 12);
}

static void wrong_strings_are_told(void **state)
{
	(void)state;
	parsing_fails("f(\"abc",
		      "column 3: expected a string that ends in a quotation mark, got \"\\\"abc\"");
	parsing_fails("f(\"abc\\\"",
		      "column 3: expected a string that ends in a quotation mark, got "
		      "\"\\\"abc\\\\\\\"\"");
	parsing_fails(
		"f(\"abc\\",
		"column 3: expected a string that ends in a quotation mark, got \"\\\"abc\\\\\"");
	parsing_fails("f(\"a\\qb\")",
		      "column 5: expected an escape sequence of C, got \"\\\\qb\\\"\"");
	parsing_fails("f(\"\\xg\")",
		      "column 4: expected an escape sequence of C, got \"\\\\xg\\\"\"");
	parsing_fails("f(\"\\400\")",
		      "column 4: expected an escape sequence of C, got \"\\\\400\\\"\"");
	parsing_fails("f(\"\\8\")",
		      "column 4: expected an escape sequence of C, got \"\\\\8\\\"\"");
}

static void dots_after_a_string_mean_that_it_goes_on(void **state)
{
	(void)state;
	assert_true(parse("f(\"ab\"..., 3)").args->truncated);
	assert_false(parse("f(\"ab\", ...)").args->truncated);
	assert_true(parse("write 4 \"ab\"...").args->next->truncated);
	assert_true(parse("f([3, ...])").args->truncated);
	assert_int_equal(parse("f([3, ...])").args->nsub, 1);
	assert_true(parse("f({a=1, ...})").args->truncated);
	assert_int_equal(parse("f(...)").args->kind, FDL_VALUE_REST);
}

static void descriptors_may_be_decorated(void **state)
{
	static const char *const decorations[] = {
		"/etc/passwd",
		"pipe:[12]",
		"socket:[7]",
		"TCP:[127.0.0.1:80->127.0.0.1:4242]",
		"TCPv6:[[::1]:80->[::1]:4242]",
		"UNIX-STREAM:[12->13,\"/run/x\"]",
		"/dev/null<char 1:3>",
		"/tmp/x-",
		"/tmp/a[b",
		"anon_inode:[eventfd]",
		"{eventfd-count=0, eventfd-id=1}",
		"/tmp/x (deleted)",
		"",
	};
	char line[200];
	struct line l;

	(void)state;
	for (size_t i = 0; i < sizeof(decorations) / sizeof(decorations[0]); i++) {
		snprintf(line, sizeof(line), "f(3<%s>, 4) = 5<%s>", decorations[i], decorations[i]);
		l = parse(line);
		assert_int_equal(l.nargs, 2);
		assert_int_equal(l.args->num, 3);
		is(l.args->decoration, l.args->decoration_len, decorations[i]);
		assert_int_equal(l.result, 5);
	}
	l = parse("openat(AT_FDCWD</home>, \"x\")");
	is(l.args->text, l.args->len, "AT_FDCWD");
	is(l.args->decoration, l.args->decoration_len, "/home");
	l = parse("close(3</tmp/x>(deleted))");
	is(l.args->decoration, l.args->decoration_len, "/tmp/x");
}

static void words_are_whatever_stands_between_commas(void **state)
{
	static const char *const words[] = {
		"O_RDWR|O_CREAT",
		"S_IFREG|0644",
		"makedev(0x1, 0x3)",
		"WIFEXITED(s) && WEXITSTATUS(s) == 3",
		"htons(80)",
		"inet_addr(\"1,2)3\")",
		"~[RTMIN RT_1]",
		"B38400 opost isig ...",
		"16->28",
		"~0U",
		"<... resuming interrupted read ...>",
	};
	char line[200];
	struct line l;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(line, sizeof(line), "f(%s, [%s], {a=%s, %s})", words[i], words[i],
			 words[i], words[i]);
		l = parse(line);
		assert_int_equal(l.nargs, 3);
		is(argument(&l, 0)->text, argument(&l, 0)->len, words[i]);
		is(argument(&l, 1)->sub->text, argument(&l, 1)->sub->len, words[i]);
		is(argument(&l, 2)->sub->text, argument(&l, 2)->sub->len, words[i]);
		is(argument(&l, 2)->sub->next->text, argument(&l, 2)->sub->next->len, words[i]);
	}
}

static void comments_inside_arguments_are_passed_over(void **state)
{
	struct line l = parse("f(/* a */ 1 /* b, c) */, [/**/], 0x7ffc /* 20 vars */) = 1");

	(void)state;
	assert_int_equal(l.nargs, 3);
	assert_int_equal(argument(&l, 0)->num, 1);
	assert_int_equal(argument(&l, 1)->nsub, 0);
	assert_int_equal(argument(&l, 2)->num, 0x7ffc);
	is(argument(&l, 2)->raw, argument(&l, 2)->raw_len, "0x7ffc");
	assert_int_equal(l.result, 1);
	parsing_fails("f(1 /* a", "column 5: expected a comment that ends in */, got \"/*\"");
}

static void keys_stand_in_front_of_values(void **state)
{
	struct line l = parse("clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD, x={y=[1]})");
	const struct fdl_value *v = argument(&l, 1);

	(void)state;
	is(v->key, v->key_len, "flags");
	is(v->text, v->len, "CLONE_FILES|SIGCHLD");
	is(v->raw, v->raw_len, "flags=CLONE_FILES|SIGCHLD");
	assert_int_equal(v->column, 25);
	v = argument(&l, 2)->sub;
	is(v->key, v->key_len, "y");
	assert_int_equal(v->sub->num, 1);
	l = parse("open flags=O_RDWR \"x\"");
	is(l.args->key, l.args->key_len, "flags");
}

static void the_value_that_an_argument_became_stands_after_an_arrow(void **state)
{
	struct line l = parse("clone3({flags=0} => {parent_tid=[0]}, 88) = 12");

	(void)state;
	assert_int_equal(l.nargs, 2);
	assert_non_null(l.args->became);
	is(l.args->became->raw, l.args->became->raw_len, "{parent_tid=[0]}");
	assert_int_equal(argument(&l, 1)->num, 88);
}

static void nesting_is_bounded(void **state)
{
	char text[300] = "f(";
	size_t n;

	(void)state;
	memset(text + 2, '[', NOTATION_DEPTH_MAX);
	memset(text + 2 + NOTATION_DEPTH_MAX, ']', NOTATION_DEPTH_MAX);
	strcpy(text + 2 + 2 * (size_t)NOTATION_DEPTH_MAX, ")");
	parse(text);
	n = NOTATION_DEPTH_MAX + 1;
	memset(text + 2, '{', n);
	memset(text + 2 + n, '}', n);
	strcpy(text + 2 + 2 * n, ")");
	parsing_fails(text, "column 19: too many brackets inside each other");
}

static void the_number_of_values_is_bounded(void **state)
{
	size_t len = 3 * (size_t)NOTATION_VALUES_MAX;
	char *text = malloc(len + 10);
	struct line l;

	(void)state;
	for (size_t i = 0; i < NOTATION_VALUES_MAX; i++)
		memcpy(text + 2 * i, "1 ", 2);
	memcpy(text, "f ", 2);
	text[2 * (size_t)NOTATION_VALUES_MAX] = '\0';
	assert_int_equal(parse(text).nargs, NOTATION_VALUES_MAX - 1);
	strcat(text, "1 1");
	assert_int_equal(try_parse(text, &l), -EINVAL);
	assert_non_null(strstr(notation.why.s, "too many values in one line"));
	free(text);
}

static void a_NUL_byte_is_an_error(void **state)
{
	struct line l;

	(void)state;
	text_clear(&notation.why);
	assert_int_equal(notation_parse(&notation.arena, "f(\"a\0b\")", 8, &l, &notation.why),
			 -EINVAL);
	assert_string_equal(notation.why.s, "column 5: a NUL byte");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_those_of_C),
		cmocka_unit_test(numbers_of_more_than_64_bits_overflow),
		cmocka_unit_test(a_text_that_only_starts_like_a_number_is_a_word),
		cmocka_unit_test(escapes_are_those_of_C),
		cmocka_unit_test(wrong_strings_are_told),
		cmocka_unit_test(dots_after_a_string_mean_that_it_goes_on),
		cmocka_unit_test(descriptors_may_be_decorated),
		cmocka_unit_test(words_are_whatever_stands_between_commas),
		cmocka_unit_test(comments_inside_arguments_are_passed_over),
		cmocka_unit_test(keys_stand_in_front_of_values),
		cmocka_unit_test(the_value_that_an_argument_became_stands_after_an_arrow),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(the_number_of_values_is_bounded),
		cmocka_unit_test(a_NUL_byte_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, notation_lab_teardown);
}
