# fdlab run on the running kernel: the scenarios that it plays, those that it skips and with which
# word, and that the tasks neither disturb what they show nor leave anything.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	echo 'getpid() = 1' >probe.fdl
	if ! output=$("$FDLAB" run --on kernel probe.fdl 2>&1); then
		[ "${FDLAB_REQUIRE_KERNEL:-0}" != 1 ] || return 1
		skip "$output"
	fi
}

scenario() {
	printf '%s\n' "$@" >s.fdl
}

passes() {
	scenario "$@"
	run -0 "$FDLAB" run --on kernel s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl" ]
}

# fails DIAGNOSTIC LINE...
fails() {
	local diagnostic=$1
	shift
	scenario "$@"
	run -1 "$FDLAB" run --on kernel s.fdl
	[ "${lines[2]}" = "not ok 1 - s.fdl" ]
	grep -qxF "# s.fdl:$diagnostic" <<<"$output" || {
		echo "not in the report: # s.fdl:$diagnostic"
		echo "$output"
		return 1
	}
}

# skips WORD LINE...
skips() {
	local word=$1
	shift
	scenario "$@"
	run -0 "$FDLAB" run --on kernel s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl # SKIP $word" ]
}

@test "first_task_is_as_a_machine_s" {
	passes 'expect 1/fd/0 = /dev/console' 'expect 1/fd/2 = /dev/console' \
		'expect 1/files/open_fds_list = 0-2' 'expect 1/comm = init' 'expect 1/cwd = /' \
		'expect 1/exe = /bin/sh' 'expect 1/status ~ ^FDSize:\t64$' 'kcmp(1, 1, KCMP_FILE, 0, 2) = 0' \
		'expect 1/limits ~ ^Max open files +1024 +4096 ' 'getpid() = 1' 'umask(022) = 022'
	cp s.fdl t.fdl
	run -0 "$FDLAB" run t.fdl
}

@test "many_descriptors_of_the_caller_do_not_show" {
	for fd in {10..90}; do
		eval "exec $fd</dev/null"
	done
	passes 'expect 1/files/open_fds_list = 0-2' 'expect 1/status ~ ^FDSize:\t64$'
}

@test "file_system_starts_as_a_machine_s" {
	lines=('open("/etc/passwd", O_RDONLY) = 3' 'open("/dev/zero", O_RDWR) = 4'
		'open("/dev/full", O_WRONLY) = 5' 'write(5, "x", 1) = -1 ENOSPC'
		'open("/dev/tty", O_RDWR) = -1 ENXIO' 'read(4, "\0\0", 2) = 2'
		'stat("/tmp", {st_mode=S_IFDIR|S_ISVTX|0777, ...}) = 0'
		'stat("/bin/true", {st_mode=S_IFREG|0755, ...}) = 0'
		'open("/dev/fd/3", O_RDONLY) = 6' 'read(6, "root:x:0:0:root:/:/bin/sh\n"..., 200) = 102'
		'open("/usr", O_RDONLY) = -1 ENOENT' 'expect 1/fd/6 = /etc/passwd'
		'readlink("/dev/stdin", "/proc/self/fd/0", 100) = 15')
	passes "${lines[@]}"
	run -0 "$FDLAB" run s.fdl
}

@test "real_results_are_compared" {
	fails '2: dup(0): expected 5, got 4' 'dup(0) = 3' 'dup(0) = 5'
	fails '1: open("/nowhere", O_RDONLY): expected 3, got -1 ENOENT' 'open("/nowhere", O_RDONLY) = 3'
	fails '2: read(3, "root", 4) = 4: expected "toor"' 'open("/etc/passwd", O_RDONLY) = 3' \
		'read(3, "toor", 4) = 4'
	fails '2: 1/fd/3: expected '"'/etc/hosts', got '/etc/passwd'" 'open("/etc/passwd", O_RDONLY) = 3' \
		'expect 1/fd/3 = /etc/hosts'
	fails '1: 1/fd/0: expected not to exist, but it does' 'expect no 1/fd/0'
	fails '1: column 1: there is no call "clsoe" (did you mean "close"?)' 'clsoe(0)'
	fails '2: read(3, ..., 1): expected 1, but the call blocks' 'pipe([3, 4]) = 0' 'read(3, "x", 1) = 1'
}

