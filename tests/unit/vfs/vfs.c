/*
 * The file system of a machine: its first files, open with every flag, names that are made, moved
 * and removed, and their files through descriptors. tests/oracle/vfs compares the order of checks
 * with the running kernel.
 */
#include "support/play.h"
#include "vfs/dcache.h"
#include "vfs/file.h"
#include "vfs/vfs.h"

/* ---- what is there from the start ---------------------------------------------------------- */

static void the_first_names_are_there(void **state)
{
	PLAY(*state, "stat(\"/\", {st_mode=S_IFDIR|0755}) = 0",
	     "stat(\"/tmp\", {st_mode=S_IFDIR|S_ISVTX|0777}) = 0",
	     "stat(\"/home\", {st_mode=S_IFDIR|0755}) = 0",
	     "stat(\"/etc/passwd\", {st_mode=S_IFREG|0644}) = 0",
	     "stat(\"/etc/hosts\", {st_mode=S_IFREG|0644}) = 0", "access(\"/bin/sh\", X_OK) = 0",
	     "access(\"/bin/true\", X_OK) = 0", "access(\"/bin/cat\", X_OK) = 0",
	     "access(\"/bin/ls\", X_OK) = 0",
	     "access(\"/etc/passwd\", X_OK) = -1 EACCES (Permission denied)",
	     "stat(\"/dev/null\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3)}) = 0",
	     "stat(\"/dev/zero\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x5)}) = 0",
	     "stat(\"/dev/full\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x7)}) = 0",
	     "stat(\"/dev/tty\", {st_mode=S_IFCHR|0666, st_rdev=makedev(0x5, 0)}) = 0",
	     "readlink(\"/dev/fd\", \"/proc/self/fd\", 100) = 13",
	     "readlink(\"/dev/stdin\", \"/proc/self/fd/0\", 100) = 15",
	     "readlink(\"/dev/stdout\", \"/proc/self/fd/1\", 100) = 15",
	     "readlink(\"/dev/stderr\", \"/proc/self/fd/2\", 100) = 15",
	     "open(\"/dev/stdin\", O_RDONLY) = 3",
	     "readlink(\"/dev/fd/3\", \"/dev/console\", 100) = 12",
	     "open(\"/etc/passwd\", O_RDONLY) = 4", "read(4, \"root:x:0:0:\"..., 30) = 30",
	     "open(\"/etc/nothing\", O_RDONLY) = -1 ENOENT (No such file or directory)");
}

static void the_console_swallows_and_there_is_no_terminal(void **state)
{
	PLAY(*state, "write(1, \"hello\\n\", 6) = 6", "read(0, \"\", 10) = 0",
	     "lseek(0, 0, SEEK_CUR) = -1 ESPIPE (Illegal seek)",
	     "open(\"/dev/tty\", O_RDWR) = -1 ENXIO (No such device or address)",
	     "open(\"/dev/console\", O_RDWR|O_NOCTTY) = 3");
}

/* ---- open ---------------------------------------------------------------------------------- */

static void flags_that_matter_only_to_open_are_not_kept(void **state)
{
	PLAY(*state,
	     "open(\"/tmp/x\", O_RDWR|O_CREAT|O_EXCL|O_TRUNC|O_NOCTTY|O_CLOEXEC|O_APPEND, 0600) = "
	     "3",
	     "fcntl(3, F_GETFL) = 0x8402 (flags O_RDWR|O_APPEND|O_LARGEFILE)",
	     "open(\"/tmp\", O_RDONLY|O_DIRECTORY|O_NOFOLLOW) = 4",
	     "fcntl(4, F_GETFL) = 0x38000 (flags O_RDONLY|O_LARGEFILE|O_DIRECTORY|O_NOFOLLOW)",
	     "open(\"/tmp/x\", O_RDWR|O_PATH|O_APPEND) = 5",
	     "fcntl(5, F_GETFL) = 0x200000 (flags O_RDONLY|O_PATH)");
}

static void a_new_file_has_the_mode_without_the_umask(void **state)
{
	PLAY(*state, "umask(027) = 022", "open(\"/tmp/x\", O_WRONLY|O_CREAT, 07777) = 3",
	     "fstat(3, {st_mode=S_IFREG|S_ISUID|S_ISGID|S_ISVTX|0750}) = 0",
	     "open(\"/tmp/y\", O_RDWR|O_CREAT, 0) = 4", "fstat(4, {st_mode=S_IFREG|000}) = 0",
	     "write(4, \"still writable\", 14) = 14");
}

