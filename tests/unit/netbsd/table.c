/*
 * NetBSD's tables: their sizes and limits, and the functions that find, allocate, copy and release
 * descriptors. See lib/netbsd/README.md.
 */
#include "support/netbsd_lab.h"
#include "vfs/file.h"

#include "vfs/file.h"

/* ---- sizes and limits ------------------------------------------------------------------------ */

static void netbsd_table_starts_with_20_embedded_slots(void **state)
{
	NETBSD(*state, "expect 1/files/nfiles = 20", "expect 1/files/refcnt = 1",
	       "expect 1/files/lastfile = 2", "expect 1/status ~ ^FDSize:\t20$");
}

static void netbsd_table_grows_to_50_and_then_doubles(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1000, rlim_max=1772}) = 0",
	       "dup2(0, 19) = 19", "expect 1/files/nfiles = 20", "dup2(0, 20) = 20",
	       "expect 1/files/nfiles = 50", "dup2(0, 49) = 49", "expect 1/files/nfiles = 50",
	       "dup2(0, 50) = 50", "expect 1/files/nfiles = 100", "dup2(0, 999) = 999",
	       "expect 1/files/nfiles = 1600");
}

static void netbsd_growth_is_not_clamped_to_the_limit(void **state)
{
	NETBSD(*state, "dup2(0, 63) = 63", "expect 1/files/nfiles = 100");
}

static void netbsd_nofile_is_64_and_the_hard_limit_maxfiles(void **state)
{
	NETBSD(*state, "getrlimit(RLIMIT_NOFILE, {rlim_cur=64, rlim_max=1772}) = 0",
	       "expect sys/fs/file-max = 1772", "dup2(0, 64) = -1 EBADF", "dup2(0, 63) = 63");
}

static void netbsd_setrlimit_cuts_to_maxfiles(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=5000, rlim_max=6000}) = 0",
	       "getrlimit(RLIMIT_NOFILE, {rlim_cur=1772, rlim_max=1772}) = 0",
	       "setrlimit(RLIMIT_NOFILE, {rlim_cur=50, rlim_max=40}) = -1 EINVAL",
	       "dup2(0, 1772) = -1 EBADF", "dup2(0, 1771) = 1771");
}

static void netbsd_maxfiles_bounds_descriptors_and_open_files(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1772, rlim_max=1772}) = 0",
	       "echo 4 > sys/fs/file-max", "dup2(0, 4) = -1 EBADF",
	       "fcntl(0, F_DUPFD, 4) = -1 EINVAL", "dup2(0, 3) = 3", "dup(0) = -1 EMFILE",
	       "close(3) = 0", "close(2) = 0", "close(1) = 0",
	       "open(\"/etc/passwd\", O_RDONLY) = 1", "open(\"/etc/passwd\", O_RDONLY) = 2",
	       "open(\"/etc/passwd\", O_RDONLY) = 3");
}

static void netbsd_full_machine_is_ENFILE_and_says_so(void **state)
{
	NETBSD(*state, "expect kmsg =", "open(\"/etc/passwd\", O_RDONLY) = 3",
	       "echo 7 > sys/fs/file-max", "clone(child_stack=NULL, flags=SIGCHLD) = 2",
	       "1 pipe([4, 5]) = 0", "2 pipe([4, 5]) = 0", "1 kqueue() = 6", "2 close(3) = 0",
	       "2 open(\"/etc/passwd\", O_RDONLY) = -1 ENFILE", "expect kmsg = file: table is full",
	       "2 dup(0) = 3", "expect 2/files/freefile = 3");
}

static void netbsd_maps_are_words_of_32_with_a_map_of_full_words(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1772, rlim_max=1772}) = 0",
	       "expect 1/files/lomap ~ ^00000007( 00000000){31}$",
	       "expect 1/files/himap = 00000000", "fcntl(0, F_DUPFD, 31) = 31",
	       "expect 1/files/lomap ~ ^80000007( 00000000){31}$", "dup2(0, 33) = 33",
	       "expect 1/files/lomap ~ ^80000007 00000002( 00000000){30}$");
	for (int fd = 3; fd < 31; fd++)
		PLAY(*state, "dup(0)");
	PLAY(*state, "expect 1/files/lomap ~ ^ffffffff 00000002( 00000000){30}$",
	     "expect 1/files/himap = 00000001", "close(7) = 0", "expect 1/files/himap = 00000000",
	     "dup2(0, 1024) = 1024", "expect 1/files/himap = 00000000 00000000",
	     "expect 1/files/lomap ~ ^ffffff7f 00000002( 00000000){30} 00000001( 00000000){31}$");
}