@test "a_scenario_that_cannot_be_played_is_skipped_with_the_reason" {
	skips 'in flight (line 1)' 'open("/etc/passwd", O_RDONLY <unfinished ...>'
	skips 'in flight (line 2)' 'dup(0)' 'step'
	skips 'function of the kernel (line 1)' 'get_unused_fd_flags(0) = 3'
	skips 'sysctl (line 1)' 'echo 64 > sys/fs/nr_open'
	skips 'fail-nth (line 1)' 'echo 1 > 1/fail-nth'
	skips 'file_max (line 1)' 'option file_max=5'
	skips 'nr_open (line 1)' 'option nr_open=64'
	skips 'nofile (line 1)' 'option nofile=999999'
	skips 'uid (line 1)' 'option uid=1000'
	skips 'end of init (line 1)' 'exit(0)'
	skips 'not modelled (line 2)' 'socket(AF_UNIX, SOCK_STREAM, 0) = 3' 'ioctl(3, FIOSETOWN, [1]) = 0'
	skips 'not modelled (line 3)' 'fork() = 2' '2 socket() = 3' 'ioctl(3, FIOSETOWN, [1])'
}

@test "expectations_of_the_tree_alone_are_skipped_line_by_line" {
	scenario 'dup(0) = 3' 'expect 1/files/slots ~ console' 'expect rcu ~ stage'
	run -0 "$FDLAB" run --on kernel s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl" ]
	[ "${lines[3]}" = "# s.fdl:2: skipped: 1/files/slots: a real kernel does not show it" ]
	[ "${lines[4]}" = "# s.fdl:3: skipped: rcu: a real kernel does not show it" ]
	run -0 "$FDLAB" run --json --on kernel s.fdl
	[[ $output == *'"skips": ['*'"line": 3'* ]]
}

@test "known_difference_of_a_kernel_is_skipped_and_must_be_there" {
	scenario 'dup(0) = 4' 'differs linux>=2.6 the model is wrong here'
	run -0 "$FDLAB" run --on kernel s.fdl
	[[ $output == *"# s.fdl:1: skipped: linux $(uname -r) differs: the model is wrong here"* ]]
	run -1 "$FDLAB" run s.fdl

	fails "1: linux $(uname -r) does not differ, though it is said: the model is wrong here" \
		'dup(0) = 3' 'differs linux>=2.6 the model is wrong here'
	passes 'dup(0) = 3' 'differs linux>=1000.1 it will be so' 'dup(0) = 4' \
		'differs linux<2.0.1 it was so' 'dup(0) = 5' 'differs netbsd>=1 there it is so'
	scenario 'differs linux>=2.6 nothing'
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:1: differs must follow the line on which a kernel differs"* ]]
	scenario 'dup(0)' 'differs linux the'
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:2: differs takes KERNEL>=VERSION REASON or KERNEL<VERSION REASON"* ]]
}

@test "exec_leaves_no_descriptor_and_closes_marked_ones" {
	passes 'option nofile=64' 'dup2(0, 63) = 63' 'close_range(3, 62, 0) = 0' 'fork() = 2' \
		'2 open("/etc/hosts", O_RDONLY|O_CLOEXEC) = 3' '2 execve("/bin/cat", ["cat"], NULL) = 0' \
		'expect 2/files/open_fds_list = 0-2,63' 'expect 2/status ~ ^FDSize:\t64$' \
		'expect 2/exe = /bin/cat' '2 close(63) = 0' '2 dup(0) = 3'
}

@test "exec_works_with_a_full_table_and_with_an_empty_one" {
	passes 'option nofile=4' 'dup(0) = 3' 'execve("/bin/true") = 0' 'dup(0) = -1 EMFILE' \
		'expect 1/files/open_fds_list = 0-3' 'close_range(0, 3, 0) = 0' 'execve("/bin/sh") = 0' \
		'expect 1/files/open_fds_list =' 'open("/dev/null", O_RDONLY) = 0'
}

