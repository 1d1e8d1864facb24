/*
 * The calls of a file, made by a machine and by a process of the running kernel, must have the same
 * results. A line is a call in the notation, or a comment that begins with #.
 */
#include "support/oracle.h"

static const char *path;

/* The calls of the file, one a line. */
static void read_calls(struct text *lines)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	while ((len = getline(&line, &size, f)) > 0)
		if (*line != '#' && *line != '\n')
			text_put(lines, line, (size_t)len);
	assert_false(ferror(f));
	fclose(f);
	free(line);
}

static void the_kernel_answers_alike(void **state)
{
	struct text lines = TEXT_EMPTY;

	(void)state;
	read_calls(&lines);
	assert_non_null(lines.s);
	compare(lines.s);
	text_free(&lines);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_answers_alike),
	};

	if (argc != 2) {
		fprintf(stderr, "usage: lines FILE\n");
		return 2;
	}
	path = argv[1];
	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
