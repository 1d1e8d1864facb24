#!/usr/bin/env bats
# Large directories are listed whole and in order while they change.

setup() {
	load helper
}

teardown() {
	unmount_lab
}

# fill NUMBER: task 1 gets so many descriptors, from 0.
fill() {
	exec 6>1/control
	yes 'dup 0' | head -n $(($1 - 3)) | dd bs=480000 iflag=fullblock status=none >&6
	exec 6>&-
}

# list_changing DIR EVERY CALL...: its names in $BATS_TEST_TMPDIR/names, the calls made meanwhile.
list_changing() {
	"$listing" "$1" 1/control "$2" "${@:3}" >"$BATS_TEST_TMPDIR/names"
}

# is_whole LAST EXCEPT...: ".", "..", then the numbers to LAST in order; those in EXCEPT may miss.
is_whole() {
	[ "$(head -n 2 "$BATS_TEST_TMPDIR/names" | tr '\n' ' ')" = '. .. ' ]
	tail -n +3 "$BATS_TEST_TMPDIR/names" >"$BATS_TEST_TMPDIR/numbers"
	sort -c -n -u "$BATS_TEST_TMPDIR/numbers"
	local except
	except=$(printf '%s\n' "${@:2}")
	diff <(seq 0 "$1" | grep -vxF "$except") \
		<(awk -v last="$1" '$1 <= last' "$BATS_TEST_TMPDIR/numbers" | grep -vxF "$except")
}

@test "20000_descriptors_are_listed_whole_and_in_order" {
	mount_lab --option nofile=30000 --option nofile_hard=30000
	fill 20000
	[ "$(cat 1/files/open_fds_list)" = 0-19999 ]
	ls -U 1/fd | diff - <(seq 0 19999)
	ls -U 1/fdinfo | diff - <(seq 0 19999)
	[ "$(find 1/fd -type l | wc -l)" -eq 20000 ]
}

@test "20000_descriptors_are_listed_whole_and_in_order_while_they_change" {
	mount_lab --option nofile=30000 --option nofile_hard=30000
	fill 20000
	for dir in 1/fd 1/fdinfo; do
		list_changing $dir 50 'close 5' 'close 19990' 'dup2 0 25000' 'dup2 0 5' 'close 10000' \
			'dup2 0 19990' 'close 25000' 'dup2 0 10000'
		is_whole 19999 5 10000 19990
	done
}

@test "a_listing_finds_descriptors_opened_ahead_of_it_and_none_that_are_closed" {
	mount_lab --option nofile=30000 --option nofile_hard=30000
	fill 20000
	# Both changes come before the listing is there.
	list_changing 1/fd 8000 'close 19000' 'dup2 0 29000'
	fails grep -qx 19000 "$BATS_TEST_TMPDIR/names"
	grep -qx 29000 "$BATS_TEST_TMPDIR/names"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/names")" -eq 20002 ]
}

@test "tasks_are_listed_whole_and_in_order_while_they_come_and_go" {
	mount_lab
	yes fork | head -n 3000 | at_once >1/control
	"$listing" . control 20 '1 fork' '1 kill 1000 SIGKILL' '1 wait4 1000' '1 fork' \
		>"$BATS_TEST_TMPDIR/names"
	grep -x '[0-9]*' "$BATS_TEST_TMPDIR/names" >"$BATS_TEST_TMPDIR/numbers"
	sort -c -n -u "$BATS_TEST_TMPDIR/numbers"
	diff <(seq 1 3001 | grep -vx 1000) \
		<(awk '$1 <= 3001 && $1 != 1000' "$BATS_TEST_TMPDIR/numbers")
}

@test "a_table_whose_only_high_descriptor_is_the_last_is_listed_as_well" {
	mount_lab --option nofile=1048576 --option nofile_hard=1048576
	echo 'dup2 0 1048575' >1/control
	[ "$(ls -U 1/fd | tr '\n' ' ')" = '0 1 2 1048575 ' ]
	[ "$(cat 1/files/open_fds_list)" = 0-2,1048575 ]
}

@test "1000000_descriptors_are_listed_whole_and_in_order_while_they_change" {
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "FDLAB_SLOW=0"
	mount_lab --option nofile=2097152 --option nofile_hard=2097152 --option nr_open=2097152
	fill 1000000
	[ "$(cat 1/files/open_fds_list)" = 0-999999 ]
	ls -U 1/fd | cmp - <(seq 0 999999)
	list_changing 1/fd 1000 'close 500000' 'close 999990' 'dup2 0 1500000' 'dup2 0 500000' \
		'dup2 0 999990' 'close 1500000'
	is_whole 999999 500000 999990
}
