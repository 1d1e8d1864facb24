# fdlab exercise: every exercise with its solution and usual mistakes, in files and at the prompt;
# limits, hints, what is said about exercises in files; a terminal (tmux).

setup() {
	load terminal
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	export LC_ALL=C.UTF-8 XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	socket=$BATS_TEST_TMPDIR/tmux
	exercises=$FDLAB_SOURCE/tools/exercises
	solutions=$FDLAB_SOURCE/tests/exercises
}

teardown() {
	! command -v tmux >/dev/null || tmux -S "$socket" kill-server 2>/dev/null || true
}

has() {
	grep -qF -- "$1" <<<"$output" || {
		echo "not in the output: $1"
		echo "$output"
		return 1
	}
}

names() {
	grep -v '^#' "$exercises/order"
}

@test "the_list_has_every_exercise_once_with_its_title" {
	[ "$(names | sort)" = "$(cd "$exercises" && ls ./*.fdl | sed 's|^./||; s|\.fdl$||' | sort)" ]
	[ "$(names | wc -l)" -ge 12 ]
	run -0 "$FDLAB" exercise
	[ "${#lines[@]}" -eq "$(names | wc -l)" ]
	for name in $(names); do
		grep -qE "^..$name +$(sed -n '1s/^# //p' "$exercises/$name.fdl")" <<<"$output"
	done
}

@test "every_exercise_has_a_hint_mistakes_and_something_to_learn_and_begins_unsolved" {
	: >nothing.fdl
	for name in $(names); do
		for word in goal calls hint wrong say learnt; do
			grep -q "^$word " "$exercises/$name.fdl"
		done
		run -0 "$FDLAB" run "$exercises/$name.fdl"
		run -1 "$FDLAB" exercise "$name" nothing.fdl
		has 'not ok 1 - nothing.fdl'
	done
}

@test "every_solution_reaches_the_goal" {
	for name in $(names); do
		run -0 "$FDLAB" exercise "$name" "$solutions/$name/right.fdl"
		has 'ok 1 - '
	done
}

@test "every_usual_mistake_is_answered" {
	for name in $(names); do
		for wrong in "$solutions/$name"/wrong_*.fdl; do
			run -1 "$FDLAB" exercise "$name" "$wrong"
			grep -q '^# says: ' "$wrong"
			while read -r text; do
				has "$text"
			done < <(sed -n 's/^# says: //p' "$wrong")
		done
	done
}

@test "every_text_for_a_mistake_is_said_to_one" {
	for name in $(names); do
		run "$FDLAB" exercise "$name" "$solutions/$name"/wrong_*.fdl
		while read -r text; do
			has "$text"
		done < <(sed -n 's/^say //p' "$exercises/$name.fdl")
	done
}

@test "every_solution_and_mistake_is_judged_the_same_at_the_prompt" {
	for name in $(names); do
		run -0 "$FDLAB" exercise "$name" <"$solutions/$name/right.fdl"
		has 'The goal is reached, by '
		for wrong in "$solutions/$name"/wrong_*.fdl; do
			run -1 "$FDLAB" exercise "$name" <"$wrong"
			[[ $output != *'The goal is reached'* ]]
		done
	done
}

@test "no_solution_is_told_a_mistake_on_its_way" {
	# Of these four, a remark on half of the solution helps to find the other half.
	for name in $(names | grep -vxE 'swap|hang|passing|pipeline'); do
		run -0 "$FDLAB" exercise "$name" <"$solutions/$name/right.fdl"
		while read -r text; do
			[[ $output != *"${text:0:40}"* ]]
		done < <(sed -n 's/^say //p' "$exercises/$name.fdl")
	done
}

@test "hints_come_one_by_one_at_the_prompt_and_all_with_an_option" {
	run -1 "$FDLAB" exercise stderr <<<$'hint\nhint\nhint\ngoal'
	has '  One call makes a number refer'
	has '  dup2(oldfd, newfd): newfd is the number that changes.'
	has '  there are no more hints'
	[ "$(grep -c '^Send standard error' <<<"$output")" = 2 ]
	run -0 "$FDLAB" exercise --hint stderr
	[ "${#lines[@]}" = 2 ]
}

@test "limits_are_told_and_undo_takes_calls_back" {
	run -0 "$FDLAB" exercise stderr <<<$'dup(0)\nclose(3)\ndup2(1, 2)\nundo 3\ndup2(1, 2)'
	has '  the goal holds, but after 3 calls; 1 are enough: undo takes one back'
	has 'The goal is reached, by 1 call.'
	run -0 "$FDLAB" exercise lowest <<<$'dup2(0, 9)\nundo\nclose(0)\nopen /etc/passwd\n'
	has '  dup2 is not allowed here; undo takes it back'
	has 'The goal is reached, by 2 calls.'
	run -1 "$FDLAB" exercise stderr <<<$'undo\nundo\ndup2(1,2)'
	has 'that was the start of the exercise; redo brings it back'
}

