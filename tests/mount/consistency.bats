#!/usr/bin/env bats
# A file's text is of one moment however it is read, and never older than the last write.

setup() {
	load helper
	mount_lab
}

teardown() {
	unmount_lab
}

# in_pieces FILE SIZE: reads FILE through one handle in pieces, with a change after each.
in_pieces() {
	local n=0
	exec 5<"$1" 6>1/control
	while true; do
		dd bs="$2" count=1 status=none <&5 >"$BATS_TEST_TMPDIR/piece"
		[ -s "$BATS_TEST_TMPDIR/piece" ] || break
		cat "$BATS_TEST_TMPDIR/piece"
		echo "dup2 0 $((20 + n++ % 30))" >&6
		echo "close $((20 + n * 7 % 30))" >&6 2>/dev/null || true
	done
	exec 5<&- 6>&-
}

@test "a_file_read_in_many_pieces_while_it_changes_is_of_one_moment" {
	for file in 1/files/slots 1/files/fdtable 1/status open_files state.json dot; do
		cat $file >"$BATS_TEST_TMPDIR/before"
		in_pieces $file 50 >"$BATS_TEST_TMPDIR/read"
		[ "$(wc -c <"$BATS_TEST_TMPDIR/read")" -gt 100 ]
		diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/read"
	done
}

@test "a_handle_that_is_read_from_its_start_again_says_what_is_true_now" {
	run "$handle" 1/files/open_fds_list read "run=echo 'dup 0' >1/control" pread=100@0 pread=100@2
	[ "${lines[0]}" = 0-2 ]
	[ "${lines[2]}" = 0-3 ]
	[ "${lines[3]}" = 3 ]
}

@test "a_handle_keeps_its_moment_while_other_handles_read_a_newer_one" {
	exec 5<1/files/open_fds_list
	dd bs=1 count=1 status=none <&5 >/dev/null
	echo 'dup 0' >1/control
	[ "$(cat 1/files/open_fds_list)" = 0-3 ]
	[ "$(cat <&5)" = -2 ]
	exec 5<&-
}

@test "nothing_is_stale_after_a_change" {
	for i in $(seq 1 100); do
		echo 'dup 0' >1/control
		[ "$(cat 1/files/open_fds_list)" = "0-$((i + 2))" ]
		[ -h "1/fd/$((i + 2))" ]
		[ "$(ls 1/fd | wc -l)" -eq $((i + 3)) ]
	done
	for i in $(seq 100 -1 1); do
		echo "close $((i + 2))" >1/control
		[ ! -h "1/fd/$((i + 2))" ]
	done
	[ "$(cat 1/files/open_fds_list)" = 0-2 ]
}

@test "a_descriptor_that_means_something_else_is_seen_as_that" {
	echo 'open /etc/passwd' >1/control
	[ "$(readlink 1/fd/3)" = "$lab/rootfs/etc/passwd" ]
	[ "$(stat -c %A 1/fd/3)" = lr-x------ ]
	echo 'close 3' >1/control
	echo 'open /dev/null O_WRONLY' >1/control
	[ "$(readlink 1/fd/3)" = "$lab/rootfs/dev/null" ]
	[ "$(stat -c %A 1/fd/3)" = l-wx------ ]
}

@test "a_pid_that_is_given_out_again_is_a_new_task" {
	echo 'reset tasks=2' >control
	echo fork >1/control
	echo 'dup2 0 50' >2/control
	cat 2/files/open_fds_list >/dev/null
	echo 'reset' >control
	[ ! -e 2 ]
	echo fork >1/control
	[ "$(cat 2/files/open_fds_list)" = 0-2 ]
}

@test "large_files_are_read_whole" {
	echo 'reset nofile=20000 nofile_hard=20000' >control
	for i in 1 2; do
		yes 'dup 0' | head -n 9000 | at_once >1/control
	done
	[ "$(cat 1/files/slots | wc -l)" -eq 18004 ]
	[ "$(dd if=1/files/slots bs=4M iflag=fullblock status=none | tail -n 1 | cut -f 1)" = 18002 ]
	[ "$(dd if=1/files/slots bs=100 status=none | cksum)" = "$(cksum <1/files/slots)" ]
}