@test "tasks_share_what_the_scenario_says" {
	passes '1 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2' \
		'1 clone3({flags=CLONE_FILES|CLONE_FS, exit_signal=SIGCHLD}, 88) = 3' '1 vfork() = ?' \
		'4 clone(flags=CLONE_VM|SIGCHLD) = 5' '2 dup(0) = 3' 'expect 3/fd/3 = /dev/console' \
		'expect no 4/fd/3' '3 chdir("/tmp") = 0' 'expect 1/cwd = /tmp' 'expect 4/cwd = /' \
		'expect 2/files/count = 3' '2 exit(0) = ?' 'expect no 2' 'expect 3/files/count = 2' \
		'4 exit_group(3) = ?' '1 <... vfork resumed>) = 4' \
		'1 wait4(4, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0) = 4' '5 getppid() = 1'
	run -0 "$FDLAB" run s.fdl
}

@test "signals_and_ends_are_seen" {
	passes '1 fork() = 2' '2 fork() = 3' '1 fork() = 4' '1 wait4(2, ..., 0)' '3 kill(2, SIGTERM) = 0' \
		'1 <... wait4 resumed>[{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}], 0) = 2' \
		'3 getppid() = 1' '4 kill(4, SIGSTOP) = 0' '4 getpid() = -1 EALREADY' \
		'3 kill(4, SIGCONT) = 0' '4 getpid() = 4' '4 +++ killed by SIGKILL +++' \
		'3 +++ exited with 5 +++' 'expect 4/status ~ ^State:\tZ' \
		'1 wait4(3, [{WIFEXITED(s) && WEXITSTATUS(s) == 5}], 0) = 3' '9 getpid() = -1 ESRCH' \
		'4 getpid() = -1 ESRCH'
	run -0 "$FDLAB" run s.fdl
}

@test "nothing_is_left" {
	passes 'open("/tmp/fdlab-left-behind", O_RDWR|O_CREAT, 0600) = 3' 'pipe([4, 5]) = 0' 'fork() = 2' \
		'2 read(4, ..., 1)'
	! grep '^fdlab /tmp ' /proc/mounts || false
	[ ! -e /tmp/fdlab-left-behind ]
}

@test "a_thread_is_looked_for_in_its_group" {
	passes '1 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2' '1 fork() = 3' \
		'expect 1/task/2/comm = init' 'expect no 1/task/3' 'expect no 2/task/3' \
		'expect 3/task/3/comm = init'
	fails "4: 1/task/2/comm: ENOENT (No such file or directory)" '1 fork() = 2' 'dup(0) = 3' \
		'close(3) = 0' 'expect 1/task/2/comm = init'
}

@test "a_list_with_a_reserved_descriptor_is_skipped" {
	passes 'socket(AF_UNIX, SOCK_STREAM, 0) = 3' 'bind(3, {sa_family=AF_UNIX, sun_path=@"s"}, 110) = 0' \
		'listen(3, 4) = 0' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' '2 accept(3)' \
		'expect 1/files/open_fds_list = 0-4' 'expect 1/files/count = 2'
	grep -qxF '# s.fdl:6: skipped: 1/files/open_fds_list: a real kernel does not show what is reserved' \
		<<<"$output"
	run -0 "$FDLAB" run s.fdl
}

@test "calls_that_tell_the_time_are_skipped" {
	skips 'clock (line 1)' 'clock_gettime(CLOCK_MONOTONIC, {tv_sec=0, tv_nsec=0}) = 0'
}

@test "a_line_that_cannot_be_read_is_no_reason_to_skip" {
	fails '3: column 1: there is no call "dupp" (did you mean "dup"?)' 'option kernel=netbsd' \
		'closefrom(9) = 0' 'dupp(3)'
	skips 'other kernel (line 1)' 'option kernel=netbsd' 'closefrom(9) = 0'
}

