/*
 * The tree: its numbers, its listings, and the files of a task that ends.
 */
#include "machine/machine.h"
#include "support/tree_lab.h"
#include "tree/texts.h"

#include <errno.h>
#include <stdio.h>

/* ---- walking everything ---- */

/* One of each kind: threads, a zombie, a call that blocks and one that stopped, a reserved fd. */
static const char scene[] = "open /etc/passwd\n"
			    "pipe\n"
			    "fork\n"
			    "2 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|"
			    "CLONE_THREAD)\n"
			    "1 fork\n"
			    "4 exit 3\n"
			    "1 fork\n"
			    "5 execve /bin/sh\n"
			    "5 dup(0 <unfinished ...>\n"
			    "3 read 4 10\n"
			    "1 get_unused_fd_flags(0)\n"
			    "1 fget(3)\n";

struct seen {
	fdl_ino *ino;
	size_t n, cap;
};

typedef void visit_fn(const char *path, fdl_ino ino, const struct stat *st);

static void see(struct seen *seen, fdl_ino ino)
{
	for (size_t i = 0; i < seen->n; i++)
		assert_true(seen->ino[i] != ino);
	if (seen->n == seen->cap) {
		seen->cap = seen->cap ? seen->cap * 2 : 64;
		seen->ino = realloc(seen->ino, seen->cap * sizeof(fdl_ino));
		assert_non_null(seen->ino);
	}
	seen->ino[seen->n++] = ino;
}

static void visit_all(const char *path, fdl_ino dir, visit_fn *visit, struct seen *seen)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	char below[512];
	int got;

	while ((got = fdl_readdir(m, dir, &cookie, &de)) == 1) {
		struct stat st;

		if (!strcmp(de.name, ".") || !strcmp(de.name, ".."))
			continue;
		see(seen, de.ino);
		snprintf(below, sizeof(below), "%s/%s", path, de.name);
		assert_int_equal(fdl_getattr(m, de.ino, &st), 0);
		assert_int_equal(st.st_mode & S_IFMT, de.mode);
		visit(below, de.ino, &st);
		if (S_ISDIR(st.st_mode))
			visit_all(below, de.ino, visit, seen);
	}
	assert_int_equal(got, 0);
}

static size_t visit_tree(visit_fn *visit)
{
	struct seen seen = { 0 };

	see(&seen, 0);
	see(&seen, FDL_ROOT);
	visit_all("", FDL_ROOT, visit, &seen);
	free(seen.ino);
	return seen.n;
}

static void check_number(const char *path, fdl_ino ino, const struct stat *st)
{
	char parent[256];
	fdl_ino found;

	/* A file of the machine has its inode number there. */
	if (!fdl_is_simulated(m, ino))
		assert_int_equal(st->st_ino, ino);
	assert_int_equal(find(path), ino);
	if (!S_ISDIR(st->st_mode))
		return;
	snprintf(parent, sizeof(parent), "%s", path);
	*strrchr(parent, '/') = '\0';
	assert_int_equal(fdl_lookup(m, ino, "..", &found), 0);
	assert_int_equal(found, find(parent));
	assert_int_equal(fdl_lookup(m, ino, ".", &found), 0);
	assert_int_equal(found, ino);
}

static void every_file_has_one_number_by_listing_and_by_path(void **state)
{
	(void)state;
	assert_int_equal(submit(scene), 0);
	assert_true(visit_tree(check_number) > 300);
}

/* Files that grow, and links, have the length of what a reader gets; the others have 0. */
static void check_size(const char *path, fdl_ino ino, const struct stat *st)
{
	static const char *const grow[] = { "log", "events", "errors" };
	char *text = NULL;
	size_t len = 0;
	bool grows = false;
	int error;

	if (S_ISDIR(st->st_mode) || fdl_is_simulated(m, ino))
		return;
	assert_int_equal(st->st_nlink, 1);
	for (size_t i = 0; i < sizeof(grow) / sizeof(grow[0]); i++)
		grows |= !strcmp(path + 1, grow[i]);
	if (!S_ISLNK(st->st_mode) && !grows) {
		assert_int_equal(st->st_size, 0);
		return;
	}
	error = fdl_read_file(m, path, &text, &len);
	/* A zombie has no table, no directory, no program; another task may have no program. */
	if (error == -ESRCH || error == -ENOENT)
		len = 0;
	else if (error)
		fail_msg("%s: error %d", path, error);
	if ((off_t)len != st->st_size)
		fail_msg("%s: size %lld, %zu bytes", path, (long long)st->st_size, len);
	free(text);
}

