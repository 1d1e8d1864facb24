/*
 * Names of descriptors held against the running kernel's: what is opened, linked, read and asked for
 * by way of /dev/fd and /proc/self/fd, of an empty path, or of a descriptor that is nothing but a
 * name.
 */
#include "oracle.h"

static void linkat_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"a\", O_RDWR|O_CREAT, 0644)\n"
		"symlink(\"a\", \"s\")\n"
		"mkdir(\"d\", 0755)\n"
		"open(\"d\", O_RDONLY|O_DIRECTORY)\n"
		"linkat(AT_FDCWD, \"s\", 4, \"s\", 0)\n"
		"lstat(\"d/s\", {})\n"
		"linkat(AT_FDCWD, \"s\", 4, \"a\", AT_SYMLINK_FOLLOW)\n"
		"lstat(\"d/a\", {})\n"
		"linkat(AT_FDCWD, \"a\", 4, \"b\", 0x1)\n"
		"linkat(AT_FDCWD, \"a\", 4, \"b\", AT_SYMLINK_NOFOLLOW)\n"
		"linkat(4, \"a\", AT_FDCWD, \"a\", 0)\n"
		"linkat(4, \"missing\", AT_FDCWD, \"m\", 0)\n"
		"linkat(99, \"a\", AT_FDCWD, \"m\", 0)\n"
		"linkat(4, \"a\", 99, \"m\", 0)\n"
		"linkat(3, \"a\", AT_FDCWD, \"m\", 0)\n"
		"linkat(4, \"\", AT_FDCWD, \"m\", 0)\n"
		"linkat(4, NULL, AT_FDCWD, \"m\", 0)\n"
		"linkat(4, \"a\", AT_FDCWD, \"\", 0)\n"
		"linkat(4, \"a\", AT_FDCWD, \"m/\", 0)\n"
		"linkat(4, \"a\", AT_FDCWD, \".\", 0)\n"
		"linkat(AT_FDCWD, \"d\", AT_FDCWD, \"e\", 0)\n"
		"linkat(99, \"\", AT_FDCWD, \"m\", AT_EMPTY_PATH)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"m\", AT_SYMLINK_FOLLOW)\n"
		"lstat(\"m\", {})\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"n\", 0)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/4\", AT_FDCWD, \"n\", AT_SYMLINK_FOLLOW)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/77\", AT_FDCWD, \"n\", AT_SYMLINK_FOLLOW)\n"
		"pipe2(..., 0)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/5\", AT_FDCWD, \"n\", AT_SYMLINK_FOLLOW)\n"
		"link(\"a\", \"n/\")\n"
		"link(\"s\", \"t\")\n"
		"lstat(\"t\", {})\n"
		"link(\"d\", \"e\")\n");
}