static void O_EXCL_does_not_follow_a_dangling_link_and_O_CREAT_alone_does(void **state)
{
	PLAY(*state, "symlink(\"there\", \"/tmp/l\") = 0",
	     "open(\"/tmp/l\", O_RDWR|O_CREAT|O_EXCL, 0600) = -1 EEXIST (File exists)",
	     "access(\"/tmp/there\", F_OK) = -1 ENOENT (No such file or directory)",
	     "open(\"/tmp/l\", O_RDWR|O_CREAT, 0600) = 3", "access(\"/tmp/there\", F_OK) = 0",
	     "readlink(\"/proc/self/fd/3\", \"/tmp/there\", 100) = 10");
}

static void O_TRUNC_cuts_also_what_is_opened_for_reading(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "write(3, \"hello\", 5) = 5",
	     "open(\"/tmp/x\", O_RDONLY|O_TRUNC) = 4", "fstat(3, {st_size=0}) = 0");
}

static void an_O_PATH_file_is_a_name_only(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_PATH) = 3",
	     "read(3, ..., 1) = -1 EBADF (Bad file descriptor)",
	     "lseek(3, 0, SEEK_SET) = -1 EBADF (Bad file descriptor)",
	     "fstat(3, {st_mode=S_IFREG|0644}) = 0", "open(\"/proc/self/fd/3\", O_RDONLY) = 4",
	     "read(4, \"root\", 4) = 4", "open(\"/etc\", O_PATH) = 5",
	     "openat(5, \"hosts\", O_RDONLY) = 6", "fchdir(5) = 0",
	     "open(\"hosts\", O_RDONLY) = 7");
}

static void a_file_without_a_name_goes_with_its_last_descriptor(void **state)
{
	struct lab *lab = *state;
	size_t before = lab->m->vfs->bytes.used;

	PLAY(lab, "open(\"/tmp\", O_RDWR|O_TMPFILE, 0600) = 3", "write(3, \"hello\", 5) = 5",
	     "fstat(3, {st_mode=S_IFREG|0600, st_nlink=0}) = 0",
	     "expect 1/fd/3 ~ ^/tmp/#[0-9]+ \\(deleted\\)$", "rmdir(\"/tmp\") = 0", "close(3) = 0",
	     "mkdir(\"/tmp\", 01777) = 0");
	assert_int_equal(lab->m->vfs->bytes.used, before);
}

static void a_missing_file_costs_the_same_allocation_as_one_that_is_there(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat before = lab->m->kmem;

	PLAY(lab, "echo 1 > 1/fail-nth",
	     "open(\"/nowhere\", O_RDONLY) = -1 ENOMEM (Cannot allocate memory)",
	     "echo 2 > 1/fail-nth",
	     "open(\"/nowhere\", O_RDONLY) = -1 ENOENT (No such file or directory)",
	     "echo 1 > 1/fail-nth",
	     "open(\"/etc/passwd\", O_RDONLY) = -1 ENOMEM (Cannot allocate memory)");
	assert_memory_equal(&lab->m->kmem, &before, sizeof(before));
	assert_int_equal(lab->m->nr_files, 1);
}

static void file_max_comes_before_the_name_and_is_logged_once_a_crossing(void **state)
{
	PLAY(*state, "reset file_max=3", "open(\"/etc/passwd\", O_RDONLY) = 3",
	     "open(\"/etc/passwd\", O_RDONLY) = 4",
	     "open(\"/nowhere\", O_RDONLY) = -1 ENFILE (Too many open files in system)",
	     "pipe(...) = -1 ENFILE (Too many open files in system)",
	     "expect kmsg = VFS: file-max limit 3 reached", "close(4) = 0",
	     "open(\"/nowhere\", O_RDONLY) = -1 ENOENT (No such file or directory)",
	     "open(\"/etc/passwd\", O_PATH) = 4",
	     "open(\"/etc/passwd\", O_PATH) = -1 ENFILE (Too many open files in system)",
	     "expect kmsg = VFS: file-max limit 3 reached\nVFS: file-max limit 3 reached");
}