static void size_is_that_of_what_grows_and_0_of_a_text(void **state)
{
	(void)state;
	assert_int_equal(submit(scene), 0);
	visit_tree(check_size);
}

static size_t links;

static void count_links(const char *path, fdl_ino ino, const struct stat *st)
{
	(void)path, (void)ino;
	links += S_ISLNK(st->st_mode);
}

static void looking_at_every_file_makes_no_text_but_targets_of_links(void **state)
{
	(void)state;
	assert_int_equal(submit(scene), 0);
	links = 0;
	assert_true(visit_tree(count_links) > 300);
	assert_true(m->texts->made <= links);
	assert_int_equal(m->censuses, 0);
}

static void check_links(const char *path, fdl_ino ino, const struct stat *st)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	nlink_t dirs = 0;

	if (!S_ISDIR(st->st_mode))
		return;
	while (fdl_readdir(m, ino, &cookie, &de) == 1)
		dirs += S_ISDIR(de.mode);
	if (dirs != st->st_nlink)
		fail_msg("%s: %lu links, %lu directories", path, (unsigned long)st->st_nlink,
			 (unsigned long)dirs);
}

static void link_count_of_a_directory_is_its_subdirectories_and_two(void **state)
{
	(void)state;
	assert_int_equal(submit("open /etc/passwd\nfork\n1 fork\n2 exit 0\n"), 0);
	visit_tree(check_links);
	assert_int_equal(submit("clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|"
				"CLONE_THREAD)"),
			 0);
	struct stat st;

	assert_int_equal(fdl_getattr(m, find("1/task"), &st), 0);
	assert_int_equal(st.st_nlink, 4);
}

static void numbers_that_stand_for_nothing_are_errors(void **state)
{
	uint64_t random = 88172645463325252u;
	struct fdl_handle *h;
	struct stat st;

	(void)state;
	assert_int_equal(fdl_getattr(m, 0, &st), -ENOENT);
	assert_int_equal(fdl_getattr(m, UINT64_MAX, &st), -ENOENT);
	for (int i = 0; i < 100000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (fdl_getattr(m, random, &st))
			assert_true(fdl_open(m, random, O_RDONLY, &h) < 0);
	}
}

static void paths_may_have_slashes_to_spare(void **state)
{
	fdl_ino ino;

	(void)state;
	assert_int_equal(find("//1///files//slots"), find("1/files/slots"));
	assert_int_equal(find(""), FDL_ROOT);
	assert_int_equal(find("/"), FDL_ROOT);
	assert_int_equal(find("1/.."), FDL_ROOT);
	assert_int_equal(find("1/fd/../task/1/status"), find("1/task/1/status"));
	assert_int_equal(fdl_walk(m, "1/fd/0/x", &ino), -ENOTDIR);
	assert_int_equal(fdl_walk(m, "1/nothing", &ino), -ENOENT);
	assert_int_equal(fdl_walk(m, "2", &ino), -ENOENT);
}

static void a_name_too_long_is_ENAMETOOLONG(void **state)
{
	char path[5000];
	fdl_ino ino;

	(void)state;
	memset(path, 'x', 300);
	path[300] = '\0';
	assert_int_equal(fdl_walk(m, path, &ino), -ENAMETOOLONG);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fdl_walk(m, path, &ino), -ENAMETOOLONG);
}