static void linking_a_descriptor_agrees_with_the_kernel(void **state)
{
	(void)state;
	if (getuid() != 0) /* asks who opened it, which the model does not keep */
		skip();
	compare("open(\"a\", O_RDWR|O_CREAT, 0644)\n"
		"linkat(3, \"\", AT_FDCWD, \"b\", AT_EMPTY_PATH)\n"
		"fstat(3, {})\n"
		"linkat(AT_FDCWD, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"open(\".\", O_RDONLY|O_DIRECTORY)\n"
		"linkat(4, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"unlink(\"a\")\n"
		"linkat(3, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"unlink(\"b\")\n"
		"unlink(\"c\")\n"
		"linkat(3, \"\", AT_FDCWD, \"c\", AT_EMPTY_PATH)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"c\", AT_SYMLINK_FOLLOW)\n"
		"symlink(\"x\", \"s\")\n"
		"open(\"s\", O_PATH|O_NOFOLLOW)\n"
		"linkat(5, \"\", AT_FDCWD, \"t\", AT_EMPTY_PATH)\n"
		"readlink(\"t\", ..., 10)\n"
		"pipe2(..., 0)\n"
		"linkat(6, \"\", AT_FDCWD, \"p\", AT_EMPTY_PATH)\n");
}

static void first_names_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\".\", O_RDWR|O_TMPFILE, 0640)\n"
		"write(3, \"hello\", 5)\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"first\", AT_SYMLINK_FOLLOW)\n"
		"fstat(3, {})\n"
		"readlink(\"/proc/self/fd/3\", ..., 100)\n"
		"open(\"first\", O_RDONLY)\n"
		"read(4, ..., 10)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"first\", AT_SYMLINK_FOLLOW)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"second\", AT_SYMLINK_FOLLOW)\n"
		"fstat(3, {})\n"
		"unlink(\"first\")\n"
		"unlink(\"second\")\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/3\", AT_FDCWD, \"third\", AT_SYMLINK_FOLLOW)\n"
		"open(\".\", O_RDWR|O_TMPFILE|O_EXCL, 0640)\n"
		"linkat(AT_FDCWD, \"/proc/self/fd/5\", AT_FDCWD, \"fourth\", AT_SYMLINK_FOLLOW)\n"
		"open(\"/proc/self/fd/5\", O_RDONLY)\n"
		"fstat(6, {})\n");
}

static void empty_paths_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("symlink(\"target\", \"s\")\n"
		"open(\"s\", O_PATH|O_NOFOLLOW)\n"
		"readlinkat(3, \"\", ..., 100)\n"
		"readlinkat(3, \"\", ..., 3)\n"
		"readlinkat(3, \"\", ..., 0)\n"
		"readlinkat(99, \"\", ..., 100)\n"
		"readlinkat(AT_FDCWD, \"\", ..., 100)\n"
		"readlink(\"\", ..., 100)\n"
		"open(\".\", O_RDONLY)\n"
		"readlinkat(4, \"\", ..., 100)\n"
		"readlinkat(4, \"s\", ..., 100)\n"
		"readlinkat(0, \"\", ..., 100)\n"
		"newfstatat(3, \"\", {}, AT_EMPTY_PATH)\n"
		"newfstatat(3, \"\", {}, AT_EMPTY_PATH|AT_SYMLINK_NOFOLLOW)\n"
		"newfstatat(4, \"s\", {}, AT_EMPTY_PATH|AT_SYMLINK_NOFOLLOW)\n"
		"newfstatat(AT_FDCWD, \"\", {}, AT_EMPTY_PATH)\n"
		"newfstatat(AT_FDCWD, \"\", {}, 0)\n"
		"faccessat2(3, \"\", R_OK, AT_EMPTY_PATH)\n"
		"faccessat2(4, \"\", W_OK, AT_EMPTY_PATH|AT_EACCESS)\n"
		"faccessat2(4, \"\", W_OK, 0)\n"
		"faccessat2(99, \"\", W_OK, AT_EMPTY_PATH)\n"
		"faccessat2(4, \"s\", F_OK, 0)\n"
		"faccessat2(4, \"s\", F_OK, AT_SYMLINK_NOFOLLOW)\n"
		"faccessat2(4, \"s\", 8, 0x800)\n"
		"faccessat2(4, \"s\", F_OK, 0x800)\n"
		"openat(3, \"\", O_RDONLY)\n"
		"openat(3, \"\", O_RDONLY|O_PATH)\n");
}

