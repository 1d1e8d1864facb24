#!/usr/bin/env bats
# A daemon that is given little memory: an address space with a limit.

setup() {
	load helper
	needs_fuse
	[ -z "${FDLAB_SANITIZED:-}" ] && [ "${#fdlabd[@]}" -eq 1 ] || skip "the program must be the plain one"
	lab=$BATS_TEST_TMPDIR/lab
	mkdir "$lab"
}

teardown() {
	BATS_TEST_COMPLETED='' unmount_lab
	drop_mount "$lab"
}

# within KIB COMMAND...: runs it with an address space of so many kibibytes.
within() {
	bash -c 'ulimit -v "$0" && exec "$@"' "$@"
}

# starts KIB [OPTION...]: true if a daemon with so much memory serves; it is ended afterwards. One that
# does not serve says why in one line, exits with 1, and leaves nothing.
starts() {
	local status=0 pid
	run within "$1" "${fdlabd[@]}" "${@:2}" "$lab"
	if [ "$status" -eq 0 ]; then
		pid=$(daemon_at "$lab")
		[ -d "$lab" ] || { echo "with $1 KiB the mount is dead" && exit 1; }
		umount "$lab"
		eventually is_gone "$pid"
		return 0
	fi
	[ "$status" -eq 1 ] && [[ $output == 'fdlabd: '* ]] && [ "${#lines[@]}" -eq 1 ] &&
		! mountpoint -q "$lab" && [ -z "$(ls -A "$lab")" ] || {
		echo "with $1 KiB: status $status, $output"
		exit 1
	}
	return 1
}

# least [OPTION...]: the smallest address space of a daemon that serves, to 256 KiB, in $kib.
least() {
	local low=8192 high=1048576 middle
	while [ $((high - low)) -gt 256 ]; do
		middle=$(((low + high) / 2))
		if starts "$middle" "$@"; then
			high=$middle
		else
			low=$middle
		fi
	done
	kib=$high
}

# serve KIB [OPTION...]: a daemon with so much memory serves from now on.
serve() {
	within "$1" "${fdlabd[@]}" --foreground "${@:2}" "$lab" 2>"$lab.err" 3>&- &
	daemon=$!
	eventually is_mounted_or_gone
	mountpoint -q "$lab"
}

# is_refused: commands for task 1 on standard input fail with ENOMEM.
is_refused() {
	fails at_once 2>"$lab.error" >"$lab/1/control"
	says "$lab.error" 'Cannot allocate memory'
}

# fill: forks, files and their bytes until a command is refused.
fill() {
	local bytes i
	bytes=$(printf '%060000d' 0)
	for ((i = 0; i < 2000; i++)); do
		printf 'open("/tmp/%d", O_CREAT|O_RDWR)\n' $i >"$lab/1/control" &&
			at_once <<<"write($((3 + i)), \"$bytes\", 60000)" >"$lab/1/control" &&
			echo fork >"$lab/1/control" || break
	done 2>"$lab.error"
	[ "$i" -lt 2000 ]
	says "$lab.error" 'Cannot allocate memory'
}

# hungry: lines for task 1 that need more memory than is kept for a command, few enough for one part of a
# write.
hungry() {
	echo 'open("/tmp/x", O_CREAT|O_RDWR)'
	yes "write($1, \"\"..., 1048576)" | head -n 100
}

# is_over: the daemon ends with 0 when it is unmounted, and has said nothing.
is_over() {
	umount "$lab"
	wait "$daemon"
	daemon=
	[ ! -s "$lab.err" ]
}

@test "a_start_without_memory_is_an_error_in_one_line" {
	local options
	for options in '' '--history 0' "--journal $BATS_TEST_TMPDIR/journal"; do
		least $options
		# Each allocation of a start is the one that is refused, or near it.
		for ((at = kib - 1024; at < kib + 1024; at += 64)); do
			starts "$at" $options || true
		done
	done
}

