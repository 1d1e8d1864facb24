# fdlab explore on the running kernel: its report, the races that it skips and with which word, its
# failures, and that nothing is left afterwards.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	echo 'getpid() = 1' >probe.fdl
	if ! output=$("$FDLAB" run --on kernel probe.fdl 2>&1); then
		[ "${FDLAB_REQUIRE_KERNEL:-0}" != 1 ] || return 1
		skip "$output"
	fi
}

race() {
	printf '%s\n' "$@" >r.fdl
}

# explores STATUS LINE...: runs it a few times.
explores() {
	local status=$1
	shift
	race "$@"
	run "-$status" "$FDLAB" explore --on kernel --runs 20 r.fdl
}

# says LINE
says() {
	grep -qxF -- "$1" <<<"$output" || {
		echo "not in the report: $1"
		echo "$output"
		return 1
	}
}

# skips WORD LINE...
skips() {
	local word=$1
	shift
	explores 0 "$@"
	says "ok 1 - r.fdl # SKIP $word"
}

shares='1 clone(flags=CLONE_FILES|SIGCHLD) = 2'

@test "outcomes_are_counted_and_never_seen_ones_named" {
	explores 0 "$shares" race '1 close(0)' '2 close(70)' end
	says 'ok 1 - r.fdl'
	says '# 20 runs, 1 outcomes'
	says '# 1 outcomes are allowed, 0 of them were never seen'
	says '#       20  1 close(0) = 0'
	says '#           2 close(70) = -1 EBADF'
	says '#             1,2: 1-2=/dev/console'
}

@test "an_order_that_one_processor_never_shows_is_told_as_never_seen" {
	race "$shares" '2 dup2(0, 9) = 9' race '1 close(9)' '2 close(9)' end \
		'sometimes 1:close = 0' 'sometimes 2:close = 0'
	run -0 taskset -c 0 "$FDLAB" explore --on kernel --runs 1 r.fdl
	says '# 1 runs, 1 outcomes'
	says '# 2 outcomes are allowed, 1 of them were never seen:'
	says '#        0  1 close(9) = 0' || says '#        0  1 close(9) = -1 EBADF'
	[[ $output == *"# holds: sometimes "* && $output == *"# not seen: sometimes "* ]]
}

@test "descriptions_marks_pipes_and_deleted_names_are_shown" {
	explores 0 '1 open("/tmp/x", O_RDWR|O_CREAT, 0600) = 3' '1 dup(3) = 4' \
		'1 open("/tmp/x", O_RDONLY|O_CLOEXEC) = 5' '1 pipe() = 0' '1 unlink("/tmp/x") = 0' \
		'1 fork() = 2' race '1 write(3, "ab", 2)' '2 close(0)' end
	says '#             1: 0-2=/dev/console 3-4=/tmp/x (deleted) 5(cloexec)=/tmp/x (deleted) 6=pipe:[1] 7=pipe:[1]'
	says '#             2: 1-2=/dev/console 3-4=/tmp/x (deleted) 5(cloexec)=/tmp/x (deleted) 6=pipe:[1] 7=pipe:[1]'
	says '# 20 runs, 1 outcomes'
}

@test "buffers_that_calls_fill_in_are_part_of_an_outcome" {
	explores 0 '1 pipe() = 0' '1 write(4, "abc", 3) = 3' '1 clone(flags=CLONE_FILES|SIGCHLD) = 2' \
		race '1 read 3 2' '2 dup(4)' end
	says '#       20  1 read(3, "ab", 2) = 2'
}

@test "calls_that_wait_and_tasks_that_end_are_outcomes" {
	explores 0 '1 pipe() = 0' '1 clone(flags=CLONE_FILES|SIGCHLD) = 2' '1 fork() = 3' race \
		'1 read 3 2' '2 dup(4)' '3 exit(0)' end 'always 2:dup = 5'
	says '#       20  1 read(3, ..., 2) <unfinished ...>'
	says '#           3 exit(0) = ?'
	says '#             3: gone'
	says '# holds: always 2:dup = 5'
}

@test "pids_are_a_machine_s" {
	explores 0 '1 fork() = 2' race '1 fork()' '2 kill(1, 0)' end 'always 1:fork = 3' \
		'always 2:kill = 0'
	says '#       20  1 fork() = 3'
}

