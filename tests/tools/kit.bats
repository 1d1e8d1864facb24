# The kit of a test author: directories, strict runs, filters, quiet and JUnit reports, watching;
# fdlab fmt; completions; syntax files.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	unset NO_COLOR
	mkdir -p d/deep
	echo 'dup(0) = 3' >d/b.fdl
	echo 'dup(0) = 3' >d/deep/a.fdl
	echo 'dup(0) = 9' >d/deep/wrong.fdl
	echo 'not a scenario' >d/readme
}

@test "a_directory_stands_for_its_scenarios" {
	run -1 "$FDLAB" run d
	[ "${lines[1]}" = "1..3" ]
	[ "${lines[2]}" = "ok 1 - d/b.fdl" ]
	[ "${lines[3]}" = "ok 2 - d/deep/a.fdl" ]
	[ "${lines[4]}" = "not ok 3 - d/deep/wrong.fdl" ]
	mkdir empty
	run -2 "$FDLAB" run empty
	grep -qF 'empty: there are no scenarios' <<<"$output"
}

@test "a_filter_is_a_part_of_the_path_or_a_pattern" {
	run -0 "$FDLAB" run --filter deep/a d
	[ "${lines[1]}" = "1..1" ]
	run -0 "$FDLAB" run --filter '*/[ab].fdl' d
	[ "${lines[1]}" = "1..2" ]
	run -2 "$FDLAB" run --filter nothing d
	grep -qF "no file matches 'nothing'" <<<"$output"
}

@test "quiet_prints_what_did_not_pass_and_how_many_did" {
	run -1 "$FDLAB" run -q d
	[ "${lines[0]}" = "not ok 3 - d/deep/wrong.fdl" ]
	[ "${lines[-1]}" = "# 2 passed, 1 failed" ]
	! grep -q '^ok' <<<"$output" || false
	run -0 "$FDLAB" run --quiet d/b.fdl
	[ "$output" = "# 1 passed, 0 failed" ]
}

@test "strict_wants_checks_results_and_an_end" {
	run -0 "$FDLAB" run --strict d/b.fdl
	echo 'dup(0)' >calls.fdl
	run -0 "$FDLAB" run calls.fdl
	run -1 "$FDLAB" run --strict calls.fdl
	grep -qF 'calls.fdl:1: dup(0): it states no result' <<<"$output"
	grep -qF 'calls.fdl: nothing is checked' <<<"$output"
	printf '%s\n' 'pipe([3, 4]) = 0' 'read(3, ..., 10 <unfinished ...>' >waits.fdl
	run -0 "$FDLAB" run waits.fdl
	run -1 "$FDLAB" run --strict waits.fdl
	grep -qE 'task 1 is still in read \((blocked|stopped) at [a-z_]+\)' <<<"$output"
	printf '%s\n' 'pipe([3, 4]) = 0' 'fork() = 2' 'read(3, ..., 10 <unfinished ...>' \
		'2 write(4, "x", 1) = 1' '1 finish' 'expect 1/fdinfo/3 ~ pos' >ends.fdl
	run -0 "$FDLAB" run --strict ends.fdl
}

@test "every_scenario_of_the_project_states_what_it_shows" {
	run -0 "$FDLAB" run -q "$FDLAB_SOURCE/tests/scenarios"
}

@test "all_errors_of_a_file_come_in_one_go_by_line" {
	printf '%s\n' 'dupp(3)' 'expect' 'open(' 'expect 1/fd/3' >w.fdl
	run -1 "$FDLAB" run w.fdl
	grep -qF 'w.fdl:1: column 1: there is no call "dupp"' <<<"$output"
	grep -qF 'w.fdl:2: expect takes' <<<"$output"
	grep -qF 'w.fdl:3: ' <<<"$output"
	grep -qF 'w.fdl:4: expect takes' <<<"$output"
	[ "$(grep -o 'w.fdl:[0-9]' <<<"$output" | tr '\n' ' ')" = \
		'w.fdl:1 w.fdl:2 w.fdl:3 w.fdl:4 ' ]
}

@test "junit_is_well_formed_and_has_every_file" {
	printf '%s\n' 'open("/tmp/<&>", O_RDONLY) = 3' >'d/m&m.fdl'
	run -1 "$FDLAB" run --junit out.xml d
	python3 - <<-'END'
		import xml.etree.ElementTree as e
		suite = e.parse("out.xml").getroot()
		assert suite.get("tests") == "4" and suite.get("failures") == "2", suite.attrib
		names = [c.get("name") for c in suite]
		assert names == ["d/b.fdl", "d/deep/a.fdl", "d/deep/wrong.fdl", "d/m&m.fdl"], names
		assert "expected 9, got 3" in suite[2].find("failure").get("message")
		assert "/tmp/<&>" in suite[3].find("failure").text
	END
	run -2 "$FDLAB" run --junit no/dir/out.xml d/b.fdl
	grep -qF 'no/dir/out.xml: No such file or directory' <<<"$output"
}

