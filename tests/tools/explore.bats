# fdlab explore: the report of a race, its forms and exit status; its lines can be played again; and
# the parts of an exploration together are the whole.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
}

# race CONDITION...: writes r.fdl, a race of an open with a dup2 onto its number.
race() {
	printf '%s\n' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' race \
		'1 open("/etc/hosts", O_RDONLY)' '2 dup2(0, 3)' end "$@" >r.fdl
}

# wrong MESSAGE LINE...: the file cannot be explored, and the report says why.
wrong() {
	local message=$1
	shift
	printf '%s\n' "$@" >w.fdl
	run -2 "$FDLAB" explore w.fdl
	grep -qF "$message" <<<"$output" || {
		echo "not in the report: $message"
		echo "$output"
		return 1
	}
}

@test "conditions_that_hold_pass" {
	race 'sometimes 2:dup2 = -1 EBUSY' 'never 2:dup2 = -1 EBADF' 'always 1/files/count = 2'
	run -0 "$FDLAB" explore r.fdl
	[ "${lines[2]}" = "ok 1 - r.fdl" ]
	[ "${lines[3]}" = "# 4 interleavings, 3 outcomes" ]
	[ "${lines[-1]}" = "# 1 passed, 0 failed" ]
}

@test "condition_that_does_not_hold_fails_with_a_witness" {
	race 'never 2:dup2 = -1 EBUSY (Device or resource busy)'
	run -1 "$FDLAB" explore r.fdl
	[ "${lines[2]}" = "not ok 1 - r.fdl" ]
	grep -qF '# r.fdl:6: never 2:dup2 = -1 EBUSY' <<<"$output"
	grep -qF '1 <... open resumed>) = 3' <<<"$output"
}

@test "sometimes_that_never_is_fails" {
	race 'sometimes 1:open = 7'
	run -1 "$FDLAB" explore r.fdl
	grep -qF '# r.fdl:6: sometimes 1:open = 7: it never is so' <<<"$output"
}

@test "witness_is_a_scenario_that_comes_to_the_outcome" {
	race 'sometimes 2:dup2 = -1 EBUSY'
	"$FDLAB" explore --json r.fdl >report
	{
		echo 'clone(flags=CLONE_FILES|SIGCHLD) = 2'
		jq -r '.files[0].conditions[0].witness' report
		echo 'expect 1/fd/3 = /etc/hosts'
	} >s.fdl
	grep -qF '2 dup2(0, 3) = -1 EBUSY' s.fdl
	run -0 "$FDLAB" run s.fdl
}

@test "report_in_json_has_outcomes_and_conditions" {
	race 'sometimes 2:dup2 = 3 && 1:open = 4' 'never 2:dup2 = 3'
	run -1 "$FDLAB" explore --json r.fdl
	[ "$(jq -r '.files[0].outcome, .failed' <<<"$output" | xargs)" = "failed 1" ]
	[ "$(jq '.files[0].interleavings' <<<"$output")" -eq 4 ]
	[ "$(jq '[.files[0].outcomes[].count] | add' <<<"$output")" -eq 4 ]
	[ "$(jq -c '[.files[0].conditions[].holds]' <<<"$output")" = "[true,false]" ]
	jq -e '.files[0].outcomes[] | select(.calls[1] == "2 dup2(0, 3) = -1 EBUSY")
		| .tables == ["1,2: 0-2=/dev/console 3=/etc/hosts"]' <<<"$output"
}

@test "deadlock_fails_and_is_shown" {
	printf '%s\n' 'pipe([3, 4]) = 0' 'fork() = 2' 'fork() = 3' 'close_range(3, 4, 0) = 0' race \
		'2 read 3 1' '3 close 4' '2 write 4 x' '3 read 3 1' end >d.fdl
	run -1 "$FDLAB" explore d.fdl
	grep -qE '# d.fdl: deadlock: task 2 waits in pipe_read for 2' <<<"$output"
	# Every line of it can be played.
	{
		sed '/^race$/,$d' d.fdl
		sed -n '/deadlock/,/^# [0-9]/s/^#     //p' <<<"$output"
		echo 'expect kmsg ~ ^INFO: deadlock'
	} >s.fdl
	run -0 "$FDLAB" run s.fdl
}

