#!/usr/bin/env bats
# The journal: a daemon that was killed comes back with the machine that it had, and one that cannot
# write its journal says so and takes no commands.

setup() {
	load helper
	needs_fuse
	dir=$BATS_TEST_TMPDIR/lab
	journal=$BATS_TEST_TMPDIR/journal
	mkdir "$dir"
}

teardown() {
	exec 5>&- 6>&-
	cd /
	[ -z "${daemon:-}" ] || kill -KILL "$daemon" 2>/dev/null || true
	drop_mount "$dir"
	if mountpoint -q "$BATS_TEST_TMPDIR/small"; then umount -l "$BATS_TEST_TMPDIR/small"; fi
}

# start_here [OPTION...]: with the journal, as a child of the test; what it prints goes to $dir.err.
start_here() {
	"${fdlabd[@]}" --foreground --journal "$journal" "$@" "$dir" 2>"$dir.err" 3>&- &
	daemon=$!
	lab=$dir
	eventually is_mounted_or_gone
	mountpoint -q "$dir"
}

# crash: the daemon is killed, and its mount is dead.
crash() {
	kill -KILL "$daemon"
	wait "$daemon" || true
	daemon=
}

stop() {
	kill -TERM "$daemon"
	wait "$daemon"
	daemon=
}

# fails_to_start ERE [OPTION...]: it says why, with status 1.
fails_to_start() {
	local regex=$1
	shift
	run -1 timeout 60 "${fdlabd[@]}" --foreground --journal "$journal" "$@" "$dir"
	echo "$output"
	[[ $output =~ ^fdlabd:\ $regex$ ]]
	fails mountpoint -q "$dir"
}

# whole_tree: the texts of all files but those of rootfs/dev; under valgrind, of one moment of the past.
# Most of the files are those of at/.
whole_tree() {
	local past='-false'
	[[ ${fdlabd[*]} != *valgrind* ]] || past="-path ./at/* ! -path ./at/3 ! -path ./at/3/*"
	(cd "$dir" && set -f && find . \( -path ./rootfs/dev -o $past \) -prune -o -type f ! -name events -print | LC_ALL=C sort |
		while IFS= read -r file; do
			echo "== $file"
			cat "$file" || true
		done
	cd "$dir/rootfs" && find . -printf '%p %M %i %s %n %T@ %l\n' | LC_ALL=C sort) 2>&1
}

@test "a_daemon_that_was_killed_comes_back_with_the_machine_that_it_had" {
	start_here
	echo "open /tmp/x O_RDWR|O_CREAT 0644" >"$dir/1/control"
	echo "write 3 hello" >"$dir/1/control"
	echo "clock +1.5" >"$dir/control"
	echo pipe >"$dir/1/control"
	echo fork >"$dir/1/control"
	printf 'read 4\nnonsense\n' | at_once >"$dir/2/control"
	echo 'open("/tmp/y", O_RDWR|O_CREAT, 0600 <unfinished at fd_install ...>' >"$dir/1/control"
	echo 100000 >"$dir/sys/fs/file-max"
	fails bash -c "echo close 77 >'$dir/1/control'"
	whole_tree >"$BATS_TEST_TMPDIR/before"
	grep -q 'hello' "$BATS_TEST_TMPDIR/before"
	crash
	start_here
	whole_tree >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	# The calls in flight go on.
	echo finish >"$dir/1/control"
	echo "write 5 abc" >"$dir/1/control"
	grep -q 'read resumed>"abc"' "$dir/log"
	stop
	[ ! -s "$dir.err" ]
}