@test "a_file_is_judged_as_a_report" {
	printf 'dup2(1, 2) = 5\n' >f.fdl
	run -1 "$FDLAB" exercise stderr f.fdl
	has '# f.fdl:1: dup2(1, 2): expected 5, got 2'
	run -0 "$FDLAB" exercise --json stderr "$solutions/stderr/right.fdl"
	[ "$(jq .files[0].calls <<<"$output")" = 1 ]
	run -0 "$FDLAB" exercise stderr - <"$solutions/stderr/right.fdl"
	has 'ok 1 - <stdin>'
	printf 'option nofile=3\ndup2(1, 2)\n' >f.fdl
	run -1 "$FDLAB" exercise stderr f.fdl
	has '# f.fdl:1: the machine is that of the exercise: a solution has no options'
	printf 'goal 1/fd/1 = x\n' >f.fdl
	run -1 "$FDLAB" exercise stderr f.fdl
	has '# f.fdl: a solution is calls'
	run -2 "$FDLAB" exercise stderr missing.fdl
	run -1 "$FDLAB" exercise stderr <<<'reset'
	has 'that was the start of the exercise'
}

@test "exercises_that_were_done_are_kept_and_shown_in_the_list" {
	"$FDLAB" exercise stderr <"$solutions/stderr/right.fdl" >out
	grep -qx 'The next one: fdlab exercise pipeline' out
	"$FDLAB" exercise swap "$solutions/swap/right.fdl"
	run -1 "$FDLAB" exercise lock "$solutions"/lock/wrong_itself.fdl
	run -1 "$FDLAB" exercise hang </dev/null
	run -0 "$FDLAB" exercise
	[ "$(grep -E ' done$' <<<"$output" | awk '{ print $1 }' | xargs)" = "swap stderr" ]
	grep -q '^exercise/stderr ' "$XDG_STATE_HOME/fdlab/lessons"
	! awk 'length > 79' <<<"$output" | grep . || false
	# Where nothing can be kept, exercises can be solved.
	: >file
	XDG_STATE_HOME=$PWD/file run -0 "$FDLAB" exercise swap "$solutions/swap/right.fdl"
	has 'it cannot be kept that this was done'
}

@test "an_exercise_of_ones_own" {
	mkdir own
	printf '%s\n' '# Two of them' '' '# Have 3 and 4 open.' 'goal 1/files/open_fds_list = 0-4' >own/two.fdl
	run -0 "$FDLAB" exercise own/two.fdl <<<$'dup(0)\ndup(0)'
	has 'Have 3 and 4 open.'
	has 'The goal is reached, by 2 calls.'
	printf 'dup(0) = 3\n' >own/none.fdl
	run -2 "$FDLAB" exercise own/none.fdl
	has 'it has no goal: it is no exercise'
	printf '%s\n' 'goal 1/fd/0 == x' 'calls none' 'without' 'hint' 'say x' 'wrong 1/fd/0 = x' >own/bad.fdl
	run -2 "$FDLAB" exercise own/bad.fdl
	has 'own/bad.fdl:1: goal takes PATH = TEXT, PATH ~ ERE or no PATH'
	has 'own/bad.fdl:2: calls takes the number of calls that are enough, once'
	has 'own/bad.fdl:3: without takes names of calls'
	has 'own/bad.fdl:4: hint takes a text'
	has 'own/bad.fdl:5: say takes a text, after lines with wrong'
	has 'own/bad.fdl:6: an exercise needs a goal'
	run -2 "$FDLAB" exercise stder
	has "there is no exercise 'stder'; did you mean 'stderr'?"
	run -2 "$FDLAB" exercise --check stderr
	run -2 "$FDLAB" exercise --on kernel stderr
	has "--on takes mount=DIR, not 'kernel'"
}

@test "fmt_leaves_exercises_as_they_are" {
	run -0 "$FDLAB" fmt --check "$exercises"
}

@test "the_running_kernel_takes_every_solution" {
	for name in $(names | grep -vx ebusy); do
		grep -vE '^(goal|calls|without|hint|wrong|say|learnt) ' "$exercises/$name.fdl" >"$name.fdl"
		cat "$solutions/$name/right.fdl" >>"$name.fdl"
	done
	run "$FDLAB" run --on kernel ./*.fdl
	if [[ $output == *"the running kernel: "* ]] && [ "${FDLAB_REQUIRE_KERNEL:-0}" != 1 ]; then
		skip "${lines[0]}"
	fi
	has '0 failed'
	[[ $output != *'SKIP'* ]]
	[ "$status" -eq 0 ]
}

@test "in_a_terminal_of_80_by_24_the_exercise_and_its_end_are_seen" {
	command -v tmux >/dev/null || skip "tmux is missing"
	tmux -S "$socket" -f /dev/null new-session -d -x 80 -y 24 "$FDLAB exercise stderr; sleep 60"
	shows '1>'
	shows 'At most 1 call.'
	tmux -S "$socket" send-keys 'hi' Tab Enter
	shows 'One call makes a number refer'
	tmux -S "$socket" send-keys 'dup2(2, 1)' Enter
	shows 'The arguments are the other way round'
	tmux -S "$socket" send-keys 'undo' Enter 'dup2(1, 2)' Enter
	shows 'The goal is reached, by 1 call.'
}
