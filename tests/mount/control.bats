#!/usr/bin/env bats
# Control files from the shell: calls, replies, errors, calls that wait.

setup() {
	load helper
	mount_lab
}

teardown() {
	unmount_lab
}

# blocked_child: task 2 with an empty pipe at 3 and 4, shared with task 1.
blocked_child() {
	echo pipe >1/control
	echo fork >1/control
}

read_empty_pipe='read(3, "", 10)'

@test "a_call_of_one_line_changes_the_table" {
	echo 'open /etc/passwd' >1/control
	echo 'dup2 3 10' >1/control
	[ "$(cat 1/files/open_fds_list)" = 0-3,10 ]
	[ "$(readlink 1/fd/10)" = "$lab/rootfs/etc/passwd" ]
}

@test "a_call_that_fails_is_the_shells_write_error" {
	run -1 bash -c 'echo "close 99" >1/control'
	[[ $output == *'write error: Bad file descriptor'* ]]
	run -1 bash -c 'echo "open /no/such/file" >1/control'
	[[ $output == *'write error: No such file or directory'* ]]
}

@test "root_control_takes_calls_of_any_task" {
	echo fork >control
	echo '2 dup2(0, 7)' >control
	[ "$(cat 2/files/open_fds_list)" = 0-2,7 ]
	[ "$(cat 1/files/open_fds_list)" = 0-2 ]
}

@test "fork_copies_the_table_and_exec_closes_what_is_close_on_exec" {
	echo 'open("/etc/passwd", O_RDONLY|O_CLOEXEC) = 3' >1/control
	echo 'dup2(3, 4) = 4' >1/control
	echo fork >1/control
	[ "$(cat 2/files/open_fds_list)" = 0-4 ]
	echo 'execve("/bin/true", ["true"], [])' >2/control
	[ "$(cat 2/files/open_fds_list)" = 0-2,4 ]
	[ "$(cat 2/comm)" = true ]
	[ "$(cat 1/files/open_fds_list)" = 0-4 ]
	echo 'exit 0' >2/control
	[ "$(cat 1/files/open_fds_list)" = 0-4 ]
}