@test "an_exec_goes_on_with_the_rest_of_its_program" {
	explores 0 '1 fork() = 2' '1 fcntl(2, F_SETFD, FD_CLOEXEC) = 0' race '1 execve("/bin/true")' \
		'1 getpid()' '2 execve("/bin/missing")' end 'always 1:getpid = 1'
	says '#           2 execve("/bin/missing", []) = -1 ENOENT'
	says '#             1: 0-1=/dev/console'
}

@test "files_of_the_table_are_looked_at_by_conditions" {
	explores 0 "$shares" race '1 dup2(0, 5)' '2 close(1)' end \
		'always 1/files/open_fds_list = 0,2,5' 'always 2/files/count = 2' \
		'always 1/fd/5 = /dev/console' 'always 1/files/close_on_exec_list =' \
		'always 1/files/max_fds = 64'
	says '# holds: always 1/files/open_fds_list = 0,2,5'
	says '# holds: always 2/files/count = 2'
	says '# holds: always 1/fd/5 = /dev/console'
	says '# holds: always 1/files/close_on_exec_list ='
	says '# cannot be looked at: always 1/files/max_fds = 64'
}

@test "an_outcome_that_must_not_be_and_is_seen_fails" {
	explores 1 "$shares" race '1 close(0)' '2 close(1)' end 'never 1:close = 0'
	says '# r.fdl:6: never 1:close = 0: but the running kernel shows otherwise'
	says '# does not hold: never 1:close = 0'
}

@test "lines_before_the_race_must_come_out_as_they_state" {
	# A machine has one name in /proc.
	explores 2 "$shares" '1 open("/proc", O_RDONLY|O_DIRECTORY) = 3' '1 getdents64(3, ..., 4096) = 72' race '1 close(0)' end
	[[ $output == *"before the race, call 3 returned "* ]]
}

@test "a_race_that_no_real_kernel_can_run_is_skipped_with_a_word" {
	skips 'echo (line 3)' "$shares" race '1 echo 128 > sys/fs/nr_open' '2 dup(0)' end
	skips 'function of the kernel (line 2)' race '1 get_unused_fd_flags()' end
	skips 'other kernel (line 1)' 'option kernel=netbsd' race '1 dup(0)' end
	skips 'nr_open (line 1)' 'option nr_open=128' race '1 dup(0)' end
	skips 'files of all runs (line 2)' race '1 unlink("/etc/hosts")' end
	skips 'differs between machines (line 2)' race '1 readlink("/proc/self/fd/0", ..., 64)' end
	skips 'not modelled (line 3)' '1 socket() = 3' race '1 ioctl(3, FIOSETOWN, [1])' end
	skips 'not modelled (line 2)' '1 socket() = 3' '1 ioctl(3, FIOSETOWN, [1])' race '1 dup(0)' end
	skips 'not modelled (line 7)' '1 open("/tmp/x", O_CREAT) = 3' '1 socket() = 4' \
		'1 clone(flags=CLONE_FILES|SIGCHLD) = 2' race '2 dup2(4, 3)' '' '1 ioctl(3, FIOSETOWN, [1])' end
	race race '1 dup(0)' end
	run -0 "$FDLAB" explore --on kernel --kernel netbsd r.fdl
	says 'ok 1 - r.fdl # SKIP other kernel'
}

@test "a_line_that_cannot_be_read_is_an_error_beside_a_call_that_is_not_modelled" {
	explores 2 '1 socket() = 3' '1 ioctl(3, FIOSETOWN, [1])' '1 dpu(0)' race '1 dup(0)' end
	[[ $output == *'r.fdl:3: '*'did you mean "dup"?'* && $output != *SKIP* ]]
	explores 2 '1 socket() = 3' race '1 ioctl(3, FIOSETOWN, [1])' '1 dpu(0)' end
	[[ $output == *'r.fdl:4: '*'did you mean "dup"?'* && $output != *SKIP* ]]
}

@test "json_has_runs_outcomes_and_conditions" {
	race "$shares" race '1 close(0)' '2 close(1)' end 'always 1:close = 0' 'always 1/files/max_fds = 64'
	run -0 --separate-stderr "$FDLAB" explore --on kernel --runs 20 --seed 7 --json r.fdl
	json=$(tr -d ' \n' <<<"$output")
	[[ $json == *'"on":"kernel"'* ]]
	[[ $json == *'"runs":20,"allowed":1,"never_seen":0'* ]]
	[[ $json == *'"outcomes":[{"count":20,"calls":["1close(0)=0","2close(1)=0"],'* ]]
	[[ $json == *'"condition":"always1:close=0","holds":true}'* ]]
	[[ $json == *'"condition":"always1/files/max_fds=64","holds":null}'* ]]
}

