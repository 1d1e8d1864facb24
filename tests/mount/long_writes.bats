#!/usr/bin/env bats
# Writes of many lines: other clients are answered in between, and a write that is ended in its middle
# leaves a log that makes the same machine.

setup() {
	load helper
	many=50000
	# Under valgrind, or with sanitizers.
	[ "${#fdlabd[@]}" -eq 1 ] || many=6000
	lines=$BATS_TEST_TMPDIR/lines
	yes 'dup2 0 9' | head -n "$many" >"$lines"
}

teardown() {
	unmount_lab
}

# is_among ERE: a line of the log that matches stands between lines of the long write.
is_among() {
	awk -v other="$1" '
		/dup2\(0, 9\) = 9$/ { if (seen) among = 1; writer = 1 }
		writer && $0 ~ other { seen = 1 }
		END { exit !among }' log
}

# writes_beside COMMAND...: runs the command again and again until the long write is over.
writes_beside() {
	at_once <"$lines" >1/control 3>&- &
	local writer=$!
	while kill -0 "$writer" 2>/dev/null; do
		"$@"
	done
	wait "$writer"
}

dup_beside() {
	echo 'dup2 0 30' >1/control
}

# is_answered_between: the other client's call was run in the middle of the write, which was run whole.
is_answered_between() {
	echo reset >control
	writes_beside dup_beside
	[ "$(grep -c 'dup2(0, 9) = 9$' log)" -eq "$many" ]
	is_among 'dup2[(]0, 30[)] = 30$'
}

@test "another_client_is_answered_between_the_lines_of_a_long_write" {
	mount_lab
	eventually is_answered_between
}

@test "with_a_journal_another_client_is_answered_between_and_a_start_makes_the_same_machine" {
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	eventually is_answered_between
	cp log state.json "$BATS_TEST_TMPDIR"
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	cmp log "$BATS_TEST_TMPDIR/log"
	cmp state.json "$BATS_TEST_TMPDIR/state.json"
	"$FDLAB" journal "$BATS_TEST_TMPDIR/journal" >"$BATS_TEST_TMPDIR/records"
	grep -Eq '^ +[0-9]+ write +[0-9]+ O_NONBLOCK more dup2 0 9$' "$BATS_TEST_TMPDIR/records"
	"$FDLAB" journal --json "$BATS_TEST_TMPDIR/journal" >"$BATS_TEST_TMPDIR/records"
	grep -q '"more": *true' "$BATS_TEST_TMPDIR/records"
}

# The replies are numbered through, and a reader gets them all.
@test "the_replies_of_a_long_write_are_those_of_its_lines" {
	mount_lab
	{ yes 'close 99' | head -n 300; echo frobnicate; yes 'dup2 0 9' | head -n 300; echo frobnicate; } >"$lines"
	exec 5<>1/control
	at_once <"$lines" >&5
	run cat <&5
	exec 5>&-
	[ "${#lines[@]}" -eq 602 ]
	[ "${lines[299]}" = 'close(99) = -1 EBADF (Bad file descriptor)' ]
	[[ ${lines[300]} == '# line 301: '* ]]
	[ "${lines[600]}" = 'dup2(0, 9) = 9' ]
	[[ ${lines[601]} == '# line 602: '* ]]
}

# write_lines: as at_once, by a process that can be killed.
write_lines() {
	exec dd bs=1M iflag=fullblock status=none if="$lines" of=1/control
}

# starts_long_write: returns when some of its lines were run, with its process in writer.
starts_long_write() {
	echo reset >control
	write_lines 3>&- &
	writer=$!
	while kill -0 "$writer" 2>/dev/null && [ ! -s log ]; do
		:
	done
}

# is_killed_in_the_middle: the writer, after some of its lines.
is_killed_in_the_middle() {
	starts_long_write
	kill -KILL "$writer" 2>/dev/null
	! wait "$writer" 2>/dev/null || return 1
	n=$(grep -c 'dup2(0, 9) = 9$' log)
	[ "$n" -gt 0 ] && [ "$n" -lt "$many" ]
}

