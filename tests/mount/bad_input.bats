#!/usr/bin/env bats
# Lines of control files that are no calls: an error, an explanation, and no change.

setup() {
	load helper
	mount_lab
	echo 'open /etc/passwd' >1/control
	picture >"$BATS_TEST_TMPDIR/before"
}

teardown() {
	unmount_lab
}

# picture: the machine's tables and open descriptions.
picture() {
	cat 1/files/* open_files sys/fs/file-nr
	ls -A .
}

is_unchanged() {
	picture | diff "$BATS_TEST_TMPDIR/before" -
}

# refused MESSAGE FILE: standard input in one write to FILE fails with MESSAGE.
refused() {
	run -1 dd of="$2" bs=4M iflag=fullblock conv=notrunc status=none
	[[ $output == *"$1" ]]
	is_unchanged
}

# explained LINE REGEX: the line is EINVAL, and the reply says why.
explained() {
	run "$handle" 1/control "write=$1" read
	[ "${lines[0]}" = 'write: EINVAL' ]
	[[ ${lines[1]} =~ ^'# line 1: ' ]]
	[[ ${lines[1]} =~ $2 ]]
	is_unchanged
}

@test "a_word_that_is_no_call_is_EINVAL_with_an_explanation" {
	explained $'frobnicate\n' 'frobnicate'
	explained $'dpu2 3 10\n' 'dup2'
	explained $'dup2(3, 10\n' '.'
	explained $'dup2(3 10)\n' '.'
	explained $'dup2(3, 10) =\n' '.'
	explained $'= 3\n' '.'
	explained $'dup2(3, 10, 11, 12)\n' '.'
}

@test "an_unterminated_string_is_EINVAL_with_an_explanation" {
	explained $'open("/etc/passwd, O_RDONLY)\n' '.'
	explained $'open "/etc/passwd\n' '.'
	explained $'open("/etc/\\xzz")\n' '.'
}

@test "numbers_out_of_range_are_errors" {
	explained $'dup2(3, 99999999999999999999999)\n' '.'
	for n in 4294967295 2147483648 2147483647 1048576 -1 -2147483648; do
		run -1 bash -c "echo 'dup2(3, $n)' >1/control"
		is_unchanged
	done
	run -1 bash -c 'echo "close 2147483647" >1/control'
	[[ $output == *'Bad file descriptor'* ]]
	is_unchanged
}

@test "unknown_pids_are_errors" {
	for pid in 99 0 -1 4194304 99999999999999999999; do
		run -1 bash -c "echo '$pid dup 0' >control"
		is_unchanged
		[ ! -e "$pid" ]
	done
	run -1 bash -c 'echo "99 dup 0" >control'
	[[ $output == *'No such process'* ]]
	run -1 bash -c 'echo "dup 0" >99/control'
	[[ $output == *'No such file or directory'* ]]
	is_unchanged
}

@test "NUL_bytes_are_EINVAL" {
	printf 'dup\0 0\n' | refused 'Invalid argument' 1/control
	printf '\0' | refused 'Invalid argument' 1/control
	printf 'open("/etc/\0passwd")\n' | refused 'Invalid argument' 1/control
	head -c 4096 /dev/zero | refused 'Invalid argument' 1/control
}

@test "a_line_that_is_too_long_is_E2BIG" {
	{ printf 'open '; head -c 70000 /dev/zero | tr '\0' x; echo; } |
		refused 'Argument list too long' 1/control
	{ printf 'open "'; head -c 500000 /dev/zero | tr '\0' /; echo '"'; } |
		refused 'Argument list too long' control
}

@test "a_line_of_a_megabyte_is_refused" {
	head -c 1000000 /dev/zero | tr '\0' x | refused 'File too large' 1/control
	head -c 3000000 /dev/zero | tr '\0' x | refused 'File too large' control
}

@test "a_write_that_is_too_large_is_EFBIG_and_none_of_it_is_run" {
	yes 'dup 0' | head -c 600000 | refused 'File too large' 1/control
	[[ $(tail -n 1 errors) == '# 1/control: a write has 600000 bytes, more than 524288; '* ]]
}

@test "binary_garbage_changes_nothing" {
	garbage=$BATS_TEST_TMPDIR/garbage
	for seed in 1 2 3 4 5; do
		LC_ALL=C awk -v seed="$seed" "BEGIN { srand(seed)
			for (i = 0; i < 20000; i++) printf \"%c\", rand() * 256 }" >"$garbage"
		for file in control 1/control sys/fs/nr_open sys/fs/file-max 1/fail-nth; do
			dd if="$garbage" of=$file bs=32k conv=notrunc status=none 2>/dev/null || true
			is_unchanged
		done
	done
}

@test "empty_and_blank_writes_change_nothing" {
	for text in '' '\n' '   \n' '\t\n\n' '# a comment\n'; do
		printf "$text" >1/control || true
		is_unchanged
	done
}

@test "many_bad_lines_in_one_write_are_each_answered" {
	exec 5<>1/control
	yes 'frobnicate 1 2 3' | head -n 10000 | at_once >&5
	[ "$(cat <&5 | grep -c '^# line [0-9]*: ')" -eq 10000 ]
	exec 5>&-
	is_unchanged
}

@test "sysctls_check_what_is_written_as_the_kernel_does" {
	for value in 63 2147483585 -1 x '' 99999999999999999999; do
		run -1 bash -c "echo '$value' >sys/fs/nr_open"
		[[ $output == *'Invalid argument'* ]]
		is_unchanged
	done
	echo 100 >sys/fs/nr_open
	[ "$(cat sys/fs/nr_open)" = 100 ]
}

@test "files_that_are_not_for_writing_are_EACCES_or_EPERM" {
	for file in log events open_files 1/status 1/files/slots; do
		run -1 bash -c "echo x >$file"
		[[ $output == *'Permission denied'* || $output == *'Operation not permitted'* ]]
	done
	is_unchanged
}

@test "the_tree_cannot_be_changed_from_outside" {
	fails mkdir dir
	fails rmdir 1
	fails rm -f log
	fails mv log gol
	fails ln log gol
	fails ln -s log gol
	fails mkfifo fifo
	fails touch new
	fails chmod 666 log
	fails chown 1 log
	is_unchanged
}

@test "a_control_file_opened_and_closed_at_odd_moments_leaves_nothing" {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		exec 5<>1/control 6<1/control 7>1/control 8<1/files/slots
		printf 'dup2(3, ' >&7 || true
		exec 5>&-
		head -c 1 <&6 >/dev/null
		exec 6<&- 7>&- 8<&-
	done
	is_unchanged
}
