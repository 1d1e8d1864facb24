/*
 * NetBSD's files: larval while they are opened, waited for when they are closed, duplicated and
 * moved by opens of devices; and what exec does with the standard descriptors. See
 * lib/netbsd/README.md.
 */
#include "support/netbsd_lab.h"
#include "vfs/file.h"

#include "vfs/file.h"

/* ---- falloc, ffree, fd_getfile --------------------------------------------------------------- */

static void falloc_installs_a_larval_file_at_once(void **state)
{
	NETBSD(*state, "falloc() = 3", "expect 1/files/slots ~ ^3\t0\t2\t1\t1\tLARVAL\t-\t-\t-$",
	       "expect 1/files/lomap ~ ^0000000f ", "expect no 1/fd/3",
	       "expect open_files ~ ^2\t1\t.*\tlarval\t");
}

static void falloc_at_maxfiles_gives_the_descriptor_back(void **state)
{
	NETBSD(*state, "open(\"/etc/passwd\", O_RDONLY) = 3", "fork() = 2", "2 closefrom(0) = 0",
	       "echo 2 > sys/fs/file-max", "2 falloc() = -1 ENFILE", "expect 2/files/lastfile = -1",
	       "expect 2/files/freefile = 0", "expect kmsg = file: table is full",
	       "2 falloc() = -1 ENFILE", "expect kmsg = file: table is full\nfile: table is full");
}

static void larval_file_is_used_until_its_caller_makes_it_mature(void **state)
{
	NETBSD(*state, "falloc() = 3", "FILE_SET_MATURE(3, \"/missing\") = -1 ENOENT",
	       "FILE_SET_MATURE(3, \"/dev/tty\") = -1 ENXIO",
	       "expect 1/files/slots ~ ^3\t0\t2\t1\t1\tLARVAL\t-\t-\t-$",
	       "FILE_SET_MATURE(3, \"/etc/passwd\", O_RDONLY) = 0",
	       "expect 1/files/slots ~ ^3\t0\t2\t1\t0\t-\tr\t0\t/etc/passwd$",
	       "FILE_SET_MATURE(3, \"/etc/passwd\", O_RDONLY) = -1 EBADF",
	       "FILE_SET_MATURE(0, \"/etc/passwd\", O_RDONLY) = -1 EBADF", "close(3) = 0");
}

static void ffree_frees_what_falloc_gave(void **state)
{
	NETBSD(*state, "falloc() = 3", "fdremove(3) = 0", "expect open_files ~ ^2\t",
	       "ffree(2) = 0", "expect 1/files/lastfile = 2", "ffree(2) = -1 EBADF",
	       "ffree(1) = -1 EBADF", "falloc() = 3", "expect 1/files/slots ~ ^3\t0\t3\t");
}

static void ffree_of_a_file_that_a_copy_has_leaves_it_larval_there(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/missing\", O_RDONLY <unfinished at vn_open ...>", "2 fork() = 3",
	       "1 <... open resumed>) = -1 ENOENT", "expect 1/files/lastfile = 2",
	       "expect 3/files/slots ~ ^3\t0\t2\t1\t0\tLARVAL\t-\t-\t-$", "3 close(3) = -1 EBADF",
	       "3 dup2(0, 3) = 3", "expect no 1/fd/3", "3 close(3) = 0", "1 dup(0) = 3",
	       "expect 1/files/slots ~ ^3\t0\t1\t");
}

static void larval_files_are_let_go_with_their_maker(void **state)
{
	NETBSD(*state, "fork() = 2", "2 falloc() = 3", "2 falloc() = 4", "2 fdremove(4) = 0",
	       "2 exit(0) = ?", "expect open_files ~ ^1\t3\t",
	       "1 wait4(2, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2", "1 falloc() = 3",
	       "reset kernel=netbsd", "expect 1/files/lastfile = 2");
}

