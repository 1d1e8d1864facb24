#!/usr/bin/env bats
# Texts that take long are made by copies of the daemon. The tests stop a copy, to have it take as long as
# they like. They have no sandbox, whose process is a child of the daemon, too, but for one.

setup() {
	load helper
}

teardown() {
	# A copy that is stopped does not see that the daemon has ended.
	[ -z "${daemon:-}" ] || kill -CONT $(copies) 2>/dev/null || true
	unmount_lab
}

# large_lab OPTION...: a machine with a table of 60,000 descriptors, and a task with a small one.
large_lab() {
	mount_lab --option nofile=100000 --option nofile_hard=100000 "$@"
	echo fork >1/control
	yes 'dup(0)' | head -n 59997 | at_once >1/control
}

# copies: the processes of the daemon that make texts.
copies() {
	pgrep -P "$daemon"
}

# stopped_copy: makes one, which has the machine as it is now, and stops it.
stopped_copy() {
	grep -q 1:59999 open_files
	copy=$(copies)
	kill -STOP "$copy"
}

another_client_is_answered() {
	[ "$(timeout 10 cat 2/comm)" = init ]
	[[ $(timeout 10 cat 2/files/open_fds_list) == 0-2* ]]
	[ -n "$(timeout 10 ls)" ]
}

@test "a_text_is_whole_and_made_in_the_sandbox" {
	large_lab
	[ "$(cat 1/files/slots | grep -c '^ *[0-9]')" -ge 60000 ]
	[ "$(tr ',' '\n' <open_files | grep -c '1:')" -eq 60000 ]
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
	grep -q 1:59997 changes/59998
	grep -q ',1:59999' at/60000/open_files
	fails grep -q ',1:59999' at/59999/open_files
}

@test "other_clients_are_answered_while_a_text_is_made" {
	large_lab --no-sandbox
	stopped_copy
	cat state.json >"$BATS_TEST_TMPDIR/state" 3>&- &
	local reader=$!
	sleep 0.2
	another_client_is_answered
	# After a change a text is that of the changed machine, made by another copy.
	echo 'dup2 0 7' >2/control
	timeout 20 grep -q 2:7 open_files
	fails is_gone $reader
	kill -CONT "$copy"
	wait $reader
	jq -e '.tasks | length == 2' "$BATS_TEST_TMPDIR/state"
}

@test "readers_of_one_moment_wait_for_one_copy" {
	large_lab --no-sandbox
	stopped_copy
	local i readers=()
	for i in 1 2 3; do
		timeout 20 cat picture.json >"$BATS_TEST_TMPDIR/$i" 3>&- &
		readers+=($!)
	done
	sleep 0.2
	[ "$(copies)" = "$copy" ]
	kill -CONT "$copy"
	wait "${readers[@]}"
	for i in 1 2 3; do
		jq -e . "$BATS_TEST_TMPDIR/$i" >"$BATS_TEST_TMPDIR/json"
		cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/$i"
	done
}

@test "a_copy_without_work_ends" {
	large_lab --no-sandbox
	grep -q 1:59999 open_files
	[ -n "$(copies)" ]
	is_alone() { [ -z "$(copies)" ]; }
	eventually is_alone
	# One whose machine has changed does so at once.
	grep -q 1:59999 picture.json || true
	echo 'dup2 0 7' >2/control
	eventually is_alone
}

@test "a_reader_that_waits_for_a_text_can_be_killed" {
	large_lab --no-sandbox
	exec 5<dot
	stopped_copy
	cat state.json >"$BATS_TEST_TMPDIR/state" 3>&- &
	local reader=$!
	sleep 0.2
	# From its beginning an open file is read as it is now.
	echo 'dup2 0 7' >2/control
	grep -q 2:7 open_files
	kill -STOP $(copies)
	cat <&5 >"$BATS_TEST_TMPDIR/dot" 3>&- &
	local second=$!
	sleep 0.2
	kill $reader
	kill -KILL $second
	eventually is_gone $reader
	eventually is_gone $second
	another_client_is_answered
	exec 5<&-
	kill -CONT $(copies)
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
}

@test "a_copy_that_dies_is_an_error_of_its_readers" {
	large_lab --no-sandbox
	stopped_copy
	cat state.json >"$BATS_TEST_TMPDIR/state" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	local reader=$! status=0
	sleep 0.2
	kill -KILL "$copy"
	wait $reader || status=$?
	[ "$status" -ne 0 ]
	says "$BATS_TEST_TMPDIR/err" 'Cannot allocate memory'
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
}

@test "more_moments_than_copies_wait_for_one_to_end" {
	large_lab --no-sandbox
	local i readers=()
	for i in 1 2 3 4; do
		echo "dup2 0 $((10 + i))" >2/control
		grep -q "2:$((10 + i))" open_files
		kill -STOP "$(copies | tail -n 1)"
		timeout 30 cat state.json >"$BATS_TEST_TMPDIR/$i" 3>&- &
		readers+=($!)
		sleep 0.1
	done
	echo 'dup2 0 20' >2/control
	timeout 30 grep -q 2:20 open_files 3>&- &
	readers+=($!)
	sleep 0.2
	[ "$(copies | wc -l)" -eq 4 ]
	another_client_is_answered
	kill -CONT $(copies)
	for i in "${readers[@]}"; do
		wait "$i"
	done
}

@test "a_signal_ends_the_daemon_while_a_text_is_made" {
	large_lab --no-sandbox
	stopped_copy
	cat state.json 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	local reader=$! status=0
	sleep 0.2
	cd /
	kill "$daemon"
	wait "$daemon" || status=$?
	[ "$status" -eq 0 ]
	[ ! -s "$lab.err" ]
	fails wait $reader
	fails mountpoint -q "$lab"
	daemon=
	kill -CONT "$copy"
	eventually is_gone "$copy"
}

@test "a_text_that_is_too_long_is_noted_in_errors" {
	large_lab --option text_limit=100000
	run ! cat open_files
	[[ $output == *'File too large'* ]]
	[ "$(grep -c '^# open_files: longer than the option text_limit' errors)" -eq 1 ]
}

@test "a_text_waits_for_the_journal_as_others_do" {
	large_lab --no-sandbox --journal "$BATS_TEST_TMPDIR/journal"
	timeout 20 cat state.json >"$BATS_TEST_TMPDIR/before"
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --option nofile=100000 --option nofile_hard=100000 --journal "$BATS_TEST_TMPDIR/journal"
	timeout 20 cat state.json | cmp - "$BATS_TEST_TMPDIR/before"
}