@test "names_made_by_a_run_are_gone_before_the_next" {
	explores 0 "$shares" '1 mkdir("/tmp/d", 0700) = 0' race \
		'1 open("/tmp/d/x", O_RDWR|O_CREAT|O_EXCL, 0600)' '2 close(0)' end 'always 2:close = 0'
	says '# holds: always 2:close = 0'
	[[ $output != *EEXIST* ]]
}

@test "arguments_that_make_no_sense_are_refused" {
	race race '1 dup(0)' end
	run -2 "$FDLAB" explore --on nowhere r.fdl
	[[ $output == *"races run on sim or kernel, not 'nowhere'"* ]]
	run -2 "$FDLAB" explore --on kernel --runs 0 r.fdl
	[[ $output == *"--runs takes a number, not '0'"* ]]
	run -2 "$FDLAB" explore --on kernel --shard 1/2 r.fdl
	[[ $output == *"--shard divides what is explored, not runs"* ]]
}

@test "nothing_is_left" {
	# Other processes on this machine may have shared memory, too: only that of this process is
	# checked.
	race "$shares" '1 pipe() = 0' race '1 read 3 1' '2 open("/tmp/left", O_CREAT|O_RDWR, 0600)' end
	"$FDLAB" explore --on kernel --runs 50 r.fdl 3>&- &
	explorer=$!
	wait "$explorer"
	[ ! -e /tmp/left ]
	[ -z "$(ipcs -m -p | awk -v pid="$explorer" '$3 == pid')" ]
}

@test "a_run_that_is_killed_leaves_nothing" {
	race "$shares" '1 pipe() = 0' race '1 read 3 1' '2 dup 0' end
	"$FDLAB" explore --on kernel --runs 100000000 r.fdl 3>&- &
	explorer=$!
	sleep 0.5
	kill -KILL "$explorer"
	wait "$explorer" || true
	for ((i = 0; i < 600; i++)); do
		[ -n "$(ipcs -m -p | awk -v pid="$explorer" '$3 == pid')" ] || break
		sleep 0.05
	done
	[ "$i" -lt 600 ]
}

@test "a_buffer_that_a_call_changes_is_read_back" {
	explores 0 '1 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0' '1 write(3, "x", 1) = 1' \
		race '1 recvmsg(4, {msg_iov=[{"y", 1}]})' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	[[ $output == *'msg_iov=[{iov_base="x", iov_len=1}]'* ]]
	explores 0 '1 pipe() = 0' '1 write(4, "x", 1) = 1' \
		race '1 poll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 2, 0)' \
		'1 select(5, [3], [4], NULL, {tv_sec=0, tv_usec=0})' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
}

@test "long_strings_that_calls_fill_in_are_compared_as_far_as_they_are_shown" {
	explores 0 '1 pipe() = 0' "1 write(4, \"$(printf 'a%.0s' {1..400})\", 400) = 400" \
		race '1 read(3, ..., 400)' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	[[ $output == *'a"..., 400) = 400'* ]]
}

@test "buffers_and_lengths_are_set_anew_for_each_run" {
	# A message without a length, then of the usual; an address that is shorter than its room.
	explores 0 '1 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0' \
		'1 sendmsg(3, {msg_iov=[{"x", 1}], msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[0]}], msg_controllen=24}) = 1' \
		race '1 recvmsg(4, {msg_iov=[{"y", 1}], msg_control=[], msg_controllen=24})' \
		'1 getsockname(3, {sa_family=AF_UNIX}, [100])' \
		'1 fcntl(0, F_GETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=10})' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	[[ $output == *'cmsg_data=[5]'* && $output == *'[100 => 2]'* && $output == *'l_type=F_UNLCK'* ]]
}

