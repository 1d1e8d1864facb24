/*
 * The grammar: each form, its result, and the message for each error. The forms are those of
 * fdlab-notation(5) and of logs of strace.
 */
#include "base/arena.h"
#include "fdlab.h"
#include "notation/line.h"
#include "base/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;
static struct text why;

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	text_free(&why);
	return 0;
}

/* Parses from memory of its exact size, so that reading past the end is found. */
static int try_parse(const char *text, struct line *l)
{
	size_t len = strlen(text);
	char *copy = arena_alloc(&arena, len);

	memcpy(copy, text, len);
	text_clear(&why);
	return notation_parse(&arena, copy, len, l, &why);
}

static struct line parse(const char *text)
{
	struct line l;

	if (try_parse(text, &l))
		fail_msg("%s: %s", text, why.s);
	return l;
}

static void fails(const char *text, const char *message)
{
	struct line l;

	assert_int_equal(try_parse(text, &l), -EINVAL);
	assert_string_equal(why.s, message);
}

#define is(got, len, want)                                                                         \
	do {                                                                                       \
		assert_int_equal(len, strlen(want));                                               \
		assert_memory_equal(got, want, len);                                               \
	} while (0)

static const struct fdl_value *argument(const struct line *l, size_t n)
{
	const struct fdl_value *v = l->args;

	assert_true(n < l->nargs);
	while (n--)
		v = v->next;
	return v;
}

/* ---- whose call, and what stands in front --------------------------------------------------- */