static void netbsd_maps_are_replaced_only_when_1024_is_crossed(void **state)
{
	struct lab *lab = *state;

	NETBSD(lab, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1772, rlim_max=1772}) = 0",
	       "dup2(0, 799) = 799");
	assert_int_equal(lab_filedesc(lab, 1)->maps.kind, KMEM_NONE);
	PLAY(lab, "dup2(0, 800) = 800");
	assert_int_equal(lab_filedesc(lab, 1)->fd_nfiles, 1600);
	assert_int_equal(lab_filedesc(lab, 1)->maps.size, (2 + 64) * 4);
	assert_int_equal(lab_filedesc(lab, 1)->ofiles.size, 1600 * 9);
}

/* ---- fd_used, fd_unused ---------------------------------------------------------------------- */

static void fd_unused_lowers_freefile_and_never_raises_it(void **state)
{
	NETBSD(*state, "dup(0) = 3", "dup(0) = 4", "expect 1/files/freefile = 4", "close(3) = 0",
	       "expect 1/files/freefile = 3", "close(4) = 0", "expect 1/files/freefile = 3");
}

static void fd_unused_of_the_last_one_finds_the_one_below(void **state)
{
	NETBSD(*state, "dup2(0, 40) = 40", "dup2(0, 45) = 45", "expect 1/files/lastfile = 45",
	       "close(45) = 0", "expect 1/files/lastfile = 40", "close(40) = 0",
	       "expect 1/files/lastfile = 2", "close(1) = 0", "expect 1/files/lastfile = 2",
	       "close(2) = 0", "expect 1/files/lastfile = 0", "close(0) = 0",
	       "expect 1/files/lastfile = -1");
}

static void fd_unused_passes_over_marks_without_a_file(void **state)
{
	/* 5 is marked and empty: it leads to the word, where the file below it is found. */
	NETBSD(*state, "fdalloc(5) = 5", "dup2(0, 7) = 7", "close(7) = 0",
	       "expect 1/files/lastfile = 2");
}

static void fd_unused_stops_the_search_at_0(void **state)
{
	/* No slot has a file, but 0 is marked: the kernel returns 0 and not -1. */
	NETBSD(*state, "fdclear() = 0", "expect 1/files/lastfile = -1", "fdalloc(0) = 0",
	       "fdalloc(3) = 3", "fdremove(3) = 0", "expect 1/files/lastfile = 0");
}

/* ---- fdalloc, fdexpand ----------------------------------------------------------------------- */

static void fdalloc_takes_the_first_free_one_from_want_or_freefile(void **state)
{
	NETBSD(*state, "fdalloc(0) = 3", "fdalloc(10) = 10", "fdalloc(0) = 4", "fdalloc(10) = 11",
	       "fdremove(3) = 0", "fdalloc(4) = 5", "fdalloc(0) = 3");
}

static void fdalloc_leaves_freefile_at_what_it_gave(void **state)
{
	NETBSD(*state, "fdalloc(0) = 3", "expect 1/files/freefile = 3", "fdalloc(10) = 10",
	       "expect 1/files/freefile = 3", "fdalloc(0) = 4", "expect 1/files/freefile = 4");
}

static void fdalloc_of_a_full_table_is_ENOSPC_or_EMFILE(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=30, rlim_max=1772}) = 0",
	       "fdalloc(20) = -1 ENOSPC", "fdexpand() = 0", "expect 1/files/nfiles = 50",
	       "fdalloc(20) = 20", "fdalloc(30) = -1 EMFILE", "fdalloc(29) = 29",
	       "fdalloc(29) = -1 EMFILE");
}

static void a_table_as_large_as_the_limit_does_not_grow(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=20, rlim_max=1772}) = 0",
	       "fcntl(0, F_DUPFD, 19) = 19", "fcntl(0, F_DUPFD, 19) = -1 EMFILE",
	       "expect 1/files/nfiles = 20");
}

static void callers_of_fdalloc_expand_on_ENOSPC(void **state)
{
	struct lab *lab = *state;

	NETBSD(lab, "expect 1/files/nfiles = 20");
	for (int fd = 3; fd < 20; fd++)
		PLAY(lab, "dup(0)");
	PLAY(lab, "expect 1/files/nfiles = 20", "dup(0) = 20", "expect 1/files/nfiles = 50");
}