static void a_failed_open_gives_no_number_of_a_description_away(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open(\"/etc/passwd\", O_RDONLY) = 3", "open(\"/nowhere\", O_RDONLY) = -1 ENOENT",
	     "open(\"/dev/tty\", O_RDONLY) = -1 ENXIO", "open(\"/etc/passwd\", O_RDONLY) = 4");
	assert_non_null(file_find(lab->m, 3));
	assert_null(file_find(lab->m, 4));
	assert_int_equal(lab->m->nr_files, 3);
}

/* ---- permissions --------------------------------------------------------------------------- */

static void root_may_all_but_run_a_file_that_no_user_may(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0) = 3", "open(\"/tmp/x\", O_RDWR) = 4",
	     "access(\"/tmp/x\", R_OK|W_OK) = 0", "access(\"/tmp/x\", X_OK) = -1 EACCES");
}

static void other_users_may_do_as_the_mode_bits_say(void **state)
{
	PLAY(*state, "reset uid=1000 gid=1000", "open(\"/etc/passwd\", O_RDONLY) = 3",
	     "open(\"/etc/passwd\", O_RDWR) = -1 EACCES (Permission denied)",
	     "open(\"/etc/passwd\", O_RDONLY|O_TRUNC) = -1 EACCES (Permission denied)",
	     "open(\"/etc/x\", O_RDWR|O_CREAT, 0600) = -1 EACCES (Permission denied)",
	     "mkdir(\"/x\", 0700) = -1 EACCES (Permission denied)",
	     "unlink(\"/etc/passwd\") = -1 EACCES (Permission denied)",
	     "truncate(\"/etc/passwd\", 0) = -1 EACCES (Permission denied)",
	     "open(\"/home/mine\", O_RDWR|O_CREAT, 0) = 4",
	     "open(\"/home/mine\", O_RDONLY) = -1 EACCES (Permission denied)",
	     "mkdir(\"/tmp/shut\", 0600) = 0",
	     "open(\"/tmp/shut/x\", O_RDWR|O_CREAT, 0600) = -1 EACCES (Permission denied)",
	     "chdir(\"/tmp/shut\") = -1 EACCES (Permission denied)");
}

static void in_a_sticky_directory_only_owners_take_names_away(void **state)
{
	struct lab *lab = *state;
	struct task *init;

	PLAY(lab, "reset uid=1000 gid=1000", "open(\"/tmp/x\", O_RDWR|O_CREAT, 0666) = 3",
	     "fork() = 2");
	init = task_find(lab->m, 2);
	init->uid = 1001;
	PLAY(lab, "2 unlink(\"/tmp/x\") = -1 EPERM (Operation not permitted)",
	     "2 rename(\"/tmp/x\", \"/tmp/y\") = -1 EPERM (Operation not permitted)",
	     "2 open(\"/tmp/x\", O_RDONLY|O_NOATIME) = -1 EPERM (Operation not permitted)",
	     "1 unlink(\"/tmp/x\") = 0");
}

/* ---- names and what is left of them -------------------------------------------------------- */

static void a_deleted_file_stays_readable_through_its_descriptor(void **state)
{
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0644) = 3", "write(3, \"hello\", 5) = 5",
	     "unlink(\"/tmp/x\") = 0", "expect 1/fd/3 = /tmp/x (deleted)",
	     "fstat(3, {st_size=5, st_nlink=0}) = 0", "pread64(3, \"hello\", 10, 0) = 5",
	     "open(\"/tmp/x\", O_RDONLY) = -1 ENOENT (No such file or directory)",
	     "open(\"/proc/self/fd/3\", O_RDONLY) = 4", "read(4, \"hello\", 10) = 5",
	     "open(\"/tmp/x\", O_RDWR|O_CREAT, 0644) = 5", "fstat(5, {st_size=0}) = 0",
	     "expect 1/fd/5 = /tmp/x", "expect 1/fd/3 = /tmp/x (deleted)");
}