static void fd_getfile_finds_what_can_be_used(void **state)
{
	NETBSD(*state, "fd_getfile(0) = 1", "fd_getfile(3) = 0", "fd_getfile(-1) = 0",
	       "fd_getfile(1000) = 0", "falloc() = 3", "fd_getfile(3) = 0", "fdalloc(4) = 4",
	       "fd_getfile(4) = 0", "dup(3) = -1 EBADF", "read(3, \"\", 1) = -1 EBADF",
	       "dup2(3, 5) = -1 EBADF", "fcntl(3, F_GETFD) = -1 EBADF",
	       "fcntl(3, F_SETFD, FD_CLOEXEC) = -1 EBADF");
}

/* ---- closef ---------------------------------------------------------------------------------- */

static void closef_of_one_reference_of_many_only_drops_it(void **state)
{
	NETBSD(*state, "expect open_files ~ ^1\t3\t", "fdremove(2) = 0", "closef(1) = 0",
	       "expect open_files ~ ^1\t2\t", "closef(1) = -1 EBADF");
}

static void closef_of_the_last_reference_waits_for_its_users(void **state)
{
	NETBSD(*state, "pipe([3, 4]) = 0", "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 read(3, ..., 10)", "2 close(3)", "expect 2/wchan = closef", "expect no 1/fd/3",
	       "expect open_files ~ ^2\t0\t", "expect 1/files/lastfile = 4");
	/* The pipe still has a reader. */
	PLAY(*state, "1 fork( <unfinished ...>");
}

static void closef_goes_on_when_it_is_the_only_user(void **state)
{
	NETBSD(*state, "pipe([3, 4]) = 0", "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3", "1 read(3, ..., 10)",
	       "2 close(3)", "3 write(4, \"x\", 1) = 1", "1 <... read resumed>\"x\", 10) = 1",
	       "2 <... close resumed>) = 0", "3 write(4, \"x\", 1) = -1 EPIPE");
}

static void closef_waits_for_a_use_by_hand(void **state)
{
	NETBSD(*state, "falloc() = 3", "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "2 dup2(0, 3)", "expect 2/wchan = closef", "expect 1/fd/3 = /dev/console",
	       "expect open_files ~ ^2\t0\t", "1 ffree(2) = 0", "2 <... dup2 resumed>) = 3");
}

static void closef_that_finds_WANTCLOSE_gives_its_use_back(void **state)
{
	struct lab *lab = *state;

	/* A reference was lost: two tasks close the same file. */
	lab->unsound = true;
	NETBSD(lab, "pipe([3, 4]) = 0", "dup(3) = 5",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3", "2 fdremove(5) = 0");
	file_at(lab_filedesc(lab, 1), 3)->count--;
	PLAY(lab, "1 read(3, ..., 10)", "2 closef(2)", "expect 2/wchan = closef",
	     "3 dup2(0, 3) = 3", "expect 2/wchan = closef", "3 write(4, \"x\", 1) = 1",
	     "1 <... read resumed>\"x\", 10) = 1", "2 <... closef resumed>) = 0");
	lab->unsound = false;
	PLAY(lab, "3 write(4, \"x\", 1) = -1 EPIPE");
}

static void closef_that_is_killed_leaves_the_rest_to_the_last_user(void **state)
{
	NETBSD(*state, "pipe([3, 4]) = 0", "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3", "1 read(3, ..., 10)",
	       "2 close(3)", "3 kill(2, SIGKILL) = 0", "expect open_files ~ ^2\t0\t",
	       "3 write(4, \"x\", 1) = 1", "1 <... read resumed>\"x\", 10) = 1",
	       "expect open_files ~ ^3\t1\t", "3 write(4, \"x\", 1) = -1 EPIPE");
}

static void closef_is_not_interrupted_by_other_signals(void **state)
{
	NETBSD(*state, "pipe([3, 4]) = 0", "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3", "1 read(3, ..., 10)",
	       "2 close(3)", "3 kill(2, SIGCHLD) = 0", "expect 2/wchan = closef",
	       "3 write(4, \"x\", 1) = 1", "2 <... close resumed>) = 0");
}

static void closef_releases_the_processs_record_locks(void **state)
{
	NETBSD(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0666) = 3", "open(\"/tmp/x\", O_RDWR) = 4",
	       "fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
	       "fork() = 2",
	       "2 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = -1 "
	       "EAGAIN",
	       "1 close(4) = 0",
	       "2 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
	       "1 flock(3, LOCK_EX) = 0", "2 open(\"/tmp/x\", O_RDWR) = 5",
	       "2 flock(5, LOCK_EX|LOCK_NB) = -1 EAGAIN", "1 close(3) = 0", "2 close(3) = 0",
	       "2 flock(5, LOCK_EX|LOCK_NB) = 0");
}

static void record_locks_are_the_processs_and_not_the_tables(void **state)
{
	NETBSD(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT, 0666) = 3",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = 0",
	       "2 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}) = -1 "
	       "EAGAIN",
	       "2 fcntl(3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0}, "
	       "{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=0, l_pid=1}) = 0");
}