@test "pids_that_calls_fill_in_are_the_scenario_s" {
	explores 0 '1 open("/tmp/l", O_RDWR|O_CREAT, 0600) = 3' '1 fork() = 2' \
		'2 fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10}) = 0' \
		race '1 fcntl(3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_SET, l_start=0, l_len=10})' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	[[ $output == *'l_pid=2}'* ]]
	# A signalfd shows the sender of a signal.
	explores 0 '1 rt_sigprocmask(SIG_BLOCK, [USR1], NULL, 8) = 0' \
		'1 signalfd4(-1, [USR1], 8, 0) = 3' '1 fork() = 2' '2 kill(1, SIGUSR1) = 0' \
		race '1 read(3, ..., 128)' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
}

@test "pids_of_owners_are_the_scenario_s" {
	explores 0 '1 pipe() = 0' '1 fork() = 2' race '1 fcntl(3, F_SETOWN, 2)' '1 fcntl(3, F_GETOWN)' \
		end 'always 1:fcntl#2 = 2'
	says '# 20 runs, 1 outcomes'
	explores 0 '1 pipe() = 0' '1 fork() = 2' race \
		'1 fcntl(3, F_SETOWN_EX, {type=F_OWNER_PID, pid=2})' \
		'1 fcntl(3, F_GETOWN_EX, {type=F_OWNER_PID, pid=0})' end
	says '#       20  1 fcntl(3, F_SETOWN_EX, {type=F_OWNER_PID, pid=2}) = 0'
	says '#           1 fcntl(3, F_GETOWN_EX, {type=F_OWNER_PID, pid=2}) = 0'
	# The only process group is 1.
	explores 0 '1 pipe() = 0' race '1 fcntl(3, F_SETOWN_EX, {type=F_OWNER_PGRP, pid=1})' \
		'1 fcntl(3, F_GETOWN_EX, {type=F_OWNER_PID, pid=0})' end
	says '#           1 fcntl(3, F_GETOWN_EX, {type=F_OWNER_PGRP, pid=1}) = 0'
}

@test "pids_of_credentials_are_the_scenario_s" {
	local sends='{msg_iov=[{"x", 1}], msg_iovlen=1, msg_control=[{28, SOL_SOCKET, SCM_CREDENTIALS, {pid=2, uid=0, gid=0}}], msg_controllen=32}'

	explores 0 '1 socketpair(AF_UNIX, SOCK_DGRAM, 0, [3, 4]) = 0' \
		'1 setsockopt(4, SOL_SOCKET, SO_PASSCRED, [1], 4) = 0' '1 fork() = 2' race "2 sendmsg(3, $sends)" \
		'1 recvmsg(4, {msg_iov=[{"x", 1}], msg_iovlen=1, msg_control=[], msg_controllen=64})' end \
		'always 2:sendmsg = 1'
	says '# 20 runs, 1 outcomes'
	[[ $output == *'1 recvmsg('*'pid=2'* ]]
}

@test "the_order_of_kcmp_is_each_kernel_s_own" {
	explores 0 '1 fork() = 2' race '1 kcmp(1, 2, KCMP_FILES, 0, 0)' '2 kcmp(1, 2, KCMP_FILE, 0, 1)' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	says '#           2 kcmp(1, 2, KCMP_FILE, 0, 1) = 0'
}

@test "the_id_that_waitid_takes_may_be_a_descriptor" {
	explores 0 '1 fork() = 2' '1 pidfd_open(2, 0) = 3' race '2 exit(5)' \
		'1 waitid(P_PIDFD, 3, ..., WEXITED, NULL)' end 'always 1:waitid = 0'
	says '# 20 runs, 1 outcomes'
}