@test "a_call_that_a_writer_waits_for_is_in_flight_afterwards_whatever_ended_the_daemon" {
	start_here
	echo pipe >"$dir/1/control"
	timeout 60 bash -c "echo read 3 >'$dir/1/control'" &
	eventually is_blocked 1
	stop
	run wait $!
	start_here
	is_blocked 1
	echo interrupt >"$dir/1/control"
	fails is_blocked 1
	# A signal to the writer is in the journal, too.
	timeout --signal INT 60 bash -c "echo read 3 >'$dir/1/control'" &
	eventually is_blocked 1
	kill -INT $!
	run wait $!
	eventually fails is_blocked 1
	cat "$dir/state.json" >"$BATS_TEST_TMPDIR/state"
	crash
	start_here
	diff "$dir/state.json" "$BATS_TEST_TMPDIR/state"
	fails is_blocked 1
	stop
}

@test "kills_at_random_moments_under_load_lose_no_command_that_was_acknowledged" {
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "FDLAB_SLOW=0: the sanitizers see the same"
	local kills=${FDLAB_KILLS:-30} seed=${FDLAB_SEED:-$RANDOM}
	echo "seed $seed"
	for sync in batch each none; do
		timeout 250 "$bin/journal_kills" "$dir" "$journal" $((kills / 3)) "$seed" \
			"${fdlabd[@]}" --sync "$sync"
	done
}

@test "each_way_to_sync_is_taken_and_another_word_is_an_error" {
	for sync in each batch none; do
		rm -f "$journal"
		start_here --sync "$sync"
		echo dup 0 >"$dir/1/control"
		crash
		start_here --sync "$sync"
		[ "$(cat "$dir/log")" = '1 dup(0) = 3' ]
		stop
	done
	run -2 "${fdlabd[@]}" --journal "$journal" --sync often "$dir"
	[ "${lines[0]}" = 'fdlabd: --sync: often is none of batch, each, none' ]
	run -2 "${fdlabd[@]}" --sync each "$dir"
	[ "${lines[0]}" = 'fdlabd: --sync is for a journal, and --journal is not given' ]
	run -2 "${fdlabd[@]}" --journal '' "$dir"
	[ "${lines[0]}" = 'fdlabd: --journal: the name is empty' ]
}

@test "a_record_that_was_not_written_to_its_end_is_cut_off_with_a_word" {
	start_here
	echo dup 0 >"$dir/1/control"
	crash
	whole=$(stat -c %s "$journal")
	printf '\11\0\0\0\5\0\0' >>"$journal"
	start_here
	says "$dir.err" "^fdlabd: $journal: the record after [0-9]+ whole ones was not written to its end: its 7 bytes, from offset $whole on, are cut off\$"
	[ "$(cat "$dir/log")" = '1 dup(0) = 3' ]
	stop
	# A file with a part of its first line has no machine yet.
	printf 'fdlab jour' >"$journal"
	start_here
	[ -z "$(cat "$dir/log")" ]
	stop
}

@test "a_broken_journal_is_an_error_that_names_the_place_and_stays_as_it_is" {
	start_here
	for fd in 3 4 5; do echo dup 0 >"$dir/1/control"; done
	crash
	printf X | dd of="$journal" bs=1 seek=100 conv=notrunc status=none
	cp "$journal" "$journal.broken"
	fails_to_start "$journal: record [0-9]+, at offset [0-9]+, is broken"
	cmp "$journal" "$journal.broken"
}

@test "a_newer_version_another_file_and_a_journal_in_use_are_errors" {
	printf 'fdlab journal 2\nsomething' >"$journal"
	fails_to_start "$journal: it was written by a newer fdlab: version 2 of the format"
	[ "$(cat "$journal")" = "$(printf 'fdlab journal 2\nsomething')" ]
	echo "1 dup 0 = 3" >"$journal"
	fails_to_start "$journal: it is not a journal of fdlab"
	[ "$(cat "$journal")" = "1 dup 0 = 3" ]
	rm "$journal"
	mkfifo "$journal"
	fails_to_start "$journal: a journal is a regular file"
	rm "$journal"
	exec 6>>"$journal"
	flock -n 6
	fails_to_start "$journal: another process uses this journal"
	exec 6>&-
	start_here
	mkdir "$dir.other"
	run -1 timeout 60 "${fdlabd[@]}" --foreground --journal "$journal" "$dir.other"
	[ "$output" = "fdlabd: $journal: another process uses this journal" ]
	stop
	fails_to_start "$journal: it is of a machine with other options: none" --kernel netbsd
	journal=/nowhere/journal
	fails_to_start "/nowhere/journal: No such file or directory"
}

