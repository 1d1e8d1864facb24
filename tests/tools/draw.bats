# fdlab draw: a scenario, a line of one, standard input; the forms, and what cannot be drawn.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' 'open("/etc/passwd", O_RDONLY) = 3' 'pipe([4, 5]) = 0' 'fork() = 2' \
		'2 close(3) = 0' >s.fdl
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
	! grep -q pipe <<<"$output"
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
	! grep -q '^1 init' <<<"$output"
	! grep -q passwd <<<"$output"
	run -0 "$FDLAB" draw --format text --hide console s.fdl
	! grep -q console <<<"$output"
	run -0 "$FDLAB" draw --format text --show console s.fdl
	grep -q '^ *0 .*file 1: O_RDWR.*/dev/console$' <<<"$output"
}

@test "a_scenario_that_fails_is_drawn_and_reported" {
	printf '%s\n' 'dup(0) = 7' >f.fdl
	run -1 --separate-stderr "$FDLAB" draw --format text f.fdl
	grep -q 'expected 7, got 3' <<<"$stderr"
	grep -q '^after 1 dup(0) = 3$' <<<"$output"
}

@test "what_cannot_be_drawn_is_said" {
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
	printf '%s\n' 'dupp(3)' >w.fdl
	run "$FDLAB" draw w.fdl
	[ "$status" -ne 0 ]
	grep -q 'did you mean "dup"' <<<"$output"
}