static void a_deleted_directory_stays_but_nothing_can_be_made_in_it(void **state)
{
	PLAY(*state, "mkdir(\"/tmp/d\", 0755) = 0", "chdir(\"/tmp/d\") = 0",
	     "open(\".\", O_RDONLY) = 3", "rmdir(\"/tmp/d\") = 0",
	     "expect 1/fd/3 = /tmp/d (deleted)", "expect 1/cwd = /tmp/d (deleted)",
	     "open(\"x\", O_RDWR|O_CREAT, 0600) = -1 ENOENT (No such file or directory)",
	     "mkdir(\"x\", 0700) = -1 ENOENT (No such file or directory)",
	     "open(\".\", O_RDONLY) = 4", "stat(\"..\", {st_mode=S_IFDIR|S_ISVTX|0777}) = 0",
	     "chdir(\"..\") = 0", "expect 1/cwd = /tmp");
}

static void descriptors_follow_a_rename(void **state)
{
	PLAY(*state, "mkdir(\"/tmp/d\", 0755) = 0", "open(\"/tmp/d/x\", O_RDWR|O_CREAT, 0644) = 3",
	     "open(\"/tmp/y\", O_RDWR|O_CREAT, 0644) = 4", "rename(\"/tmp/d\", \"/home/e\") = 0",
	     "expect 1/fd/3 = /home/e/x", "rename(\"/tmp/y\", \"/home/e/x\") = 0",
	     "expect 1/fd/3 = /home/e/x (deleted)", "expect 1/fd/4 = /home/e/x");
}

static void a_rename_to_a_long_name_and_back_keeps_descriptors(void **state)
{
	static const char name[] = "a-name-that-is-too-long-for-the-place-inside-of-a-dentry";
	char there[200], back[200], expect[200];

	snprintf(there, sizeof(there), "rename(\"/tmp/x\", \"/tmp/%s\") = 0", name);
	snprintf(back, sizeof(back), "rename(\"/tmp/%s\", \"/tmp/y\") = 0", name);
	snprintf(expect, sizeof(expect), "expect 1/fd/3 = /tmp/%s", name);
	PLAY(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0644) = 3", there, expect, back,
	     "expect 1/fd/3 = /tmp/y");
}

static void a_directory_cannot_be_moved_into_itself(void **state)
{
	PLAY(*state, "mkdir(\"/tmp/d\", 0755) = 0", "mkdir(\"/tmp/d/e\", 0755) = 0",
	     "rename(\"/tmp/d\", \"/tmp/d/e/f\") = -1 EINVAL (Invalid argument)",
	     "rename(\"/tmp/d/e\", \"/tmp/d\") = -1 ENOTEMPTY (Directory not empty)",
	     "rename(\"/tmp/d\", \"/tmp/d\") = 0");
}

static void two_names_of_one_file_share_its_contents(void **state)
{
	PLAY(*state, "open(\"/tmp/a\", O_RDWR|O_CREAT, 0644) = 3",
	     "link(\"/tmp/a\", \"/home/b\") = 0", "write(3, \"hello\", 5) = 5",
	     "stat(\"/home/b\", {st_size=5, st_nlink=2}) = 0", "unlink(\"/tmp/a\") = 0",
	     "expect 1/fd/3 = /tmp/a (deleted)", "stat(\"/home/b\", {st_nlink=1}) = 0");
}

static void names_without_end_are_counted_and_found(void **state)
{
	struct lab *lab = *state;
	const struct fdl_row *mkdir = fdl_row_find(lab->m, "mkdir"),
			     *rmdir = fdl_row_find(lab->m, "rmdir");
	size_t before = lab->m->vfs->bytes.used;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3000; i++) {
			char name[32];
			struct fdl_arg path = { .str = name };

			path.num = snprintf(name, sizeof(name), "/tmp/%d", i);
			assert_int_equal(fdl_call(lab->m, 1, round ? rmdir : mkdir, &path, 1), 0);
		}
	}
	assert_int_equal(lab->m->vfs->bytes.used, before);
}

static void a_deep_tree_has_its_path_and_can_be_freed(void **state)
{
	struct lab *lab = *state;
	struct text expected = TEXT_EMPTY, got = TEXT_EMPTY;
	struct dentry *cwd;

	for (int i = 0; i < 2000; i++)
		PLAY(lab, "mkdir(\"directory\", 0755) = 0", "chdir(\"directory\") = 0");
	for (int i = 0; i < 2000; i++)
		text_puts(&expected, "/directory");
	cwd = task_find(lab->m, 1)->fs->cwd;
	d_path(cwd, &got);
	assert_string_equal(got.s, expected.s);
	text_free(&expected);
	text_free(&got);
}