static void numbers_are_names_only_as_they_are_listed(void **state)
{
	static const char *const wrong[] = { "01",         "+1",          "-1",
					     "1x",         "1 ",          "0",
					     "4194304",    "4194305",     "",
					     "4294967297", "99999999999", "18446744073709551617" };
	static const char *const wrong_fd[] = { "00", "3", "2147483648", "4294967296", "0x0" };
	fdl_ino ino;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(fdl_lookup(m, FDL_ROOT, wrong[i], &ino), -ENOENT);
	for (size_t i = 0; i < sizeof(wrong_fd) / sizeof(wrong_fd[0]); i++)
		assert_int_equal(fdl_lookup(m, find("1/fd"), wrong_fd[i], &ino), -ENOENT);
	assert_int_equal(fdl_lookup(m, find("1/status"), "1", &ino), -ENOTDIR);
}

static void a_thread_can_be_looked_up_but_is_not_listed(void **state)
{
	fdl_ino ino;

	(void)state;
	assert_int_equal(submit("clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|"
				"CLONE_THREAD)\n1 fork\n"),
			 0);
	assert_false(listed("", "2"));
	assert_true(listed("", "3"));
	assert_true(listed("1/task", "1"));
	assert_true(listed("1/task", "2"));
	assert_false(listed("1/task", "3"));
	assert_in_file("2/status", "Tgid:\t1\n");
	assert_in_file("1/task/2/status", "Pid:\t2\n");
	assert_in_file("1/status", "Threads:\t2\n");
	assert_int_equal(fdl_walk(m, "1/task/3", &ino), -ENOENT);
	assert_int_equal(fdl_walk(m, "1/task/2/task", &ino), -ENOENT);
	/* A thread's directory is in its process's, whichever way it was reached. */
	assert_int_equal(find("2/task/2/.."), find("1/task"));
}

static void threads_with_many_pids_between_them_are_all_listed(void **state)
{
	static const char thread[] = "clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|"
				     "CLONE_SIGHAND|CLONE_THREAD)";
	struct fdl_dirent de;
	uint64_t cookie = 0;
	int last = 0, n = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(submit(thread), 0);
		for (int j = 0; j < 100; j++)
			assert_int_equal(submit("fork"), 0);
	}
	while (fdl_readdir(m, find("1/task"), &cookie, &de) == 1) {
		if (de.name[0] == '.')
			continue;
		assert_true(atoi(de.name) > last);
		last = atoi(de.name);
		n++;
	}
	assert_int_equal(n, 4);
}

static void a_listing_stays_complete_and_in_order_while_the_directory_changes(void **state)
{
	const int last = 999;
	fdl_ino dir;
	struct fdl_dirent de;
	uint64_t cookie = 0;
	char line[64];
	int expected = 0, n = 0;

	(void)state;
	assert_int_equal(submit("fork\n2 dup2 0 999"), 0);
	for (int fd = 3; fd < last; fd++)
		assert_int_equal(submit("2 dup 0"), 0);
	dir = find("2/fd");
	while (fdl_readdir(m, dir, &cookie, &de) == 1) {
		int fd = atoi(de.name);

		if (de.name[0] == '.')
			continue;
		/*
		 * Odd descriptors are closed when their even neighbour was listed; even ones stay.
		 */
		assert_true(fd >= expected);
		assert_true(fd - expected <= 1);
		expected = fd + 1;
		n += fd % 2 == 0;
		if (fd % 2)
			continue;
		snprintf(line, sizeof(line), "2 close %d", fd + 1);
		assert_int_equal(submit(line), 0);
		if (fd > 10) {
			snprintf(line, sizeof(line), "2 dup2 0 %d", fd - 9);
			assert_int_equal(submit(line), 0);
		}
	}
	assert_int_equal(n, (last + 1) / 2);
}

static void a_listing_can_go_on_from_any_cookie(void **state)
{
	struct fdl_dirent de, again;
	uint64_t cookie = 0, from;

	(void)state;
	assert_int_equal(submit("fork\n1 fork\n1 fork\n"), 0);
	do {
		from = cookie;
		if (fdl_readdir(m, FDL_ROOT, &cookie, &de) != 1)
			break;
		assert_int_equal(fdl_readdir(m, FDL_ROOT, &from, &again), 1);
		assert_string_equal(de.name, again.name);
		assert_int_equal(de.ino, again.ino);
		assert_int_equal(from, cookie);
	} while (1);
	assert_string_equal(de.name, "4");
	cookie = UINT64_MAX - 1;
	assert_int_equal(fdl_readdir(m, FDL_ROOT, &cookie, &de), 0);
	cookie = 0;
	assert_int_equal(fdl_readdir(m, find("version"), &cookie, &de), -ENOTDIR);
}