# wait_for TEXT FILE: until the file has the text.
wait_for() {
	for _ in $(seq 300); do
		grep -qF "$1" "$2" && return
		sleep 0.1
	done
	cat "$2"
	return 1
}

@test "watch_plays_again_after_a_change" {
	"$FDLAB" run --watch -q d >out 2>&1 3>&- &
	local watcher=$!
	wait_for '# 2 passed, 1 failed' out
	echo 'dup(0) = 3' >d/deep/wrong.fdl
	wait_for '# 3 passed, 0 failed' out || { kill $watcher; return 1; }
	echo 'dup(0) = 3' >new && mv new d/new.fdl
	wait_for '# 4 passed, 0 failed' out || { kill $watcher; return 1; }
	kill $watcher
}

@test "fmt_has_one_form_and_keeps_comments" {
	printf '%s\n' '' '  # why  ' '[pid  2]   open( "/etc/a  b" ,O_RDONLY )=  3' '' '' \
		'dup2   3  10   =   10' 'expect   1/fd/3    =   a  b' >f.fdl
	run -1 "$FDLAB" fmt --check f.fdl
	[ "$output" = f.fdl ]
	chmod 640 f.fdl
	run -0 "$FDLAB" fmt f.fdl
	[ -z "$output" ]
	[ "$(stat -c %a f.fdl)" = 640 ]
	diff f.fdl - <<-'END'
		# why
		2 open("/etc/a  b", O_RDONLY) = 3

		dup2 3 10 = 10
		expect 1/fd/3 = a  b
	END
	run -0 "$FDLAB" fmt --check f.fdl
	run -0 "$FDLAB" fmt - <f.fdl
	[ "$output" = "$(cat f.fdl)" ]
	run -2 "$FDLAB" fmt missing.fdl
}

# Every file of the project, in its form, says the same as before.
@test "fmt_changes_no_meaning_and_is_idempotent" {
	for kind in scenarios litmus reduction; do
		cp -r "$FDLAB_SOURCE/tests/$kind" .
		"$FDLAB" fmt "$kind"
		run -0 "$FDLAB" fmt --check "$kind"
	done
	run -0 "$FDLAB" run -q scenarios
	"$FDLAB" explore --json "$FDLAB_SOURCE"/tests/litmus/dup*.fdl |
		sed 's/"line": [0-9]*/"line"/; s|"file": ".*/|"file": "|' >before
	"$FDLAB" explore --json litmus/dup*.fdl |
		sed 's/"line": [0-9]*/"line"/; s|"file": ".*/|"file": "|' >after
	diff before after
}

@test "bash_completes_verbs_options_values_and_lessons" {
	"$FDLAB" completion bash >c.bash
	complete_line() {
		PATH="$(dirname "$FDLAB"):$PATH" bash -c '. ./c.bash
			COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fdlab; echo "${COMPREPLY[*]}"' - "$@"
	}
	[ "$(complete_line fdlab exp)" = explore ]
	[ "$(complete_line fdlab run --str)" = --strict ]
	[ "$(complete_line fdlab run --kernel net)" = netbsd ]
	[ "$(complete_line fdlab lesson delet)" = deleted ]
	[ "$(complete_line fdlab help repl)" = replay ]
	grep -q 'd/b.fdl' <<<"$(complete_line fdlab run d/b)"
}

@test "zsh_and_fish_read_their_completions" {
	for shell in zsh fish; do
		"$FDLAB" completion $shell >c.$shell
		grep -q -- strict c.$shell
		! command -v $shell >/dev/null || $shell -n c.$shell
	done
	run -2 "$FDLAB" completion zhs
	grep -qF "did you mean 'zsh'" <<<"$output"
	run -2 "$FDLAB" completion
}

@test "syntax_files_know_every_directive" {
	local words
	words=$(sed -n 's/^\t{ "\([a-z]*\)", *read_.*/\1/p' "$FDLAB_SOURCE/tools/scenario/scenario.c")
	[ -n "$words" ]
	for word in $words; do
		grep -qw "$word" "$FDLAB_SOURCE/tools/editors/fdl.vim"
		grep -qw "$word" "$FDLAB_SOURCE/tools/editors/fdl.nanorc"
		grep -q "{ \"$word\"," "$FDLAB_SOURCE/tools/scenario/fmt.c"
	done
}
