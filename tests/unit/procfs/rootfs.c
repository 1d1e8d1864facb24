/*
 * rootfs/: the machine's own files in the tree, and links that lead there.
 */
#include "support/play.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct stat stat_of(struct lab *lab, const char *path)
{
	struct stat st;
	fdl_ino ino;

	assert_int_equal(fdl_walk(lab->m, path, &ino), 0);
	assert_true(fdl_is_simulated(lab->m, ino));
	assert_int_equal(fdl_getattr(lab->m, ino, &st), 0);
	return st;
}

static void names_modes_owners_and_contents_are_the_machines(void **state)
{
	struct lab *lab = *state;
	struct stat st;

	PLAY(lab, "open /tmp/x O_RDWR|O_CREAT 0640", "write 3 hello", "mkdir /tmp/d 0700",
	     "chown /tmp/x 7 8", "link /tmp/x /tmp/d/y", "expect rootfs/tmp/x = hello",
	     "expect rootfs/tmp/d/y = hello", "expect rootfs/etc/hosts ~ localhost",
	     "expect no rootfs/tmp/z", "expect no rootfs/tmp/x/y",
	     "expect rootfs/tmp/../tmp/x = hello");
	st = stat_of(lab, "rootfs/tmp/x");
	assert_int_equal(st.st_mode, S_IFREG | 0640);
	assert_int_equal(st.st_uid, 7);
	assert_int_equal(st.st_gid, 8);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(st.st_nlink, 2);
	assert_int_equal(st.st_ino, stat_of(lab, "rootfs/tmp/d/y").st_ino);
	assert_int_equal(stat_of(lab, "rootfs/tmp/d").st_mode, S_IFDIR | 0700);
	assert_int_equal(stat_of(lab, "rootfs/tmp").st_nlink, 3);
	st = stat_of(lab, "rootfs/dev/null");
	assert_int_equal(st.st_mode, S_IFCHR | 0666);
	assert_int_equal(st.st_rdev, makedev(1, 3));
}

static void names_stay_while_they_are_renamed_and_go_when_they_are_unlinked(void **state)
{
	struct lab *lab = *state;
	struct fdl_handle *h;
	fdl_ino ino, again;
	char buf[16];

	PLAY(lab, "open /tmp/x O_RDWR|O_CREAT", "write 3 abc");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/x", &ino), 0);
	assert_int_equal(fdl_open(lab->m, ino, O_RDONLY, &h), 0);
	PLAY(lab, "rename /tmp/x /home/y");
	assert_int_equal(fdl_walk(lab->m, "rootfs/home/y", &again), 0);
	assert_int_equal(ino, again);
	assert_int_equal(fdl_read(h, buf, sizeof(buf), 1, 0), 2);
	PLAY(lab, "unlink /home/y", "expect no rootfs/home/y");
	assert_int_equal(fdl_read(h, buf, sizeof(buf), 0, 0), -ESTALE);
	fdl_close(h);
}

static void nothing_there_can_be_written(void **state)
{
	struct lab *lab = *state;
	struct fdl_handle *h;
	fdl_ino ino;

	assert_int_equal(fdl_walk(lab->m, "rootfs/etc/passwd", &ino), 0);
	assert_int_equal(fdl_open(lab->m, ino, O_WRONLY, &h), -EROFS);
	assert_int_equal(fdl_open(lab->m, ino, O_RDWR, &h), -EROFS);
	assert_int_equal(fdl_write_file(lab->m, "rootfs/etc/passwd", "x", 1), -EROFS);
}

static void assert_file(struct lab *lab, const char *path, const char *contents)
{
	char *text;
	size_t len;

	assert_int_equal(fdl_read_file(lab->m, path, &text, &len), 0);
	assert_string_equal(text, contents);
	free(text);
}

static void deleted_files_and_memfds_are_found_by_what_links_to_them_say(void **state)
{
	struct lab *lab = *state;
	fdl_ino ino;

	PLAY(lab, "open /tmp/x O_RDWR|O_CREAT", "write 3 gone", "unlink /tmp/x",
	     "expect 1/fd/3 = /tmp/x (deleted)", "memfd_create m", "write 4 anonymous",
	     "expect 1/fd/4 = /memfd:m (deleted)");
	assert_file(lab, "rootfs/tmp/x (deleted)", "gone");
	assert_file(lab, "rootfs/memfd:m (deleted)", "anonymous");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/y (deleted)", &ino), -ENOENT);
	PLAY(lab, "close 3");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/x (deleted)", &ino), -ENOENT);
}

