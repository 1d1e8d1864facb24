# fdlab quiz: the same problems for a seed, answers by the machine, asking and grading, sheets.

setup() {
	load terminal
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	export LC_ALL=C.UTF-8
	socket=$BATS_TEST_TMPDIR/tmux
	topics="numbers tables positions pipes orders"
}

teardown() {
	! command -v tmux >/dev/null || tmux -S "$socket" kill-server 2>/dev/null || true
}

has() {
	grep -qxF -- "$1" <<<"$output" || {
		echo "not in the output: $1"
		echo "$output"
		return 1
	}
}

# answers OPTION...: the right answers, a line each.
answers() {
	"$FDLAB" quiz -c "$@" | sed -n 's/^   Answer: //p'
}

@test "a_seed_makes_the_same_problems_and_another_seed_does_not" {
	for level in 1 2 3; do
		"$FDLAB" quiz -c --seed 7 --level $level --count 50 >a
		"$FDLAB" quiz -c --seed 7 --level $level --count 50 >b
		cmp a b
		# The first are the same, however many there are.
		"$FDLAB" quiz -c --seed 7 --level $level --count 5 >b
		head -n "$(wc -l <b)" a | cmp - b
		"$FDLAB" quiz -c --seed 8 --level $level --count 50 >b
		! cmp -s a b || false
	done
	[ "$("$FDLAB" quiz -c | head -1)" != "$("$FDLAB" quiz -c | head -1)" ]
}

@test "problems_of_a_seed_are_these_on_every_machine" {
	run -0 "$FDLAB" quiz -c --seed 1 --count 1 --topic positions --level 2
	diff - <(echo "$output") <<'END'
fdlab quiz, level 2, seed 1

1. (positions)
      1 open("/etc/passwd", O_RDONLY)
      1 read(3, ..., 8)
      1 dup(3)
      1 fork()
      2 read(4, ..., 5)
      1 read(4, ..., 8)
      1 lseek(3, 8, SEEK_CUR)
   At which position is descriptor 4 of task 1?
   Answer: 29
   These (task:descriptor) are one description, with one position:
   1:3,1:4,2:3,2:4. Calls on any of them move it.
END
}

@test "every_topic_and_level_has_problems_with_a_question_an_answer_and_a_reason" {
	for topic in $topics; do
		for level in 1 2 3; do
			run -0 "$FDLAB" quiz -c --seed 3 --level $level --count 60 --topic $topic
			[ "$(grep -cE "^[0-9]+\. \($topic\)$" <<<"$output")" = 60 ]
			[ "$(grep -c '^   Answer: ' <<<"$output")" = 60 ]
			[ "$(grep -cE '^   .*[.?]$' <<<"$output")" -ge 60 ]
			# A topic with one program or one answer would teach nothing.
			[ "$(grep '^      ' <<<"$output" | sort -u | wc -l)" -ge 10 ]
			[ "$(grep '^   Answer: ' <<<"$output" | sort -u | wc -l)" -ge 2 ]
		done
	done
}