/* ---- descriptors ---- */

static void only_slots_with_a_file_are_in_fd(void **state)
{
	(void)state;
	assert_int_equal(submit("get_unused_fd_flags(0) = 3\ndup(0) = 4\n"), 0);
	assert_false(listed("1/fd", "3"));
	assert_true(listed("1/fd", "4"));
	assert_false(listed("1/fdinfo", "3"));
	assert_true(listed("1/fdinfo", "4"));
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(fdl_getattr(m, find(path), &st), 0);
	return st.st_mode;
}

static void links_of_descriptors_have_the_modes_of_procfs(void **state)
{
	(void)state;
	assert_int_equal(submit("open /etc/passwd O_RDONLY\nopen /dev/null O_WRONLY\n"
				"open /dev/null O_RDWR\nopen /etc O_PATH\n"),
			 0);
	assert_int_equal(mode_of("1/fd"), S_IFDIR | 0500);
	assert_int_equal(mode_of("1/fd/3"), S_IFLNK | 0500);
	assert_int_equal(mode_of("1/fd/4"), S_IFLNK | 0300);
	assert_int_equal(mode_of("1/fd/5"), S_IFLNK | 0700);
	assert_int_equal(mode_of("1/fd/6"), S_IFLNK);
}

/* Programs follow the links to learn the type of a descriptor's file. */
static void links_to_what_has_no_path_lead_to_its_type_and_number(void **state)
{
	char path[64] = "1/fd/", *end = path + strlen(path);
	struct fdl_handle *h;
	struct stat st;
	ssize_t len;
	fdl_ino ino;

	(void)state;
	assert_int_equal(submit("pipe\nsocketpair AF_UNIX SOCK_STREAM 0\nepoll_create1 0\n"), 0);
	len = fdl_readlink(m, find("1/fd/3"), end, 32);
	assert_in_range(len, 1, 31);
	end[len] = '\0';
	assert_false(listed("1/fd", end));
	assert_int_equal(fdl_getattr(m, find(path), &st), 0);
	assert_int_equal(st.st_mode, S_IFIFO | 0600);
	snprintf(end, 32, "pipe:[%llu]", (unsigned long long)st.st_ino);
	assert_int_equal(fdl_walk(m, path, &ino), 0);
	/* Its number is valid as long as the descriptor exists. */
	assert_int_equal(submit("close 3\nclose 4\n"), 0);
	assert_int_equal(fdl_walk(m, path, &ino), -ENOENT);
	assert_int_equal(fdl_getattr(m, ino, &st), -ENOENT);

	len = fdl_readlink(m, find("1/fd/5"), end, 32);
	end[len] = '\0';
	assert_true(S_ISSOCK(mode_of(path)));
	len = fdl_readlink(m, find("1/fd/7"), end, 32);
	end[len] = '\0';
	assert_int_equal(mode_of(path), S_IFREG | 0600);
	assert_int_equal(fdl_open(m, find(path), O_RDONLY, &h), -EACCES);
	assert_int_equal(fdl_walk(m, "1/fd/pipe:[]", &ino), -ENOENT);
	assert_int_equal(fdl_walk(m, "1/fdinfo/anon_inode:[eventpoll]", &ino), -ENOENT);
}

static void links_of_descriptors_name_what_they_are_of(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(submit("open /tmp/x O_RDWR|O_CREAT\nunlink /tmp/x\npipe\n"), 0);
	assert_file("1/fd/0", "/dev/console");
	assert_file("1/fd/3", "/tmp/x (deleted)");
	assert_in_file("1/fd/4", "pipe:[");
	assert_int_equal(fdl_readlink(m, find("1/fd/0"), buf, 4), 4);
	assert_memory_equal(buf, "/dev", 4);
	assert_int_equal(fdl_readlink(m, find("1/fd/0"), buf, sizeof(buf)), 12);
	assert_int_equal(fdl_readlink(m, find("1/status"), buf, sizeof(buf)), -EINVAL);
}