static void names_alone_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"write(3, \"abc\", 3)\n"
		"open(\"a\", O_PATH)\n"
		"open(\"/proc/self/fd/4\", O_RDWR)\n"
		"read(5, ..., 10)\n"
		"open(\"/proc/self/fd/4\", O_PATH)\n"
		"dup(4)\n"
		"fcntl(4, F_GETFD)\n"
		"fcntl(4, F_SETFD, FD_CLOEXEC)\n"
		"fcntl(4, F_GETFL)\n"
		"fcntl(4, F_SETFL, O_APPEND)\n"
		"fcntl(4, F_DUPFD, 20)\n"
		"read(4, ..., 1)\n"
		"write(4, \"x\", 1)\n"
		"pread64(4, ..., 1, 0)\n"
		"lseek(4, 0, SEEK_SET)\n"
		"fsync(4)\n"
		"ftruncate(4, 0)\n"
		"fstat(4, {})\n"
		"readlink(\"/proc/self/fd/4\", ..., 100)\n"
		"lstat(\"/proc/self/fd/4\", {})\n"
		"unlink(\"a\")\n"
		"close(3)\n"
		"close(5)\n"
		"readlink(\"/proc/self/fd/4\", ..., 100)\n"
		"open(\"/proc/self/fd/4\", O_RDONLY)\n"
		"read(3, ..., 10)\n"
		"mkdir(\"d\", 0755)\n"
		"open(\"d\", O_PATH|O_DIRECTORY)\n"
		"openat(5, \"x\", O_RDWR|O_CREAT, 0600)\n"
		"fchdir(5)\n"
		"open(\"x\", O_RDONLY)\n"
		"mkdirat(5, \"e\", 0700)\n"
		"unlinkat(5, \"e\", AT_REMOVEDIR)\n"
		"openat(4, \"x\", O_RDONLY)\n"
		"open(\"missing\", O_PATH)\n"
		"open(\"x\", O_PATH|O_CREAT|O_EXCL, 0600)\n"
		"open(\"x\", O_PATH|O_DIRECTORY)\n");
}

static void the_standard_names_agree_with_the_kernel(void **state)
{
	(void)state;
	compare("open(\"a\", O_RDWR|O_CREAT, 0600)\n"
		"write(3, \"hello\", 5)\n"
		"dup2(3, 0)\n"
		"open(\"/dev/stdin\", O_RDONLY)\n"
		"read(4, ..., 2)\n"
		"lseek(0, 0, SEEK_CUR)\n"
		"readlink(\"/dev/stdin\", ..., 100)\n"
		"open(\"/dev/stdout\", O_WRONLY)\n"
		"write(5, \"x\", 1)\n"
		"access(\"/dev/stderr\", F_OK)\n"
		"close(0)\n"
		"open(\"/dev/stdin\", O_RDONLY)\n"
		"open(\"/dev/fd/4\", O_WRONLY|O_APPEND)\n"
		"fcntl(0, F_GETFL)\n"
		"close(0)\n"
		"fcntl(4, F_GETFL)\n"
		"unlink(\"a\")\n"
		"creat(\"a\", 0600)\n"
		"open(\"/dev/fd/3\", O_RDONLY)\n"
		"read(6, ..., 10)\n"
		"readlink(\"/dev/fd/6\", ..., 100)\n"
		"truncate(\"/dev/fd/6\", 2)\n"
		"fstat(3, {})\n"
		"open(\"/dev/fd/6\", O_RDWR|O_EXCL)\n"
		"access(\"/dev/fd/3\", W_OK)\n"
		"chdir(\"/dev/fd/3\")\n"
		"unlink(\"/dev/fd/3\")\n"
		"rename(\"/dev/fd/3\", \"b\")\n"
		"rename(\"a\", \"/dev/fd/3\")\n"
		"symlink(\"x\", \"/dev/fd/3\")\n"
		"rmdir(\"/dev/fd/3\")\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(linkat_agrees_with_the_kernel),
		cmocka_unit_test(linking_a_descriptor_agrees_with_the_kernel),
		cmocka_unit_test(first_names_agree_with_the_kernel),
		cmocka_unit_test(empty_paths_agree_with_the_kernel),
		cmocka_unit_test(names_alone_agree_with_the_kernel),
		cmocka_unit_test(the_standard_names_agree_with_the_kernel),
	};

	if (!oracle_start())
		return 77;
	return cmocka_run_group_tests(tests, NULL, remove_top);
}