# cannot_write ERROR: a daemon that can no longer write says so, and serves reads.
cannot_write() {
	says "$dir.err" "^fdlabd: .*: the journal cannot be written: $1; the machine can be read, and takes no commands\$"
	state=$(cat "$dir/state.json")
	run -1 bash -c "echo dup 0 >'$dir/1/control'"
	[[ $output == *': Read-only file system' ]]
	says "$dir/errors" "^1 .*dup 0 # the journal cannot be written: $1\$"
	[ "$(cat "$dir/state.json")" = "$state" ]
	run -1 bash -c "echo 5 >'$dir/sys/fs/file-max'"
	[ -n "$(cat "$dir/1/files/slots")" ]
}

@test "on_a_full_disk_the_daemon_goes_on_read_only_and_half_a_record_is_taken_back" {
	[ "$(id -u)" -eq 0 ] || skip "not root: no file system of a given size can be mounted"
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=64k tmpfs "$BATS_TEST_TMPDIR/small" || skip "tmpfs cannot be mounted"
	journal=$BATS_TEST_TMPDIR/small/journal
	start_here
	exec 5>"$dir/1/control"
	for ((i = 0; i < 3; i++)); do
		{ printf '#%15000d\n' 0; echo dup 0; } | at_once >&5
	done
	run -1 bash -c "{ printf '#%30000d\n' 0; echo dup 0; } | dd bs=1M iflag=fullblock status=none >&5"
	cannot_write "No space left on device"
	[ "$(grep -c dup "$dir/log")" -eq 3 ]
	cat "$dir/state.json" >"$BATS_TEST_TMPDIR/state"
	exec 5>&-
	crash
	start_here
	# Every whole record is there, and no half one.
	fails grep 'not written to its end' "$dir.err"
	diff "$dir/state.json" "$BATS_TEST_TMPDIR/state"
	stop
}

@test "a_file_that_may_not_grow_is_like_a_full_disk" {
	"${fdlabd[@]}" --version >/dev/null
	bash -c 'ulimit -f 2; exec "$@"' - "${fdlabd[@]}" --foreground --journal "$journal" "$dir" 2>"$dir.err" 3>&- &
	daemon=$! lab=$dir
	eventually is_mounted_or_gone
	exec 5>"$dir/1/control"
	run -1 bash -c "{ printf '#%3000d\n' 0; echo dup 0; } | dd bs=1M iflag=fullblock status=none >&5"
	[[ $output == *': File too large' ]]
	cannot_write "File too large"
	# Clients come and go, and waits end, though nothing is recorded.
	exec 5>&-
	stop
}

@test "with_few_descriptors_a_start_serves_or_says_why_not" {
	[ "${#fdlabd[@]}" -eq 1 ] || skip "valgrind takes descriptors of its own"
	for ((n = 5; n <= 16; n++)); do
		rm -f "$journal"*
		bash -c "ulimit -n $n; exec \"\$@\"" - "${fdlabd[@]}" --foreground --journal "$journal" "$dir" \
			2>"$dir.err" 3>&- &
		daemon=$! lab=$dir
		eventually is_mounted_or_gone
		if mountpoint -q "$dir"; then
			umount "$dir"
			wait "$daemon"
		else
			fails wait "$daemon"
			[ -s "$dir.err" ]
		fi
	done
	daemon=
}

@test "a_journal_that_can_only_be_read_gives_a_machine_that_can_only_be_read" {
	start_here
	echo dup 0 >"$dir/1/control"
	stop
	[ "$(id -u)" -eq 0 ] || skip "not root: nothing can be mounted"
	mkdir "$BATS_TEST_TMPDIR/small"
	mount --bind "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/small" || skip "nothing can be mounted"
	mount -o remount,bind,ro "$BATS_TEST_TMPDIR/small" || skip "nothing can be mounted again"
	cp "$journal" "$journal.before"
	journal=$BATS_TEST_TMPDIR/small/journal
	start_here
	[ "$(cat "$dir/log")" = '1 dup(0) = 3' ]
	cannot_write "Read-only file system"
	stop
	cmp "$BATS_TEST_TMPDIR/journal" "$BATS_TEST_TMPDIR/journal.before"
}

