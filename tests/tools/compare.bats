# fdlab compare: differences between the kernels, side by side and as JSON.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
}

# scenario LINE...: writes s.fdl
scenario() {
	printf '%s\n' "$@" >s.fdl
}

@test "a_scenario_that_all_kernels_do_alike_passes" {
	scenario 'open("/etc/passwd", O_RDONLY) = 3' 'dup2(3, 5) = 5' 'pipe([4, 6])' 'fork() = 2' \
		'2 close(3) = 0' 'echo x > 1/comm'
	run -0 "$FDLAB" compare s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl" ]
	[ "${lines[3]}" = "# 1 passed, 0 failed" ]
}

@test "calls_that_differ_are_shown_side_by_side_with_their_line" {
	scenario '# a comment' 'dup(0) = 3' 'dup3(0, 9, 0) = 7'
	run -1 "$FDLAB" compare s.fdl
	grep -qF '# s.fdl: the kernels differ: 1 calls, 1 tables' <<<"$output"
	grep -qE '^# line +\| linux +\| netbsd$' <<<"$output"
	grep -qE '^# 3 +\| 1 dup3\(0, 9, 0\) = 9 +\| 1 dup3\(0, 9, 0\) = -1 ENOSYS \(' <<<"$output"
	! grep -q 'dup(0)' <<<"$output" || false
	! grep -q expected <<<"$output" || false
}

@test "tables_that_differ_are_shown_with_what_they_share" {
	scenario 'open("/etc/passwd", O_RDONLY) = 3' 'open("/dev/fd/3", O_RDONLY) = 4'
	run -1 "$FDLAB" compare s.fdl
	grep -qF 'the kernels differ: 0 calls, 1 tables' <<<"$output"
	grep -qE '^# 4 0 3 r 0 /etc/passwd +\| 4 0 2 r 0 /etc/passwd$' <<<"$output"
}

@test "growth_is_a_difference_and_the_first_size_is_none" {
	scenario 'dup(0) = 3'
	run -0 "$FDLAB" compare s.fdl
	scenario 'dup2(0, 30) = 30'
	run -1 "$FDLAB" compare s.fdl
	grep -qE '^# linux: 64 slots +\| netbsd: 50 slots$' <<<"$output"
}

@test "a_call_that_blocks_on_one_kernel_only_differs" {
	scenario 'pipe([3, 4])' 'clone(child_stack=NULL, flags=CLONE_FILES|SIGCHLD) = 2' \
		'1 read(3, ..., 1)' '2 close(3)'
	run -1 "$FDLAB" compare s.fdl
	grep -qE '^# 4 +\| 2 close\(3\) = 0 +\| 2 close\(3\)$' <<<"$output"
}

@test "the_scenarios_kernel_does_not_matter_its_other_options_do" {
	scenario 'option kernel=netbsd nofile=5' 'dup2(0, 5)' 'dup2(0, 4)'
	run -0 "$FDLAB" compare s.fdl
	scenario 'option nr_open=1' 'dup(0)'
	run -1 "$FDLAB" compare s.fdl
	grep -qF '# s.fdl:1: nr_open: 1 is not between' <<<"$output"
	scenario 'option kernel=foo' 'dup(0)'
	run -1 "$FDLAB" compare s.fdl
	grep -qxF '# s.fdl:1: there is no kernel "foo"' <<<"$output"
}

@test "report_in_JSON_names_the_kernels" {
	scenario 'closefrom(9) = 0' 'dup2(0, 30) = 30'
	run -1 "$FDLAB" compare --json s.fdl
	json=$(tr -d ' \n' <<<"$output")
	[[ $json == *'"file":"s.fdl","outcome":"failed"'* ]]
	[[ $json == *'"calls":[{"line":1,"linux":"1closefrom(9)=-1ENOSYS(Functionnotimplemented)","netbsd":"1closefrom(9)=0"}]'* ]]
	[[ $json == *'"tables":[{"task":1,"linux":{"slots":64,"descriptors":["001rw0/dev/console",'* ]]
	[[ $json == *'"netbsd":{"slots":50,"descriptors":['*'"3001rw0/dev/console"]}}]'* ]]
}