/* ---- descriptors by name ------------------------------------------------------------------- */

static void opening_a_descriptor_by_its_name_makes_a_new_description(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_RDONLY) = 3", "read(3, \"root\", 4) = 4",
	     "open(\"/dev/fd/3\", O_RDONLY) = 4", "read(4, \"root\", 4) = 4",
	     "lseek(3, 0, SEEK_CUR) = 4",
	     "open(\"/dev/fd/9\", O_RDONLY) = -1 ENOENT (No such file or directory)",
	     "open(\"/dev/fd/3\", O_RDONLY|O_NOFOLLOW) = -1 ELOOP (Too many levels of symbolic "
	     "links)");
}

static void a_task_sees_its_own_descriptors_by_name(void **state)
{
	PLAY(*state, "1 open(\"/etc/passwd\", O_RDONLY) = 3", "1 fork() = 2", "2 close(3) = 0",
	     "2 readlink(\"/proc/self/fd/3\", ..., 100) = -1 ENOENT",
	     "1 readlink(\"/proc/self/fd/3\", \"/etc/passwd\", 100) = 11");
}

static void nothing_can_be_made_or_taken_away_below_proc(void **state)
{
	PLAY(*state, "open(\"/proc/x\", O_RDWR|O_CREAT, 0600) = -1 ENOENT",
	     "mkdir(\"/proc/self/fd/0\", 0700) = -1 EEXIST",
	     "unlink(\"/proc/self/fd/0\") = -1 EPERM", "rmdir(\"/proc/self\") = -1 ENOTDIR",
	     "rename(\"/proc/self/fd\", \"/proc/self/x\") = -1 ENOENT",
	     "rename(\"/tmp\", \"/proc/tmp\") = -1 EXDEV",
	     "link(\"/proc/self/fd/0\", \"/tmp/x\") = -1 EXDEV",
	     "open(\"/proc/self/fd\", O_RDWR|O_TMPFILE, 0600) = -1 EOPNOTSUPP");
}

/* ---- the limit ----------------------------------------------------------------------------- */

static void names_and_contents_beyond_the_limit_are_ENOSPC(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "reset bytes=65536", "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3",
	     "pwrite64(3, \"x\", 1, 1000000000000) = 1", "ftruncate(3, 0) = 0");
	assert_true(lab->m->vfs->bytes.used < 65536);
	for (int i = 0; i < 40; i++)
		lab_submit(lab, "write(3, \"x\", 4096)");
	PLAY(lab, "write(3, \"x\", 4096) = -1 ENOSPC (No space left on device)",
	     "pwrite64(3, \"within what is there\", 20, 100) = 20", "unlink(\"/tmp/x\") = 0",
	     "open(\"/tmp/y\", O_RDWR|O_CREAT, 0600) = 4",
	     "write(4, \"x\", 4096) = -1 ENOSPC (No space left on device)", "close(3) = 0",
	     "write(4, \"x\", 4096) = 4096");
	for (int i = 0; i < 400; i++)
		lab_submit(lab,
			   "mkdir(\"/tmp/d\", 0700)\nchdir(\"/tmp/d\")\nrename(\"/tmp/d\", \"d\")");
	for (int i = 0; i < 400; i++) {
		char line[64];

		snprintf(line, sizeof(line), "symlink(\"somewhere\", \"/tmp/%d\")", i);
		lab_submit(lab, line);
	}
	PLAY(lab, "mkdir(\"/tmp/e\", 0700) = -1 ENOSPC (No space left on device)",
	     "symlink(\"x\", \"/tmp/l\") = -1 ENOSPC (No space left on device)",
	     "open(\"/tmp/z\", O_RDWR|O_CREAT, 0600) = -1 ENOSPC (No space left on device)",
	     "pipe(...) = -1 ENFILE (Too many open files in system)");
	assert_true(lab->m->vfs->bytes.used <= 65536);
}