static void blank_lines_and_comments_are_empty(void **state)
{
	static const char *const lines[] = {
		"",
		"   ",
		"\t\r",
		"# a comment",
		"  # line 3: column 1: expected a call",
		"12 # comment",
		"strace: Process 12 attached",
		" > /lib/x86_64-linux-gnu/libc.so.6(open+0x10) [0x1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(parse(lines[i]).kind, LINE_EMPTY);
}

static void a_line_without_a_pid_has_none(void **state)
{
	(void)state;
	assert_int_equal(parse("close(3)").pid, 0);
	assert_int_equal(parse("close 3").pid, 0);
}

static void pid_and_times_stand_in_front(void **state)
{
	static const char *const lines[] = {
		"12 close(3)",
		"12  close(3)",
		"  12 close 3",
		"[pid 12] close(3)",
		"[pid    12] close(3)",
		"12 12:34:56 close(3)",
		"12 12:34:56.789012 close(3)",
		"12  1700000000.123456 close(3)",
		"12 1700000000 close(3)",
		"12      0.000123 close(3)",
		"12 12:34:56 (+     0.000012) close(3)",
		"[pid 12] 12:34:56 close(3)",
		"12<bash> close(3)",
		"[pid 12<x>] close(3)",
		"12 [00007f44deadbeef] close(3)",
		"12 [????????????????] close(3)",
		"12 [   3] close(3)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i]);

		assert_int_equal(l.kind, LINE_CALL);
		assert_int_equal(l.pid, 12);
		is(l.name, l.name_len, "close");
		assert_int_equal(l.nargs, 1);
	}
}

static void times_without_a_pid_are_passed_over(void **state)
{
	static const char *const lines[] = {
		"12:34:56 close(3)",           "12:34:56.789 close(3)",
		"     0.000123 close(3)",      "12:34:56 (+ 0.000123) close(3)",
		"[00007f44deadbeef] close(3)", "[   3] close(3)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i]);

		assert_int_equal(l.pid, 0);
		is(l.name, l.name_len, "close");
	}
}

static void wrong_pids_are_told(void **state)
{
	(void)state;
	fails("0 close(3)", "column 1: expected a pid, got \"0\"");
	fails("2147483648 close(3)", "column 1: expected a pid, got \"2147483648\"");
	fails("99999999999999999999999999 close(3)",
	      "column 1: expected a pid, got \"99999999999999999999999999\"");
	fails("12", "column 3: expected a call, got the end of the line");
	fails("12abc", "column 3: expected a blank after the pid, got \"abc\"");
	fails("[pud 12] close(3)", "column 2: expected \"pid\", got \"pud\"");
	fails("[pid 12 close(3)", "column 9: expected \"]\", got \"close(3\"");
	assert_int_equal(parse("2147483647 close(3)").pid, 2147483647);
}

/* ---- both forms of a call ------------------------------------------------------------------- */

static void strace_form_has_its_arguments_in_brackets(void **state)
{
	struct line l = parse("dup2(3, 10) = 10");

	(void)state;
	assert_int_equal(l.kind, LINE_CALL);
	assert_false(l.shell);
	assert_int_equal(l.nargs, 2);
	assert_int_equal(argument(&l, 0)->num, 3);
	assert_int_equal(argument(&l, 1)->num, 10);
	assert_int_equal(argument(&l, 1)->column, 9);
	assert_int_equal(l.end_column, 11);
	assert_true(l.has_result);
	assert_int_equal(l.result, 10);
	assert_int_equal(l.result_column, 15);
	assert_int_equal(parse("fork()").nargs, 0);
	assert_int_equal(parse("fork ()").nargs, 0);
	assert_int_equal(parse("__close_fd(3)").name_len, 10);
}

static void shell_form_is_words(void **state)
{
	struct line l = parse("2 write 4 hello");

	(void)state;
	assert_true(l.shell);
	assert_int_equal(l.pid, 2);
	assert_int_equal(l.nargs, 2);
	assert_int_equal(argument(&l, 0)->kind, FDL_VALUE_NUMBER);
	assert_int_equal(argument(&l, 1)->kind, FDL_VALUE_WORD);
	is(argument(&l, 1)->text, argument(&l, 1)->len, "hello");
	assert_int_equal(parse("pipe").nargs, 0);
	assert_true(parse("pipe").shell);
}

static void shell_words_are_strings_brackets_or_what_ends_at_a_blank(void **state)
{
	struct line l = parse("x \"a b\" [1, 2] {c=\"d e\"} /tmp/f,g(h) 12ab ... NULL 3</x y>");

	(void)state;
	assert_int_equal(l.nargs, 8);
	assert_int_equal(argument(&l, 0)->kind, FDL_VALUE_STRING);
	is(argument(&l, 0)->text, argument(&l, 0)->len, "a b");
	assert_int_equal(argument(&l, 1)->nsub, 2);
	assert_int_equal(argument(&l, 2)->kind, FDL_VALUE_STRUCT);
	is(argument(&l, 3)->text, argument(&l, 3)->len, "/tmp/f,g(h)");
	assert_int_equal(argument(&l, 4)->kind, FDL_VALUE_WORD);
	assert_int_equal(argument(&l, 5)->kind, FDL_VALUE_REST);
	assert_int_equal(argument(&l, 6)->kind, FDL_VALUE_NULL);
	assert_int_equal(argument(&l, 7)->num, 3);
	is(argument(&l, 7)->decoration, argument(&l, 7)->decoration_len, "/x y");
	fails("x \"a\"b", "column 6: expected a blank between words, got \"b\"");
}

static void shell_form_may_state_a_result(void **state)
{
	struct line l = parse("dup2 3 10 = -1 EBADF");

	(void)state;
	assert_int_equal(l.nargs, 2);
	assert_int_equal(l.error, EBADF);
	assert_int_equal(parse("pipe = 0").nargs, 0);
	/* Only a separate word is the sign of a result. */
	assert_int_equal(parse("write 4 a=b").nargs, 2);
	assert_int_equal(parse("write 4 =x").nargs, 2);
	fails("dup2 3 10 =",
	      "column 12: expected a result (a number or \"?\"), got the end of the line");
}

static void a_name_is_followed_by_a_bracket_or_a_blank(void **state)
{
	(void)state;
	fails("dup2[3]",
	      "column 5: expected \"(\" or a blank after the name of the call, got \"[3\"");
	fails("=3", "column 1: expected a call, got \"=3\"");
	fails("/tmp", "column 1: expected a call, got \"/tmp\"");
}

static void brackets_and_commas_must_be_right(void **state)
{
	(void)state;
	fails("dup2(3, 10", "column 11: expected \",\" or \")\", got the end of the line");
	fails("dup2(3", "column 7: expected \",\" or \")\", got the end of the line");
	fails("dup2(", "column 6: expected a value, got the end of the line");
	fails("dup2(3,, 10)", "column 8: expected a value, got \",\"");
	fails("dup2(3, 10,)", "column 12: expected a value, got \")\"");
	fails("dup2(3] 10)", "column 7: expected \",\" or \")\", got \"]\"");
	fails("f([1, 2)", "column 8: expected \",\" or \"]\", got \")\"");
	fails("f([1, 2", "column 3: expected a bracket that is closed, got \"[1\"");
	fails("f({a=1, b=2)", "column 12: expected \",\" or \"}\", got \")\"");
	fails("f([..., 1])", "column 7: expected \",\" or \"]\", got \",\"");
	fails("f(g(1, 2)", "column 10: expected \",\" or \")\", got the end of the line");
	fails("f(g(1, 2",
	      "column 4: expected a value whose brackets and quotes are closed, got \"(1\"");
}

/* ---- values --------------------------------------------------------------------------------- */

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

static void what_only_starts_like_a_number_is_a_word(void **state)
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
	fails("f(\"abc",
	      "column 3: expected a string that ends in a quotation mark, got \"\\\"abc\"");
	fails("f(\"abc\\\"",
	      "column 3: expected a string that ends in a quotation mark, got \"\\\"abc\\\\\\\"\"");
	fails("f(\"abc\\",
	      "column 3: expected a string that ends in a quotation mark, got \"\\\"abc\\\\\"");
	fails("f(\"a\\qb\")", "column 5: expected an escape sequence of C, got \"\\\\qb\\\"\"");
	fails("f(\"\\xg\")", "column 4: expected an escape sequence of C, got \"\\\\xg\\\"\"");
	fails("f(\"\\400\")", "column 4: expected an escape sequence of C, got \"\\\\400\\\"\"");
	fails("f(\"\\8\")", "column 4: expected an escape sequence of C, got \"\\\\8\\\"\"");
}