# For the root of this computer, too, whose devices a chmod would change for all.
@test "no_device_can_be_made" {
	passes 'mknod("/tmp/disk", S_IFBLK|0600, makedev(0x8, 0)) = -1 EPERM' \
		'mknod("/tmp/zero", S_IFCHR|0600, makedev(0x1, 0x5)) = -1 EPERM' \
		'mknod("/tmp/fifo", S_IFIFO|0600) = 0' 'fork() = 2' '2 execve("/bin/cat", ["cat"], []) = 0' \
		'2 mknodat(AT_FDCWD, "/tmp/disk", S_IFBLK|0600, makedev(0x8, 0)) = -1 EPERM'
}

@test "set_id_programs_are_skipped" {
	skips 'set-id program (line 3)' 'chown("/bin/cat", 7, 8) = 0' 'chmod("/bin/cat", 04755) = 0' \
		'execve("/bin/cat", ["cat"], []) = 0'
	passes 'chmod("/bin/cat", 0755) = 0' 'open("/tmp/x", O_CREAT|O_RDWR, 04700) = 3' \
		'mkdir("/tmp/d", 02700) = 0'
}

@test "no_device_of_this_computer_is_changed" {
	local before after
	before=$(stat -c '%n %a %u %g %h' /dev/null /dev/zero /dev/full /dev/tty)
	scenario 'chmod("/dev/null", 0640)' 'chown("/dev/null", 12, 34)' 'chmod("/dev/zero", 0640)' \
		'chmod("/dev/full", 0640)' 'chmod("/dev/tty", 0640)' 'fchmod(0, 0640)' 'fchown(1, 12, 34)' \
		'fchmodat(AT_FDCWD, "/dev/stdin", 0600)' 'open("/dev/null", O_RDWR) = 3' 'fchmod(3, 0600)' \
		'open("/proc/self/fd/3", O_WRONLY) = 4' 'write(4, "x", 1) = 1'
	run -0 "$FDLAB" run --on kernel s.fdl
	printf '%s\n' race '1 fchmod(0, 0640)' '2 fchown(1, 12, 34)' end |
		sed '1i clone(flags=CLONE_FILES|SIGCHLD) = 2' >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 20 r.fdl
	after=$(stat -c '%n %a %u %g %h' /dev/null /dev/zero /dev/full /dev/tty)
	if [ "$after" != "$before" ]; then
		chmod 666 /dev/null /dev/zero /dev/full /dev/tty
		chown 0:0 /dev/null /dev/zero /dev/full /dev/tty
		echo "it was: $before; it became: $after"
		return 1
	fi
}

@test "an action at an address that is none" {
	passes 'rt_sigaction(SIGUSR1, 0x1, ..., 4) = -1 EINVAL' \
		'rt_sigaction(SIGUSR1, 0x1, NULL, 8) = -1 EFAULT' \
		'rt_sigaction(SIGKILL, 0x1, NULL, 8) = -1 EFAULT' \
		'rt_sigaction(65, 0x1, NULL, 8) = -1 EFAULT' \
		'getpid() = 1'
}

@test "room that no memory has" {
	passes 'epoll_create1(0) = 3' \
		'epoll_pwait2(3, ..., -1, {tv_sec=0, tv_nsec=0}, [USR1], 8) = -1 EINVAL' \
		'epoll_pwait2(3, ..., 100000000, {tv_sec=0, tv_nsec=0}, [USR1], 8) = 0' \
		'socketpair(AF_UNIX, SOCK_STREAM, 0, [4, 5]) = 0' \
		'recvmsg(4, {msg_iov=[{iov_base=..., iov_len=1}], msg_iovlen=1, msg_control=..., msg_controllen=-1}, MSG_DONTWAIT) = -1 EAGAIN' \
		'sendmsg(4, {msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0]}], msg_controllen=24}, 0) = 1' \
		'recvmsg(5, {msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=..., msg_controllen=1000000}, 0) = 1' \
		'expect 1/fd/6 = /dev/console'
}