@test "task_1_is_init_and_ignores_what_would_end_it" {
	local handler='{sa_handler=0x1000, sa_mask=[], sa_flags=0}'
	local default='{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}'

	explores 0 '1 fork() = 2' race '2 kill(1, SIGTERM)' '1 dup(0)' end 'always 1/fd/3 = /dev/console'
	explores 0 '1 fork() = 2' race '2 kill(0, SIGUSR1)' '1 dup(0)' end 'always 1:dup = 3'
	says '#             2: gone'
	explores 0 '1 pipe() = 0' '1 close(3) = 0' race '1 write(4, "x", 1)' end 'always 1:write = -1 EPIPE'
	explores 0 '1 pipe() = 0' '1 fork() = 2' '1 fcntl(3, F_SETOWN, 1) = 0' \
		'1 fcntl(3, F_SETFL, O_ASYNC) = 0' race '2 write(4, "x", 1)' '1 dup(0)' end 'always 1:dup = 5'
	# Its threads, and itself after an exec or with the default action set again; but no child.
	explores 0 '1 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2' \
		'1 execve("/bin/true") = 0' race '1 tgkill(1, 1, SIGHUP)' end 'always 1:tgkill = 0'
	says '#             1: 0-2=/dev/console'
	explores 0 "1 rt_sigaction(SIGHUP, $handler, NULL, 8) = 0" \
		"1 rt_sigaction(SIGHUP, $default, NULL, 8) = 0" '1 fork() = 2' race '1 kill(1, SIGHUP)' \
		"1 rt_sigaction(SIGHUP, NULL, $handler, 8)" '2 kill(2, SIGHUP)' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	says '#             2: gone'
	explores 0 '1 fork() = 2' '1 kill(2, SIGTERM) = 0' race '1 wait4(2)' end 'always 1:wait4 = 2'
	explores 0 '1 fork() = 2' '1 pidfd_open(1, 0) = 3' race '2 kill(1, 0)' '1 dup(0)' end
	skips 'signal to init (line 3)' '1 fork() = 2' race '2 kill(1, SIGKILL)' end
	skips 'signal to init (line 3)' '1 pidfd_open(1, 0) = 3' race \
		'1 pidfd_send_signal(3, SIGSTOP, NULL, 0)' end
	skips 'signal to all (line 3)' '1 fork() = 2' race '2 kill(-1, SIGTERM)' end
}

@test "a_task_may_be_stopped_after_its_last_line_and_on_its_way_back" {
	race '1 fork() = 2' race '1 kill(2, SIGSTOP)' '2 dup(0)' '1 wait4(2, ..., WUNTRACED)' end
	run -0 "$FDLAB" explore --on kernel --runs 400 r.fdl
	[[ $output != *'came to no end'* ]]
	says '# 2 outcomes are allowed, 1 of them were never seen:' ||
		says '# 2 outcomes are allowed, 0 of them were never seen'
}

@test "a_stopped_task_has_its_table_and_conditions_on_it_hold" {
	race '1 fork() = 2' race '1 kill(2, SIGSTOP)' '2 dup(0)' end 'always 2/fd/0 = /dev/console' \
		'always 2/files/count = 1'
	run -0 "$FDLAB" explore --on kernel --runs 200 r.fdl
	says '# holds: always 2/fd/0 = /dev/console'
	says '# holds: always 2/files/count = 1'
}

@test "a_call_in_which_a_task_is_stopped_is_in_flight" {
	# Forks take long, so that the read has begun in some runs.
	race '1 pipe() = 0' '1 fork() = 2' race '1 fork()' '1 fork()' '1 fork()' '1 fork()' '1 fork()' \
		'1 kill(2, SIGSTOP)' '2 read(3, ..., 1)' end
	run -0 "$FDLAB" explore --on kernel --runs 500 r.fdl
	says '#           2 read(3, ..., 1) <unfinished ...>'
	[[ $output != *'#        0  1 fork() = 3'*'2 read(3, ..., 1) <unfinished ...>'* ]]
}

@test "task_1_is_spared_what_clone3_makes_of_signals" {
	explores 0 '1 clone3({flags=0, exit_signal=SIGUSR1}, 88) = 2' race '2 exit(0)' '1 dup(0)' end
	says '#             1: 0-3=/dev/console'
	explores 0 '1 clone(flags=SIGUSR1) = 2' race '2 exit(0)' '1 dup(0)' end
	says '#             1: 0-3=/dev/console'
	explores 0 '1 clone3(NULL, 88)' race '1 dup(0)' end
	# A process that shares the actions of init would ignore signals as well.
	explores 0 '1 clone3({flags=CLONE_VM|CLONE_SIGHAND, exit_signal=SIGCHLD}, 88) = 2' race \
		'1 kill(2, SIGTERM)' end
	says '#             2: gone'
	skips 'signal to init (line 3)' \
		'1 clone3({flags=CLONE_VM|CLONE_SIGHAND, exit_signal=SIGCHLD}, 88) = 2' race \
		'2 kill(1, SIGTERM)' end
}

