# fdlab draw: a scenario, a line of one, standard input; an outcome of a race, a log of strace; the
# forms, and what cannot be drawn.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' 'open("/etc/passwd", O_RDONLY) = 3' 'pipe([4, 5]) = 0' 'fork() = 2' \
		'2 close(3) = 0' >s.fdl
}

# lacks PATTERN: no line of the output has it. (A command after "!" fails no test.)
lacks() {
	if grep -q -- "$1" <<<"$output"; then
		return 1
	fi
}

# well_formed FILE: an XML parser takes it.
well_formed() {
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])' "$1"
}

@test "svg_is_well_formed_and_says_what_happened_last" {
	"$FDLAB" draw s.fdl >s.svg
	well_formed s.svg
	grep -qF '2 close(3) = 0' s.svg
	grep -qF '/etc/passwd' s.svg
}

@test "names_with_markup_are_escaped" {
	printf '%s\n' 'open("/tmp/<a&b>", O_RDWR|O_CREAT, 0644) = 3' >m.fdl
	"$FDLAB" draw m.fdl >m.svg
	well_formed m.svg
	grep -qF '/tmp/&lt;a&amp;b&gt;' m.svg
}

@test "a_line_is_drawn" {
	run -0 "$FDLAB" draw --format text --at 1 s.fdl
	[ "${lines[0]}" = 'after 1 open("/etc/passwd", O_RDONLY) = 3' ]
	lacks pipe
	run -0 "$FDLAB" draw --format text --at 3 - <s.fdl
	[ "${lines[0]}" = 'after 1 fork() = 2' ]
}

@test "text_fits_a_terminal" {
	"$FDLAB" draw --format text s.fdl >t
	[ "$(wc -L <t)" -le 80 ]
}

@test "json_is_read_by_python" {
	"$FDLAB" draw --format json s.fdl >s.json
	run -0 python3 -c 'import json; p = json.load(open("s.json")); print(p["last"], len(p["tasks"]))'
	[ "$output" = "2 close(3) = 0 2" ]
}

@test "dot_is_read_by_graphviz" {
	command -v dot >/dev/null || skip "graphviz is not installed"
	"$FDLAB" draw --format dot s.fdl | dot -Tplain >/dev/null
}

@test "tasks_are_chosen_and_the_console_is_hidden_or_shown" {
	run -0 "$FDLAB" draw --format text --task 2 s.fdl
	grep -qx '2 init, child of 1' <<<"$output"
	lacks '^1 init'
	lacks passwd
	run -0 "$FDLAB" draw --format text --hide console s.fdl
	lacks console
	run -0 "$FDLAB" draw --format text --show console s.fdl
	grep -q '^ *0 .*file 1: O_RDWR.*/dev/console$' <<<"$output"
}

@test "a_scenario_that_fails_is_drawn_and_reported" {
	printf '%s\n' 'dup(0) = 7' >f.fdl
	run -1 --separate-stderr "$FDLAB" draw --format text f.fdl
	grep -q 'expected 7, got 3' <<<"$stderr"
	grep -q '^after 1 dup(0) = 3$' <<<"$output"
}

@test "a_file_that_cannot_be_drawn_is_an_error_with_a_reason" {
	run -2 "$FDLAB" draw
	run -2 "$FDLAB" draw s.fdl s.fdl
	grep -q 'one file at a time' <<<"$output"
	run -2 "$FDLAB" draw --format png s.fdl
	grep -q 'there is no format "png"' <<<"$output" || grep -q "png" <<<"$output"
	run -2 "$FDLAB" draw --hide all s.fdl
	run -2 "$FDLAB" draw --task 9 s.fdl
	grep -q 'there is no task 9' <<<"$output"
	run -2 "$FDLAB" draw --task 1,x s.fdl
	grep -qF "not '1,x'" <<<"$output"
	run -2 "$FDLAB" draw missing.fdl
	[[ $output == *'missing.fdl: could not run: No such file or directory'* ]]
	printf '%s\n' 'dupp(3)' >w.fdl
	run "$FDLAB" draw w.fdl
	[ "$status" -ne 0 ]
	grep -q 'did you mean "dup"' <<<"$output"
}