static void full_table_is_EMFILE_before_the_name_is_looked_at(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=3, rlim_max=1772}) = 0",
	       "open(\"/missing\", O_RDONLY) = -1 EMFILE", "dup(0) = -1 EMFILE",
	       "dup(7) = -1 EBADF", "pipe(0x1000) = -1 EMFILE", "kqueue() = -1 EMFILE");
}

static void fdexpand_starts_over_when_another_task_expanded(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 dup2(0, 30 <unfinished at fdexpand ...>",
	       "2 dup2(0, 31 <unfinished at fdexpand ...>", "1 <... dup2 resumed>) = 30",
	       "expect 1/files/nfiles = 50", "2 <... dup2 resumed>) = 31",
	       "expect 1/files/nfiles = 100");
}

static void fdexpand_by_hand_doubles_whatever_the_limit(void **state)
{
	NETBSD(*state, "fdexpand() = 0", "fdexpand() = 0", "expect 1/files/nfiles = 100",
	       "fdexpand() = 0", "expect 1/files/nfiles = 200", "fdalloc(64) = -1 EMFILE");
	for (int i = 0; i < 23; i++)
		PLAY(*state, "fdexpand() = 0");
	PLAY(*state, "expect 1/files/nfiles = 1677721600", "fdexpand() = -1 ENOMEM",
	     "expect 1/files/nfiles = 1677721600", "dup(0) = 3", "fork() = 2",
	     "expect 2/files/nfiles = 20");
}

/* ---- fdremove, fdrelease --------------------------------------------------------------------- */

static void fdremove_empties_the_slot_unconditionally(void **state)
{
	NETBSD(*state, "fcntl(2, F_SETFD, FD_CLOEXEC) = 0", "fdremove(2) = 0",
	       "expect 1/files/lastfile = 1", "expect 1/files/slots ~ ^1\t", "fdremove(2) = 0",
	       "fdremove(20) = -1 EBADF", "fdremove(-1) = -1 EBADF",
	       /* The flags stay. */
	       "falloc() = 2", "FILE_SET_MATURE(2, \"/etc/passwd\", O_RDONLY) = 0",
	       "fcntl(2, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
}

static void fdrelease_of_what_is_not_open_is_EBADF(void **state)
{
	NETBSD(*state, "close(-1) = -1 EBADF", "close(3) = -1 EBADF", "close(19) = -1 EBADF",
	       "close(1000) = -1 EBADF", "fdalloc(5) = 5", "close(5) = -1 EBADF", "falloc() = 3",
	       "close(3) = -1 EBADF", "fdrelease(2) = 0", "fdrelease(2) = -1 EBADF");
}

static void fdrelease_clears_the_flags(void **state)
{
	NETBSD(*state, "fcntl(2, F_SETFD, FD_CLOEXEC) = 0",
	       "expect 1/files/ofileflags ~ ^00 00 01( 00){17}$", "close(2) = 0",
	       "expect 1/files/ofileflags ~ ^00 00 00( 00){17}$");
}

static void fdrelease_gives_the_number_back_before_it_closes(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 close(2 <unfinished at closef ...>", "2 dup(0) = 2", "1 <... close resumed>) = 0",
	       "expect 1/fd/2 = /dev/console");
	lab_points(*state, "1 close(1)", "closef");
}

/* ---- dup, dup2, fcntl ------------------------------------------------------------------------ */

static void netbsd_dup_takes_the_lowest_free_one(void **state)
{
	NETBSD(*state, "dup(3) = -1 EBADF", "dup(0) = 3", "close(1) = 0", "dup(0) = 1",
	       "dup(-1) = -1 EBADF");
}

static void netbsd_dup2_checks_the_old_one_then_the_limit(void **state)
{
	NETBSD(*state, "dup2(9, 64) = -1 EBADF", "dup2(0, 64) = -1 EBADF", "dup2(0, -1) = -1 EBADF",
	       "dup2(64, 64) = -1 EBADF", "dup2(9, 40) = -1 EBADF", "expect 1/files/nfiles = 20");
}