static void dots_behind_a_string_mean_that_it_goes_on(void **state)
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
	fails("f(1 /* a", "column 5: expected a comment that ends in */, got \"/*\"");
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

static void what_an_argument_became_stands_behind_an_arrow(void **state)
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
	fails(text, "column 19: too many brackets inside each other");
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
	assert_non_null(strstr(why.s, "too many values in one line"));
	free(text);
}

static void a_NUL_byte_is_an_error(void **state)
{
	struct line l;

	(void)state;
	text_clear(&why);
	assert_int_equal(notation_parse(&arena, "f(\"a\0b\")", 8, &l, &why), -EINVAL);
	assert_string_equal(why.s, "column 5: a NUL byte");
}

/* ---- results -------------------------------------------------------------------------------- */

static void results_are_numbers_errors_or_unknown(void **state)
{
	struct line l;

	(void)state;
	assert_false(parse("f()").has_result);
	l = parse("f()          = -1 EBADF (Bad file descriptor) <0.000012>  # remark");
	assert_int_equal(l.result, -1);
	assert_int_equal(l.error, EBADF);
	assert_int_equal(parse("f() = -1 EAGAIN").error, EAGAIN);
	assert_int_equal(parse("f() = -1 ENOTSUP").error, EOPNOTSUPP);
	assert_int_equal(parse("f() = -1 EWOULDBLOCK").error, EAGAIN);
	assert_int_equal(parse("f() = -1").error, 0);
	assert_int_equal(parse("f() = -1 (errno 999)").result, -1);
	assert_true(parse("f() = ?").result_unknown);
	l = parse("f() = ? ERESTARTSYS (To be restarted if SA_RESTART is set)");
	assert_true(l.result_unknown);
	assert_int_equal(l.error, 512);
	assert_int_equal(parse("f() = 0x8002 (flags O_RDWR|O_LARGEFILE)").result, 0x8002);
	assert_int_equal(parse("f() = 0 (Timeout)").result, 0);
	assert_int_equal(parse("f() = 1 ([{fd=3, revents=POLLIN}])").result, 1);
	assert_int_equal(parse("f() = 3</etc/passwd> <0.000012>").result, 3);
	assert_int_equal(parse("f() = 3 (INJECTED) (DELAYED)").result, 3);
	assert_int_equal(parse("f() = 0x7f0000000000").result, 0x7f0000000000);
}

static void wrong_results_are_told(void **state)
{
	(void)state;
	fails("f() = x", "column 7: expected a result (a number or \"?\"), got \"x\"");
	fails("f() =", "column 6: expected a result (a number or \"?\"), got the end of the line");
	fails("f() = 99999999999999999999",
	      "column 7: expected a result of 64 bits, got \"99999999999999999999\"");
	fails("f() = -1 EBADFF", "column 10: unknown error \"EBADFF\" (did you mean \"EBADF\"?)");
	fails("f() = 3 EBADF", "column 9: expected the end of the line, got \"EBADF\"");
	fails("f() 3", "column 5: expected the end of the line, got \"3\"");
	fails("f() = 3 (x", "column 9: expected a closing parenthesis for this one, got \"(x\"");
	fails("f() = 3 <0.1", "column 13: expected \">\", got the end of the line");
}

