# fdlab lesson: the course, lessons printed, lessons gone through on a terminal (tmux), what is kept of
# them, and where they are found.

setup() {
	load terminal
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	export LC_ALL=C.UTF-8 XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	lessons=$FDLAB_SOURCE/tools/lessons
	socket=$BATS_TEST_TMPDIR/tmux
	cat >asks.fdl <<-'END'
		# A lesson for tests

		# The first page.
		open("/etc/passwd", O_RDONLY) = 3

		# The second page asks.
		ask Which number does dup give?
		if 3: That one is taken.
		right It is the lowest that is free.
		else Count from 0.
		dup(3) = 4

		ask Which bytes does it read?
		answer "root"
		if ":x:0": Nothing was read before.
		read(4, "root", 4) = 4

		ask What is the position of 3?
		if 0: It is shared.
		expect 1/fdinfo/3 ~ ^pos:	(4)$
		# The pipe is empty.
		pipe2([5, 6], 0) = 0
		ask What does this read give?
		if 0: That would be the end.
		if EAGAIN: It is not O_NONBLOCK.
		read(5, ..., 10)
		# That was all.
		learnt Duplicates share a position.
		exercise dup
	END
}

teardown() {
	! command -v tmux >/dev/null || tmux -S "$socket" kill-server 2>/dev/null || true
}

needs_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 || skip "no pseudo-terminal can be made here"
}

# ---- the course ------------------------------------------------------------------------------