static void netbsd_dup2_onto_itself_leaves_the_flags(void **state)
{
	NETBSD(*state, "fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "dup2(0, 0) = 0",
	       "fcntl(0, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
}

static void netbsd_dup2_beyond_the_table_expands_as_often_as_it_takes(void **state)
{
	lab_points((NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1000, rlim_max=1772}) = 0"),
		    *state),
		   "1 dup2(0, 120)", "fdexpand fdexpand fdexpand finishdup");
	PLAY(*state, "expect 1/files/nfiles = 200");
}

static void netbsd_dup2_replaces_what_was_there(void **state)
{
	NETBSD(*state, "open(\"/etc/passwd\", O_RDONLY) = 3", "dup2(0, 3) = 3",
	       "expect 1/fd/3 = /dev/console", "expect open_files ~ ^1\t4\t");
}

static void finishdup_copies_no_close_on_exec(void **state)
{
	NETBSD(*state, "fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "fcntl(1, F_SETFD, FD_CLOEXEC) = 0",
	       "dup(0) = 3", "fcntl(3, F_GETFD) = 0", "dup2(2, 1) = 1", "fcntl(1, F_GETFD) = 0",
	       "fcntl(0, F_DUPFD, 5) = 5", "fcntl(5, F_GETFD) = 0");
}

static void finishdup_has_marked_the_descriptor_before(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 dup2(0, 5 <unfinished at finishdup ...>", "expect 1/files/lomap ~ ^00000027 ",
	       "expect no 1/fd/5", "2 dup(0) = 3", "1 <... dup2 resumed>) = 5",
	       "expect 1/fd/5 = /dev/console");
}

static void finishdup_of_what_was_closed_meanwhile_is_EBADF(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "1 dup(0) = 3",
	       "1 open(\"/etc/hosts\", O_RDONLY) = 4", "1 dup2(4, 5 <unfinished at finishdup ...>",
	       "2 close(4)", "expect 2/wchan = closef", "1 <... dup2 resumed>) = -1 EBADF",
	       "2 <... close resumed>) = 0", "expect 1/files/lastfile = 3",
	       "expect 1/files/lomap ~ ^0000000f ");
}

static void finishdup_onto_what_was_closed_meanwhile_marks_it_again(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "1 dup(0) = 3",
	       "1 dup2(0, 3 <unfinished at finishdup ...>", "2 close(3) = 0",
	       "1 <... dup2 resumed>) = 3", "expect 1/files/lomap ~ ^0000000f ");
}

static void finishdup_beyond_a_close_meanwhile_raises_lastfile(void **state)
{
	/* 5 is closed while 4 is marked and empty: lastfile passes over 4, down to 2. */
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "1 dup2(0, 5) = 5",
	       "1 dup2(0, 4 <unfinished at finishdup ...>", "2 close(5) = 0",
	       "expect 1/files/lastfile = 2", "1 <... dup2 resumed>) = 4",
	       "expect 1/files/lastfile = 4", "1 close(4) = 0");
}

static void netbsd_fcntl_F_DUPFD_checks_its_limits(void **state)
{
	NETBSD(*state, "fcntl(9, F_DUPFD, 0) = -1 EBADF", "fcntl(0, F_DUPFD, -1) = -1 EINVAL",
	       "fcntl(0, F_DUPFD, 64) = -1 EINVAL", "fcntl(0, F_DUPFD, 63) = 63",
	       "fcntl(0, F_DUPFD, 63) = -1 EMFILE", "fcntl(0, F_DUPFD_CLOEXEC, 5) = -1 EINVAL");
}

static void netbsd_fcntl_sets_and_reads_flags(void **state)
{
	NETBSD(*state, "fcntl(0, F_GETFD) = 0", "fcntl(0, F_SETFD, FD_CLOEXEC) = 0",
	       "fcntl(0, F_GETFD) = 0x1 (flags FD_CLOEXEC)", "ioctl(0, FIONCLEX) = 0",
	       "fcntl(0, F_GETFD) = 0", "ioctl(0, FIOCLEX) = 0", "fcntl(9, F_GETFD) = -1 EBADF",
	       "fcntl(0, F_GETFL) = 0x2 (flags O_RDWR)",
	       "fcntl(0, F_SETFL, O_NONBLOCK|O_CREAT) = 0",
	       "fcntl(0, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)",
	       "fcntl(0, F_GETPIPE_SZ) = -1 EINVAL", "fcntl(9, F_GETPIPE_SZ) = -1 EBADF");
}