# is_smaller_than BYTES
is_smaller_than() {
	[ "$(stat -c %s "$journal")" -lt "$1" ]
}

@test "a_journal_is_compressed_while_the_daemon_goes_on_when_that_is_asked_for" {
	start_here
	exec 5>"$dir/1/control"
	for ((i = 0; i < 40; i++)); do
		for ((k = 0; k < 40; k++)); do printf 'dup2 0 9\nclose 9\n'; done | at_once >&5
	done
	size=$(stat -c %s "$journal")
	chmod 0640 "$journal"
	kill -USR1 "$daemon"
	# They may come after the compression, and stay as they are: few beside what was there.
	for ((i = 0; i < 40; i++)); do echo dup2 0 8 >&5; done
	eventually is_smaller_than $((size / 2))
	[ "$(stat -c %a "$journal")" = 640 ]
	[ ! -e "$journal.new" ]
	echo dup2 0 7 >&5
	fails_to_lock
	whole_tree >"$BATS_TEST_TMPDIR/before"
	crash
	exec 5>&-
	start_here
	whole_tree >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	stop
	[ ! -s "$dir.err" ]
}

# The new file is in use, as the old one was.
fails_to_lock() {
	! flock -n "$journal" true || false
}

@test "a_journal_that_cannot_be_written_anew_stays_as_it_is" {
	start_here
	echo dup 0 >"$dir/1/control"
	mkdir "$journal.new"
	kill -USR1 "$daemon"
	eventually says "$dir.err" "^fdlabd: $journal: its records were not compressed: Is a directory\$"
	echo dup 0 >"$dir/1/control"
	crash
	start_here
	[ "$(grep -c dup "$dir/log")" -eq 2 ]
	stop
}

# work_for_a_checkpoint: enough for a block that later compactions leave as it is, and calls in flight.
work_for_a_checkpoint() {
	local i k
	exec 5>"$dir/control"
	for ((i = 0; i < 30; i++)); do
		for ((k = 0; k < 200; k++)); do printf '1 dup2(0, %d)\n1 close(%d)\n' $((9 + k)) $((9 + k)); done |
			at_once >&5
	done
	printf '1 pipe()\n1 fork()\n2 read(3, ..., 1)\n' | at_once >&5
}

# has_checkpoint: that is whole, and stands for the beginning of the journal.
has_checkpoint() {
	"$FDLAB" journal --check "$journal" | grep -q "^$journal.checkpoint: [0-9]* records, [0-9]* bytes of memory\$"
}

# starts_as_before ERE: as the machine that was there at the crash; the daemon's log has such a line.
starts_as_before() {
	whole_tree >"$BATS_TEST_TMPDIR/before"
	crash
	exec 5>&-
	start_here
	whole_tree >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	says "$dir.err" "^fdlabd: $journal: $1\$"
}