@test "a_missing_or_unreadable_scenario_is_not_run" {
	run -2 --separate-stderr "$FDLAB" compare
	[[ "$stderr" == *"a scenario file is missing"* ]]
	run -2 "$FDLAB" compare nosuch.fdl
	grep -qF 'could not run: No such file or directory' <<<"$output"
	scenario 'expect'
	run -1 "$FDLAB" compare s.fdl
	run -2 --separate-stderr "$FDLAB" compare --nonsense s.fdl
	[[ "$stderr" == *"there is no option '--nonsense'"* ]]
}

@test "a_long_reply_makes_no_other_row_long" {
	scenario 'pipe2([3, 4], O_NONBLOCK)' "write(4, \"$(printf '%01000d' 0)\", 1000)" 'read(3, ..., 1000)' \
		'lseek(3, 0, SEEK_SET)' 'ioctl(3, FIONREAD)' 'fcntl(4, F_GETFL)' 'fcntl(4, F_GETFD)' 'close(3)'
	run -1 "$FDLAB" compare s.fdl
	[ "$(awk 'length($0) > 300' <<<"$output" | wc -l)" -le 2 ]
}

@test "a_line_that_no_kernel_can_read_fails" {
	scenario 'dupp(3)' 'open(' 'garbage' 'closefrom(9) = 0'
	run -1 "$FDLAB" compare s.fdl
	[ "${lines[2]}" = "not ok 1 - s.fdl" ]
	[[ $output == *'# s.fdl:1: '*'there is no call "dupp"'* ]]
	[[ $output == *'# s.fdl:2: '*'# s.fdl:3: '*'there is no call "garbage"'* ]]
	# A call that only one kernel has is a difference.
	[[ $output == *'# s.fdl: the kernels differ: 1 calls, 0 tables'* ]]
	[[ $output != *'# s.fdl:4: '* ]]
	# Nor does a line for a task that is on no kernel, or one of a race.
	scenario '5 dup(0)' '1 fork() = 2' '2 open("  # there is no task 3")' '2 write(0, "  # there is no task 3", 3)'
	run -1 "$FDLAB" compare s.fdl
	[[ $output == *'# s.fdl:1: there is no task 5'* ]]
	[ "$(grep -c '# s.fdl:' <<<"$output")" = 1 ]
	scenario 'expcet 1/fd/3 = x' 'optoin nofile=3' 'echo x > 1/nosuch' 'echo x > 1/nosuch = -1 ENOENT' \
		'7 dup(0) = -1 ESRCH' '7 dup(0) = 3' '1 getrandom(0x1000, 1, 0)' 'pipe([3, 4])' 'read(3, ..., 1)' 'dup(0)'
	run -1 "$FDLAB" compare s.fdl
	grep -qF '# s.fdl:1: ' <<<"$output"
	grep -qF '(did you mean "expect"?)' <<<"$output"
	grep -qF '# s.fdl:2: column 1: there is no call "optoin" (did you mean "option"?)' <<<"$output"
	grep -qxF '# s.fdl:3: echo x > 1/nosuch = -1 ENOENT' <<<"$output"
	grep -qxF '# s.fdl:6: there is no task 7' <<<"$output"
	grep -qxF '# s.fdl:10: task 1 is still in read' <<<"$output"
	[ "$(grep -c '# s.fdl:' <<<"$output")" = 6 ]
	# A text that looks like an error is written.
	scenario 'echo a = -1 b > 1/comm' 'dup(0) = 3'
	run -0 "$FDLAB" compare s.fdl
	scenario '# nothing' 'expect 1/fd/0 = x'
	run -0 "$FDLAB" compare s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl # SKIP no call to compare" ]
	scenario race '1 dupp(0)' end
	run -1 "$FDLAB" compare s.fdl
	[[ $output == *'# s.fdl:2: '*'there is no call "dupp"'* ]]
}