static void netbsd_F_CLOSEM_closes_from_the_last_one_down(void **state)
{
	NETBSD(*state, "fcntl(0, F_CLOSEM) = 0", "expect 1/files/lastfile = -1",
	       "fcntl(-1, F_CLOSEM) = -1 EBADF", "fcntl(9, F_CLOSEM) = 0");
	NETBSD(*state, "dup2(0, 40) = 40", "dup(0) = 3", "closefrom(3) = 0",
	       "expect 1/files/lastfile = 2", "closefrom(-1) = -1 EBADF", "closefrom(1) = 0",
	       "expect 1/files/lastfile = 0");
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 closefrom(1 <unfinished at closef ...>", "expect 1/files/lastfile = 1",
	       "1 <... closefrom resumed>) = 0");
}

static void netbsd_closefrom_waits_for_what_cannot_be_closed_yet(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>", "2 closefrom(1)",
	       "expect 2/wchan = fdrelease", "1 <... open resumed>) = 3",
	       "2 <... closefrom resumed>) = 0", "expect 1/files/lastfile = 0");
}

static void netbsd_F_MAXFD_is_lastfile(void **state)
{
	struct lab *lab = *state;

	NETBSD(lab, "fcntl(0, F_MAXFD) = 2", "dup2(0, 40) = 40", "fcntl(9, F_MAXFD) = 40",
	       "closefrom(0) = 0");
	lab_submit(lab, "1 fcntl(0, F_MAXFD)");
	assert_string_equal(lab->replies, "1 fcntl(0, F_MAXFD) = -1\n");
}

static void netbsd_lacks_what_came_later(void **state)
{
	NETBSD(*state, "dup3(0, 5, 0) = -1 ENOSYS", "pipe2(0x1000, 0) = -1 ENOSYS",
	       "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY) = -1 ENOSYS",
	       "close_range(3, 9, 0) = -1 ENOSYS", "unshare(CLONE_FILES) = -1 ENOSYS",
	       "clone3({flags=0, exit_signal=SIGCHLD}, 88) = -1 ENOSYS",
	       "kcmp(1, 1, KCMP_FILES, 0, 0) = -1 ENOSYS", "exit_group(0) = -1 ENOSYS",
	       "gettid() = -1 ENOSYS", "open(\"/etc/passwd\", O_RDONLY|O_CLOEXEC) = -1 EINVAL",
	       "open(\"/etc\", O_RDONLY|O_DIRECTORY) = -1 EINVAL",
	       "open(\"/etc\", O_PATH) = -1 EINVAL", "open(\"/etc\", O_ACCMODE) = -1 EINVAL",
	       "clone(child_stack=NULL, flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD) = -1 EINVAL",
	       "clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = -1 EINVAL");
}

static void linux_lacks_what_netbsd_has(void **state)
{
	PLAY(*state, "closefrom(3) = -1 ENOSYS", "kqueue() = -1 ENOSYS",
	     "fcntl(0, F_MAXFD, 0) = -1 EINVAL", "fcntl(0, F_CLOSEM, 0) = -1 EINVAL");
}

/* ---- fdinit, fdcopy, fdshare, fdunshare, fdclear, fdfree ------------------------------------- */

static void fdinit_is_an_empty_table(void **state)
{
	NETBSD(*state, "fdclear() = 0", "expect 1/files/nfiles = 20",
	       "expect 1/files/lastfile = -1", "expect 1/files/freefile = 0",
	       "expect 1/files/refcnt = 1", "fdinit() = 3", "fdfree(3) = 0",
	       "fdfree(3) = -1 EBADF");
}

static void fdcopy_of_few_descriptors_is_embedded(void **state)
{
	NETBSD(*state, "dup2(0, 30) = 30", "close(30) = 0", "dup2(0, 19) = 19",
	       "expect 1/files/nfiles = 50", "fork() = 2", "expect 2/files/nfiles = 20",
	       "expect 2/files/lastfile = 19");
	NETBSD(*state, "dup2(0, 20) = 20", "fork() = 2", "expect 2/files/nfiles = 50");
}

static void fdcopy_halves_a_table_of_which_half_is_enough(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=1000, rlim_max=1772}) = 0",
	       "dup2(0, 700) = 700", "expect 1/files/nfiles = 800", "close(700) = 0",
	       "dup2(0, 100) = 100", "fork() = 2",
	       /* 800 and 400 are more than twice 100, 200 is not. */
	       "expect 2/files/nfiles = 200", "1 close(100) = 0", "1 dup2(0, 99) = 99",
	       "1 fork() = 3", "expect 3/files/nfiles = 100", "1 dup2(0, 400) = 400",
	       "1 fork() = 4", "expect 4/files/nfiles = 800", "1 close(400) = 0", "1 close(99) = 0",
	       "1 dup2(0, 24) = 24", "1 fork() = 5", "expect 5/files/nfiles = 50");
}