@test "a_signal_that_ends_a_thread_of_task_1_is_one_to_init" {
	local thread='CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD'

	skips 'signal to init (line 3)' "1 clone(flags=$thread) = 2" race '1 kill(2, SIGKILL)' end
	skips 'signal to init (line 3)' "1 clone3({flags=$thread}, 88) = 2" race '1 tkill(2, SIGSTOP)' end
	# Threads of another process may be ended.
	explores 0 '1 fork() = 2' "2 clone(flags=$thread) = 3" race '1 kill(2, SIGKILL)' end
	says '#             1: 0-2=/dev/console'
}

@test "children_of_task_1_are_not_spared_however_late_they_begin" {
	# Init has ended when they begin, or has another mask.
	race '1 fork() = 2' race '1 fork()' '1 exit_group(0)' '2 kill(3, SIGTERM)' end
	run -0 "$FDLAB" explore --on kernel --runs 300 r.fdl
	race '1 fork() = 2' race '1 fork()' '1 rt_sigprocmask(SIG_BLOCK, [USR1], NULL, 8)' '1 fork()' \
		'2 kill(3, SIGUSR1)' end
	run -0 "$FDLAB" explore --on kernel --runs 300 r.fdl
	# One that clone3 makes, and its child.
	explores 0 '1 clone3({flags=0, exit_signal=SIGCHLD}, 88) = 2' '2 fork() = 3' race '1 kill(3, SIGTERM)' \
		'1 kill(2, SIGTERM)' end
	says '#             3: gone' || says '#             2: gone'
}

@test "task_1_may_end_in_the_race" {
	explores 0 '1 fork() = 2' race '1 exit(0)' '2 dup(0)' end
	says '# 1 outcomes are allowed, 0 of them were never seen'
	explores 0 '1 fork() = 2' race '1 exit_group(0)' '2 exit(1)' end
	explores 0 '1 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2' race '1 exit(0)' \
		'2 dup(0)' end
	says '#             1: gone'
	explores 0 '1 clone(flags=CLONE_VM|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD) = 2' race \
		'1 exit_group(0)' '2 dup(0)' end
}

@test "names_that_sockets_are_bound_to_are_gone_before_the_next_run" {
	explores 0 '1 socket(AF_UNIX, SOCK_STREAM, 0) = 3' \
		'1 bind(3, {sa_family=AF_UNIX, sun_path="/tmp/s"}, 110) = 0' '1 socket(AF_UNIX, SOCK_STREAM, 0) = 4' \
		race '1 bind(4, {sa_family=AF_UNIX, sun_path="/tmp/t"}, 110)' end 'always 1:bind = 0'
	says '# 20 runs, 1 outcomes'
	skips 'files of all runs (line 2)' '1 socket(AF_UNIX, SOCK_STREAM, 0) = 3' \
		'1 bind(3, {sa_family=AF_UNIX, sun_path="/s"}, 110) = 0' race '1 dup(0)' end
}

@test "ports_of_connections_are_free_in_the_next_run" {
	local name='{sa_family=AF_INET, sin_port=htons(7777), sin_addr=inet_addr("127.0.0.1")}'

	explores 0 "$shares" '1 socket(AF_INET, SOCK_STREAM, 0) = 3' "1 bind(3, $name, 16) = 0" \
		'1 listen(3, 5) = 0' '1 socket(AF_INET, SOCK_STREAM, 0) = 4' race '1 accept(3)' \
		"2 connect(4, $name, 16)" end
	says '# 20 runs, 1 outcomes'
}

@test "numbers_are_as_the_call_takes_them" {
	explores 0 race '1 dup2(0, 99999999999)' '1 close(4294967295)' end 'always 1:close = -1 EBADF'
	says '# 1 outcomes are allowed, 0 of them were never seen'
	says '#           1 close(-1) = -1 EBADF'
}

@test "a_task_may_end_before_the_race" {
	explores 0 '1 fork() = 2' '2 exit(3)' '1 fork() = 3' '3 kill(3, SIGKILL)' race '1 wait4(2)' \
		'1 wait4(3)' end 'always 1:wait4#1 = 2' 'always 1:wait4#2 = 3'
	says '# 20 runs, 1 outcomes'
	[[ $output == *'WEXITSTATUS(s) == 3'* && $output == *'WTERMSIG(s) == SIGKILL'* ]]
}