static void a_comment_may_follow_everything(void **state)
{
	(void)state;
	assert_int_equal(parse("dup2(3, 10) = 10  # expected 11").result, 10);
	assert_int_equal(parse("close(3) # x").nargs, 1);
	assert_int_equal(parse("close 3 # x").nargs, 1);
	assert_int_equal(parse("close 3 = 0 # x").nargs, 1);
	assert_int_equal(parse("write 4 a#b").nargs, 2);
	assert_int_equal(parse("+++ exited with 0 +++ # x").kind, LINE_EXITED);
}

/* ---- calls in flight, and strace's own lines ------------------------------------------------ */

static void unfinished_calls_stop_at_a_point(void **state)
{
	static const struct {
		const char *text;
		size_t nargs;
	} lines[] = {
		{ "read(3, <unfinished ...>", 1 },
		{ "read(3,  <unfinished ...>", 1 },
		{ "read(3 <unfinished ...>", 1 },
		{ "openat(AT_FDCWD, \"/x\", O_RDONLY <unfinished ...>", 3 },
		{ "fork( <unfinished ...>", 0 },
		{ "fork(<unfinished ...>", 0 },
		{ "dup2 3 10 <unfinished ...>", 2 },
		{ "read(0, <unfinished ...>) = ?", 1 },
		{ "close(3</x> <unfinished ...>", 1 },
		{ "clone3({flags=0} <unfinished ...>", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l = parse(lines[i].text);

		assert_int_equal(l.kind, LINE_UNFINISHED);
		assert_int_equal(l.nargs, lines[i].nargs);
		assert_null(l.point);
	}
}

static void unfinished_calls_may_name_the_point(void **state)
{
	struct line l = parse("dup(3 <unfinished at fd_install ...>");

	(void)state;
	is(l.point, l.point_len, "fd_install");
	l = parse("dup 3 <unfinished at expand_fdtable:relock ...>");
	is(l.point, l.point_len, "expand_fdtable:relock");
	fails("dup(3 <unfinished at ...>",
	      "column 22: expected the name of a preemption point, got \"...>\"");
	fails("dup(3 <unfinished>", "column 18: expected \"...>\", got \">\"");
	fails("dup(3 <finished ...>", "column 7: expected \"<unfinished ...>\", got \"<finished\"");
}

static void resumed_calls_have_the_rest_of_their_arguments(void **state)
{
	struct line l = parse("2 <... read resumed>\"x\", 10) = 1");

	(void)state;
	assert_int_equal(l.kind, LINE_RESUMED);
	assert_int_equal(l.pid, 2);
	is(l.name, l.name_len, "read");
	assert_int_equal(l.nargs, 2);
	assert_int_equal(l.result, 1);
	assert_int_equal(parse("<... close resumed>) = 0").nargs, 0);
	assert_int_equal(parse("<... read resumed> \"x\", 10) = 1").nargs, 2);
	assert_int_equal(parse("<... clone resumed>, child_tidptr=0x7f01) = 12").nargs, 1);
	assert_int_equal(parse("<... clone3 resumed> => {parent_tid=[12]}, 88) = 12").nargs, 1);
	assert_int_equal(parse("<... read resumed> <unfinished ...>) = ?").kind, LINE_RESUMED);
	fails("<... read", "column 10: expected \"resumed>\", got the end of the line");
	fails("<.. read resumed>",
	      "column 1: expected a call or \"<... NAME resumed>\", got \"<..\"");
}

static void step_and_finish_go_on(void **state)
{
	struct line l = parse("2 step fd_install");

	(void)state;
	assert_int_equal(l.kind, LINE_STEP);
	assert_int_equal(l.pid, 2);
	is(l.point, l.point_len, "fd_install");
	assert_int_equal(parse("step").kind, LINE_STEP);
	assert_null(parse("step").point);
	assert_int_equal(parse("finish = 3").kind, LINE_FINISH);
	assert_int_equal(parse("finish = 3").result, 3);
	fails("step a b", "column 8: expected the end of the line, got \"b\"");
	fails("finish x", "column 8: expected the end of the line, got \"x\"");
	fails("step <unfinished ...>", "column 1: what goes on cannot be unfinished");
}

static void ends_of_tasks_and_signals_are_known(void **state)
{
	struct line l = parse("12 +++ exited with 3 +++");

	(void)state;
	assert_int_equal(l.kind, LINE_EXITED);
	assert_int_equal(l.num, 3);
	l = parse("[pid 12] +++ killed by SIGSEGV (core dumped) +++");
	assert_int_equal(l.kind, LINE_KILLED);
	is(l.name, l.name_len, "SIGSEGV");
	assert_int_equal(l.num, 1);
	assert_int_equal(parse("+++ killed by SIGKILL +++").num, 0);
	l = parse("--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=12} ---");
	assert_int_equal(l.kind, LINE_SIGNAL);
	is(l.name, l.name_len, "SIGCHLD");
	assert_int_equal(parse("--- stopped by SIGSTOP ---").kind, LINE_SIGNAL);
	assert_int_equal(parse("+++ superseded by execve in pid 12 +++").kind, LINE_SIGNAL);
	fails("+++ exited with 256 +++", "column 17: expected an exit status, got \"256\"");
}

/* ---- error names ---------------------------------------------------------------------------- */

static void every_error_has_a_name_that_leads_back(void **state)
{
	size_t n = 0;

	(void)state;
	for (int err = -10; err < 600; err++) {
		const char *name = fdl_errname(err);

		if (!name)
			continue;
		n++;
		assert_int_equal(fdl_errno(name, strlen(name)), err);
		assert_non_null(notation_errtext(err));
		assert_int_equal(notation_is_restart(err), err >= 512);
	}
	assert_true(n >= 133 - 2 + 4);
	assert_string_equal(fdl_errname(EBADF), "EBADF");
	assert_string_equal(fdl_errname(EAGAIN), "EAGAIN");
	assert_string_equal(fdl_errname(512), "ERESTARTSYS");
	assert_null(fdl_errname(0));
	assert_null(fdl_errname(515));
}

static void what_is_no_error_has_the_number_0(void **state)
{
	(void)state;
	assert_int_equal(fdl_errno("EBADFX", 6), 0);
	assert_int_equal(fdl_errno("EBAD", 4), 0);
	assert_int_equal(fdl_errno("EBADFX", 5), EBADF);
	assert_int_equal(fdl_errno("E", 1), 0);
	assert_int_equal(fdl_errno("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blank_lines_and_comments_are_empty),
		cmocka_unit_test(a_line_without_a_pid_has_none),
		cmocka_unit_test(pid_and_times_stand_in_front),
		cmocka_unit_test(times_without_a_pid_are_passed_over),
		cmocka_unit_test(wrong_pids_are_told),
		cmocka_unit_test(strace_form_has_its_arguments_in_brackets),
		cmocka_unit_test(shell_form_is_words),
		cmocka_unit_test(shell_words_are_strings_brackets_or_what_ends_at_a_blank),
		cmocka_unit_test(shell_form_may_state_a_result),
		cmocka_unit_test(a_name_is_followed_by_a_bracket_or_a_blank),
		cmocka_unit_test(brackets_and_commas_must_be_right),
		cmocka_unit_test(numbers_are_those_of_C),
		cmocka_unit_test(numbers_of_more_than_64_bits_overflow),
		cmocka_unit_test(what_only_starts_like_a_number_is_a_word),
		cmocka_unit_test(escapes_are_those_of_C),
		cmocka_unit_test(wrong_strings_are_told),
		cmocka_unit_test(dots_behind_a_string_mean_that_it_goes_on),
		cmocka_unit_test(descriptors_may_be_decorated),
		cmocka_unit_test(words_are_whatever_stands_between_commas),
		cmocka_unit_test(comments_inside_arguments_are_passed_over),
		cmocka_unit_test(keys_stand_in_front_of_values),
		cmocka_unit_test(what_an_argument_became_stands_behind_an_arrow),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(the_number_of_values_is_bounded),
		cmocka_unit_test(a_NUL_byte_is_an_error),
		cmocka_unit_test(results_are_numbers_errors_or_unknown),
		cmocka_unit_test(wrong_results_are_told),
		cmocka_unit_test(a_comment_may_follow_everything),
		cmocka_unit_test(unfinished_calls_stop_at_a_point),
		cmocka_unit_test(unfinished_calls_may_name_the_point),
		cmocka_unit_test(resumed_calls_have_the_rest_of_their_arguments),
		cmocka_unit_test(step_and_finish_go_on),
		cmocka_unit_test(ends_of_tasks_and_signals_are_known),
		cmocka_unit_test(every_error_has_a_name_that_leads_back),
		cmocka_unit_test(what_is_no_error_has_the_number_0),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