# race: a scenario with a race of three outcomes.
race() {
	printf '%s\n' '1 clone(flags=CLONE_FILES|SIGCHLD) = 2' race '1 open("/etc/hosts", O_RDONLY)' \
		'2 dup2(0, 3)' end >race.fdl
}

@test "an_outcome_of_a_race_is_drawn_as_explore_tells_them" {
	race
	run -0 "$FDLAB" explore race.fdl
	grep -A2 '^# *1  1 open' <<<"$output" | grep -q EBUSY
	run -0 "$FDLAB" draw --format text race.fdl
	lacks hosts
	run -0 "$FDLAB" draw --format text --outcome 1 race.fdl
	grep -q '^ *4 -.*/etc/hosts$' <<<"$output"
	run -0 "$FDLAB" draw --format text --outcome 2 race.fdl
	lacks hosts
	run -0 "$FDLAB" draw --format text --outcome 3 race.fdl
	grep -q '^ *3 -.*/etc/hosts$' <<<"$output"
}

@test "the_way_to_an_outcome_is_drawn_line_by_line" {
	race
	run -0 "$FDLAB" draw --format text --outcome 3 --at 1 race.fdl
	grep -qx '1 init, open stopped at do_filp_open' <<<"$output"
	grep -qx ' *3 reserved' <<<"$output"
	run -0 "$FDLAB" draw --format text --outcome 3 --at 0 race.fdl
	lacks reserved
}

@test "an_outcome_that_there_is_not_is_said" {
	race
	run -2 "$FDLAB" draw --outcome 4 race.fdl
	grep -q 'the race has 3 outcomes' <<<"$output"
	run -2 "$FDLAB" draw --outcome 1 s.fdl
	grep -q 'there is no race' <<<"$output"
	run -2 "$FDLAB" draw --outcome 0 race.fdl
	run -2 "$FDLAB" draw --outcome 1 --log race.fdl
}

# strace_log: a shell that forks a program into a pipe.
strace_log() {
	printf '%s\n' '10 execve("/bin/sh", ["sh"], 0x7ffd /* 40 vars */) = 0' '10 brk(NULL) = 0x55' \
		'10 pipe2([3, 4], O_CLOEXEC) = 0' '10 clone(child_stack=NULL, flags=SIGCHLD) = 11' \
		'11 dup2(4, 1) = 1' '11 execve("/bin/<ls>", ["ls"], 0x7ffd /* 40 vars */) = 0' \
		'11 openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3' '11 close(3) = 0' \
		'11 +++ exited with 0 +++' >log
}

@test "a_log_of_strace_is_drawn_at_a_line_with_its_pids_and_programs" {
	strace_log
	run -0 "$FDLAB" draw --format text --at 7 log
	[ "${lines[0]}" = 'after line 7: 11 openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3' ]
	grep -qx '10 sh' <<<"$output"
	grep -qx '11 <ls>, child of 10' <<<"$output"
	grep -q '^ *3 close-on-exec -.*/etc/passwd$' <<<"$output"
	lacks init
	run -0 "$FDLAB" draw --format text log
	lacks '^11'
	"$FDLAB" draw --at 7 log >log.svg
	well_formed log.svg
	grep -qF '11 &lt;ls&gt;, child of 10' log.svg
}

@test "tasks_of_a_log_are_chosen_by_its_pids" {
	strace_log
	run -0 "$FDLAB" draw --format text --at 7 --task 11 log
	lacks '^10'
	grep -q '^11' <<<"$output"
	run -2 "$FDLAB" draw --at 3 --task 11 log
	grep -q 'there is no task 11' <<<"$output"
}

@test "a_log_is_told_from_a_scenario" {
	cp s.fdl scenario
	run -0 "$FDLAB" draw --format text scenario
	grep -q '^1 init' <<<"$output"
	run -0 "$FDLAB" draw --format text --log scenario
	lacks init
	strace_log
	run -0 "$FDLAB" draw --format text --log - <log
	grep -qx '10 sh' <<<"$output"
	printf 'nothing\n' >n
	run -2 "$FDLAB" draw --log n
	grep -q 'no call of strace' <<<"$output"
	run -2 "$FDLAB" draw missing
}