/* ---- open, and what meets a larval file ------------------------------------------------------ */

static void netbsd_open_has_a_larval_file_while_it_looks_at_the_name(void **state)
{
	lab_points((NETBSD(*state, "expect 1/files/lastfile = 2"), *state),
		   "1 open(\"/etc/passwd\", O_RDONLY)", "vn_open");
	PLAY(*state, "open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>",
	     "expect 1/files/slots ~ ^4\t0\t3\t1\t1\tLARVAL\t-\t-\t-$", "1 <... open resumed>) = 4",
	     "expect 1/files/slots ~ ^4\t0\t3\t1\t0\t-\tr\t0\t/etc/hosts$");
}

static void netbsd_open_that_fails_leaves_nothing(void **state)
{
	NETBSD(*state, "open(\"/missing\", O_RDONLY) = -1 ENOENT", "expect 1/files/lastfile = 2",
	       "open(0x1000, O_RDONLY) = -1 EFAULT", "open(\"/dev/tty\", O_RDONLY) = -1 ENXIO",
	       "expect sys/fs/file-nr ~ ^1\t", "expect 1/files/freefile = 3");
}

static void netbsd_open_takes_the_lowest_descriptor_and_creates_files(void **state)
{
	NETBSD(*state, "open(\"/tmp/x\", O_RDWR|O_CREAT|O_EXCL, 01666) = 3",
	       "fstat(3, {st_mode=S_IFREG|0644, st_size=0, ...}) = 0", "close(1) = 0",
	       "creat(\"/tmp/y\", 0600) = 1", "write(1, \"hello\", 5) = 5",
	       "fcntl(1, F_GETFL) = 0x1 (flags O_WRONLY)",
	       "open(\"/tmp/x\", O_RDWR|O_CREAT|O_EXCL, 0666) = -1 EEXIST",
	       "open(\"/etc\", O_RDWR) = -1 EISDIR");
}

static void dup2_over_a_larval_file_takes_the_slot_and_waits_for_the_opener(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>", "2 dup2(0, 3)",
	       "expect 2/wchan = closef", "expect 2/fd/3 = /dev/console",
	       "1 <... open resumed>) = 3", "2 <... dup2 resumed>) = 3",
	       "expect 1/fd/3 = /dev/console", "expect open_files ~ ^1\t4\t");
}

static void dup2_over_a_larval_file_whose_open_fails_loses_the_slot(void **state)
{
	/* fdremove does not check what it removes: dup2's file is in no slot any more. */
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/missing\", O_RDONLY <unfinished at vn_open ...>", "2 dup2(0, 3)",
	       "1 <... open resumed>) = -1 ENOENT", "2 <... dup2 resumed>) = 3", "expect no 1/fd/3",
	       "expect open_files ~ ^1\t4\t");
}