static void the_number_of_a_closed_descriptor_is_ENOENT(void **state)
{
	struct stat st;
	fdl_ino ino;

	(void)state;
	assert_int_equal(submit("dup 0"), 0);
	ino = find("1/fd/3");
	assert_int_equal(fdl_getattr(m, ino, &st), 0);
	assert_int_equal(submit("close 3"), 0);
	assert_int_equal(fdl_getattr(m, ino, &st), -ENOENT);
}

static void fdinfo_shows_close_on_exec_in_the_flags(void **state)
{
	(void)state;
	assert_int_equal(submit("open /etc/passwd O_RDONLY|O_CLOEXEC\nread 3 5\n"), 0);
	assert_in_file("1/fdinfo/3", "pos:\t5\nflags:\t02100000\nmnt_id:\t");
	assert_int_equal(submit("fcntl 3 F_SETFD 0"), 0);
	assert_in_file("1/fdinfo/3", "flags:\t0100000\n");
}

/* ---- tasks that end ---- */

static void a_zombie_has_a_status_and_no_table(void **state)
{
	struct fdl_handle *h;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(submit("fork\n2 exit 3\n"), 0);
	assert_in_file("2/status", "State:\tZ (zombie)\n");
	assert_in_file("2/status", "FDSize:\t0\n");
	assert_in_file("2/stat", "2 (init) Z 1 ");
	assert_false(listed("2/fd", "0"));
	assert_int_equal(fdl_open(m, find("2/files/count"), O_RDONLY, &h), -ESRCH);
	assert_int_equal(fdl_read_file(m, "2/cwd", &text, &len), -ENOENT);
	assert_file("2/cmdline", "");
}

static void what_is_below_a_task_that_is_gone_is_ESRCH(void **state)
{
	struct fdl_handle *h;
	struct fdl_dirent de;
	uint64_t cookie = 0;
	struct stat st;
	fdl_ino dir, file, ino;
	char buf[16];

	(void)state;
	assert_int_equal(submit("fork\n"), 0);
	dir = find("2");
	file = find("2/status");
	h = open_file("2/status", O_RDONLY);
	assert_int_equal(submit("2 exit 0\n1 wait4(2)\n"), 0);
	assert_int_equal(fdl_getattr(m, file, &st), -ESRCH);
	assert_int_equal(fdl_lookup(m, dir, "status", &ino), -ESRCH);
	assert_int_equal(fdl_readdir(m, dir, &cookie, &de), -ESRCH);
	assert_int_equal(fdl_read(h, buf, sizeof(buf), 0, 0), -ESRCH);
	/* A text that was being read continues as it was. */
	assert_int_equal(fdl_read(h, buf, 5, 6, 0), 5);
	fdl_close(h);
}

/* ---- texts that are made elsewhere ---- */

/* A table of 60,000 descriptors. */
static void make_large(void)
{
	assert_int_equal(
		submit("prlimit64(0, RLIMIT_NOFILE, {rlim_cur=100000, rlim_max=100000}, NULL)\n"
		       "dup2 0 59999\n"),
		0);
}

static struct fdl_made made_of(const char *path)
{
	struct fdl_made made = { .generation = fdl_generation(m) };

	made.error = fdl_read_node(m, find(path), &made.text, &made.len);
	return made;
}

static void a_text_of_a_large_machine_takes_long_until_it_is_kept(void **state)
{
	struct fdl_handle *h;

	(void)state;
	assert_false(fdl_takes_long(m, find("state.json")));
	make_large();
	assert_true(fdl_takes_long(m, find("state.json")));
	assert_true(fdl_takes_long(m, find("1/files/slots")));
	assert_false(fdl_takes_long(m, find("1/status")));
	assert_false(fdl_takes_long(m, find("1/fdinfo/0")));
	assert_false(fdl_takes_long(m, find("log")));
	assert_false(fdl_takes_long(m, find("1")));
	h = open_file("state.json", O_RDONLY);
	assert_false(fdl_takes_long(m, find("state.json")));
	assert_false(fdl_rereads_long(h));
	assert_int_equal(submit("dup 0\n"), 0);
	assert_true(fdl_takes_long(m, find("state.json")));
	assert_true(fdl_rereads_long(h));
	fdl_close(h);
}

