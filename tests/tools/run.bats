# fdlab run on a machine of its own: scenarios that pass, scenarios that fail, and the report.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
}

# scenario LINE...: writes s.fdl
scenario() {
	printf '%s\n' "$@" >s.fdl
}

passes() {
	scenario "$@"
	run -0 "$FDLAB" run s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl" ]
}

# fails DIAGNOSTIC LINE...: the scenario fails, and the report has the diagnostic.
fails() {
	local diagnostic=$1
	shift
	scenario "$@"
	run -1 "$FDLAB" run s.fdl
	[ "${lines[2]}" = "not ok 1 - s.fdl" ]
	grep -qxF "# s.fdl:$diagnostic" <<<"$output" || {
		echo "not in the report: # s.fdl:$diagnostic"
		echo "$output"
		return 1
	}
}

@test "results_as_stated_pass" {
	passes 'open("/etc/passwd", O_RDONLY) = 3' 'dup2(3, 10) = 10' 'dup2(99, 3) = -1 EBADF'
}

@test "report_is_tap" {
	scenario 'dup(0) = 3'
	scenario=$(cat s.fdl)
	printf '%s\n' 'dup(0) = 4' >t.fdl
	run -1 "$FDLAB" run s.fdl t.fdl
	[ "${lines[0]}" = "TAP version 13" ]
	[ "${lines[1]}" = "1..2" ]
	[ "${lines[2]}" = "ok 1 - s.fdl" ]
	[ "${lines[3]}" = "not ok 2 - t.fdl" ]
	[ "${lines[-1]}" = "# 1 passed, 1 failed" ]
}

@test "other_result_fails_with_line_and_both_results" {
	fails '2: dup2(3, 10): expected 10, got -1 EBADF' '# a comment' 'dup2(3, 10) = 10'
}

@test "other_error_fails_with_both_errors" {
	fails '1: dup2(99, 10): expected -1 EMFILE, got -1 EBADF' 'dup2(99, 10) = -1 EMFILE'
}

@test "failure_shows_the_table_of_the_task_once" {
	fails '2: dup(0): expected 5, got 4' 'dup(0) = 3' 'dup(0) = 5' 'dup(0) = 6'
	[ "$(grep -c '/dev/console' <<<"$output")" -eq 5 ]
}

@test "line_without_result_is_run_and_not_checked" {
	passes 'close(99)' 'dup(0) = 3'
}

@test "line_that_is_no_call_fails_with_its_number" {
	scenario '' 'dup(0) = 3' 'dpu(0) = 3'
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:3: "*dup* ]]
}

@test "call_that_blocks_stays_in_flight_and_the_next_line_goes_on" {
	passes 'pipe([3, 4]) = 0' 'fork() = 2' '2 read(3, "", 10)' '1 write(4, "hello", 5) = 5' \
		'2 <... read resumed>"hello", 10) = 5'
}

@test "call_that_states_a_result_must_not_block" {
	fails '2: read(3, ..., 10): expected 5, but the call blocks' 'pipe([3, 4]) = 0' \
		'read(3, "hello", 10) = 5'
}

@test "pid_of_the_line_before_holds" {
	passes 'fork() = 2' '2 dup(0) = 3' 'dup(0) = 4' '1 dup(0) = 3' \
		'expect 2/files/open_fds_list = 0-4' 'expect 1/files/open_fds_list = 0-3'
}

@test "each_file_gets_a_machine_of_its_own" {
	scenario 'dup(0) = 3'
	run -0 "$FDLAB" run s.fdl s.fdl s.fdl
	[ "${lines[-1]}" = "# 3 passed, 0 failed" ]
}

@test "standard_input_is_a_scenario" {
	run -1 bash -c 'echo "dup(0) = 4" | "$FDLAB" run -'
	[[ $output == *"# <stdin>:1: dup(0): expected 4, got 3"* ]]
}

@test "option_makes_the_machine" {
	passes 'option nofile=5 nr_open=128' 'dup(0) = 3' 'dup(0) = 4' 'dup(0) = -1 EMFILE' \
		'expect sys/fs/nr_open = 128'
}

@test "option_after_a_call_fails" {
	fails '2: option must come before the first call' 'dup(0) = 3' 'option nofile=5'
}

@test "unknown_option_of_a_machine_fails_with_its_line" {
	scenario '# options' 'option nofiles=5'
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:2: "*nofiles* ]]
}

