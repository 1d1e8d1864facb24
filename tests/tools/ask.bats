# fdlab run checks the questions of a scenario, and passes over their texts.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
}

# refused MESSAGE LINE...: fdlab run fails the scenario with the message.
refused() {
	local message=$1
	shift
	printf '%s\n' "$@" >wrong.fdl
	run -1 "$FDLAB" run wrong.fdl
	grep -qF -- "$message" <<<"$output" || {
		echo "$output"
		return 1
	}
}

@test "questions_change_nothing_about_the_lines" {
	printf '%s\n' 'ask Which number?' 'ask Say it.' 'right Yes.' 'if 1: No.' 'else No, 3.' '# why' \
		'dup(0) = 3' 'ask Is it there?' 'answer yes' 'expect 1/fd/3 = /dev/console' \
		'ask Is 4?' 'expect no 1/fd/4' 'pipe2([4, 5], 0) = 0' 'ask And?' 'read(4, ..., 1)' \
		'learnt This.' 'learnt That.' 'exercise dup' >good.fdl
	run -0 "$FDLAB" run good.fdl
	run -0 "$FDLAB" fmt --check good.fdl
}

@test "a_mistake_that_is_the_answer_is_an_error" {
	refused 'wrong.fdl:3: an if calls the right answer wrong: 0x3' 'ask a' 'if 0x3: no' 'dup(0) = 3'
	refused 'an if calls the right answer wrong: EBADF' 'ask a' 'if EBADF: no' \
		'close(9) = -1 EBADF (Bad file descriptor)'
	refused 'an if calls the right answer wrong: hangs' 'pipe([3, 4]) = 0' 'ask a' \
		'if hangs: no' 'read(3, ..., 1)'
	refused 'an if calls the right answer wrong: no' 'ask a' 'if no: x' 'expect no 1/fd/9'
	# Here only the machine knows it.
	refused 'an if calls the right answer wrong: 0' 'open("/etc/passwd", O_RDONLY) = 3' 'ask a' \
		'if 0: x' 'expect 1/fdinfo/3 ~ ^pos:	([0-9]+)$'
	refused 'there are two ifs for the answer -1 EBADF' 'ask a' 'if EBADF: x' 'if -1 EBADF: y' \
		'dup(0) = 3'
}

@test "an_answer_comes_from_the_line" {
	refused "the answer '9' does not stand in the line" 'ask a' 'answer 9' 'pipe2([3, 4], 0) = 0'
	refused "the answer 'no' does not stand" 'ask a' 'answer no' 'expect 1/fd/0 = /dev/console'
	refused "the answer 'yes' does not stand" 'ask a' 'answer yes' 'expect no 1/fd/9'
	refused 'it does not wait, and states no result' 'ask a' 'dup(0)'
	refused 'dup(0): expected 4, got 3' 'ask a' 'if 3: no' 'dup(0) = 4'
}

@test "questions_stand_before_what_can_answer" {
	refused 'wrong.fdl:2: ask: no line follows' 'dup(0) = 3' 'ask a'
	refused 'right: an ask must come before' 'right a' 'dup(0) = 3'
	refused 'ask: a text must follow' 'ask' 'dup(0) = 3'
	refused 'if: if takes ANSWER: TEXT' 'ask a' 'if 3' 'dup(0) = 3'
	refused 'answer: there are two answers' 'ask a' 'answer 0' 'answer 3' 'dup(0) = 3'
	refused 'nothing can be asked about echo' 'ask a' "echo 'dup 0' > 1/control"
	refused 'nothing can be asked about a line without a result' 'ask a' 'clock +1'
	refused 'nothing can be asked about a line without a result' 'fork() = 2' 'ask a' '2 exit(0) = ?'
	refused 'the outcome of a race cannot be asked for' 'ask a' race '1 dup(0)' '1 dup(0)' end
	refused 'exercise: a name or a text must follow' 'exercise' 'dup(0) = 3'
	refused 'exercise: there are two exercises' 'exercise a' 'exercise b' 'dup(0) = 3'
	refused 'learnt: a text must follow' 'learnt' 'dup(0) = 3'
}

@test "another_kernel_beside_is_played" {
	printf '%s\n' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' 'pipe([3, 4]) = 0' '1 read(3, ..., 1)' \
		'2 close(3) = 0' 'beside netbsd = waits' >good.fdl
	run -0 "$FDLAB" run good.fdl
	refused 'close(3) = 0: on netbsd expected 0, got waits' \
		'clone(flags=CLONE_FILES|SIGCHLD) = 2' 'pipe([3, 4]) = 0' '1 read(3, ..., 1)' \
		'2 close(3) = 0' '2 dup(0) = 3' 'beside netbsd = 3'
	refused 'on netbsd expected 4, got 3' 'dup(0) = 3' 'beside netbsd = 4'
	refused 'beside: there is no such kernel' 'dup(0) = 3' 'beside vms = 4'
	refused 'beside: it must follow a call, once' 'beside netbsd = 4' 'dup(0) = 3'
	refused 'beside: it takes KERNEL = RESULT' 'dup(0) = 3' 'beside netbsd'
}

@test "explore_and_the_running_kernel_take_questions" {
	printf '%s\n' 'ask Which number?' 'if 0: no' 'dup(0) = 3' race '1 dup(0)' '2 dup(0)' end \
		'always 1:dup = 4 && 2:dup = 3' >race.fdl
	sed -i '3a fork() = 2' race.fdl
	run "$FDLAB" explore race.fdl
	! grep -q 'race.fdl:[0-9]*: .*ask' <<<"$output" || false
	[ "$status" -ne 2 ]
	printf '%s\n' 'ask Which number?' 'if 0: no' 'dup(0) = 3' 'pipe2([4, 5], 0) = 0' 'ask And?' \
		'if 0: no' 'read(4, ..., 1)' >kernel.fdl
	"$FDLAB" run --on kernel kernel.fdl >out || [ $? -eq 2 ] || { cat out; return 1; }
	sed -i 's/if 0: no/if 3: no/' kernel.fdl
	run -1 "$FDLAB" run kernel.fdl
}