static void deleted_directories_lead_to_the_files_that_were_in_them(void **state)
{
	struct lab *lab = *state;
	uint64_t cookie = 0;
	struct fdl_dirent de;
	fdl_ino ino, up;

	PLAY(lab, "mkdir /tmp/a", "mkdir /tmp/a/b", "open /tmp/a/b/c O_RDWR|O_CREAT",
	     "write 3 gone", "open /tmp/a/b O_RDONLY", "unlink /tmp/a/b/c", "rmdir /tmp/a/b",
	     "rmdir /tmp/a", "expect 1/fd/3 = /tmp/a/b/c (deleted)",
	     "expect 1/fd/4 = /tmp/a/b (deleted)");
	assert_file(lab, "rootfs/tmp/a/b/c (deleted)", "gone");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/a/b/x", &ino), -ENOENT);
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/b", &ino), -ENOENT);
	assert_int_equal(stat_of(lab, "rootfs/tmp/a").st_mode, S_IFDIR | 0755);
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/a/b/../..", &up), 0);
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp", &ino), 0);
	assert_int_equal(up, ino);
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/a/b (deleted)", &ino), 0);
	assert_int_equal(fdl_readdir(lab->m, ino, &cookie, &de), 1);
	assert_int_equal(fdl_readdir(lab->m, ino, &cookie, &de), 1);
	assert_int_equal(fdl_readdir(lab->m, ino, &cookie, &de), 0);
	PLAY(lab, "close 3");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/a/b (deleted)", &ino), 0);
	PLAY(lab, "close 4");
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp/a", &ino), -ENOENT);
}

static void fifos_are_files_of_what_waits_in_them(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "mkfifo /tmp/f 0600", "expect rootfs/tmp/f = ", "open /tmp/f O_RDWR",
	     "write 3 one", "write 3 two", "read 3 2", "expect rootfs/tmp/f = etwo",
	     "expect rootfs/dev/null = ", "expect rootfs/dev/zero = ");
	assert_int_equal(stat_of(lab, "rootfs/tmp/f").st_mode, S_IFREG | 0600);
	assert_int_equal(stat_of(lab, "rootfs/tmp/f").st_size, 4);
	PLAY(lab, "expect rootfs/tmp/f = etwo");
}

static void symbolic_links_stay_inside(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "symlink /etc/passwd /tmp/absolute", "expect rootfs/tmp/absolute = ../etc/passwd",
	     "symlink x/y /tmp/relative", "expect rootfs/tmp/relative = x/y",
	     "symlink ../../../../etc/passwd /tmp/above", "expect rootfs/tmp/above = ../etc/passwd",
	     "symlink / /tmp/root", "expect rootfs/tmp/root = ..", "symlink . /tmp/here",
	     "expect rootfs/tmp/here = .",
	     /* Through another link, ".." is the parent of the link's target. */
	     "symlink root/../../../etc/hosts /tmp/around",
	     "expect rootfs/tmp/around = ../etc/hosts", "mkdir /home/a", "mkdir /home/a/b",
	     "symlink /home/a/b /tmp/b", "symlink b/../c /tmp/uncle",
	     "open /home/a/c O_CREAT|O_WRONLY", "write 3 c",
	     "expect rootfs/tmp/uncle = ../home/a/c",
	     /* A dangling link is dangling inside, too. */
	     "symlink b/../../../../none /tmp/nowhere", "expect rootfs/tmp/nowhere = ../none",
	     "symlink loop/../loop /tmp/loop", "expect rootfs/tmp/loop = ../tmp/loop",
	     "symlink /etc /etc/self", "expect rootfs/etc/self = ../etc");
}

static void links_that_lead_to_nothing_lead_to_nothing_inside(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "symlink none/../../etc/passwd /tmp/a", "expect rootfs/tmp/a = ../tmp/none",
	     "symlink /etc/passwd/../hosts /tmp/b", "expect rootfs/tmp/b = ../etc/passwd/",
	     "symlink a/../../etc/hosts /tmp/c", "expect rootfs/tmp/c = ../tmp/none",
	     "symlink /etc/passwd/ /tmp/d", "expect rootfs/tmp/d = ../etc/passwd/",
	     "symlink ../etc/passwd/. /tmp/e", "expect rootfs/tmp/e = ../etc/passwd/",
	     "symlink /tmp/../etc/passwd/ /tmp/f", "expect rootfs/tmp/f = ../etc/passwd/",
	     "symlink /tmp/../etc/ /tmp/g", "expect rootfs/tmp/g = ../etc/");
}

static void a_directory_that_is_moved_deeper_is_gone_for_a_reader_that_holds_it(void **state)
{
	struct lab *lab = *state;
	fdl_ino dir, link, file;
	struct stat st;
	char *text;
	size_t len;

	PLAY(lab, "mkdir /x", "mkdir /x/y", "symlink /etc/hosts /x/y/l", "mkdir /tmp/d",
	     "open /x/y/f O_RDWR|O_CREAT");
	assert_int_equal(fdl_walk(lab->m, "rootfs/x/y", &dir), 0);
	assert_int_equal(fdl_walk(lab->m, "rootfs/x/y/l", &link), 0);
	assert_int_equal(fdl_walk(lab->m, "rootfs/x/y/f", &file), 0);
	PLAY(lab, "rename /x /z");
	assert_int_equal(fdl_getattr(lab->m, dir, &st), 0);
	PLAY(lab, "rename /z /tmp/d/x");
	/*
	 * From rootfs/x/y, the "../../../../etc/hosts" that the link is now leads out of rootfs/.
	 */
	assert_int_equal(fdl_getattr(lab->m, link, &st), -ENOENT);
	assert_int_equal(fdl_getattr(lab->m, dir, &st), -ENOENT);
	assert_int_equal(fdl_lookup(lab->m, dir, "l", &link), -ENOENT);
	assert_int_equal(fdl_getattr(lab->m, file, &st), 0);
	assert_int_equal(fdl_read_file(lab->m, "rootfs/tmp/d/x/y/l", &text, &len), 0);
	assert_string_equal(text, "../../../../etc/hosts");
	free(text);
}