static void dup2_deadlocks_when_the_opener_waits_for_the_caller(void **state)
{
	/* The open of a FIFO waits for a writer, which waits for the opener. */
	NETBSD(*state, "mkfifo(\"/tmp/f\", 0666) = 0",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/tmp/f\", O_RDONLY)", "2 dup2(0, 3)", "expect 1/wchan = wait_for_partner",
	       "expect 2/wchan = closef", "2 +++ killed by SIGKILL +++",
	       "expect 1/wchan = wait_for_partner");
}

static void close_of_a_larval_file_is_EBADF(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>",
	       "2 close(3) = -1 EBADF", "1 <... open resumed>) = 3");
}

static void opener_of_a_shared_table_that_is_killed_finishes(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 3",
	       "2 open(\"/etc/hosts\", O_RDONLY <unfinished at vn_open ...>", "3 dup2(0, 3)",
	       "1 kill(2, SIGKILL) = 0", "3 <... dup2 resumed>) = 3",
	       "expect 1/fd/3 = /dev/console");
}

static void netbsd_pipe_takes_the_two_lowest_descriptors(void **state)
{
	NETBSD(*state, "close(1) = 0", "pipe([1, 3]) = 0", "write(3, \"ab\", 2) = 2",
	       "read(1, \"ab\", 5) = 2",
	       "setrlimit(RLIMIT_NOFILE, {rlim_cur=5, rlim_max=1772}) = 0",
	       "pipe(0x1000) = -1 EMFILE", "expect 1/files/lastfile = 3", "dup(0) = 4",
	       "pipe(0x1000) = -1 EMFILE", "expect sys/fs/file-nr ~ ^3\t");
}

/* ---- dupfdopen, fdclone ---------------------------------------------------------------------- */

static void open_of_dev_fd_is_a_dup(void **state)
{
	NETBSD(*state, "open(\"/etc/passwd\", O_RDONLY) = 3", "read(3, \"root\", 4) = 4",
	       "open(\"/dev/fd/3\", O_RDONLY) = 4", "lseek(4, 0, SEEK_CUR) = 4",
	       "expect open_files ~ ^2\t2\t", "open(\"/dev/stdin\", O_RDWR) = 5",
	       "expect 1/fd/5 = /dev/console", "open(\"/dev/stdout\", O_WRONLY) = 6",
	       "open(\"/dev/stderr\", O_WRONLY) = 7", "expect open_files ~ ^1\t6\t");
}

static void open_of_dev_fd_for_more_access_is_EACCES(void **state)
{
	NETBSD(*state, "open(\"/etc/passwd\", O_RDONLY) = 3",
	       "open(\"/dev/fd/3\", O_RDWR) = -1 EACCES",
	       "open(\"/dev/fd/3\", O_WRONLY) = -1 EACCES", "creat(\"/tmp/x\", 0666) = 4",
	       "open(\"/dev/fd/4\", O_RDONLY) = -1 EACCES", "open(\"/dev/fd/4\", O_WRONLY) = 5",
	       "expect 1/files/lastfile = 5");
}

