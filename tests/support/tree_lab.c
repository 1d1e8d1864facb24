#include "support/tree_lab.h"

struct fdl_machine *m;

int tree_lab_setup(void **state)
{
	(void)state;
	return fdl_machine_new(NULL, &m);
}

int tree_lab_teardown(void **state)
{
	(void)state;
	fdl_machine_free(m);
	return 0;
}

fdl_ino find(const char *path)
{
	fdl_ino ino = 0;

	if (fdl_walk(m, path, &ino))
		fail_msg("%s is not there", path);
	return ino;
}

struct fdl_handle *open_file(const char *path, int flags)
{
	struct fdl_handle *h = NULL;

	assert_int_equal(fdl_open(m, find(path), flags, &h), 0);
	return h;
}

char *text_of(const char *path)
{
	size_t len;
	char *text = NULL;
	int error = fdl_read_file(m, path, &text, &len);

	if (error)
		fail_msg("%s: error %d", path, error);
	assert_int_equal(strlen(text), len);
	return text;
}

void assert_file(const char *path, const char *expected)
{
	char *text = text_of(path);

	assert_string_equal(text, expected);
	free(text);
}

void assert_in_file(const char *path, const char *part)
{
	char *text = text_of(path);

	if (!strstr(text, part))
		fail_msg("%s has no \"%s\":\n%s", path, part, text);
	free(text);
}

bool listed(const char *dir, const char *name)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;

	while (fdl_readdir(m, find(dir), &cookie, &de) == 1) {
		if (!strcmp(de.name, name))
			return true;
	}
	return false;
}

const char *replies(struct fdl_handle *h)
{
	static char buf[65536];
	ssize_t n = fdl_read(h, buf, sizeof(buf) - 1, 0, 0);

	assert_true(n >= 0);
	buf[n] = '\0';
	return buf;
}

ssize_t submit(const char *lines)
{
	struct fdl_handle *h = open_file("control", O_RDWR);
	const size_t len = strlen(lines);
	ssize_t n = fdl_write(h, lines, len, 0, NULL, NULL);

	fdl_close(h);
	return n == (ssize_t)len ? 0 : n;
}