static void a_text_that_was_made_elsewhere_is_read_and_kept(void **state)
{
	struct fdl_made made;
	struct fdl_handle *h;
	char buf[64];

	(void)state;
	make_large();
	made = made_of("open_files");
	assert_int_equal(fdl_open_made(m, find("open_files"), O_RDONLY, &made, &h), 0);
	assert_false(fdl_takes_long(m, find("open_files")));
	assert_false(fdl_rereads_long(h));
	/* A text that is old by now is read through this handle, and through no other. */
	made = made_of("open_files");
	assert_int_equal(submit("dup 0\n"), 0);
	assert_true(fdl_rereads_long(h));
	assert_int_equal(fdl_reread(h, &made, buf, 8), 8);
	assert_memory_equal(buf, "id\tcount", 8);
	assert_true(fdl_rereads_long(h));
	assert_true(fdl_takes_long(m, find("open_files")));
	assert_int_equal(fdl_read(h, buf, 5, 3, 0), 5);
	assert_memory_equal(buf, "count", 5);
	fdl_close(h);
}

static void an_error_that_was_made_elsewhere_is_returned(void **state)
{
	struct fdl_made made = { .error = -EFBIG };
	struct fdl_handle *h;
	char buf[8];

	(void)state;
	assert_int_equal(fdl_open_made(m, find("state.json"), O_RDONLY, &made, &h), -EFBIG);
	assert_in_file("errors", "# state.json: longer than the option text_limit allows");
	made = (struct fdl_made){ .text = strdup("gone"), .len = 4 };
	assert_int_equal(fdl_open_made(m, find("1/fd"), O_RDONLY, &made, &h), -EISDIR);
	assert_int_equal(submit("fork\n"), 0);
	h = open_file("2/status", O_RDONLY);
	assert_int_equal(submit("2 exit 0\n1 wait4(2)\n"), 0);
	made = (struct fdl_made){ .text = strdup("gone"), .len = 4 };
	assert_int_equal(fdl_reread(h, &made, buf, sizeof(buf)), -ESRCH);
	fdl_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		lab_test(every_file_has_one_number_by_listing_and_by_path),
		lab_test(size_is_that_of_what_grows_and_0_of_a_text),
		lab_test(looking_at_every_file_makes_no_text_but_targets_of_links),
		lab_test(link_count_of_a_directory_is_its_subdirectories_and_two),
		lab_test(numbers_that_stand_for_nothing_are_errors),
		lab_test(paths_may_have_slashes_to_spare),
		lab_test(a_name_too_long_is_ENAMETOOLONG),
		lab_test(numbers_are_names_only_as_they_are_listed),
		lab_test(a_thread_can_be_looked_up_but_is_not_listed),
		lab_test(threads_with_many_pids_between_them_are_all_listed),
		lab_test(a_listing_stays_complete_and_in_order_while_the_directory_changes),
		lab_test(a_listing_can_go_on_from_any_cookie),
		lab_test(only_slots_with_a_file_are_in_fd),
		lab_test(links_to_what_has_no_path_lead_to_its_type_and_number),
		lab_test(links_of_descriptors_have_the_modes_of_procfs),
		lab_test(links_of_descriptors_name_what_they_are_of),
		lab_test(the_number_of_a_closed_descriptor_is_ENOENT),
		lab_test(fdinfo_shows_close_on_exec_in_the_flags),
		lab_test(a_zombie_has_a_status_and_no_table),
		lab_test(what_is_below_a_task_that_is_gone_is_ESRCH),
		lab_test(a_text_of_a_large_machine_takes_long_until_it_is_kept),
		lab_test(a_text_that_was_made_elsewhere_is_read_and_kept),
		lab_test(an_error_that_was_made_elsewhere_is_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