@test "a_writer_that_is_killed_in_the_middle_leaves_a_log_that_makes_the_same_machine" {
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	eventually is_killed_in_the_middle
	echo 'dup 0' >1/control
	[ "$(grep -c 'dup2(0, 9) = 9$' log)" -eq "$n" ]
	[ "$(tail -n 1 log)" = '1 dup(0) = 3' ]
	cp log state.json "$BATS_TEST_TMPDIR"
	BATS_TEST_COMPLETED=1 unmount_lab
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	cmp log "$BATS_TEST_TMPDIR/log"
	cmp state.json "$BATS_TEST_TMPDIR/state.json"
	echo reset >control
	at_once <"$BATS_TEST_TMPDIR/log" >control
	cmp log "$BATS_TEST_TMPDIR/log"
	cmp state.json "$BATS_TEST_TMPDIR/state.json"
}

# is_reset_between: the other lines are run on the new machine.
is_reset_between() {
	starts_long_write
	echo reset >control
	wait "$writer" || return 1
	n=$(grep -c 'dup2(0, 9) = 9$' log)
	[ "$n" -gt 0 ] && [ "$n" -lt "$many" ]
}

@test "a_reset_in_the_middle_of_a_long_write_lets_its_other_lines_be_run" {
	mount_lab
	eventually is_reset_between
	[ "$(readlink 1/fd/9)" = "$(readlink 1/fd/0)" ]
}

# There may be no line to undo.
undo_beside() {
	echo undo 2>/dev/null >control || true
}

@test "undo_in_the_middle_of_a_long_write_leaves_a_log_that_makes_the_same_machine" {
	mount_lab
	head -n 3000 "$lines" >"$lines.few"
	mv "$lines.few" "$lines"
	writes_beside undo_beside
	echo 'dup 0' >1/control
	grep -v "^#" log >"$BATS_TEST_TMPDIR/log"
	cp state.json "$BATS_TEST_TMPDIR"
	echo reset >control
	at_once <"$BATS_TEST_TMPDIR/log" >control
	cmp log "$BATS_TEST_TMPDIR/log"
	cmp state.json "$BATS_TEST_TMPDIR/state.json"
}

@test "a_daemon_that_ends_in_the_middle_of_a_long_write_ends_the_write" {
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	starts_long_write 2>/dev/null
	kill -TERM "$daemon"
	wait "$daemon"
	wait "$writer" || true
	daemon=
	cd /
	mount_lab --journal "$BATS_TEST_TMPDIR/journal"
	n=$(grep -c 'dup2(0, 9) = 9$' log)
	[ "$n" -gt 0 ]
	[ "$n" -le "$many" ]
}

# loses_a_sync: a sync fails in the middle of the long write, which has no answer yet.
loses_a_sync() {
	local status=0
	rm -f "$NO_SYNC" "$BATS_TEST_TMPDIR/journal"*
	mount_lab --no-sandbox --journal "$BATS_TEST_TMPDIR/journal"
	LC_ALL=C dd bs=1M iflag=fullblock if="$lines" of=1/control 2>"$BATS_TEST_TMPDIR/dd" 3>&- &
	writer=$!
	while kill -0 "$writer" 2>/dev/null && [ ! -s log ]; do
		:
	done
	touch "$NO_SYNC"
	fails cat 1/status >/dev/null 2>&1 || status=1
	fails wait "$writer" || status=1
	n=$(grep -c 'dup2(0, 9) = 9$' log)
	cd /
	umount "$lab" && wait "$daemon" || status=1
	daemon=
	[ "$status" -eq 0 ] && [ "$n" -gt 0 ] && [ "$n" -lt "$many" ]
}

@test "a_long_write_fails_if_a_sync_of_its_first_lines_failed" {
	local no_sync=$FDLAB_BUILD/tests/bin/no_sync.so
	[ -e "$no_sync" ] || skip "sanitizers and valgrind are to be loaded first"
	export NO_SYNC=$BATS_TEST_TMPDIR/refused
	fdlabd=(env LD_PRELOAD="$no_sync" "${fdlabd[@]}")
	eventually loses_a_sync
	# They are not among the bytes that were written.
	says "$BATS_TEST_TMPDIR/dd" '^0 bytes'
	says "$BATS_TEST_TMPDIR/dd" 'Input/output error'
	says "$lab.err" 'the journal cannot be written: Input/output error'
}
