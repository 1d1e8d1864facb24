# needs /dev/fuse
# fdlab run on a mounted machine: the scenarios that pass in process pass there too.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	mkdir lab
	$FDLABD lab 3>&-
}

teardown() {
	fusermount3 -u "$BATS_TEST_TMPDIR/lab"
}

@test "all_scenarios_pass_on_a_mount" {
	mapfile -t scenarios < <(find "$FDLAB_SOURCE/tests/scenarios" "$FDLAB_SOURCE/tools/lessons" -name '*.fdl' | sort)
	[ "${#scenarios[@]}" -gt 0 ]
	run -0 "$FDLAB" run --on mount=lab "${scenarios[@]}"
	[[ $output != *"not ok"* ]]
}

@test "machine_is_started_over_for_each_file_with_its_options" {
	printf '%s\n' 'option nofile=4' 'dup(0) = 3' 'dup(0) = -1 EMFILE' >small.fdl
	printf '%s\n' 'dup(0) = 3' 'dup(0) = 4' 'getpid() = 1' >usual.fdl
	run -0 "$FDLAB" run --on mount=lab small.fdl usual.fdl small.fdl
	[ "${lines[-1]}" = "# 3 passed, 0 failed" ]
}

@test "options_mean_the_same_as_in_process" {
	printf '%s\n' 'option nofile=10000' 'expect 1/limits ~ ^Max open files +10000 +10000 ' >s.fdl
	run -0 "$FDLAB" run s.fdl
	run -0 "$FDLAB" run --on mount=lab s.fdl
	printf '%s\n' 'option kernel=linux' 'option nofile=100 nofile_hard=99' >s.fdl
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:2: "* ]]
	run -1 "$FDLAB" run --on mount=lab s.fdl
	[[ $output == *"# s.fdl:2: "* ]]
}

@test "failures_are_said_as_in_process" {
	printf '%s\n' 'pipe([3, 4]) = 0' 'dup(0) = 9' 'expect 1/comm = x' 'expect no 1/fd/0' \
		'echo 63 > sys/fs/nr_open' 'dpu(0)' 'read(3, "x", 1) = 1' 'expect 9/comm = x' >s.fdl
	run -1 "$FDLAB" run s.fdl
	in_process=$output
	run -1 "$FDLAB" run --on mount=lab s.fdl
	[ "$(grep -c '^# s.fdl:' <<<"$output")" -eq 7 ]
	diff <(echo "$in_process") <(echo "$output")
}

@test "call_that_blocks_does_not_keep_the_scenario_waiting" {
	printf '%s\n' 'pipe([3, 4]) = 0' 'fork() = 2' '2 read(3, "", 10)' \
		'1 write(4, "hello", 5) = 5' '2 <... read resumed>"hello", 10) = 5' >s.fdl
	run -0 timeout 60 "$FDLAB" run --on mount=lab s.fdl
}

@test "links_of_the_tree_are_not_followed_out_of_it" {
	echo untouched >"$BATS_TEST_TMPDIR/file"
	printf '%s\n' "mkdir(\"${BATS_TEST_TMPDIR%%/run/*}\", 0777)" \
		"creat(\"/tmp/x $$\", 0666) = 3" "expect 1/fd/3 = /tmp/x $$" \
		'echo spoilt > 1/fd/3 = -1 ELOOP' 'expect no 1/cwd/etc' >s.fdl
	run -0 "$FDLAB" run --on mount=lab s.fdl
	[ ! -e "/tmp/x $$" ]
}