@test "options_that_give_a_kernel_no_room_for_its_names_say_how_much_it_needs" {
	fails '1: bytes: 65536 is less than 81920, which the names of netbsd take' \
		'option kernel=netbsd bytes=64K' 'dup(0) = 3'
	fails '1: bytes: 65536 is less than 81920, which the names of netbsd take' \
		'option bytes=64K kernel=netbsd' 'dup(0) = 3'
	passes 'option kernel=netbsd bytes=80K' 'dup(0) = 3'
	passes 'option bytes=64K' 'dup(0) = 3'
}

@test "expect_compares_a_file_without_its_last_newline" {
	passes 'expect 1/files/open_fds_list = 0-2' 'expect /1/files/close_on_exec_list ='
}

@test "expect_says_what_was_expected_and_what_is_there" {
	fails "2: 1/files/open_fds_list: expected '0-2', got '0-3'" 'dup(0) = 3' \
		'expect 1/files/open_fds_list = 0-2'
}

@test "expect_knows_the_escapes_of_c" {
	passes 'mkdir("/tmp/a", 0777) = 0' \
		'expect log = 1 mkdir("\x2ftmp/a", 0777) = 0' || true
	passes 'expect 1/cmdline ~ ^init' 'expect 1/comm = \151\x6eit'
}

@test "expect_compares_texts_of_several_lines" {
	"$FDLAB" run - <<<'expect 1/files/slots = x' >report || true
	printf 'expect 1/files/slots = ' >s.fdl
	sed -n '/^# -------- got/,/^# --------$/p' report | sed '1d;$d;s/^# //' |
		awk '{ gsub(/\t/, "\\t"); printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }' >>s.fdl
	grep -q '\\tname\\n0\\t' s.fdl
	run -0 "$FDLAB" run s.fdl
}

@test "escape_that_is_none_fails" {
	fails '1: expect: not an escape (a backslash is \\): \d' 'expect 1/comm = a\d'
}

@test "expect_of_a_link_is_what_it_points_to" {
	passes 'open("/etc/passwd", O_RDONLY) = 3' 'expect 1/fd/3 = /etc/passwd'
}

@test "expect_matches_regular_expressions_line_by_line" {
	passes 'expect 1/status ~ ^FDSize:[[:space:]]+64$' 'expect 1/status ~ ^FDSize:\t(64|128)$'
	fails "1: 1/comm: expected a match of '^x+$', got 'init'" 'expect 1/comm ~ ^x+$'
}