static void fdcopy_copies_freefile(void **state)
{
	NETBSD(*state, "dup(0) = 3", "dup(0) = 4", "fork() = 2", "expect 2/files/freefile = 4",
	       "2 dup(0) = 5");
}

static void fdcopy_gives_every_file_a_reference_larval_ones_too(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>", "2 fork() = 3",
	       "expect 3/files/slots ~ ^3\t0\t2\t2\t1\tLARVAL\t-\t-\t-$",
	       "expect 3/files/slots ~ ^0\t0\t1\t6\t0\t-\trw\t0\t/dev/console$", "expect no 3/fd/3",
	       "3 close(3) = -1 EBADF", "1 <... open resumed>) = 3", "expect 3/fd/3 = /etc/hosts",
	       "3 close(3) = 0", "1 read(3, \"127\"..., 5) = 5");
}

static void fdcopy_copies_marks_without_a_file(void **state)
{
	NETBSD(*state, "fdalloc(5) = 5", "fork() = 2", "expect 2/files/lomap ~ ^00000027 ",
	       "2 close(5) = -1 EBADF", "2 fdalloc(5) = 6");
}

static void fdcopy_leaves_kqueues_out(void **state)
{
	NETBSD(*state, "kqueue() = 3", "dup(0) = 4", "kqueue() = 5",
	       "expect 1/fd/5 ~ ^kqueue:", "read(5, ..., 4) = -1 ENXIO", "fork() = 2",
	       "expect no 2/fd/3", "expect no 2/fd/5", "expect 2/files/lastfile = 4",
	       "expect 2/files/freefile = 3", "expect 2/fd/4 = /dev/console", "2 dup(0) = 3",
	       "1 close(5) = 0");
}

static void fdshare_is_one_more_user_of_the_same_table(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "expect 1/files/refcnt = 2", "2 dup(0) = 3", "expect 1/fd/3 = /dev/console",
	       "1 fdshare(2) = 1", "expect 1/files/refcnt = 3", "1 fdfree(1) = 0",
	       "expect 1/files/refcnt = 2", "1 fdshare(9) = -1 ESRCH");
}

static void fdunshare_copies_a_table_only_when_it_is_shared(void **state)
{
	NETBSD(*state, "fdunshare() = 0", "expect state.json ~ \"table\": 1",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "2 fdunshare() = 0",
	       "expect 1/files/refcnt = 1", "expect 2/files/refcnt = 1", "2 close(0) = 0",
	       "expect 1/fd/0 = /dev/console");
}

static void fdclear_gives_a_new_table_and_frees_the_old_one(void **state)
{
	NETBSD(*state, "pipe([3, 4]) = 0", "fork() = 2", "1 fdclear() = 0", "2 close(4) = 0",
	       "2 read(3, \"\", 5) = 0", "1 dup(0) = -1 EBADF");
}

static void fdfree_of_the_last_user_closes_in_ascending_order(void **state)
{
	struct lab *lab = *state;
	const char *first, *second;
	size_t len;
	char *events;

	NETBSD(lab, "open(\"/etc/passwd\", O_RDONLY) = 3", "open(\"/etc/hosts\", O_RDONLY) = 4",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "1 fdfree() = 0",
	       "expect 2/fd/4 = /etc/hosts", "1 dup(0) = -1 EBADF", "2 fdfree() = 0",
	       "expect no 2/fd/4", "2 fdfree() = -1 EBADF");
	assert_int_equal(fdl_read_file(lab->m, "events", &events, &len), 0);
	first = strstr(events, "\"event\":\"free\"");
	assert_non_null(first);
	second = strstr(first + 1, "\"event\":\"free\"");
	assert_non_null(second);
	assert_non_null(strstr(first, "\"file\":1}"));
	assert_true(strstr(first, "\"file\":2}") < strstr(first, "\"file\":3}"));
	free(events);
}

static void netbsd_exit_gives_up_the_table(void **state)
{
	NETBSD(*state, "fork() = 2", "2 exit(3) = ?",
	       "1 wait4(2, [{WIFEXITED(s) && "
	       "WEXITSTATUS(s) == 3}], 0, NULL) = 2",
	       "expect open_files ~ ^1\t3\t");
}