@test "a_line_that_cannot_be_read_is_an_error_and_no_reason_to_skip" {
	explores 2 race '1 dup(0)' '1 dupp(0)' end
	[[ $output == *'# r.fdl:3: '*'there is no call "dupp" (did you mean "dup"?)'* ]]
	# Not even where another line is a reason.
	explores 2 'clock +1' race '1 dupp(0)' end
	[[ $output == *'# r.fdl:3: '*'there is no call "dupp"'* ]]
	skips 'command of a machine (line 1)' 'clock +1' race '1 dup(0)' end
	skips 'command of a machine (line 2)' '1 dup(0)' undo race '1 dup(0)' end
}

@test "times_of_the_clock_are_no_outcome" {
	skips 'clock (line 2)' race '1 clock_gettime(CLOCK_MONOTONIC)' end
}

@test "conditions_on_what_is_reserved_cannot_be_looked_at" {
	explores 0 '1 socket(AF_UNIX, SOCK_STREAM, 0) = 3' \
		'1 bind(3, {sa_family=AF_UNIX, sun_path=@"s"}, 110) = 0' '1 listen(3, 5) = 0' \
		'1 clone(flags=CLONE_FILES|SIGCHLD) = 2' race '1 accept(3)' '2 dup2(0, 9)' end \
		'always 1/files/open_fds_list = 0-4,9' 'always 1/files/close_on_exec_list ='
	says '# cannot be looked at: always 1/files/open_fds_list = 0-4,9'
	says '# holds: always 1/files/close_on_exec_list ='
}

@test "outcomes_beyond_fifty_are_counted" {
	# A port that the kernel chooses is another one in every run.
	race '1 socket(AF_INET, SOCK_STREAM, 0) = 3' '1 listen(3, 5) = 0' race \
		'1 getsockname(3, {sa_family=AF_INET}, [16])' end
	run -1 "$FDLAB" explore --on kernel --runs 300 r.fdl
	[ "$(grep -c 'has an outcome that the model does not allow' <<<"$output")" -eq 50 ]
	[[ $output == *'# r.fdl: and '*' more that the model does not allow'* ]]
	[ "$(grep -cE '^# +[0-9]+  1 getsockname' <<<"$output")" -eq 50 ]
	grep -qE '^# and [0-9]+ outcomes more$' <<<"$output"
}

@test "tasks_that_end_take_their_time" {
	# A line of a task that has ended may have returned before.
	printf '%s\n' 'fork() = 2' '2 fork() = 3' '2 exit(7)' race '1 wait4(2)' '3 getppid()' end >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 200 r.fdl
	# A parent does not wait for ever while threads or a killed child are ending.
	printf '%s\n' 'fork() = 2' \
		'2 clone(flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_FS|CLONE_FILES) = 3' '3 exit_group(1)' \
		race '1 wait4(2)' end >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 200 r.fdl
	printf '%s\n' 'fork() = 2' 'fork() = 3' race '1 wait4(2)' '3 kill(2, SIGKILL)' end >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 200 r.fdl
	printf '%s\n' 'fork() = 2' 'fork() = 3' race '1 wait4(2)' '3 kill(2, SIGSTOP)' end >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 50 r.fdl
}

@test "a_set_id_program_is_skipped_with_a_word" {
	printf '%s\n' 'chmod("/bin/cat", 04755) = 0' race '1 execve("/bin/cat", ["cat"], [])' end >r.fdl
	run -0 "$FDLAB" explore --on kernel --runs 5 r.fdl
	[ "${lines[2]}" = "ok 1 - r.fdl # SKIP set-id program (line 3)" ]
}

@test "a_thread_may_be_executed_before_the_race" {
	printf '%s\n' 'fork() = 2' \
		'2 clone(flags=CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_FS|CLONE_FILES) = 3' \
		'3 execve("/bin/cat", ["cat"], []) = 0' '2 dup(0) = 3' race '2 exit(1)' '1 wait4(2)' end >r.fdl
	run -0 timeout 60 "$FDLAB" explore --on kernel --runs 50 r.fdl
}

@test "a_call_that_waits_before_the_race_is_skipped_with_a_word" {
	printf '%s\n' 'vfork()' '2 exit(0)' '1 fork() = 3' race '1 wait4(3, ..., WNOHANG)' '3 exit(4)' end >r.fdl
	run -0 timeout 60 "$FDLAB" explore --on kernel --runs 50 r.fdl
	[ "${lines[2]}" = "ok 1 - r.fdl # SKIP a call waits before the race" ]
}