# exec parts a table that two tasks share: "what one opens is so for both" ends there.
@test "the_reason_tells_that_exec_ends_the_sharing" {
	run -0 "$FDLAB" quiz -c --seed 7 --level 3 --count 60 --topic tables
	awk '/^[0-9]+\. / { told = shared = exec = 0 }
		/CLONE_FILES\|SIGCHLD/ { shared = 1 }
		/ execve\(/ { exec = 1 }
		/^ *Answer:/ { if (shared && exec) pairs++ }
		shared && exec && /exec gave task 2/ { told = 1; told_pairs++ }
		END { exit pairs < 3 || pairs != told_pairs }' <<<"$output"
}

@test "the_machine_gives_every_answer" {
	for level in 1 2 3; do
		run -0 "$FDLAB" quiz --save level$level --seed 11 --level $level --count 300
		"$FDLAB" run -q level$level/{numbers,tables,positions,pipes}-*.fdl
		"$FDLAB" explore level$level/orders-*.fdl >explored
		! grep -E '^not ok|does not hold' explored || false
		[ "$(ls level$level | wc -l)" = 300 ]
	done
	"$FDLAB" explore --naive level1/orders-*.fdl >explored
}

@test "the_answer_shown_is_the_result_that_the_scenario_states" {
	"$FDLAB" quiz --save s --seed 2 --count 200 --topic tables
	diff <(answers --seed 2 --count 200 --topic tables) <(cat s/*.fdl | sed -n 's/^expect .* = //p')
	"$FDLAB" quiz --save p --seed 2 --count 200 --topic positions
	diff <(answers --seed 2 --count 200 --topic positions) \
		<(cat p/*.fdl | sed -n 's/^expect .*pos:\\t\([0-9]*\)\$$/\1/p')
	"$FDLAB" quiz --save n --seed 2 --count 200 --topic numbers
	diff <(answers --seed 2 --count 200 --topic numbers) \
		<(tail -qn1 n/*.fdl | sed 's/.* = //; s/ (.*//')
}

@test "right_answers_are_accepted_and_wrong_ones_explained" {
	for level in 1 2 3; do
		answers --seed 5 --level $level --count 40 >right
		run -0 "$FDLAB" quiz --seed 5 --level $level --count 40 <right
		has '40 of 40 right.'
		[ "$(grep -c '^Right\.$' <<<"$output")" = 40 ]
	done
	yes 77 | head -40 >wrong
	run -1 "$FDLAB" quiz --seed 5 --count 40 <wrong
	has '0 of 40 right.'
	[ "$(grep -c '^No, it is: ' <<<"$output")" = 40 ]
	run -1 "$FDLAB" quiz --seed 5 --count 40 <<<q
	has '0 of 0 right.'
	run -1 "$FDLAB" quiz --seed 5 --count 40 </dev/null
	has '0 of 0 right.'
}

# first TOPIC ANSWER: a seed whose only problem of the topic has the answer.
first() {
	local seed
	for seed in $(seq 300); do
		[ "$(answers --seed "$seed" --level 3 --count 1 --topic "$1")" != "$2" ] || {
			echo "$seed"
			return
		}
	done
	return 1
}

@test "answers_may_be_spelt_in_several_ways" {
	graded() {
		run "-$1" "$FDLAB" quiz --seed "$seed" --level 3 --count 1 --topic "$topic" <<<"$2"
	}
	topic=numbers
	seed=$(first numbers '-1 EBADF')
	graded 0 EBADF
	graded 0 '  -1 EBADF  '
	graded 1 -1
	graded 1 ENOENT
	topic=tables
	seed=$(first tables '0-2,4')
	graded 0 '0 1 2 4'
	graded 0 '4, 0-2'
	graded 1 '0-4'
	graded 1 'none'
	graded 1 'all of them'
	topic=pipes
	seed=$(first pipes waits)
	graded 0 blocks
	graded 1 0
	seed=$(first pipes none)
	graded 0 none
	graded 1 1
	topic=orders
	seed=$(first orders a)
	graded 0 A
	graded 0 'a)'
	graded 1 b
	graded 1 'about'
}

@test "a_sheet_has_the_problems_and_apart_the_solutions" {
	run -0 "$FDLAB" quiz --print --seed 6 --level 2 --count 9
	[ "${lines[0]}" = 'fdlab quiz, level 2, seed 6' ]
	[ "$(grep -cE '^[0-9]+\. \(' <<<"$output")" = 9 ]
	sed '/^\f/,$d' <<<"$output" >problems
	! grep -E '^   Answer: |Right' problems || false
	sed -n '/^\f/,$p' <<<"$output" >solutions
	grep -q 'Solutions: fdlab quiz, level 2, seed 6' solutions
	[ "$(grep -cE '^[0-9]+\.$' solutions)" = 9 ]
	! awk 'length > 80' problems solutions | grep . || false
	run -0 "$FDLAB" quiz --print=markdown --seed 6 --level 2 --count 9
	has '# fdlab quiz, level 2, seed 6'
	has '# Solutions: fdlab quiz, level 2, seed 6'
	[ "$(grep -c '^## [0-9]*\. ' <<<"$output")" = 9 ]
	[ "$(grep -cE '^[0-9]+\. \*\*' <<<"$output")" = 9 ]
	diff <("$FDLAB" quiz --print=text --seed 6) <("$FDLAB" quiz --print --seed 6)
}

@test "impossible_options_are_errors_with_a_reason" {
	run -2 "$FDLAB" quiz --topic number
	[ "${lines[0]}" = "fdlab quiz: there is no topic 'number'; did you mean 'numbers'?" ]
	run -2 "$FDLAB" quiz --level 4
	[ "${lines[0]}" = "fdlab quiz: --level takes a number from 1 to 3, not '4'" ]
	run -2 "$FDLAB" quiz --print=pdf
	[ "${lines[0]}" = "fdlab quiz: --print takes text or markdown, not 'pdf'" ]
	run -2 "$FDLAB" quiz --count 0
	run -2 "$FDLAB" quiz -c --print
	run -2 "$FDLAB" quiz file
	: >file
	run -2 "$FDLAB" quiz --save file
	[[ ${lines[0]} == "fdlab quiz: file/"* ]]
}

@test "a_problem_its_question_and_its_reason_fit_a_terminal" {
	command -v tmux >/dev/null || skip "tmux is missing"
	tmux -S "$socket" -f /dev/null new-session -d -x 80 -y 24 \
		"$FDLAB quiz --seed 5 --level 3 --count 2; sleep 60"
	shows '>'
	grep -q '^1\. (' screen
	tmux -S "$socket" send-keys 77 Enter
	shows 'No, it is: '
	shows '2. ('
	tmux -S "$socket" send-keys q Enter
	shows '0 of 1 right.'
}