static void open_of_dev_fd_copies_close_on_exec(void **state)
{
	NETBSD(*state, "fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "open(\"/dev/fd/0\", O_RDONLY) = 3",
	       "fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)");
}

static void open_of_dev_fd_of_what_is_not_open_is_EBADF(void **state)
{
	/* The same for the lowest free descriptor, which open itself takes. */
	NETBSD(*state, "open(\"/dev/fd/9\", O_RDONLY) = -1 EBADF",
	       "open(\"/dev/fd/3\", O_RDONLY) = -1 EBADF",
	       "open(\"/dev/fd/64\", O_RDONLY) = -1 ENOENT", "expect 1/files/lastfile = 2",
	       "expect sys/fs/file-nr ~ ^1\t");
}

static void open_of_a_cloning_device_moves_its_descriptor(void **state)
{
	NETBSD(*state, "open(\"/dev/bpf\", O_RDWR) = 3", "expect 1/files/lastfile = 3",
	       "expect 1/fd/3 = /dev/bpf", "open(\"/dev/tap\", O_RDONLY) = 4",
	       "open(\"/dev/ptm\", O_RDWR) = 5", "read(3, ..., 10) = -1 ENXIO",
	       "write(5, \"x\", 1) = -1 ENXIO", "expect sys/fs/file-nr ~ ^4\t", "close(3) = 0",
	       "expect 1/files/freefile = 3");
}

static void open_of_a_cloning_device_needs_two_descriptors(void **state)
{
	NETBSD(*state, "setrlimit(RLIMIT_NOFILE, {rlim_cur=4, rlim_max=1772}) = 0",
	       "open(\"/dev/bpf\", O_RDWR) = -1 EMFILE", "open(\"/etc/passwd\", O_RDONLY) = 3",
	       "expect sys/fs/file-nr ~ ^2\t");
}

static void cloning_device_may_have_to_expand_the_table(void **state)
{
	NETBSD(*state, "dup2(0, 18) = 18");
	for (int fd = 3; fd < 18; fd++)
		PLAY(*state, "dup(0)");
	lab_points(*state, "1 open(\"/dev/bpf\", O_RDWR)", "vn_open fdexpand");
	PLAY(*state, "expect 1/fd/19 = /dev/bpf", "expect 1/files/lastfile = 19",
	     "expect 1/files/nfiles = 50");
}

static void dupfdopen_by_hand_shows_both_errors(void **state)
{
	NETBSD(*state, "fcntl(0, F_SETFD, FD_CLOEXEC) = 0", "fdalloc(0) = 3",
	       "dupfdopen(3, 0, O_RDONLY, EDUPFD) = 0", "expect 1/fd/3 = /dev/console",
	       "fcntl(3, F_GETFD) = 0x1 (flags FD_CLOEXEC)", "fdalloc(0) = 4",
	       "dupfdopen(4, 0, O_RDONLY, EMOVEFD) = 0", "expect no 1/fd/0",
	       "expect 1/files/freefile = 0", "fdalloc(0) = 0",
	       "dupfdopen(0, 9, O_RDONLY, EDUPFD) = -1 EBADF",
	       "dupfdopen(0, 1, O_RDONLY, ENXIO) = -1 ENXIO", "fcntl(1, F_SETFD, 0) = 0",
	       "open(\"/etc/passwd\", O_RDONLY) = 5", "dupfdopen(0, 5, O_RDWR, EDUPFD) = -1 EACCES",
	       "dupfdopen(0, 5, O_RDONLY, EDUPFD) = 0",
	       "dupfdopen(19, 5, O_RDONLY, EDUPFD) = -1 EBADF",
	       "dupfdopen(99, 5, O_RDONLY, EDUPFD) = -1 EBADF");
}

static void fdclone_always_says_EMOVEFD(void **state)
{
	NETBSD(*state, "falloc() = 3", "fdclone(3, O_RDWR, \"/dev/null\") = -1 ENXIO",
	       "fdclone(3, O_RDWR, \"/missing\") = -1 ENOENT",
	       "fdclone(3, O_RDWR, \"/dev/tap\") = -1 EMOVEFD", "expect 1/fd/3 = /dev/tap",
	       "expect 1/files/slots ~ ^3\t0\t2\t1\t0\t-\trw\t0\t/dev/tap$", "fdalloc(0) = 4",
	       "dupfdopen(4, 3, O_RDWR, EMOVEFD) = 0", "expect 1/fd/4 = /dev/tap",
	       "expect no 1/fd/3", "fdclone(4, O_RDWR, \"/dev/tap\") = -1 EBADF");
}

/* ---- exec ------------------------------------------------------------------------------------ */

static void fdcloseexec_unshares_and_closes_what_is_marked(void **state)
{
	NETBSD(*state, "dup2(0, 40) = 40", "dup(0) = 3", "fcntl(3, F_SETFD, FD_CLOEXEC) = 0",
	       "fcntl(40, F_SETFD, FD_CLOEXEC) = 0",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2", "2 fdcloseexec() = 0",
	       "expect 2/files/lastfile = 2", "expect 1/files/lastfile = 40",
	       "expect 1/files/refcnt = 1", "1 execve(\"/bin/true\", [], NULL) = 0",
	       "expect 1/files/lastfile = 2");
}

static void netbsd_exec_that_fails_leaves_the_shared_table(void **state)
{
	NETBSD(*state, "fcntl(2, F_SETFD, FD_CLOEXEC) = 0",
	       "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "2 execve(\"/missing\", [], NULL) = -1 ENOENT",
	       "2 execve(\"/etc/passwd\", [], NULL) = -1 EACCES", "expect 1/files/refcnt = 2",
	       "expect 1/fd/2 = /dev/console");
	lab_points((PLAY(*state, "2 fdunshare() = 0"), *state), "2 execve(\"/bin/true\", [], NULL)",
		   "closef");
}

static void fdcheckstd_opens_dev_null_for_what_is_closed(void **state)
{
	NETBSD(*state, "close(0) = 0", "close(2) = 0", "fdcheckstd() = 0",
	       "expect 1/fd/0 = /dev/null", "expect 1/fd/2 = /dev/null",
	       "expect 1/fd/1 = /dev/console",
	       "expect 1/files/slots ~ ^2\t0\t2\t2\t0\t-\trw\t0\t/dev/null$",
	       "expect kmsg = set{u,g}id pid 1 (init) was invoked by uid 0 ppid 0 () with fd 0,2 "
	       "closed",
	       "fdcheckstd() = 0", "expect 1/files/lastfile = 2");
}

static void set_id_exec_has_its_standard_descriptors_open(void **state)
{
	PLAY(*state, "reset kernel=netbsd uid=1000 gid=1000", "fork() = 2",
	     "2 fcntl(1, F_SETFD, FD_CLOEXEC) = 0", "2 close(2) = 0",
	     "2 execve(\"/bin/su\", [\"su\"], NULL) = 0", "expect 2/fd/0 = /dev/console",
	     "expect 2/fd/1 = /dev/null", "expect 2/fd/2 = /dev/null",
	     "expect 2/status ~ ^Uid:\t1000\t0\t0\t0$",
	     "expect kmsg = set{u,g}id pid 2 (su) was invoked by uid 1000 ppid 1 (init) with fd "
	     "1,2 "
	     "closed",
	     "1 close(0) = 0", "1 execve(\"/bin/cat\", [], NULL) = 0", "expect no 1/fd/0");
}

static void set_id_exec_to_the_same_user_checks_nothing(void **state)
{
	NETBSD(*state, "close(0) = 0", "execve(\"/bin/su\", [], NULL) = 0", "expect no 1/fd/0",
	       "expect kmsg =");
}

static void set_id_exec_without_room_for_dev_null_ends_the_process(void **state)
{
	PLAY(*state, "reset kernel=netbsd uid=1000 gid=1000", "fork() = 2", "2 close(0) = 0",
	     "2 setrlimit(RLIMIT_NOFILE, {rlim_cur=0, rlim_max=1772}) = 0",
	     "2 execve(\"/bin/su\", [], NULL) = -1 EMFILE",
	     "1 wait4(2, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGABRT}], 0, NULL)");
}

/* ---- the rest of the library ----------------------------------------------------------------- */

static void log_of_a_netbsd_machine_names_its_kernel(void **state)
{
	NETBSD(*state, "close(2) = 0", "expect log = option kernel=netbsd\n1 close(2) = 0");
}

static void sockets_take_the_lowest_descriptors(void **state)
{
	NETBSD(*state, "socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0", "write(3, \"hi\", 2) = 2",
	       "read(4, \"hi\", 10) = 2",
	       "socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = -1 EINVAL",
	       "socket(AF_UNIX, SOCK_STREAM, 0) = 5", "accept4(5, NULL, NULL, 0) = -1 ENOSYS",
	       "setrlimit(RLIMIT_NOFILE, {rlim_cur=7, rlim_max=1772}) = 0",
	       "socketpair(AF_UNIX, SOCK_STREAM, 0, 0x1000) = -1 EMFILE",
	       "expect 1/files/lastfile = 5", "expect sys/fs/file-nr ~ ^4\t");
}

static void dup2_over_a_descriptor_that_a_socket_will_have_is_closed(void **state)
{
	NETBSD(*state, "clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2",
	       "1 socketpair(AF_UNIX, SOCK_STREAM, 0, 0x1000 <unfinished at fd_install ...>",
	       "expect 1/files/lomap ~ ^0000001f ", "2 dup2(0, 3) = 3", "2 close(4) = -1 EBADF",
	       "1 <... socketpair resumed>[3, 4]) = 0",
	       "expect 1/fd/3 ~ ^socket:", "expect open_files ~ ^1\t3\t");
}

static void errors_of_the_kernel_alone_are_EINVAL_for_a_writer(void **state)
{
	struct lab *lab = *state;
	struct fdl_handle *control;
	fdl_ino ino;
	int error;

	NETBSD(lab, "falloc() = 3");
	error = fdl_walk(lab->m, "1/control", &ino);
	assert_int_equal(error, 0);
	assert_int_equal(fdl_open(lab->m, ino, O_RDWR, &control), 0);
	assert_int_equal(fdl_write(control, "fdclone(3)", 10, 0, NULL, NULL), -EINVAL);
	assert_int_equal(fdl_write(control, "closefrom(0)", 12, O_NONBLOCK, NULL, NULL), 12);
	/* F_MAXFD returns -1, which is no error. */
	assert_int_equal(fdl_write(control, "fcntl(0, F_MAXFD)", 17, 0, NULL, NULL), 17);
	fdl_close(control);
	PLAY(lab, "expect 1/control = fcntl(0, F_MAXFD) = -1");
}

static void stack_has_the_kernels_own_names(void **state)
{
	NETBSD(*state, "close(2 <unfinished at closef ...>",
	       "expect 1/stack ~ ^.<0>. closef.0x0/0x0$", "expect 1/stack ~ ^.<0>. sys_close.0x0",
	       "expect 1/stack ~ ^.<0>. syscall_plain.0x0");
}

static void rows_of_other_kernels_are_there_and_fail(void **state)
{
	struct lab *lab = *state;
	struct fdl_arg args[] = { { .num = 0 }, { .num = 5 }, { .num = 0 } };
	const struct fdl_row *row;

	NETBSD(lab, "dup(0) = 3");
	row = fdl_row_find(lab->m, "dup3");
	assert_non_null(row);
	assert_int_equal(fdl_call(lab->m, 1, row, args, 3), -ENOSYS);
	assert_null(fdl_row_find(lab->m, "get_unused_fd_flags"));
	assert_null(fdl_row_find(lab->m, "fcntl F_DUPFD_CLOEXEC"));
	assert_non_null(fdl_row_find(lab->m, "fcntl F_MAXFD"));
}

static void kernel_may_change_at_a_reset(void **state)
{
	NETBSD(*state, "expect 1/files/refcnt = 1", "expect no 1/files/count",
	       "expect sys/kernel/ostype = NetBSD", "reset kernel=linux",
	       "expect 1/files/count = 1", "expect no 1/files/refcnt",
	       "expect sys/kernel/ostype = Linux", "reset kernel=netbsd nofile=100",
	       "dup2(0, 99) = 99", "expect log ~ ^option nofile=100$");
}

static void views_show_netbsd_machines(void **state)
{
	NETBSD(*state, "falloc() = 3", "fdinit() = 2", "expect dot ~ larval",
	       "expect state.json ~ \"kernel\": \"netbsd\"",
	       "expect state.json ~ \"name\": \"larval\"", "expect 1/files/fdtable ~ ^lomap .*1111",
	       "expect 1/files/fdtable ~ LARVAL",
	       "expect 1/files/fdtable ~ ^filedesc 1: refcnt 1, nfiles 20 .embedded., freefile 3",
	       "1 fork() = 2", "1 fork1(FORK_SHAREFILES) = 3",
	       "expect 3/files/fdtable ~ ^tasks 1,3$", "expect 2/files/fdtable ~ ^tasks 2$");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(falloc_installs_a_larval_file_at_once),
		LAB_TEST(falloc_at_maxfiles_gives_the_descriptor_back),
		LAB_TEST(larval_file_is_used_until_its_caller_makes_it_mature),
		LAB_TEST(ffree_frees_what_falloc_gave),
		LAB_TEST(ffree_of_a_file_that_a_copy_has_leaves_it_larval_there),
		LAB_TEST(larval_files_are_let_go_with_their_maker),
		LAB_TEST(fd_getfile_finds_what_can_be_used),
		LAB_TEST(closef_of_one_reference_of_many_only_drops_it),
		LAB_TEST(closef_of_the_last_reference_waits_for_its_users),
		LAB_TEST(closef_goes_on_when_it_is_the_only_user),
		LAB_TEST(closef_waits_for_a_use_by_hand),
		LAB_TEST(closef_that_finds_WANTCLOSE_gives_its_use_back),
		LAB_TEST(closef_that_is_killed_leaves_the_rest_to_the_last_user),
		LAB_TEST(closef_is_not_interrupted_by_other_signals),
		LAB_TEST(closef_releases_the_processs_record_locks),
		LAB_TEST(record_locks_are_the_processs_and_not_the_tables),
		LAB_TEST(netbsd_open_has_a_larval_file_while_it_looks_at_the_name),
		LAB_TEST(netbsd_open_that_fails_leaves_nothing),
		LAB_TEST(netbsd_open_takes_the_lowest_descriptor_and_creates_files),
		LAB_TEST(dup2_over_a_larval_file_takes_the_slot_and_waits_for_the_opener),
		LAB_TEST(dup2_over_a_larval_file_whose_open_fails_loses_the_slot),
		LAB_TEST(dup2_deadlocks_when_the_opener_waits_for_the_caller),
		LAB_TEST(close_of_a_larval_file_is_EBADF),
		LAB_TEST(opener_of_a_shared_table_that_is_killed_finishes),
		LAB_TEST(netbsd_pipe_takes_the_two_lowest_descriptors),
		LAB_TEST(open_of_dev_fd_is_a_dup),
		LAB_TEST(open_of_dev_fd_for_more_access_is_EACCES),
		LAB_TEST(open_of_dev_fd_copies_close_on_exec),
		LAB_TEST(open_of_dev_fd_of_what_is_not_open_is_EBADF),
		LAB_TEST(open_of_a_cloning_device_moves_its_descriptor),
		LAB_TEST(open_of_a_cloning_device_needs_two_descriptors),
		LAB_TEST(cloning_device_may_have_to_expand_the_table),
		LAB_TEST(dupfdopen_by_hand_shows_both_errors),
		LAB_TEST(fdclone_always_says_EMOVEFD),
		LAB_TEST(fdcloseexec_unshares_and_closes_what_is_marked),
		LAB_TEST(netbsd_exec_that_fails_leaves_the_shared_table),
		LAB_TEST(fdcheckstd_opens_dev_null_for_what_is_closed),
		LAB_TEST(set_id_exec_has_its_standard_descriptors_open),
		LAB_TEST(set_id_exec_to_the_same_user_checks_nothing),
		LAB_TEST(set_id_exec_without_room_for_dev_null_ends_the_process),
		LAB_TEST(log_of_a_netbsd_machine_names_its_kernel),
		LAB_TEST(sockets_take_the_lowest_descriptors),
		LAB_TEST(dup2_over_a_descriptor_that_a_socket_will_have_is_closed),
		LAB_TEST(errors_of_the_kernel_alone_are_EINVAL_for_a_writer),
		LAB_TEST(stack_has_the_kernels_own_names),
		LAB_TEST(rows_of_other_kernels_are_there_and_fail),
		LAB_TEST(kernel_may_change_at_a_reset),
		LAB_TEST(views_show_netbsd_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
