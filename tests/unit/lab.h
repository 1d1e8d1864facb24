/*
 * What the tests of the tree share: a machine, calls submitted to it as lines, and its files as
 * strings. Everything fails the test where it stands.
 */
#ifndef LAB_H
#define LAB_H

#include "fdlab.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fdl_machine *m;

static int lab_setup(void **state)
{
	(void)state;
	return fdl_machine_new(NULL, &m);
}

static int lab_teardown(void **state)
{
	(void)state;
	fdl_machine_free(m);
	return 0;
}

#define lab_test(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

static inline fdl_ino find(const char *path)
{
	fdl_ino ino = 0;

	if (fdl_walk(m, path, &ino))
		fail_msg("%s is not there", path);
	return ino;
}

static inline struct fdl_handle *open_file(const char *path, int flags)
{
	struct fdl_handle *h = NULL;

	assert_int_equal(fdl_open(m, find(path), flags, &h), 0);
	return h;
}

/* A file's text, for the test to free. Not inline: gcc 12 takes it for a local variable's then. */
static __attribute__((noinline, unused)) char *text_of(const char *path)
{
	size_t len;
	char *text = NULL;
	int error = fdl_read_file(m, path, &text, &len);

	if (error)
		fail_msg("%s: error %d", path, error);
	assert_int_equal(strlen(text), len);
	return text;
}

static inline void assert_file(const char *path, const char *expected)
{
	char *text = text_of(path);

	assert_string_equal(text, expected);
	free(text);
}

static inline void assert_in_file(const char *path, const char *part)
{
	char *text = text_of(path);

	if (!strstr(text, part))
		fail_msg("%s has no \"%s\":\n%s", path, part, text);
	free(text);
}

/* Whether a directory lists a name. */
static inline bool listed(const char *dir, const char *name)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;

	while (fdl_readdir(m, find(dir), &cookie, &de) == 1) {
		if (!strcmp(de.name, name))
			return true;
	}
	return false;
}

/* What a handle has for its reader now, at most one buffer. */
static inline const char *replies(struct fdl_handle *h)
{
	static char buf[65536];
	ssize_t n = fdl_read(h, buf, sizeof(buf) - 1, 0, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	return buf;
}

/* Lines to the root's control file: what the write returned, or 0 for all of it. */
static inline ssize_t submit(const char *lines)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	const size_t len = strlen(lines);
	ssize_t n = fdl_write(h, lines, len, 0, NULL, NULL);

	fdl_close(h);
	return n == (ssize_t)len ? 0 : n;
}

#endif