static void FORK_CLEANFILES_starts_with_an_empty_table(void **state)
{
	NETBSD(*state, "fork1(FORK_CLEANFILES) = 2", "expect 2/files/lastfile = -1",
	       "2 open(\"/etc/passwd\", O_RDONLY) = 0", "1 fork1(FORK_SHAREFILES) = 3",
	       "expect 3/files/refcnt = 2", "1 fork1(0) = 4", "expect 4/files/lastfile = 2",
	       "1 fork1(0x80) = -1 EINVAL", "1 fork1(FORK_PPWAIT|FORK_SHAREVM)", "5 exit(0) = ?",
	       "1 <... fork1 resumed>) = 5");
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void a_lost_sockets_messages_are_freed_with_the_machine(void **state)
{
	/*
	 * dupfdopen loses the file of its slot: here a socket, whose message refers to the console.
	 */
	NETBSD(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "sendmsg 3 [0] = 1",
	       "dupfdopen(4, 0) = 0", "exit(0)", "expect open_files ~ ^1\t1\t");
}

static void netbsd_table_beyond_the_memory_is_ENOMEM(void **state)
{
	PLAY(*state,
	     "reset kernel=netbsd memory=70000 nofile=1000000 file_max=1000000 tasks=10000");
	for (int i = 0; i < 100; i++) {
		char line[64];

		snprintf(line, sizeof(line), "1 dup2(0, %d)", 4096 * (i + 1));
		lab_submit(*state, line);
		if (strstr(((struct lab *)*state)->replies, "ENOMEM"))
			break;
	}
	assert_non_null(strstr(((struct lab *)*state)->replies, "ENOMEM"));
	PLAY(*state, "1 dup(0) = 3");
}

/* ---- invariants ------------------------------------------------------------------------------ */

static void assert_unsound(struct lab *lab, const char *part)
{
	char why[256];

	assert_int_equal(fdl_machine_check(lab->m, why, sizeof(why)), -EUCLEAN);
	if (!strstr(why, part))
		fail_msg("the check says \"%s\"", why);
}

static void netbsd_check_finds_what_is_wrong(void **state)
{
	struct lab *lab = *state;
	struct filedesc *fdp;

	NETBSD(lab, "dup(0) = 3");
	fdp = lab_filedesc(lab, 1);
	fdp->fd_freefile = 10;
	assert_unsound(lab, "free below freefile");
	fdp->fd_freefile = 3;
	fdp->fd_lastfile = 2;
	assert_unsound(lab, "above lastfile");
	fdp->fd_lastfile = 50;
	assert_unsound(lab, "lastfile is 50");
	fdp->fd_lastfile = 3;
	fdp->fd_refcnt = 2;
	assert_unsound(lab, "refcnt is 2");
	fdp->fd_refcnt = 1;
	fdp->fd_nfiles = 21;
	assert_unsound(lab, "nfiles is 21");
	fdp->fd_nfiles = 20;
	sparse_clear(&fdp->slots, LOMAP, 3);
	assert_unsound(lab, "its bit in lomap is clear");
	sparse_set(&fdp->slots, LOMAP, 3);
	sparse_set(&fdp->slots, LOMAP, 5);
	assert_unsound(lab, "descriptors are reserved");
	sparse_clear(&fdp->slots, LOMAP, 5);
	file_at(fdp, 0)->uses++;
	assert_unsound(lab, "used");
	file_at(fdp, 0)->uses--;
	get_file(file_at(fdp, 0));
	assert_unsound(lab, "count is 5");
	file_at(fdp, 0)->count--;
	PLAY(lab, "close(3) = 0");
}

static const struct CMUnitTest tables_and_descriptors[] = {
	LAB_TEST(netbsd_table_starts_with_20_embedded_slots),
	LAB_TEST(netbsd_table_grows_to_50_and_then_doubles),
	LAB_TEST(netbsd_growth_is_not_clamped_to_the_limit),
	LAB_TEST(netbsd_nofile_is_64_and_the_hard_limit_maxfiles),
	LAB_TEST(netbsd_setrlimit_cuts_to_maxfiles),
	LAB_TEST(netbsd_maxfiles_bounds_descriptors_and_open_files),
	LAB_TEST(netbsd_full_machine_is_ENFILE_and_says_so),
	LAB_TEST(netbsd_maps_are_words_of_32_with_a_map_of_full_words),
	LAB_TEST(netbsd_maps_are_replaced_only_when_1024_is_crossed),
	LAB_TEST(fd_unused_lowers_freefile_and_never_raises_it),
	LAB_TEST(fd_unused_of_the_last_one_finds_the_one_below),
	LAB_TEST(fd_unused_passes_over_marks_without_a_file),
	LAB_TEST(fd_unused_stops_the_search_at_0),
	LAB_TEST(fdalloc_takes_the_first_free_one_from_want_or_freefile),
	LAB_TEST(fdalloc_leaves_freefile_at_what_it_gave),
	LAB_TEST(fdalloc_of_a_full_table_is_ENOSPC_or_EMFILE),
	LAB_TEST(a_table_as_large_as_the_limit_does_not_grow),
	LAB_TEST(callers_of_fdalloc_expand_on_ENOSPC),
	LAB_TEST(full_table_is_EMFILE_before_the_name_is_looked_at),
	LAB_TEST(fdexpand_starts_over_when_another_task_expanded),
	LAB_TEST(fdexpand_by_hand_doubles_whatever_the_limit),
	LAB_TEST(fdremove_empties_the_slot_unconditionally),
	LAB_TEST(fdrelease_of_what_is_not_open_is_EBADF),
	LAB_TEST(fdrelease_clears_the_flags),
	LAB_TEST(fdrelease_gives_the_number_back_before_it_closes),
};

static const struct CMUnitTest calls_and_lives[] = {
	LAB_TEST(netbsd_dup_takes_the_lowest_free_one),
	LAB_TEST(netbsd_dup2_checks_the_old_one_then_the_limit),
	LAB_TEST(netbsd_dup2_onto_itself_leaves_the_flags),
	LAB_TEST(netbsd_dup2_beyond_the_table_expands_as_often_as_it_takes),
	LAB_TEST(netbsd_dup2_replaces_what_was_there),
	LAB_TEST(finishdup_copies_no_close_on_exec),
	LAB_TEST(finishdup_has_marked_the_descriptor_before),
	LAB_TEST(finishdup_of_what_was_closed_meanwhile_is_EBADF),
	LAB_TEST(finishdup_onto_what_was_closed_meanwhile_marks_it_again),
	LAB_TEST(finishdup_beyond_a_close_meanwhile_raises_lastfile),
	LAB_TEST(netbsd_fcntl_F_DUPFD_checks_its_limits),
	LAB_TEST(netbsd_fcntl_sets_and_reads_flags),
	LAB_TEST(netbsd_F_CLOSEM_closes_from_the_last_one_down),
	LAB_TEST(netbsd_closefrom_waits_for_what_cannot_be_closed_yet),
	LAB_TEST(netbsd_F_MAXFD_is_lastfile),
	LAB_TEST(netbsd_lacks_what_came_later),
	LAB_TEST(linux_lacks_what_netbsd_has),
	LAB_TEST(fdinit_is_an_empty_table),
	LAB_TEST(fdcopy_of_few_descriptors_is_embedded),
	LAB_TEST(fdcopy_halves_a_table_of_which_half_is_enough),
	LAB_TEST(fdcopy_copies_freefile),
	LAB_TEST(fdcopy_gives_every_file_a_reference_larval_ones_too),
	LAB_TEST(fdcopy_copies_marks_without_a_file),
	LAB_TEST(fdcopy_leaves_kqueues_out),
	LAB_TEST(fdshare_is_one_more_user_of_the_same_table),
	LAB_TEST(fdunshare_copies_a_table_only_when_it_is_shared),
	LAB_TEST(fdclear_gives_a_new_table_and_frees_the_old_one),
	LAB_TEST(fdfree_of_the_last_user_closes_in_ascending_order),
	LAB_TEST(netbsd_exit_gives_up_the_table),
	LAB_TEST(FORK_CLEANFILES_starts_with_an_empty_table),
	LAB_TEST(a_lost_sockets_messages_are_freed_with_the_machine),
	LAB_TEST(netbsd_table_beyond_the_memory_is_ENOMEM),
	LAB_TEST(netbsd_check_finds_what_is_wrong),
};

int main(void)
{
	int failed = cmocka_run_group_tests(tables_and_descriptors, NULL, NULL);

	failed += cmocka_run_group_tests(calls_and_lives, NULL, NULL);
	return failed;
}
