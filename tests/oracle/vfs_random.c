/*
 * Random calls on names, files and pipes, compared with the running kernel. The random numbers are
 * always the same; FDLAB_ORACLE_SEQUENCES sets the number of sequences.
 */
#include "support/oracle.h"
#include "support/random.h"

/* No link leads to /tmp itself, so that ".." never leaves it. */
static const char *random_path(void)
{
	static const char *const paths[] = {
		"a",      "b",        "d",         "d/a", "d/b",    "d/e",      "d/e/a",    "f",
		"f/a",    "l",        "m",         "d/l", "a/",     "d/",       "l/",       "m/",
		"d/../b", "d/e/../a", "l/a",       "m/a", "/tmp/a", "/tmp/d/a", "/tmp/f/",  "./a",
		"d/.",    "d/..",     "missing/x", "a/x", "l/..",   "",         "/tmp/d/e", "d//a",
	};

	return PICK(paths);
}

static const char *random_target(void)
{
	static const char *const targets[] = { "a",       "b", "d", "d/", "d/e",    "/tmp/b",
					       "/tmp/d/", "l", "m", "f",  "nowhere" };

	return PICK(targets);
}

static int random_fd(void)
{
	return 3 + (int)pick(8);
}

static const char *random_flags(void)
{
	static const char *const flags[] = {
		"O_RDONLY",
		"O_RDWR",
		"O_WRONLY",
		"O_RDWR|O_CREAT",
		"O_RDWR|O_CREAT|O_EXCL",
		"O_WRONLY|O_CREAT|O_TRUNC",
		"O_RDONLY|O_DIRECTORY",
		"O_RDONLY|O_NOFOLLOW",
		"O_RDWR|O_CREAT|O_NOFOLLOW",
		"O_PATH",
		"O_PATH|O_NOFOLLOW",
		"O_PATH|O_DIRECTORY",
		"O_RDWR|O_APPEND",
		"O_RDONLY|O_TRUNC",
		"O_ACCMODE",
		"O_RDONLY|O_CREAT|O_DIRECTORY",
		"O_RDONLY|O_DIRECTORY|O_NOFOLLOW",
		"O_RDWR|O_TMPFILE",
	};

	return PICK(flags);
}

/* The kernel may forget the name of the link itself (O_PATH|O_NOFOLLOW) at any time. */
static const char *random_proc_flags(void)
{
	static const char *const flags[] = {
		"O_RDONLY",
		"O_RDWR",
		"O_WRONLY",
		"O_PATH",
		"O_RDONLY|O_TRUNC",
		"O_RDWR|O_CREAT",
		"O_RDONLY|O_DIRECTORY",
		"O_RDWR|O_TMPFILE",
		"O_WRONLY|O_APPEND",
		"O_ACCMODE",
	};

	return PICK(flags);
}

static const char *random_whence(void)
{
	static const char *const whence[] = { "SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA",
					      "SEEK_HOLE" };

	return PICK(whence);
}

static int random_offset(void)
{
	static const int offsets[] = { 0, 1, -1, 5, 4095, 4096, 4097, 10000, -4096, 20000 };

	return PICK(offsets);
}

/* Choices 0 to 7: opens and closes. */
static void put_random_opening(struct text *t, unsigned choice)
{
	switch (choice) {
	case 0 ... 4:
		text_printf(t, "open(\"%s\", %s|O_NONBLOCK, 0%o)\n", random_path(), random_flags(),
			    pick(01000));
		break;
	case 5:
		text_printf(t, "openat(%d, \"%s\", %s|O_NONBLOCK, 0644)\n", random_fd(),
			    random_path(), random_flags());
		break;
	case 6:
		text_printf(t, "open(\"/proc/self/fd/%d\", %s|O_NONBLOCK, 0644)\n", random_fd(),
			    random_proc_flags());
		break;
	default:
		text_printf(t, "close(%d)\n", random_fd());
		break;
	}
}

/* Choices 8 to 19, and 29: calls on names. */
static void put_random_name_call(struct text *t, unsigned choice)
{
	switch (choice) {
	case 8 ... 9:
		text_printf(t, "mkdir(\"%s\", 0%o)\n", random_path(), 0700 | pick(0100));
		break;
	case 10:
		text_printf(t, "rmdir(\"%s\")\n", random_path());
		break;
	case 11 ... 12:
		text_printf(t, "unlink(\"%s\")\n", random_path());
		break;
	case 13 ... 15:
		text_printf(t, "rename(\"%s\", \"%s\")\n", random_path(), random_path());
		break;
	case 16:
		text_printf(t, "link(\"%s\", \"%s\")\n", random_path(), random_path());
		break;
	case 17:
		text_printf(t, "symlink(\"%s\", \"%s\")\n", random_target(), random_path());
		break;
	case 18:
		text_printf(t, "readlink(\"/proc/self/fd/%d\", ..., 4096)\n", random_fd());
		break;
	case 19:
		text_printf(t, "stat(\"%s\", {})\nlstat(\"%s\", {})\n", random_path(),
			    random_path());
		break;
	default:
		text_printf(t, "truncate(\"%s\", %d)\n", random_path(), random_offset());
		break;
	}
}

/* Choices 20 to 28: calls on descriptors. */
static void put_random_file_call(struct text *t, unsigned choice)
{
	switch (choice) {
	case 20:
		text_printf(t, "fstat(%d, {})\nfcntl(%d, F_GETFL)\n", random_fd(), random_fd());
		break;
	case 21:
		text_printf(t, "write(%d, \"abcdefghij\", %u)\n", random_fd(), pick(9000));
		break;
	case 22:
		text_printf(t, "read(%d, ..., %u)\n", random_fd(), pick(9000));
		break;
	case 23:
		text_printf(t, "lseek(%d, %d, %s)\n", random_fd(), random_offset(),
			    random_whence());
		break;
	case 24:
		text_printf(t, "ftruncate(%d, %d)\n", random_fd(), random_offset());
		break;
	case 25:
		text_printf(t, "pread64(%d, ..., %u, %d)\n", random_fd(), pick(9000),
			    random_offset());
		break;
	case 26:
		text_printf(t, "pwrite64(%d, \"xyz\", %u, %d)\n", random_fd(), pick(9000),
			    random_offset());
		break;
	case 27:
		text_puts(t, "pipe2(..., O_NONBLOCK)\n");
		break;
	default:
		text_printf(t, "dup(%d)\n", random_fd());
		break;
	}
}

static void put_random_call(struct text *t)
{
	unsigned choice = pick(30);

	if (choice < 8)
		put_random_opening(t, choice);
	else if (choice < 20 || choice == 29)
		put_random_name_call(t, choice);
	else
		put_random_file_call(t, choice);
}

static void random_sequences_agree_with_the_kernel(void **state)
{
	uint64_t count = setting("FDLAB_ORACLE_SEQUENCES", 200);

	(void)state;
	for (uint64_t seed = 0; seed < count; seed++) {
		struct text t = TEXT_EMPTY;

		random_state = seed * 7919 + 1;
		for (int i = 0; i < 150; i++)
			put_random_call(&t);
		compare(t.s);
		text_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
