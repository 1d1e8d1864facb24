#!/usr/bin/env bats
# Following files that grow, and waiting for files with poll.

setup() {
	load helper
	mount_lab
}

teardown() {
	unmount_lab
}

# follow FILE: its lines from now on go to $BATS_TEST_TMPDIR/followed, until stop_following.
follow() {
	tail -n +1 -s 0.1 -f "$1" >"$BATS_TEST_TMPDIR/followed" 3>&- &
	tail=$!
}

stop_following() {
	kill "$tail"
	wait "$tail" || true
}

@test "tail_f_follows_the_log" {
	echo 'dup 0' >1/control
	follow log
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 dup\(0\) = 3$'
	echo 'dup2 0 10' >1/control
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 dup2\(0, 10\) = 10$'
	echo fork >control
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 fork\(\) = 2$'
	stop_following
	diff log "$BATS_TEST_TMPDIR/followed"
}

@test "tail_f_follows_the_events" {
	follow events
	echo 'dup 0' >1/control
	eventually says "$BATS_TEST_TMPDIR/followed" '"event":"install".*"fd":3'
	echo 'close 3' >1/control
	eventually says "$BATS_TEST_TMPDIR/followed" '"fd":3.*'
	eventually cmp -s events "$BATS_TEST_TMPDIR/followed"
	stop_following
}

@test "an_open_log_is_read_on_where_it_ended" {
	exec 5<log
	cat <&5 >/dev/null
	echo 'dup 0' >1/control
	[ "$(cat <&5)" = '1 dup(0) = 3' ]
	[ -z "$(cat <&5)" ]
	echo 'dup 0' >1/control
	[ "$(cat <&5)" = '1 dup(0) = 4' ]
	exec 5<&-
}

@test "the_log_is_the_same_however_it_is_cut_into_pieces" {
	yes 'dup2 0 10' | head -n 3000 | at_once >1/control
	diff log <(dd if=log bs=7 status=none)
	diff log <(dd if=log bs=4096 status=none)
	diff log <(dd if=log bs=1M status=none)
}

@test "poll_waits_for_the_log_and_is_told_when_it_grows" {
	run "$handle" log read=100000 poll=i0 "run=(sleep 0.2; echo 'dup 0' >1/control) &" \
		poll=i60000 read poll=i0
	[ "${lines[-4]}" = 'run: 0' ]
	[ "${lines[-3]}" = 'poll: in' ]
	[ "${lines[-2]}" = '1 dup(0) = 3' ]
	[ "${lines[-1]}" = 'poll:' ]
}

@test "poll_waits_for_the_events_and_is_told_when_they_grow" {
	run "$handle" events read=100000 poll=i0 "run=(sleep 0.2; echo 'dup 0' >1/control) &" \
		poll=i60000 read
	[[ $output == *$'poll:\nrun: 0\npoll: in\n{'* ]]
}

@test "many_clients_that_poll_are_all_told" {
	for i in 1 2 3 4 5 6 7 8; do
		"$handle" log read=100000 poll=i60000 read >"$BATS_TEST_TMPDIR/out.$i" 3>&- &
		pids[i]=$!
	done
	sleep 0.5
	echo 'dup 0' >1/control
	for i in 1 2 3 4 5 6 7 8; do
		wait "${pids[i]}"
		says "$BATS_TEST_TMPDIR/out.$i" '^1 dup\(0\) = 3$'
	done
}

@test "a_client_that_polls_and_is_killed_leaves_nothing" {
	"$handle" log read=100000 poll=i60000 3>&- &
	poller=$!
	sleep 0.3
	kill -KILL $poller
	eventually is_gone $poller
	echo 'dup 0' >1/control
}

@test "a_control_file_is_ready_for_reading_when_it_has_a_reply" {
	run "$handle" 1/control poll=0 $'write=dup 0\n' poll=0 read poll=0
	[ "${lines[2]}" = 'poll: in out' ]
	[ "${lines[3]}" = 'dup(0) = 3' ]
	[ "${lines[4]}" = 'poll: out' ]
}

@test "poll_is_told_of_the_reply_of_a_call_that_blocked" {
	echo pipe >1/control
	echo fork >1/control
	run "$handle" -n 2/control $'write=read(3, "", 10)\n' read poll=i0 \
		"run=(sleep 0.2; echo 'write 4 hello' >1/control) &" poll=i60000 read
	[[ $output == *$'poll:\nrun: 0\npoll: in\n'*'"hello", 10) = 5' ]]
}

@test "a_poller_is_woken_when_another_reader_is_interrupted" {
	echo pipe >1/control
	"$handle" log read=100000 poll=i0 poll=i60000 read >"$BATS_TEST_TMPDIR/out" 3>&- &
	poller=$!
	eventually says "$BATS_TEST_TMPDIR/out" '^poll:'
	"$handle" 1/control $'write=read(3, "", 10)\n' >/dev/null 3>&- &
	writer=$!
	eventually is_blocked 1
	wait "$poller"
	"$handle" log read=100000 poll=i0 poll=i60000 read >"$BATS_TEST_TMPDIR/out" 3>&- &
	poller=$!
	eventually says "$BATS_TEST_TMPDIR/out" '^poll:'
	kill -USR1 "$writer"
	wait "$writer" "$poller"
	says "$BATS_TEST_TMPDIR/out" 'EINTR'
}

@test "tail_f_follows_the_errors" {
	follow errors
	run -1 bash -c 'echo "dup 99" >1/control'
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 dup\(99\) = -1 EBADF'
	run -1 bash -c 'echo bogus >1/control'
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 bogus # .*no call "bogus"'
	[ "$(cat 1/control)" = "$(tail -n 1 errors | cut -c 3-)" ]
	printf 'dup 0\nwrong\n' | at_once >control
	eventually says "$BATS_TEST_TMPDIR/followed" '^1 wrong # '
	stop_following
}