@test "commands_that_need_more_memory_get_ENOMEM_and_a_reset_gives_it_back" {
	local options
	for options in '' '--history 0'; do
		least $options
		serve $((kib + 12288)) $options
		fill
		fails is_gone "$daemon"
		# Texts of a machine so large are refused, too, or are made.
		cat "$lab"/{log,state.json,open_files,events,1/files/slots,changes/2,at/2/log} >/dev/null 2>&1 || true
		ls -lR "$lab/1" >/dev/null 2>&1 || true
		echo reset >"$lab/control"
		echo 'dup2 0 10' >"$lab/1/control"
		[ "$(cat "$lab/1/files/open_fds_list")" = 0-2,10 ]
		[ "$(cat "$lab/log")" = '1 dup2(0, 10) = 10' ]
		is_over
	done
}

@test "the_past_is_refused_while_there_is_no_memory_for_it" {
	least
	serve $((kib + 12288))
	echo 'dup2 0 10' >"$lab/1/control"
	run cat "$lab/at/0/1/files/open_fds_list"
	[ "$output" = 0-2 ] || [[ $output == *'Cannot allocate memory'* ]]
	fill
	run cat "$lab/at/0/1/files/open_fds_list"
	[ "$output" = 0-2 ] || [[ $output == *'Cannot allocate memory'* ]]
	echo reset >"$lab/control"
	[ "$(cat "$lab/1/files/open_fds_list")" = 0-2 ]
	is_over
}

@test "a_command_that_was_refused_is_not_in_the_journal" {
	local before journal=$BATS_TEST_TMPDIR/journal
	least --journal "$journal" --history 0
	serve $((kib + 24576)) --journal "$journal" --history 0
	fill
	before=$(cat "$lab/1/status" "$lab/1/files/open_fds_list" "$lab/stat")
	is_over
	serve unlimited --journal "$journal" --history 0
	[ "$(cat "$lab/1/status" "$lab/1/files/open_fds_list" "$lab/stat")" = "$before" ]
	is_over
}

@test "a_checkpoint_of_the_past_that_is_refused_costs_no_command" {
	local before i journal=$BATS_TEST_TMPDIR/journal
	least --journal "$journal"
	serve $((kib + 10240)) --journal "$journal"
	# The machine is larger than what is left for checkpoints of it, which become due.
	yes fork | head -n 8000 | at_once >"$lab/1/control"
	# A command may lack memory itself in the end: it is refused, and nothing else happens.
	for ((i = 0; i < 20; i++)); do
		yes 'dup2 0 9' | head -n 1000 | at_once >"$lab/1/control" || break
	done 2>"$lab.error"
	before=$(cat "$lab/1/status" "$lab/1/files/open_fds_list" "$lab/stat")
	is_over
	serve unlimited --journal "$journal"
	[ "$(cat "$lab/1/status" "$lab/1/files/open_fds_list" "$lab/stat")" = "$before" ]
	echo 'dup2 0 10' >"$lab/1/control"
	is_over
}

@test "a_reset_goes_on_with_the_journal" {
	local journal=$BATS_TEST_TMPDIR/journal
	least --journal "$journal" --history 0
	serve $((kib + 24576)) --journal "$journal" --history 0
	fill
	is_refused <<<"write(3, \"$(printf '%060000d' 0)\", 60000)"
	echo reset >"$lab/control"
	echo 'dup2 0 10' >"$lab/1/control"
	is_over
	serve unlimited --journal "$journal" --history 0
	[ "$(cat "$lab/log")" = '1 dup2(0, 10) = 10' ]
	is_over
}

@test "a_command_that_was_cut_short_ends_the_journal_before_it" {
	local journal=$BATS_TEST_TMPDIR/journal
	least --journal "$journal" --history 0
	serve $((kib + 16384)) --journal "$journal" --history 0
	echo 'dup 0' >"$lab/1/control"
	is_refused < <(hungry 4)
	run bash -c 'echo dup 0 >"$1"' bash "$lab/1/control"
	[[ $output == *'Read-only file system'* ]]
	fails is_gone "$daemon"
	umount "$lab"
	wait "$daemon"
	daemon=
	[ "$(cat "$lab.err")" = "fdlabd: $journal: a command was cut short: Cannot allocate memory; the machine can be read, and takes no commands" ]
	serve unlimited --journal "$journal" --history 0
	[ "$(cat "$lab/log")" = '1 dup(0) = 3' ]
	echo 'dup 0' >"$lab/1/control"
	is_over
}