static void everything_is_given_back(void **state)
{
	struct lab *lab = *state;
	struct kmem_stat kmem = lab->m->kmem;
	size_t bytes = lab->m->vfs->bytes.used;

	PLAY(lab, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0600) = 3", "pwrite64(3, \"a\", 1, 100000) = 1",
	     "pipe2([4, 5], 0) = 0", "write(5, \"hello\", 5) = 5", "mkdir(\"/tmp/d\", 0700) = 0",
	     "open(\"/tmp/d\", O_RDONLY) = 6", "symlink(\"x\", \"/tmp/d/l\") = 0",
	     "open(\"/tmp/d/l\", O_PATH|O_NOFOLLOW) = 7", "unlink(\"/tmp/d/l\") = 0",
	     "link(\"/tmp/x\", \"/tmp/y\") = 0", "unlink(\"/tmp/x\") = 0", "rmdir(\"/tmp/d\") = 0",
	     "unlink(\"/tmp/y\") = 0", "close_range(3, 7, 0) = 0");
	assert_int_equal(lab->m->vfs->bytes.used, bytes);
	assert_memory_equal(&lab->m->kmem, &kmem, sizeof(kmem));
	assert_int_equal(lab->m->nr_files, 1);
}

/* ---- the kernel's own ways ----------------------------------------------------------------- */

static void closing_a_file_without_references_is_logged_and_harmless(void **state)
{
	struct lab *lab = *state;
	struct task *init = task_find(lab->m, 1);
	struct file *console = file_find(lab->m, 1);
	uint64_t count = console->count;

	console->count = 0;
	assert_int_equal(filp_close(init, console, init->files), 0);
	assert_int_equal(console->count, 0);
	console->count = count;
	PLAY(lab, "expect kmsg = VFS: Close: file count is 0");
}

static void the_last_reference_stops_at_fput(void **state)
{
	PLAY(*state, "open(\"/etc/passwd\", O_RDONLY) = 3", "dup(3) = 4", "close(3) = 0",
	     "close(4 <unfinished at fput ...>", "expect open_files ~ ^2\t0\t.*/etc/passwd",
	     "<... close resumed>) = 0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(the_first_names_are_there),
		LAB_TEST(the_console_swallows_and_there_is_no_terminal),
		LAB_TEST(flags_that_matter_only_to_open_are_not_kept),
		LAB_TEST(a_new_file_has_the_mode_without_the_umask),
		LAB_TEST(O_EXCL_does_not_follow_a_dangling_link_and_O_CREAT_alone_does),
		LAB_TEST(O_TRUNC_cuts_also_what_is_opened_for_reading),
		LAB_TEST(an_O_PATH_file_is_a_name_only),
		LAB_TEST(a_file_without_a_name_goes_with_its_last_descriptor),
		LAB_TEST(a_missing_file_costs_the_same_allocation_as_one_that_is_there),
		LAB_TEST(file_max_comes_before_the_name_and_is_logged_once_a_crossing),
		LAB_TEST(a_failed_open_gives_no_number_of_a_description_away),
		LAB_TEST(root_may_all_but_run_a_file_that_no_user_may),
		LAB_TEST(other_users_may_do_as_the_mode_bits_say),
		LAB_TEST(in_a_sticky_directory_only_owners_take_names_away),
		LAB_TEST(a_deleted_file_stays_readable_through_its_descriptor),
		LAB_TEST(a_deleted_directory_stays_but_nothing_can_be_made_in_it),
		LAB_TEST(descriptors_follow_a_rename),
		LAB_TEST(a_rename_to_a_long_name_and_back_keeps_descriptors),
		LAB_TEST(a_directory_cannot_be_moved_into_itself),
		LAB_TEST(two_names_of_one_file_share_its_contents),
		LAB_TEST(names_without_end_are_counted_and_found),
		LAB_TEST(a_deep_tree_has_its_path_and_can_be_freed),
		LAB_TEST(opening_a_descriptor_by_its_name_makes_a_new_description),
		LAB_TEST(a_task_sees_its_own_descriptors_by_name),
		LAB_TEST(nothing_can_be_made_or_taken_away_below_proc),
		LAB_TEST(names_and_contents_beyond_the_limit_are_ENOSPC),
		LAB_TEST(everything_is_given_back),
		LAB_TEST(closing_a_file_without_references_is_logged_and_harmless),
		LAB_TEST(the_last_reference_stops_at_fput),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