@test "bad_regular_expression_fails" {
	scenario 'expect 1/comm ~ ('
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:1: not a regular expression: ("* ]]
}

@test "expect_no_is_that_a_file_does_not_exist" {
	passes 'expect no 1/fd/3' 'expect no 2' 'expect no 2/files/slots' 'dup(0) = 3' \
		'close(2) = 0' 'expect no 1/fd/2'
	fails '1: 1/fd/0: expected not to exist, but it does' 'expect no 1/fd/0'
}

@test "expect_of_a_file_that_is_not_there_fails" {
	fails '1: 7/comm: there is no task 7' 'expect 7/comm = init'
}

@test "echo_writes_to_a_file_of_the_tree" {
	passes 'echo 128 > sys/fs/nr_open' 'expect sys/fs/nr_open = 128' \
		"echo 'open /etc/passwd' > 1/control" 'echo dup 3 > 1/control' \
		'echo "dup2\x203 9" >/1/control' 'expect 1/files/open_fds_list = 0-4,9'
}

@test "echo_may_state_its_error" {
	passes 'echo 63 > sys/fs/nr_open = -1 EINVAL' \
		'echo close 99 > 1/control = -1 EBADF (Bad file descriptor)'
}

@test "echo_that_fails_unsaid_or_otherwise_fails" {
	fails '1: echo > sys/fs/nr_open: -1 EINVAL (Invalid argument)' 'echo 63 > sys/fs/nr_open'
	fails '1: echo > sys/fs/nr_open: expected -1 EBADF, got -1 EINVAL' \
		'echo 63 > sys/fs/nr_open = -1 EBADF'
	fails '1: echo > sys/fs/nr_open: expected -1 EBADF, but it was written' \
		'echo 64 > sys/fs/nr_open = -1 EBADF'
}

@test "directives_that_are_wrong_fail_with_their_lines" {
	fails '1: echo TEXT > PATH: there is no '"'>'" 'echo hello'
	fails '1: there is no error called EFOO' 'echo 1 > sys/fs/nr_open = -1 EFOO'
	fails "1: echo states an error as '= -1 EINVAL', not 3" 'echo 1 > sys/fs/nr_open = 3'
	fails '1: expect takes PATH = TEXT, PATH ~ ERE or no PATH' 'expect 1/comm'
	fails '1: expect: not a path of the tree: ../etc/passwd' 'expect ../etc/passwd = x'
	fails '1: echo: not a path of the tree: 1/../../x' 'echo x > 1/../../x'
	fails '1: end without race' 'end'
	fails '2: race without end' 'race' '1 dup(0)'
	fails '1: a condition on the outcomes of a race must follow its end' 'never 1:dup = 3'
}

@test "all_directives_that_are_wrong_are_reported_and_nothing_is_played" {
	fails '3: option takes NAME=VALUE' 'dup(0) = 9' 'end' 'option'
	[[ $output == *"# s.fdl:2: end without race"* ]]
	[[ $output != *"expected 9"* ]]
}

@test "nul_byte_in_a_line_fails" {
	printf 'dup(0) = 3\ndup\0(0) = 4\n' >s.fdl
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:2: there is a NUL byte in the line"* ]]
}

@test "line_too_long_fails" {
	{ printf 'write(1, "'; head -c 70000 /dev/zero | tr '\0' x; echo '", 5)'; } >s.fdl
	run -1 "$FDLAB" run s.fdl
	[[ $output == *"# s.fdl:1: the line is too long"* ]]
}

@test "longest_line_is_run" {
	{ printf 'write(1, "'; head -c 65000 /dev/zero | tr '\0' x; echo '", 65000) = 65000'; } >s.fdl
	run -0 "$FDLAB" run s.fdl
}

@test "carriage_returns_and_a_missing_last_newline_do_not_matter" {
	printf 'dup(0) = 3\r\nexpect 1/comm = init\r\ndup(0) = 4' >s.fdl
	run -0 "$FDLAB" run s.fdl
}

@test "race_is_skipped" {
	scenario 'fork() = 2' race '1 dup(0)' '2 dup(0)' end 'always 1:dup = 3'
	run -0 "$FDLAB" run s.fdl
	[ "${lines[2]}" = "ok 1 - s.fdl # SKIP a race is for fdlab explore" ]
	[ "${lines[-1]}" = "# 0 passed, 0 failed, 1 skipped" ]
	scenario race '1 dupp(0)' end
	run -1 "$FDLAB" run s.fdl
	[[ $output == *'# s.fdl:2: '*'there is no call "dupp"'* ]]
}

@test "file_that_cannot_be_read_is_status_2_and_the_rest_is_run" {
	scenario 'dup(0) = 3'
	run -2 "$FDLAB" run missing.fdl s.fdl s.fdl/x
	[ "${lines[2]}" = "not ok 1 - missing.fdl" ]
	[ "${lines[3]}" = "# missing.fdl: could not run: No such file or directory" ]
	[ "${lines[4]}" = "ok 2 - s.fdl" ]
	[ "${lines[5]}" = "not ok 3 - s.fdl/x" ]
	[ "${lines[6]}" = "# s.fdl/x: could not run: Not a directory" ]
}

@test "no_file_is_status_2" {
	run -2 --separate-stderr "$FDLAB" run
	[[ $stderr == *"a scenario file is missing"* ]]
}

@test "unknown_kernel_is_status_2" {
	scenario 'dup(0) = 3'
	run -2 --separate-stderr "$FDLAB" run --kernel plan9 s.fdl
	[[ $stderr == *"there is no kernel 'plan9'"* ]]
	run -0 "$FDLAB" run --kernel linux s.fdl
}

@test "unknown_target_is_status_2" {
	scenario 'dup(0) = 3'
	run -2 --separate-stderr "$FDLAB" run --on moon s.fdl
	[[ $stderr == *"--on takes sim, kernel or mount=DIR, not 'moon'"* ]]
	run -0 "$FDLAB" run --on sim s.fdl
	run -2 --separate-stderr "$FDLAB" run --on mount=/nonexistent s.fdl
	[[ $stderr == *"/nonexistent: No such file or directory"* ]]
	run -2 --separate-stderr "$FDLAB" run --on "mount=$PWD" s.fdl
	[[ $stderr == *"no machine is mounted there"* ]]
}

@test "json_report_has_every_file_and_failure" {
	scenario 'dup(0) = 3' 'dup(0) = 5'
	echo 'dup(0) = 3' >good.fdl
	run -1 --separate-stderr "$FDLAB" run --json s.fdl good.fdl
	[ -z "$stderr" ]
	json=$(tr -d ' \n' <<<"$output")
	[[ $json == '{'*'}' ]]
	[[ $json == *'"on":"sim"'* ]]
	[[ $json == *'"file":"s.fdl","outcome":"failed","failures":[{"line":2,"message":"dup(0):expected5,got4"'* ]]
	[[ $json == *'"file":"good.fdl","outcome":"passed","failures":[]'* ]]
	[[ $json == *'"passed":1,"failed":1,"skipped":0,"notrun":0'* ]]
	[[ $json != *'TAP'* ]]
}

@test "colours_only_on_a_terminal_and_never_under_NO_COLOR" {
	script -qec true /dev/null >/dev/null 2>&1 || skip "script(1) can make no terminal here"
	scenario 'dup(0) = 3'
	run -0 "$FDLAB" run s.fdl
	[[ $output != *$'\e'* ]]
	run -0 script -qec '"$FDLAB" run s.fdl' /dev/null
	[[ $output == *$'\e[32mok'* ]]
	NO_COLOR=1 run -0 script -qec '"$FDLAB" run s.fdl' /dev/null
	[[ $output != *$'\e'* ]]
}

@test "a_line_for_a_task_that_never_was_fails" {
	fails '1: dup(0): there is no task 7' '7 dup(0)'
	fails '1: dup(0): expected 3, got -1 ESRCH (there is no task 2)' '2 dup(0) = 3'
	passes '2 dup(0) = -1 ESRCH'
	fails '3: dup(0): task 2 has exited' 'fork' '2 exit 0' '2 dup 0'
	passes 'dup 99'
	fails '1: 2/fd/0: there is no task 2' 'expect 2/fd/0 = /dev/console'
	fails '1: 7/comm: there is no task 7' 'expect 7/comm ~ x'
	fails '1: 1/fd/9: ENOENT (No such file or directory)' 'expect 1/fd/9 = x'
}

@test "misspelt_directives_get_a_suggestion" {
	fails '1: column 17: expected a result (a number or "?"), got "init" (did you mean "expect"?)' 'expcet 1/comm = init'
	fails '1: column 1: there is no call "expcet" (did you mean "expect"?)' 'expcet no 1/fd/3'
	fails '1: column 1: there is no call "optoin" (did you mean "option"?)' 'optoin nofile=20'
	fails '1: column 1: there is no call "exepct" (did you mean "expect"?)' 'exepct no 1/fd/9'
	fails '1: column 1: there is no call "exce" (did you mean "exec"?)' 'exce /bin/cat'
	fails '1: column 18: open: argument 2 (flags): unknown flag "O_RDONLYY" (did you mean "O_RDONLY"?)' \
		'open /etc/passwd O_RDONLYY'
	fails '1: column 10: ioctl: argument 2 (cmd): unknown command "FIGETBZS" (did you mean "FIGETBSZ"?)' \
		'ioctl(0, FIGETBZS)'
	fails '1: column 19: fcntl: too many arguments, got "0"' 'fcntl(0, F_GETFD, 0, 0)'
	fails '1: there is no option "nofle" (did you mean "nofile"?)' 'option nofle=5'
	fails '1: there is no kernel "netbds" (did you mean "netbsd"?)' 'option kernel=netbds'
	fails '1: column 1: there is no call "dpu2" (did you mean "dup2"?)' 'dpu2(0, 3)'
}

@test "quotes_and_comments_after_an_expected_text_are_hinted_at" {
	fails "1: 1/comm: expected '\"init\"', got 'init' (the text stands without quotes)" 'expect 1/comm = "init"'
	fails "1: 1/comm: expected ''init'', got 'init' (the text stands without quotes)" "expect 1/comm = 'init'"
	fails "1: 1/comm: expected 'init # x', got 'init' (a comment needs a line of its own)" 'expect 1/comm = init # x'
}

@test "a_byte_order_mark_is_passed_over" {
	printf '\xef\xbb\xbfdup(0) = 3\n' >s.fdl
	run -0 "$FDLAB" run s.fdl
	printf 'dup(0) = 3\n\xef\xbb\xbfdup(0) = 4\n' >s.fdl
	run -1 "$FDLAB" run s.fdl
}

@test "a_call_that_still_waits_where_its_end_is_written" {
	fails '3: write(4, "x"..., 70000): the call still waits, and no line before this one ends that; if a signal did, put the line "interrupt" before it' \
		'pipe([3, 4]) = 0' 'write(4, "x"..., 70000)' '<... write resumed>) = 65536'
	passes 'pipe([3, 4]) = 0' 'write(4, "x"..., 70000)' 'interrupt' '<... write resumed>) = 65536'
}

@test "a_string_may_look_like_a_remark" {
	passes 'pipe([3, 4]) = 0' 'write(4, "\"  # a", 6) = 6' 'read(3, "\"  # a", 6) = 6' \
		'write(4, "  # expected 7", 14) = 14' 'read(3, "  # expected 7", 14) = 14'
	fails '3: read(3, "  # a", 5) = 5: expected "  # b"' 'pipe([3, 4]) = 0' 'write(4, "  # a", 5) = 5' \
		'read(3, "  # b", 5) = 5'
}