# outcomes FILE [option]: sorted, without the numbers of runs.
outcomes() {
	"$FDLAB" explore --json ${2:+"$2"} "$1" | jq -S '[.files[0].outcomes[] | del(.count)] | sort'
}

@test "naive_exploration_has_the_same_outcomes" {
	local file
	race
	[ "$("$FDLAB" explore --naive --json r.fdl | jq '.files[0].interleavings')" -gt 3 ]
	for file in r.fdl "$FDLAB_SOURCE"/tests/litmus/*.fdl "$FDLAB_SOURCE"/tests/reduction/*.fdl; do
		echo "$file"
		diff <(outcomes "$file") <(outcomes "$file" --naive)
	done
}

# Not in reduction/: on the running kernel the walk gives way in between, too (ENOENT).
@test "an_exit_decides_whether_a_directory_of_proc_leads_on" {
	local exit
	for exit in '1 exit 0' '2 exit 0'; do
		printf '%s\n' 'chdir("/proc/self") = 0' 'fork() = 2' 'fork() = 3' '2 chdir("/proc/self") = 0' \
			'2 clone(flags=CLONE_FS|CLONE_PARENT|SIGCHLD) = 4' race "$exit" '1 wait4 2' \
			'3 open fd O_RDONLY' '4 open fd O_RDONLY' end >p.fdl
		[ "${exit%% *}" = 2 ] || sed -i '/wait4/d' p.fdl
		diff <(outcomes p.fdl) <(outcomes p.fdl --naive)
		"$FDLAB" explore p.fdl >told
		grep -q 'open("fd", O_RDONLY) = 3' told
		grep -q 'open("fd", O_RDONLY) = -1 ESRCH' told
	done
}

@test "a_failure_of_one_order_hides_no_failure_of_another" {
	local option
	printf '%s\n' '1 clone(flags=CLONE_FILES|SIGCHLD) = 2' race '1 fd_install(2, 1)' '2 close(2)' \
		'2 get_unused_fd_flags(0)' end >b.fdl
	for option in --json --naive; do
		run -1 "$FDLAB" explore --json $option b.fdl
		[ "$(jq -c '[.files[0].failures[].message | split(":")[0]]' <<<"$output")" = '["BUG","invariant"]' ]
		[ "$(jq '.files[0].outcomes | length' <<<"$output")" -eq 1 ]
	done
}

@test "shards_add_up_to_the_whole" {
	local k
	printf '%s\n' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' 'clone(flags=CLONE_FILES|SIGCHLD) = 3' race \
		'1 dup(0)' '2 dup(0)' '3 close(0)' end >r.fdl
	"$FDLAB" explore --naive --json r.fdl | jq -S '.files[0].outcomes | sort_by(.calls)' >whole
	for k in 1 2 3 4; do
		"$FDLAB" explore --naive --shard $k/4 --json r.fdl
	done | jq -Ss '[.[].files[0].outcomes[]] | group_by([.calls, .tables])
		| map(.[0] + {count: ([.[].count] | add)}) | sort_by(.calls)' | diff whole -
	jq -S '[.[] | del(.count)]' whole >outcomes
	for k in 1 2 3 4; do
		"$FDLAB" explore --shard $k/4 --json r.fdl
	done | jq -Ss '[.[].files[0].outcomes[] | del(.count)] | unique | sort_by(.calls)' |
		diff outcomes -
}

@test "a_file_that_cannot_be_explored_is_status_2" {
	wrong 'there is no race in it' 'dup(0) = 3'
	wrong 'w.fdl:2: race without end' race 'dup(0)'
	wrong 'w.fdl:4: the race has no such call: sometimes 1:close = 0' race 'dup(0)' end \
		'sometimes 1:close = 0'
	wrong "w.fdl:4: 'three' is not a result" race 'dup(0)' end 'sometimes 1:dup = three'
	wrong "w.fdl:4: '3 # so' is not a result (a comment needs a line of its own)" race 'dup(0)' \
		end 'sometimes 1:dup = 3 # so'
	wrong 'w.fdl:4: not an escape (a backslash is \\): \q' race 'dup(0)' end 'sometimes 1/comm = a\q'
	wrong 'w.fdl:2: there is no task 7 where the race begins' race '7 dup(0)' end
	wrong 'w.fdl:2: a call of a race states no result' race 'dup(0) = 3' end
	wrong 'w.fdl:2: column 1: there is no call "dpu" (did you mean "dup"?)' race 'dpu(0)' end
	wrong 'w.fdl:4: only conditions may follow a race' race 'dup(0)' end 'dup(0)'
	wrong 'w.fdl:4: only conditions may follow a race (did you mean "sometimes"?)' race 'dup(0)' end \
		'sometmes 1:dup = 3'
	wrong 'w.fdl:1: column 1: there is no call "raec" (did you mean "race"?)' raec '1 dup(0)' end
	wrong 'w.fdl:3: column 1: there is no call "edn" (did you mean "end"?)' race '1 dup(0)' edn end
	wrong 'a call is still in flight where the race begins' 'pipe([3, 4])' 'fork() = 2' 'read 3 1' \
		race '2 dup(0)' end
	run -2 "$FDLAB" explore nosuch.fdl
	run -2 "$FDLAB" explore
	for shard in 3/2 0/2 +1/2 ' 1/2' 1/2x 1 1/ 18446744073709551617/18446744073709551617; do
		run -2 "$FDLAB" explore --shard "$shard" w.fdl
	done
}

@test "fifty_outcomes_are_printed_and_the_rest_counted" {
	# Six tasks, in every order: 720 outcomes.
	{
		for pid in 2 3 4 5 6; do
			echo "1 clone(flags=CLONE_FILES|SIGCHLD) = $pid"
		done
		echo race
		for pid in 1 2 3 4 5 6; do
			echo "$pid dup(0)"
		done
		echo end
	} >r.fdl
	run -0 "$FDLAB" explore r.fdl
	[[ $output == *' 720 outcomes'* ]]
	[ "$(grep -cE '^# +[0-9]+  1 dup\(0\) = ' <<<"$output")" -eq 50 ]
	[[ $output == *$'\n''# and 670 outcomes more'$'\n'* ]]
	run -0 --separate-stderr "$FDLAB" explore --json r.fdl
	[ "$(jq '.files[0].outcomes | length' <<<"$output")" -eq 720 ]
}

@test "outcomes_that_differ_in_a_file_alone_show_it" {
	printf '%s\n' 'open("/etc/passwd", O_RDONLY) = 3' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' race \
		'1 lseek(3, 5, SEEK_SET)' '2 lseek(3, 7, SEEK_SET)' end \
		'never 1/fdinfo/3 = x && 1/files/count = 2' >r.fdl
	run -0 "$FDLAB" explore r.fdl
	[[ $output == *' 2 outcomes'* ]]
	[ "$(grep -cE '^# +1/fdinfo/3 = pos:\\t[57]\\n' <<<"$output")" -eq 2 ]
	# Results that are the same in both are not shown.
	! grep -qE '^# +1/files/count' <<<"$output" || false
	run -0 --separate-stderr "$FDLAB" explore --json r.fdl
	[ "$(jq -c '[.files[0].outcomes[].files | keys]' <<<"$output")" = '[["1/fdinfo/3"],["1/fdinfo/3"]]' ]
}