@test "a_call_that_was_woken_by_a_command_that_is_cut_short_has_not_returned" {
	local reader status sync journal=$BATS_TEST_TMPDIR/journal
	for sync in batch each none; do
		rm -f "$journal"
		least --journal "$journal" --sync "$sync" --history 0
		serve $((kib + 16384)) --journal "$journal" --sync "$sync" --history 0
		printf 'pipe\nfork\n' >"$lab/1/control"
		echo 'read 3' 2>"$lab.reader" >"$lab/2/control" 3>&- &
		reader=$!
		eventually grep -q pipe_read "$lab/2/wchan"
		is_refused < <(echo 'write 4 abc' && hungry 5)
		status=0
		wait "$reader" || status=$?
		[ "$status" -ne 0 ]
		says "$lab.reader" 'Cannot allocate memory'
		umount "$lab"
		wait "$daemon"
		serve unlimited --journal "$journal" --sync "$sync" --history 0
		[ "$(cat "$lab/2/wchan")" = pipe_read ]
		is_over
	done
}

# writes_some: standard input, in one write to task 1; memory for its last lines is refused, and the writer,
# which then writes the others, gets ENOMEM. The bytes that were written are in $bytes.
writes_some() {
	fails dd bs=1M iflag=fullblock 2>"$lab.error" >"$lab/1/control"
	says "$lab.error" 'Cannot allocate memory'
	bytes=$(sed -n 's/^\([0-9]*\) bytes.*/\1/p' "$lab.error")
}

@test "a_long_write_without_memory_for_its_last_lines_has_run_the_others" {
	local before journal=$BATS_TEST_TMPDIR/journal
	least --journal "$journal" --history 0
	serve $((kib + 16384)) --journal "$journal" --history 0
	writes_some < <(yes fork | head -n 50000)
	[ "$bytes" -gt 2560 ]
	[ "$(grep -c '^1 fork() = [0-9]*$' "$lab/log")" -eq $((bytes / 5)) ]
	[ "$(grep '^#' "$lab/errors")" = "# 1/control: a write of 250000 bytes ended after $bytes: Cannot allocate memory" ]
	before=$(cat "$lab/log" "$lab/1/status" "$lab/stat")
	is_over
	serve unlimited --journal "$journal" --history 0
	[ "$(cat "$lab/log" "$lab/1/status" "$lab/stat")" = "$before" ]
	is_over
	serve $((kib + 32768)) --journal "$journal" --history 0
	echo reset >"$lab/control"
	echo 'dup 0' >"$lab/1/control"
	[ "$(cat "$lab/log")" = '1 dup(0) = 3' ]
	is_over
}

@test "a_long_write_that_is_cut_short_in_its_second_part_leaves_the_first" {
	local journal=$BATS_TEST_TMPDIR/journal sync why='a command was cut short: Cannot allocate memory'
	for sync in batch each none; do
		rm -f "$journal"
		least --journal "$journal" --sync "$sync" --history 0
		serve $((kib + 16384)) --journal "$journal" --sync "$sync" --history 0
		writes_some < <(yes 'dup2 0 9' | head -n 600 && hungry 3)
		[ "$bytes" -eq $((512 * 9)) ]
		[ "$(grep '^#' "$lab/errors")" = "# 1/control: a write of $((600 * 9 + 31 + 100 * 25)) bytes ended after $bytes: $why" ]
		run bash -c 'echo dup 0 >"$1"' bash "$lab/1/control"
		[[ $output == *'Read-only file system'* ]]
		umount "$lab"
		wait "$daemon"
		daemon=
		[ "$(cat "$lab.err")" = "fdlabd: $journal: $why; the machine can be read, and takes no commands" ]
		serve unlimited --journal "$journal" --sync "$sync" --history 0
		[ "$(uniq -c "$lab/log")" = '    512 1 dup2(0, 9) = 9' ]
		echo 'dup 0' >"$lab/1/control"
		is_over
	done
}