static void a_directory_is_listed_once_while_it_changes(void **state)
{
	struct lab *lab = *state;
	char line[64], names[300] = "";
	struct fdl_dirent de;
	uint64_t cookie = 0;
	fdl_ino dir;

	for (int i = 0; i < 6; i++) {
		snprintf(line, sizeof(line), "mkdir /tmp/%c", 'a' + i);
		PLAY(lab, line);
	}
	assert_int_equal(fdl_walk(lab->m, "rootfs/tmp", &dir), 0);
	for (int i = 0; fdl_readdir(lab->m, dir, &cookie, &de) == 1; i++) {
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%.8s ", de.name);
		if (i == 3)
			PLAY(lab, "rmdir /tmp/a", "rmdir /tmp/b", "rmdir /tmp/d",
			     "rename /tmp/c /tmp/g", "mkdir /tmp/h");
	}
	assert_string_equal(names, ". .. a b e f g h ");
}

static void links_lead_there_for_readers_that_say_where_it_is(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "open /etc/passwd", "pipe", "expect 1/fd/3 = /etc/passwd");
	assert_int_equal(fdl_machine_links(lab->m, "/lab/rootfs"), 0);
	PLAY(lab, "expect 1/fd/3 = /lab/rootfs/etc/passwd",
	     "expect 1/fd/4 ~ ^pipe:", "expect 1/root = /lab/rootfs", "expect 1/cwd = /lab/rootfs",
	     "expect 1/exe = /lab/rootfs/bin/sh", "expect 1/maps ~ /lab/rootfs/bin/sh$",
	     "unlink /etc/passwd", "expect 1/fd/3 = /lab/rootfs/etc/passwd (deleted)",
	     "expect open_files ~ \t/etc/passwd", "reset", "expect 1/root = /lab/rootfs");
	assert_int_equal(fdl_machine_links(lab->m, NULL), 0);
	PLAY(lab, "expect 1/root = /");
}

static void the_name_of_a_memfd_is_no_way(void **state)
{
	struct lab *lab = *state;

	PLAY(lab, "mkdir /memfd:x", "memfd_create x/../../../etc/hosts", "write 3 inside",
	     "expect 1/fd/3 = /memfd:x/../../../etc/hosts (deleted)");
	assert_int_equal(fdl_machine_links(lab->m, "/lab/rootfs"), 0);
	PLAY(lab, "expect 1/fd/3 = "
		  "/lab/rootfs/memfd:x\\057..\\057..\\057..\\057etc\\057hosts (deleted)");
	/* A file whose name depends on the reader has a place of its own, too. */
	PLAY(lab, "open /proc/self/fd O_RDONLY", "expect 1/fd/4 = /lab/rootfs/proc/1/fd");
	assert_int_equal(stat_of(lab, "rootfs/proc/1/fd").st_mode, S_IFDIR | 0500);
	assert_file(lab, "rootfs/memfd:x\\057..\\057..\\057..\\057etc\\057hosts (deleted)",
		    "inside");
}

static void a_newline_in_a_name_makes_no_line_of_maps(void **state)
{
	PLAY((struct lab *)*state, "rename /bin/cat \"/bin/a\\nb\"", "exec \"/bin/a\\nb\"",
	     "expect 1/maps ~ /bin/a\\\\012b\n.*stack.$");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(names_modes_owners_and_contents_are_the_machines),
		LAB_TEST(names_stay_while_they_are_renamed_and_go_when_they_are_unlinked),
		LAB_TEST(nothing_there_can_be_written),
		LAB_TEST(deleted_files_and_memfds_are_found_by_what_links_to_them_say),
		LAB_TEST(fifos_are_files_of_what_waits_in_them),
		LAB_TEST(deleted_directories_lead_to_the_files_that_were_in_them),
		LAB_TEST(symbolic_links_stay_inside),
		LAB_TEST(links_that_lead_to_nothing_lead_to_nothing_inside),
		LAB_TEST(a_directory_that_is_moved_deeper_is_gone_for_a_reader_that_holds_it),
		LAB_TEST(a_directory_is_listed_once_while_it_changes),
		LAB_TEST(links_lead_there_for_readers_that_say_where_it_is),
		LAB_TEST(the_name_of_a_memfd_is_no_way),
		LAB_TEST(a_newline_in_a_name_makes_no_line_of_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