@test "a_start_loads_a_checkpoint_and_runs_the_records_after_it" {
	[ "${#fdlabd[@]}" -eq 1 ] || skip "valgrind cannot run the daemon's program again"
	start_here
	work_for_a_checkpoint
	kill -USR1 "$daemon"
	if [ -n "${FDLAB_SANITIZED:-}" ]; then
		eventually says "$dir.err" "^fdlabd: $journal: there is no checkpoint: Operation not supported\$"
		stop
		return
	fi
	eventually has_checkpoint
	[ "$(stat -c %a "$journal.checkpoint")" = 600 ]
	fails test -e "$journal.checkpoint.new"
	# The call that waits is interrupted after the start, and the file that was open is written to.
	echo '1 dup2(0, 77)' >&5
	starts_as_before 'began at a checkpoint of [0-9]* records'
	echo '1 write(4, "x", 1)' >"$dir/control"
	[ "$(tail -n 1 "$dir/log")" = '2 <... read resumed>"x", 1) = 1' ]
	for n in 0 1 777 6000; do cat "$dir/at/$n/state.json" >"$BATS_TEST_TMPDIR/at.$n"; done
	echo undo >"$dir/control"
	# Without it, the records make the same machine.
	mv "$journal.checkpoint" "$journal.checkpoint.old"
	whole_tree >"$BATS_TEST_TMPDIR/before"
	crash
	start_here
	whole_tree >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	for n in 0 1 777 6000; do cmp "$dir/at/$n/state.json" "$BATS_TEST_TMPDIR/at.$n"; done
	# The start has asked for a new one.
	eventually has_checkpoint
	stop
}

@test "a_checkpoint_that_does_not_fit_is_passed_over" {
	[ "${#fdlabd[@]}" -eq 1 ] && [ -z "${FDLAB_SANITIZED:-}" ] || skip "there are no checkpoints"
	start_here
	work_for_a_checkpoint
	kill -USR1 "$daemon"
	eventually has_checkpoint
	cp "$journal.checkpoint" "$journal.whole"
	# One byte is wrong.
	printf x | dd of="$journal.checkpoint" bs=1 seek=100000 conv=notrunc status=none
	run -0 "$FDLAB" journal --check "$journal"
	[[ $output == *"$journal.checkpoint: of no use: its checksum is wrong" ]]
	starts_as_before 'its checkpoint is passed over: its checksum is wrong'
	eventually has_checkpoint
	# It ends early.
	truncate -s 100000 "$journal.checkpoint"
	starts_as_before 'its checkpoint is passed over: its checksum is wrong'
	eventually has_checkpoint
	# It is of another journal.
	crash
	mv "$journal" "$journal.first"
	rm "$journal.checkpoint"
	start_here
	echo '1 dup(0)' >"$dir/control"
	crash
	cp "$journal.whole" "$journal.checkpoint"
	start_here
	says "$dir.err" "^fdlabd: $journal: its checkpoint is passed over: it is not of this journal\$"
	[ "$(cat "$dir/log")" = '1 dup(0) = 3' ]
	crash
	# The machine has other options.
	mv "$journal.first" "$journal"
	start_here --option log=100000
	says "$dir.err" "^fdlabd: $journal: its checkpoint is passed over: it is of a machine with other options\$"
	crash
	# Others can write to it.
	cp "$journal.whole" "$journal.checkpoint"
	chmod 666 "$journal.checkpoint"
	start_here
	says "$dir.err" "^fdlabd: $journal: its checkpoint is passed over: Operation not permitted\$"
	stop
}

@test "a_daemon_that_is_killed_while_a_checkpoint_is_made_comes_back" {
	[ "${#fdlabd[@]}" -eq 1 ] && [ -z "${FDLAB_SANITIZED:-}" ] || skip "there are no checkpoints"
	start_here
	work_for_a_checkpoint
	for pause in 0 0.02 0.05 0.1 0.2 0.3; do
		kill -USR1 "$daemon"
		sleep "$pause"
		echo '1 dup2(0, 80)' >"$dir/control"
		starts_as_before '.*' || [ ! -s "$dir.err" ]
	done
	kill -USR1 "$daemon"
	eventually has_checkpoint
	starts_as_before 'began at a checkpoint of [0-9]* records'
	stop
}

@test "in_the_background_the_journal_is_the_one_that_was_named" {
	cd "$BATS_TEST_TMPDIR"
	"${fdlabd[@]}" --journal journal "$dir"
	echo dup 0 >"$dir/1/control"
	umount "$dir"
	eventually flock -n "$journal" true
	"${fdlabd[@]}" --journal journal "$dir"
	[ "$(cat "$dir/log")" = '1 dup(0) = 3' ]
	umount "$dir"
}
