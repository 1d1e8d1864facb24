# fdlab lesson: the list, a lesson all at once and step by step on a terminal, and where they are found.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	lessons=$FDLAB_SOURCE/tools/lessons
}

needs_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 || skip "no pseudo-terminal can be made here"
}

# on_terminal INPUT ARGUMENT...: the output of fdlab on a terminal that types INPUT, without colours.
on_terminal() {
	local input=$1
	shift
	printf "$input" | NO_COLOR=1 TERM=dumb timeout 60 script -qec "$FDLAB $*" /dev/null |
		tr -d '\r'
}

@test "every_lesson_is_listed_with_its_title" {
	run -0 "$FDLAB" lesson
	[ "${#lines[@]}" -eq "$(ls "$lessons" | wc -l)" ]
	for file in "$lessons"/*.fdl; do
		grep -qxE " +$(basename "$file" .fdl) +$(head -n 1 "$file" | cut -c 3-)" <<<"$output"
	done
}

@test "every_lesson_has_a_chapter_and_fits_a_screen" {
	for file in "$lessons"/*.fdl; do
		[ "$(wc -l <"$file")" -le 30 ]
		[ "$(grep '^#' "$file" | wc -L)" -le 105 ]
		grep -qx ".Ss $(head -n 1 "$file" | cut -c 3-)" "$FDLAB_SOURCE/man/fdlab.7"
		grep -qx ".Ql fdlab lesson $(basename "$file" .fdl)" "$FDLAB_SOURCE/man/fdlab.7"
	done
}

@test "without_a_terminal_a_lesson_is_played_at_once" {
	for file in "$lessons"/*.fdl; do
		run -0 "$FDLAB" lesson "$(basename "$file" .fdl)" </dev/null
		[ "${lines[0]}" = "$(head -n 1 "$file" | cut -c 3-)" ]
		[[ $output != *$'\033'* ]]
		[[ $output != *'> openat('* ]]
		# All its comments are there, in order.
		diff <(grep '^#' "$file" | sed 's/^# *//') <(grep -xFf \
			<(grep '^#' "$file" | sed 's/^# *//') <<<"$output" | uniq)
	done
}

@test "a_call_is_followed_by_the_tables_that_it_changed" {
	run -0 "$FDLAB" lesson fork
	grep -A 9 '^  1 fork() = 2$' <<<"$output" >step
	grep -qx '    task 2' step
	grep -qx '    > 3     cloexec     2     0  /etc/passwd' step
	[ "$(grep -c '    task 1$' step)" -eq 1 ]
	grep -A 3 '^  2 close(3) = 0$' <<<"$output" | grep -qx '    > 3                          closed'
	run -0 "$FDLAB" lesson hang
	[[ $output == *'    task 3 waits in pipe_read'* ]]
}

@test "on_a_terminal_each_call_waits_for_enter" {
	needs_terminal
	on_terminal '\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n' lesson dup >all
	[ "$(grep -c '^> ' all)" -eq "$(grep -c '^[a-z]' "$lessons/dup.fdl" | xargs expr -1 +)" ]
	grep -q '^> dup(3) = 4' all
	# Input that is typed ahead is not shown after the call.
	grep -q '  1 dup(3) = 4$' all
	grep -qx 'The description lives until its last number is closed.' all
}

@test "on_a_terminal_q_leaves_before_the_next_call" {
	needs_terminal
	on_terminal '\nq\n' lesson dup >some
	grep -q '  1 openat(AT_FDCWD, "/etc/passwd", O_RDONLY) = 3$' some
	grep -q '^> dup(3) = 4' some
	[ "$(grep -c '  1 dup(3) = 4$' some)" -eq 0 ]
	[ "$(grep -c 'a second description' some)" -eq 0 ]
}

@test "the_end_of_input_leaves_as_well" {
	needs_terminal
	on_terminal '\n\004' lesson dup >some
	grep -q '^> dup(3) = 4' some
	[ "$(grep -c '  1 dup(3) = 4$' some)" -eq 0 ]
	[ "$(grep -c 'a second description' some)" -eq 0 ]
}

@test "colours_are_for_a_terminal_that_wants_them" {
	needs_terminal
	printf 'q\n' | TERM=xterm script -qec "$FDLAB lesson dup" /dev/null | grep -q $'\033\[36m'
	[ "$(on_terminal 'q\n' lesson dup | grep -c $'\033')" -eq 0 ]
}

@test "any_scenario_is_a_lesson_by_its_path" {
	printf '# Mine\ndup(0) = 3\n' >mine.fdl
	run -0 "$FDLAB" lesson ./mine.fdl
	[ "${lines[0]}" = Mine ]
	[ "${lines[1]}" = "  1 dup(0) = 3" ]
}

@test "what_comes_out_otherwise_is_told" {
	printf '# Wrong\ndup(0) = 4\nexpect 1/fd/3 = /dev/null\n' >wrong.fdl
	run -1 "$FDLAB" lesson ./wrong.fdl
	[[ $output == *'# ./wrong.fdl:2: dup(0): expected 4, got 3'* ]]
	[[ $output == *"# ./wrong.fdl:3: 1/fd/3: expected '/dev/null', got '/dev/console'"* ]]
}

@test "a_lesson_that_is_not_there_is_said_to_be_missing" {
	run -2 "$FDLAB" lesson nosuch
	[[ $output == "fdlab lesson: there is no lesson 'nosuch'; there are "*'dup, '*', hang, '* ]]
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
	[[ $output == *'only         Only here'* ]]
	run -0 there/bin/fdlab lesson only
}

@test "a_program_alone_says_where_it_looked" {
	mkdir alone
	cp "$FDLAB" alone/fdlab
	[ ! -d /usr/local/share/fdlab/lessons ] || skip "lessons are installed"
	run -2 alone/fdlab lesson
	[[ $output == 'fdlab lesson: there are no lessons in '*/share/fdlab/lessons ]]
}