@test "replies_come_back_through_the_handle_that_wrote" {
	exec 5<>1/control
	echo 'open /etc/passwd' >&5
	echo 'dup2 3 10' >&5
	run cat <&5
	exec 5>&-
	[ "${lines[0]}" = 'open("/etc/passwd", O_RDONLY) = 3' ]
	[ "${lines[1]}" = 'dup2(3, 10) = 10' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "replies_of_the_root_control_name_the_task" {
	exec 5<>control
	echo '1 dup(0)' >&5
	run cat <&5
	exec 5>&-
	[ "$output" = '1 dup(0) = 3' ]
}

@test "replies_are_taken_out_once" {
	run "$handle" 1/control $'write=dup 0\n' read read $'write=close 3\n' read
	[ "${lines[1]}" = 'dup(0) = 3' ]
	[ "${lines[2]}" = 'read: 0' ]
	[ "${lines[4]}" = 'close(3) = 0' ]
}

@test "replies_can_be_read_in_small_pieces" {
	exec 5<>1/control
	printf 'dup 0\ndup 0\n' | at_once >&5
	run bash -c 'while piece=$(dd bs=3 count=1 status=none; echo x); [ "$piece" != x ]; do
		printf %s "${piece%x}"; done' <&5
	exec 5>&-
	[ "$output" = $'dup(0) = 3\ndup(0) = 4' ]
}

@test "a_fresh_handle_reads_the_last_call_of_the_task" {
	echo 'dup2 0 10' >1/control
	[ "$(cat 1/control)" = 'dup2(0, 10) = 10' ]
	run -1 bash -c 'echo "close 99" >1/control'
	[ "$(cat 1/control)" = 'close(99) = -1 EBADF (Bad file descriptor)' ]
	[ "$(cat control)" = '1 close(99) = -1 EBADF (Bad file descriptor)' ]
}

@test "handles_have_replies_of_their_own" {
	exec 5<>1/control 6<>1/control
	echo 'dup 0' >&5
	echo 'close 3' >&6
	first=$(cat <&5)
	second=$(cat <&6)
	exec 5>&- 6>&-
	[ "$first" = 'dup(0) = 3' ]
	[ "$second" = 'close(3) = 0' ]
}

@test "a_write_of_several_lines_succeeds_and_runs_all_of_them" {
	exec 5<>1/control
	printf 'dup 0\nclose 99\nfrobnicate\ndup 0\n' | at_once >&5
	run cat <&5
	exec 5>&-
	[ "${lines[0]}" = 'dup(0) = 3' ]
	[ "${lines[1]}" = 'close(99) = -1 EBADF (Bad file descriptor)' ]
	[[ ${lines[2]} == '# line 3:'* ]]
	[ "${lines[3]}" = 'dup(0) = 4' ]
}

@test "redirection_and_truncation_of_a_control_file_cut_nothing" {
	echo 'dup 0' >1/control
	: >1/control
	truncate -s 0 1/control
	[ "$(cat 1/control)" = 'dup(0) = 3' ]
	echo 'dup 0' >>1/control
	[ "$(cat 1/files/open_fds_list)" = 0-4 ]
}

@test "replies_cannot_be_sought" {
	run "$handle" 1/control pread=10@0
	[ "$output" = 'read: ESPIPE' ]
}

@test "a_blocked_call_keeps_its_writer_waiting_while_other_handles_go_on" {
	blocked_child
	echo "$read_empty_pipe" >2/control &
	writer=$!
	eventually is_blocked 2
	echo 'dup 0' >1/control
	fails is_gone "$writer"
	echo 'write 4 hello' >1/control
	wait "$writer"
	[[ $(cat 2/control) == *'"hello", 10) = 5' ]]
}

@test "a_writer_that_waits_does_not_stop_other_writers_of_the_same_file" {
	blocked_child
	exec 5<>control
	echo "2 $read_empty_pipe" >control &
	writer=$!
	eventually is_blocked 2
	timeout 60 bash -c 'echo "1 dup 0" >&5'
	timeout 60 bash -c 'echo "1 close 5" >control'
	timeout 60 bash -c 'echo "1 write 4 hello" >>control'
	exec 5>&-
	wait "$writer"
}

@test "a_handle_that_was_open_before_goes_on_while_another_waits" {
	blocked_child
	exec 5<>control 6<>control
	echo "2 $read_empty_pipe" >&5 &
	writer=$!
	eventually is_blocked 2
	timeout 60 bash -c 'echo "1 write 4 hello" >&6'
	exec 5>&- 6>&-
	wait "$writer"
}

@test "a_line_for_a_task_in_a_call_is_EALREADY" {
	blocked_child
	echo "$read_empty_pipe" >2/control &
	eventually is_blocked 2
	run -1 bash -c 'echo "2 dup 0" >control'
	[[ $output == *'Operation already in progress'* ]]
	echo 'write 4 x' >1/control
	wait $!
}

@test "a_signal_to_the_writer_interrupts_the_call" {
	blocked_child
	"$handle" 2/control "write=$read_empty_pipe"$'\n' read >"$BATS_TEST_TMPDIR/out" &
	writer=$!
	eventually is_blocked 2
	kill -USR1 "$writer"
	wait "$writer"
	run cat "$BATS_TEST_TMPDIR/out"
	[ "${lines[0]}" = 'write: EINTR' ]
	[[ ${lines[1]} == *'= -1 EINTR (Interrupted system call)' ]]
	fails is_blocked 2
}

@test "a_writer_that_is_killed_interrupts_the_call" {
	blocked_child
	for signal in TERM KILL; do
		"$handle" 2/control "write=$read_empty_pipe"$'\n' 3>&- &
		writer=$!
		eventually is_blocked 2
		kill -$signal "$writer"
		run wait "$writer"
		eventually is_gone "$writer"
		fails is_blocked 2
	done
	echo 'dup 0' >2/control
}

@test "a_writer_is_killed_wherever_its_call_was_asked_to_stop" {
	blocked_child
	for stop in '' ' at finish_wait' ' at fput'; do
		echo "2 read(3, ..., 10 <unfinished$stop ...>" >control 3>&- &
		writer=$!
		eventually is_blocked 2
		kill -KILL "$writer"
		run wait "$writer"
		eventually is_gone "$writer"
		timeout 60 bash -c 'echo "2 finish" >control' || true
		eventually fails is_blocked 2
	done
	[[ $(cat log) == *$'\n2 interrupt\n2 <... read resumed>'* ]]
	timeout 60 bash -c 'echo "2 dup 0" >control'
}

@test "a_log_with_a_write_that_was_interrupted_on_its_way_gives_the_same_machine" {
	blocked_child
	echo '2 write(4, "x"..., 70000)' >control 3>&- &
	writer=$!
	eventually is_blocked 2
	kill -KILL "$writer"
	run wait "$writer"
	eventually fails is_blocked 2
	cp log "$BATS_TEST_TMPDIR/log"
	cp state.json "$BATS_TEST_TMPDIR/state"
	echo reset >control
	dd bs=1M iflag=fullblock status=none <"$BATS_TEST_TMPDIR/log" >control
	diff log "$BATS_TEST_TMPDIR/log"
	diff state.json "$BATS_TEST_TMPDIR/state"
}

@test "a_blocked_call_of_a_write_of_several_lines_lets_the_writer_go" {
	blocked_child
	exec 5<>control
	printf '2 %s\n1 dup 0\n' "$read_empty_pipe" | at_once >&5
	is_blocked 2
	replies=$(cat <&5)
	[[ $replies == *'2 read(3, '*$'\n''1 dup(0) = 5' ]]
	echo '1 write 4 hello' >control
	[[ $(cat <&5) == '2 <... read resumed>"hello", 10) = 5' ]]
	exec 5>&-
}

@test "with_O_NONBLOCK_the_write_returns_and_the_reply_comes_later" {
	blocked_child
	run "$handle" -n 2/control "write=$read_empty_pipe"$'\n' poll=i0 read read \
		"run=echo 'write 4 hello' >1/control" poll=i10000 read read
	[ "${lines[0]}" = "write: 16" ]
	# The reply to the blocked call may be read before the write is over.
	[[ $output == *$'read: EAGAIN\nrun: 0\npoll: in\n'*'"hello", 10) = 5'$'\nread: 0' ]]
}

@test "a_shared_handle_can_be_read_and_closed_while_a_write_through_it_waits" {
	blocked_child
	exec 5<>2/control
	echo "$read_empty_pipe" >&5 &
	writer=$!
	eventually is_blocked 2
	timeout 60 cat <&5
	timeout 60 bash -c 'exec 5>&-'
	exec 5>&-
	echo 'write 4 hello' >1/control
	wait "$writer"
}

@test "a_call_goes_on_when_its_handle_is_closed" {
	blocked_child
	"$handle" -n 2/control "write=$read_empty_pipe"$'\n'
	is_blocked 2
	echo 'write 4 hello' >1/control
	fails is_blocked 2
}

@test "the_end_of_a_task_ends_the_wait_of_its_writer" {
	blocked_child
	echo "$read_empty_pipe" >2/control &
	writer=$!
	eventually is_blocked 2
	echo 'kill 2 SIGKILL' >1/control
	run wait "$writer"
	eventually is_gone "$writer"
}

@test "handles_of_a_task_that_is_gone_are_ESRCH_and_can_be_closed" {
	echo fork >1/control
	exec 5<>2/control
	echo 'exit 0' >2/control
	echo 'wait4 2' >1/control
	run -1 bash -c 'echo "dup 0" >&5'
	[[ $output == *'No such process'* ]]
	exec 5>&-
	[ ! -e 2 ]
}

@test "reset_starts_the_machine_over_and_tells_waiting_writers" {
	blocked_child
	"$handle" 2/control "write=$read_empty_pipe"$'\n' >"$BATS_TEST_TMPDIR/out" &
	writer=$!
	eventually is_blocked 2
	echo 'reset nofile=20' >control
	wait "$writer"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = 'write: EINTR' ]
	[ ! -e 2 ]
	run -1 bash -c 'echo "dup2 0 20" >1/control'
	echo 'dup2 0 19' >1/control
}

@test "a_stated_result_that_comes_out_otherwise_is_said_in_the_reply" {
	run "$handle" 1/control $'write=dup(0) = 9\n' read
	[[ $output == *'dup(0) = 3'*'# expected 9'* ]]
}