@test "the_course_is_listed_in_its_order" {
	run -0 "$FDLAB" lesson
	diff <(sed -n 's/^[ 	][ 	]*//p' "$lessons/course") <(awk '/^  / { print $1 }' <<<"$output")
	diff <(grep -v '^#' "$lessons/course" | grep '^[^ 	]') <(grep '^[^ ]' <<<"$output")
	for file in "$lessons"/*.fdl; do
		grep -qxE " +$(basename "$file" .fdl) +$(head -n 1 "$file" | cut -c 3-)" <<<"$output"
	done
}

@test "every_lesson_asks_says_what_was_learnt_and_has_an_exercise" {
	for file in "$lessons"/*.fdl; do
		echo "$file"
		[ "$(grep -c '^ask ' "$file")" -ge 2 ]
		[ "$(grep -c '^if ' "$file")" -ge 2 ]
		grep -q '^learnt ' "$file"
		# Of one word, it is the name of an exercise.
		name=$(sed -n 's/^exercise //p' "$file")
		[ -n "$name" ]
		[[ $name == *' '* ]] || [ -e "$FDLAB_SOURCE/tools/exercises/$name.fdl" ]
		[ "$(grep '^#' "$file" | wc -L)" -le 80 ]
		grep -qx ".It Cm $(basename "$file" .fdl)" "$FDLAB_SOURCE/man/fdlab.7"
	done
	run -0 "$FDLAB" fmt --check "$lessons"
}

@test "without_a_terminal_a_lesson_is_printed_whole" {
	for file in "$lessons"/*.fdl; do
		run -0 "$FDLAB" lesson "$(basename "$file" .fdl)" </dev/null
		[ "${lines[0]}" = "$(head -n 1 "$file" | cut -c 3-)" ]
		[[ $output != *$'\033'* ]]
		# All its comments are there, in order.
		diff <(grep '^#' "$file" | sed 's/^# \?//' | grep .) <(grep -xFf \
			<(grep '^#' "$file" | sed 's/^# \?//' | grep .) <<<"$output" | uniq)
		[ "$(grep -c '^  ? ' <<<"$output")" -eq "$(grep -c '^ask ' "$file")" ]
	done
	run -0 "$FDLAB" lesson ./asks.fdl
	grep -qxF '  Not 3: That one is taken.' <<<"$output"
	grep -qxF '  Otherwise: Count from 0.' <<<"$output"
	grep -qxF '  Duplicates share a position.' <<<"$output"
	grep -A 1 -x 'Exercise:' <<<"$output" | grep -qx '  fdlab exercise dup'
}

# Each page, of title, body, keys and prompt, is at most 24 lines of 80 columns; also one that urges.
@test "every_page_of_every_lesson_fits_a_screen_of_80_by_24" {
	needs_terminal
	for file in "$lessons"/*.fdl; do
		yes '' | head -n 100 | NO_COLOR=1 TERM=dumb timeout 60 script -qec \
			"stty rows 24 cols 80; '$FDLAB' lesson $(basename "$file" .fdl)" /dev/null |
			tr -d '\r' | expand | awk -v file="$file" '
				{ sub(/^(answer)?> /, "") }
				/page [0-9]+ of [0-9]+$/ { n = 0; pages++ }
				pages { n++ }
				n > 24 { print file ": page " pages " has " n " lines"; wrong = 1 }
				length > 80 { print file ": a line of " length ": " $0; wrong = 1 }
				/^An exercise:/ { end = 1 }
				/^> *$|^answer> *$/ { n = -100 }
				END { if (!end) print file ": the end was not reached"; exit wrong || !end }'
	done
}

# ---- on a terminal -----------------------------------------------------------------------------

# terminal LESSON [WIDTH HEIGHT]
terminal() {
	command -v tmux >/dev/null || skip "tmux is not installed"
	tmux -S "$socket" kill-server 2>/dev/null || true
	socket+=.
	tmux -u -S "$socket" -f /dev/null new-session -d -x "${2:-80}" -y "${3:-24}" \
		"NO_COLOR=1 '$FDLAB' lesson $1; echo status \$?; sleep 100"
}

# enter [TEXT]: types it, and enter.
enter() {
	[ -z "${1:-}" ] || tmux -S "$socket" send-keys -l -- "$1"
	tmux -S "$socket" send-keys Enter
}

hides() {
	! grep -qF -- "$1" screen || {
		echo "on the screen: $1"
		cat screen
		return 1
	}
}

@test "a_question_hides_the_result_and_explains_by_the_answer" {
	terminal ./asks.fdl
	shows 'page 1 of 7'
	shows '1 open("/etc/passwd", O_RDONLY) = 3'
	shows 'enter: next | b: back | t: try it yourself | q: quit'
	enter
	shows 'page 2 of 7'
	shows '  1 dup(3)'
	hides 'dup(3) = 4'
	hides 'lowest'
	enter 3
	shows 'Not 3, but 4. That one is taken.'
	shows '1 dup(3) = 4'
	shows '    > 4                 2     0  /etc/passwd'
	enter
	shows '  1 read(4, ..., 4)'
	hides root
	enter root
	shows 'Right: "root".'
	enter
	shows 'the file 1/fdinfo/3'
	enter 0x4
	shows 'Right: 4.'
	enter
	shows 'The pipe is empty.'
	enter
	shows 'page 6 of 7'
	shows '  1 read(5, ..., 10)'
	enter -1
	shows 'With which error?'
	enter '?'
	shows 'One of these: 0, EAGAIN, waits'
	enter eagain
	shows 'Not eagain, but waits. It is not O_NONBLOCK.'
	shows 'task 1 waits in pipe_read'
	enter
	shows '- Duplicates share a position.'
	shows '2 of 4 predictions were right.'
	shows 'fdlab exercise dup'
	enter
	shows 'status 0'
}

@test "no_page_before_a_question_gives_its_answer_away" {
	cat >hidden.fdl <<-'END'
		# Hidden

		open("/etc/passwd", O_RDONLY) = 3
		pipe([4, 5]) = 0
		fork() = 2
		2 read(4, ..., 10)

		1 read(3, "root", 4) = 4
		ask What is the position now?
		if 0: no
		expect 1/fdinfo/3 ~ ^pos:	(4)$

		1 write(5, "abc", 3) = 3
		ask What has the read of task 2 returned?
		if 10: no
		2 <... read resumed>"abc", 10) = 3
	END
	terminal ./hidden.fdl
	shows 'task 2 waits in pipe_read'
	enter
	shows '1 read(3, "root", 4) = 4'
	hides '>'$' 3 '
	enter
	shows '? What is the position'
	hides ' 4  /etc/passwd'
	enter 4
	shows 'Right: 4.'
	shows '    > 3                 2     4  /etc/passwd'
	enter b
	shows 'Answer again'
	enter 0
	shows 'Not 0, but 4. no'
	shows '    > 3                 2     4  /etc/passwd'
	enter
	shows '1 write(5, "abc", 3) = 3'
	hides resumed
	enter
	shows '  2 <... read resumed>'
	hides '"abc", 10'
	enter 3
	shows '2 <... read resumed>"abc", 10) = 3'
	run -0 "$FDLAB" lesson ./hidden.fdl </dev/null
	[ "$(grep -c 'resumed>"abc"' <<<"$output")" -eq 1 ]
}

@test "answers_that_are_not_foreseen_and_none" {
	terminal ./asks.fdl
	shows 'page 1 of 7'
	enter 'dup(3)'
	shows 't opens a prompt'
	enter
	shows '  1 dup(3)'
	enter 77
	shows 'Not 77, but 4. Count from 0.'
	enter
	shows '  1 read(4, ..., 4)'
	enter
	shows 'Say what you expect'
	enter
	shows '"root"'
	hides 'Right'
	enter q
	shows 'status 0'
}

@test "back_takes_the_machine_back_and_the_first_answer_counts" {
	terminal ./asks.fdl
	shows 'page 1 of 7'
	enter b
	shows 'This is the first page.'
	enter
	shows '  1 dup(3)'
	enter 4
	shows 'Right: 4.'
	enter
	shows 'page 3 of 7'
	enter ':x:0'
	shows 'Not :x:0, but "root". Nothing was read before.'
	enter b
	shows 'You said :x:0. Answer again, or enter.'
	enter root
	# The read was undone, and is made again at the same position.
	shows 'Right: "root".'
	shows '    > 3                 2     4  /etc/passwd'
	enter b
	shows '? Which bytes'
	enter b
	shows 'Which number does dup give?'
	hides '1 dup(3) ='
	enter b
	shows 'page 1 of 7'
	for answer in '' '' '' '' '' 4 '' '' waits; do
		enter "$answer"
		sleep 0.2
	done
	shows 'task 1 waits in pipe_read'
	enter
	shows '3 of 4 predictions were right.'
}

@test "a_prompt_on_the_same_state_leaves_the_lesson_as_it_is" {
	terminal ./asks.fdl
	shows 'page 1 of 7'
	enter
	shows '  1 dup(3)'
	enter t
	shows '1>'
	enter 'read 3 8'
	shows '1 read(3, "root:x:0", 8) = 8'
	enter 'reset'
	enter quit
	shows 'page 2 of 7'
	shows '1 open("/etc/passwd", O_RDONLY) = 3'
	enter t
	shows '1>'
	tmux -S "$socket" send-keys C-d
	shows 'page 2 of 7'
	enter 4
	shows 'Right: 4.'
	shows '    > 4                 2     0  /etc/passwd'
}

@test "a_window_of_another_size_shows_the_page_anew" {
	terminal ./asks.fdl 120 40
	shows 'page 1 of 7'
	enter
	shows '  1 dup(3)'
	enter 4
	shows 'Right: 4.'
	tmux -S "$socket" resize-window -x 80 -y 24
	sleep 0.5
	shows 'Right: 4.'
	[ "$(grep -c 'page 2 of 7$' screen)" -eq 1 ]
	head -n 1 screen | grep -q 'page 2 of 7$'
	tmux -S "$socket" resize-window -x 40 -y 24
	sleep 0.5
	shows 'Right: 4.'
	[ "$(wc -L <screen)" -le 40 ]
	enter
	shows 'page 3 of 7'
}

@test "lessons_in_other_languages_are_wrapped_by_characters" {
	{
		echo '# Über Deskriptoren'
		echo
		for _ in $(seq 20); do
			echo '# äöü äöü äöü äöü äöü'
		done
		echo 'dup(0) = 3'
	} >utf8.fdl
	terminal ./utf8.fdl 40 24
	shows 'page 1 of 2'
	shows 'äöü äöü äöü äöü äöü äöü äöü äöü äöü'
	[ "$(wc -L <screen)" -le 40 ]
}

@test "a_dumb_terminal_and_colours" {
	needs_terminal
	printf '\n4\n' | NO_COLOR=1 TERM=dumb timeout 60 script -qec "'$FDLAB' lesson ./asks.fdl" /dev/null |
		tr -d '\r' >out
	grep -qF 'Right: 4.' out
	! grep -q $'\033' out || false
	printf '\n4\n' | TERM=xterm timeout 60 script -qec "'$FDLAB' lesson ./asks.fdl" /dev/null |
		grep -q $'\033\[1m'
}

# ---- what is kept ------------------------------------------------------------------------------

@test "progress_is_kept_and_gone_on_with" {
	mkdir -p there/bin there/share/fdlab/lessons
	cp "$FDLAB" there/bin/fdlab
	cp asks.fdl there/share/fdlab/lessons
	FDLAB=$PWD/there/bin/fdlab
	terminal asks
	shows 'page 1 of 7'
	enter
	shows '  1 dup(3)'
	enter 4
	shows 'Right: 4.'
	enter
	shows 'page 3 of 7'
	# The end of input leaves.
	tmux -S "$socket" send-keys C-d
	shows 'status 0'
	[ "$(cat state/fdlab/lessons)" = 'asks 2 6 1 1' ]
	[ "$(ls state/fdlab)" = lessons ]
	run -0 "$FDLAB" lesson
	grep -qE '^  asks +A lesson for tests +at page 3 of 7$' <<<"$output"
	terminal asks
	shows 'You left this lesson at page 3 of 7.'
	enter
	shows 'page 3 of 7'
	shows '1 dup(3) = 4'
	for answer in root '' 4 '' '' waits; do
		enter "$answer"
		sleep 0.2
	done
	shows 'Right: waits.'
	enter
	shows '4 of 4 predictions were right.'
	enter
	shows 'status 0'
	run -0 "$FDLAB" lesson
	grep -qE '^  asks +A lesson for tests +done, 4 of 4 right$' <<<"$output"
	# What was done stays done, until it is gone through again.
	terminal asks
	shows 'page 1 of 7'
	enter
	shows '  1 dup(3)'
	enter q
	shows 'status 0'
	[ "$(cat state/fdlab/lessons)" = 'asks 6 6 4 4' ]
}

@test "progress_that_cannot_be_kept_is_told" {
	echo 'no directory' >file
	export XDG_STATE_HOME=$PWD/file
	run -0 "$FDLAB" lesson
	terminal "dup"
	shows 'page 1 of'
	enter
	shows 'page 2 of'
	enter q
	shows 'what was done is not kept: Not a directory'
	XDG_STATE_HOME= HOME=$PWD/home run -0 "$FDLAB" lesson
	[ ! -e home ]
}

# ---- files -------------------------------------------------------------------------------------

@test "any_scenario_is_a_lesson_by_its_path" {
	printf '# Mine\ndup(0) = 3\n' >mine.fdl
	run -0 "$FDLAB" lesson ./mine.fdl
	[ "${lines[0]}" = Mine ]
	[ "${lines[1]}" = "  1 dup(0) = 3" ]
}

@test "a_result_other_than_the_stated_one_is_told" {
	printf '# Wrong\ndup(0) = 4\nexpect 1/fd/3 = /dev/null\n' >wrong.fdl
	run -1 "$FDLAB" lesson ./wrong.fdl
	[[ $output == *'# ./wrong.fdl:2: dup(0): expected 4, got 3'* ]]
	[[ $output == *"# ./wrong.fdl:3: 1/fd/3: expected '/dev/null', got '/dev/console'"* ]]
	printf '# Wrong\nask A\nif 4: no\ndup(0) = 4\n' >wrong.fdl
	run -2 "$FDLAB" lesson ./wrong.fdl
	[[ $output == *'an if calls the right answer wrong: 4'* ]]
}

@test "files_of_columns_stand_in_columns" {
	printf '%s\n' '# Columns' 'pipe2([3, 4], 0) = 0' 'ask Where?' \
		$'expect open_files ~ O_WRONLY\t0\tpipe:.*\t1:4\t(1:3)' >columns.fdl
	run -0 "$FDLAB" lesson ./columns.fdl
	grep -A 3 '^    id ' <<<"$output" >file
	! grep -q $'\t' <<<"$output" || false
	# each field begins where its name does
	awk '{ at = index($0, NR == 1 ? "other end" : $NF) }
		NR == 1 { from = at } NR > 2 && at != from { wrong = 1 } END { exit wrong || NR != 4 }' file
	! grep -q '.\{80\}' file || false
}

@test "another_kernel_stands_beside" {
	printf '%s\n' '# Beside' 'clone(flags=CLONE_FILES|SIGCHLD) = 2' 'pipe([3, 4]) = 0' \
		'1 read(3, ..., 1)' '2 close(3) = 0' 'beside netbsd = waits' >beside.fdl
	run -0 "$FDLAB" lesson ./beside.fdl
	grep -A 20 -xF '  2 close(3) = 0' <<<"$output" >step
	grep -qxF '  on netbsd:' step
	grep -qxF '  2 close(3)  (it waits)' step
}

@test "a_lesson_that_is_not_there_is_said_to_be_missing" {
	run -2 "$FDLAB" lesson nosuch
	[[ $output == "fdlab lesson: there is no lesson 'nosuch'; there are "*'lowest, '*', hang, '* ]]
	run -2 "$FDLAB" lesson dpu
	[ "$output" = "fdlab lesson: there is no lesson 'dpu'; did you mean 'dup'?" ]
	run -2 "$FDLAB" lesson ./nosuch.fdl
	[ "$output" = 'fdlab lesson: ./nosuch.fdl: No such file or directory' ]
	run -2 "$FDLAB" lesson dup fork
	[ "${lines[0]}" = "fdlab lesson: one lesson at a time" ]
	run -2 "$FDLAB" lesson --wrong
}

@test "lessons_are_found_beside_an_installed_program_wherever_it_is" {
	mkdir -p there/bin there/share/fdlab
	cp "$FDLAB" there/bin/fdlab
	cp -r "$lessons" there/share/fdlab/lessons
	printf '# Only here\ndup(0) = 3\n' >there/share/fdlab/lessons/only.fdl
	run -0 there/bin/fdlab lesson
	[ "$(tail -n 2 <<<"$output")" = $'Others\n  only         Only here' ]
	run -0 there/bin/fdlab lesson only
}

@test "a_program_alone_says_where_it_looked" {
	mkdir alone
	cp "$FDLAB" alone/fdlab
	[ ! -d /usr/local/share/fdlab/lessons ] || skip "lessons are installed"
	run -2 alone/fdlab lesson
	[[ $output == 'fdlab lesson: there are no lessons in '*/share/fdlab/lessons ]]
}
