#include "support/notation_lab.h"

#include <errno.h>
#include <stdlib.h>

struct notation_lab notation;

struct fdl_arg numbers[3] = { { .num = 3 }, { .num = 4 }, { .num = 5 } };

int notation_lab_setup(void **state)
{
	(void)state;
	return test_rows_compile(notation.rows, &notation.why) ? 0 : -1;
}

int notation_lab_teardown(void **state)
{
	(void)state;
	arena_free(&notation.arena);
	text_free(&notation.why);
	text_free(&notation.out);
	return 0;
}

/* Parses from memory of its exact size, so that reading past the end is found. */
int try_parse(const char *text, struct line *l)
{
	size_t len = strlen(text);
	char *copy = arena_alloc(&notation.arena, len);

	memcpy(copy, text, len);
	text_clear(&notation.why);
	return notation_parse(&notation.arena, copy, len, l, &notation.why);
}

struct line parse(const char *text)
{
	struct line l;

	if (try_parse(text, &l))
		fail_msg("%s: %s", text, notation.why.s);
	return l;
}

void parsing_fails(const char *text, const char *message)
{
	struct line l;

	assert_int_equal(try_parse(text, &l), -EINVAL);
	assert_string_equal(notation.why.s, message);
}

const struct fdl_value *argument(const struct line *l, size_t n)
{
	const struct fdl_value *v = l->args;

	assert_true(n < l->nargs);
	while (n--)
		v = v->next;
	return v;
}

/* The line is in memory of its own, which is overwritten: arguments may not point into it. */
static int try_bind(const char *text, struct bound *b)
{
	size_t len = strlen(text);
	char *copy = malloc(len);
	int error;

	assert_non_null(copy);
	memcpy(copy, text, len);
	text_clear(&notation.why);
	error = notation_parse(&notation.arena, copy, len, &b->line, &notation.why);
	if (error)
		fail_msg("%s: %s", text, notation.why.s);
	b->row = test_row(notation.rows, &b->line);
	assert_non_null(b->row);
	error = args_bind(&notation.arena, b->row, &b->line, b->arg, &notation.why);
	memset(copy, '#', len);
	free(copy);
	return error;
}

struct bound bound_of(const char *text)
{
	struct bound b;

	if (try_bind(text, &b))
		fail_msg("%s: %s", text, notation.why.s);
	return b;
}

void binding_fails(const char *text, const char *message)
{
	struct bound b;

	assert_int_equal(try_bind(text, &b), -EINVAL);
	assert_string_equal(notation.why.s, message);
}

struct bound filled(const char *text, size_t place, struct fdl_arg arg)
{
	struct bound b = bound_of(text);

	b.arg[place] = arg;
	return b;
}
