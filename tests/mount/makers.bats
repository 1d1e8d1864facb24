#!/usr/bin/env bats
# Texts that take long are made by copies of the daemon. The tests stop a copy, to have it take as long as
# they like. They have no sandbox, whose process is a child of the daemon, too, but for one.

setup() {
	load helper
}

teardown() {
	# A copy that is stopped does not see that the daemon has ended. A test that failed may have left more.
	if [ -n "${daemon:-}" ]; then
		kill -CONT "$daemon" $(copies) 2>/dev/null || true
		[ -n "${BATS_TEST_COMPLETED:-}" ] || kill -KILL $(copies) 2>/dev/null || true
	fi
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

# read_from_stopped FILE [COPIES]: a process, $reader, reads FILE to $BATS_TEST_TMPDIR/text, and waits for
# a copy, $copy, that is stopped. There are as many as COPIES, or 1, then. A copy that waits for work ends
# after two seconds: one that was not stopped before, on a slow computer, is not counted.
read_from_stopped() {
	local i
	for i in {1..20}; do
		timeout 20 cat open_files >/dev/null
		copy=$(copies | tail -n 1)
		[ -z "$copy" ] || kill -STOP "$copy" || true
		cat "$1" >"$BATS_TEST_TMPDIR/text" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
		reader=$!
		sleep 0.2
		[ -z "$copy" ] || [ "$(copies | wc -l)" -ne "${2:-1}" ] || is_gone $reader || return 0
		[ -z "$copy" ] || kill -CONT "$copy" || true
		wait $reader
	done
	return 1
}

# is_alone: there are no copies.
is_alone() {
	[ -z "$(copies)" ]
}

# sleeps PID
sleeps() {
	grep -q '^State:[[:space:]]*S' "/proc/$1/status"
}

# has_pipes N: so many pipes are open in the daemon.
has_pipes() {
	[ "$(find "/proc/$daemon/fd" -lname 'pipe:*' | wc -l)" -eq "$1" ]
}

another_client_is_answered() {
	[ "$(timeout 10 cat 2/comm)" = init ]
	[[ $(timeout 10 cat 2/files/open_fds_list) == 0-2* ]]
	[ -n "$(timeout 10 ls)" ]
}

@test "a_text_is_whole_and_made_in_the_sandbox" {
	large_lab
	# With a sandbox the process that unmounts is a child of the daemon, too.
	local others
	others=$(copies | wc -l)
	timeout 20 cat open_files >"$BATS_TEST_TMPDIR/open_files"
	# Without a copy the daemon makes texts itself.
	[ "$(copies | wc -l)" -eq $((others + 1)) ]
	[ "$(cat 1/files/slots | grep -c '^ *[0-9]')" -ge 60000 ]
	[ "$(tr ',' '\n' <open_files | grep -c '1:')" -eq 60000 ]
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
	grep -q 1:59997 changes/59998
	grep -q ',1:59999' at/60000/open_files
	fails grep -q ',1:59999' at/59999/open_files
}

@test "other_clients_are_answered_while_a_text_is_made" {
	large_lab --no-sandbox
	read_from_stopped state.json
	another_client_is_answered
	# After a change a text is that of the changed machine, made by another copy.
	echo 'dup2 0 7' >2/control
	timeout 20 grep -q 2:7 open_files
	fails is_gone $reader
	kill -CONT "$copy"
	wait $reader
	jq -e '.tasks | length == 2' "$BATS_TEST_TMPDIR/text"
}

@test "readers_of_one_moment_wait_for_one_copy" {
	large_lab --no-sandbox
	read_from_stopped state.json
	local i readers=($reader)
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
	eventually is_alone
}

@test "a_copy_gets_no_more_work_when_its_machine_has_changed" {
	large_lab --no-sandbox
	read_from_stopped state.json
	local n
	n=$(find "/proc/$daemon/fd" -lname 'pipe:*' | wc -l)
	# The copy has work, so time does not end it: the pipe that it gets its work by is closed.
	echo 'dup2 0 7' >2/control
	eventually has_pipes $((n - 1))
	kill -CONT "$copy"
	wait $reader
	jq -e '.tasks | length == 2' "$BATS_TEST_TMPDIR/text"
	eventually is_alone
}

@test "readers_of_a_text_for_which_there_is_no_memory_get_an_error" {
	local nth=$FDLAB_BUILD/tests/bin/nth_malloc.so counts=$BATS_TEST_TMPDIR/counts status=0
	[ -e "$nth" ] || skip "the program has a malloc of its own"
	head -c 32 /dev/zero >"$counts"
	fdlabd=(env LD_PRELOAD="$nth" NTH_MALLOC="$counts" "${fdlabd[@]}")
	large_lab --no-sandbox
	read_from_stopped state.json
	# The copy writes a text that is larger than the pipe, and the daemon has no memory when it comes.
	cd /
	kill -STOP "$daemon"
	kill -CONT "$copy"
	eventually sleeps "$copy"
	# Every allocation fails: the first, and those after it.
	printf '\1\0\0\0\0\0\0\0\1' | dd of="$counts" bs=1 seek=16 conv=notrunc status=none
	kill -CONT "$daemon"
	eventually is_gone $reader
	head -c 32 /dev/zero | dd of="$counts" conv=notrunc status=none
	wait $reader || status=$?
	[ "$status" -ne 0 ]
	says "$BATS_TEST_TMPDIR/err" 'Cannot allocate memory'
	cd "$lab"
	another_client_is_answered
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
}

@test "where_no_copy_can_be_forked_the_daemon_makes_the_text_itself" {
	local no_fork=$FDLAB_BUILD/tests/bin/no_fork.so refused=$BATS_TEST_TMPDIR/refused error
	[ -e "$no_fork" ] || skip "sanitizers and valgrind are to be loaded first"
	fdlabd=(env LD_PRELOAD="$no_fork" NO_FORK="$refused" "${fdlabd[@]}")
	large_lab --no-sandbox
	local n
	n=$(find "/proc/$daemon/fd" -lname 'pipe:*' | wc -l)
	for error in '' ENOMEM; do
		printf '%s' "$error" >"$refused"
		timeout 20 cat open_files | tr ',' '\n' | grep -c 1: | grep -qx 60000
		is_alone
		has_pipes "$n"
	done
	# After that there are copies again.
	rm "$refused"
	timeout 20 cat state.json | jq -e '.tasks | length == 2'
	[ -n "$(copies)" ]
	another_client_is_answered
}

@test "copies_are_made_by_a_daemon_without_standard_descriptors" {
	local i
	[ "${#fdlabd[@]}" -eq 1 ] || skip "what starts the program opens files of its own"
	lab=$BATS_TEST_TMPDIR/lab
	needs_fuse
	mkdir "$lab"
	"${fdlabd[@]}" --foreground --no-sandbox --option nofile=100000 --option nofile_hard=100000 "$lab" <&- >&- 2>&- 3>&- &
	daemon=$!
	eventually mountpoint -q "$lab"
	cd "$lab"
	yes 'dup(0)' | head -n 59997 | at_once >1/control
	timeout 20 cat open_files | tr ',' '\n' | grep -c 1: | grep -qx 60000
	[ -n "$(copies)" ]
	for i in 0 1 2; do
		[ "$(readlink "/proc/$daemon/fd/$i")" = /dev/null ]
	done
	: >"$lab.err"
}

@test "a_reader_that_waits_for_a_text_can_be_killed" {
	large_lab --no-sandbox
	exec 5<dot
	read_from_stopped state.json
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
	read_from_stopped state.json
	local status=0
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
		read_from_stopped state.json $i
		readers+=($reader)
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
	read_from_stopped state.json
	local status=0
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

@test "an_unmount_while_a_text_is_made_ends_the_daemon_and_the_copy" {
	large_lab --no-sandbox
	read_from_stopped state.json
	local status=0
	cd /
	umount -l "$lab"
	kill -CONT "$copy"
	# The reader holds the file system until it has its text.
	wait $reader
	jq -e '.tasks | length == 2' "$BATS_TEST_TMPDIR/text"
	eventually is_gone "$daemon"
	wait "$daemon" || status=$?
	daemon=
	[ "$status" -eq 0 ]
	[ ! -s "$lab.err" ]
	eventually is_gone "$copy"
}

@test "a_text_that_is_too_long_is_noted_in_errors" {
	large_lab --option text_limit=100000
	run ! cat open_files
	[[ $output == *'File too large'* ]]
	[ "$(grep -c '^# open_files: longer than the option text_limit' errors)" -eq 1 ]
}

@test "a_machine_that_comes_back_from_a_journal_has_the_same_text" {
	large_lab --no-sandbox --journal "$BATS_TEST_TMPDIR/journal"
	timeout 20 cat state.json >"$BATS_TEST_TMPDIR/before"
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --option nofile=100000 --option nofile_hard=100000 --journal "$BATS_TEST_TMPDIR/journal"
	timeout 20 cat state.json | cmp - "$BATS_TEST_TMPDIR/before"
}
