# The fdlab command: its verbs, and errors of the command line.

setup() {
	bats_require_minimum_version 1.5.0
}

@test "help_lists_the_verbs" {
	run -0 --separate-stderr "$FDLAB" --help
	[[ $output == *"usage: fdlab VERB"* ]]
	[[ $output =~ $'\n'"  run  "+[a-z] ]]
	[ -z "$stderr" ]
}

@test "version_is_that_of_the_project" {
	run -0 "$FDLAB" --version
	[ "$output" = "fdlab $FDLAB_VERSION" ]
	run -0 "$FDLAB" run --version
	[ "$output" = "fdlab $FDLAB_VERSION" ]
}

@test "every_verb_of_the_list_has_a_help" {
	verbs=$("$FDLAB" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
	[ -n "$verbs" ]
	for verb in $verbs; do
		run -0 "$FDLAB" "$verb" --help
		[[ $output == "usage: fdlab $verb "* ]]
		[[ $output == *"Exit status:"* ]]
	done
}

@test "help_and_version_are_words_too" {
	run -0 "$FDLAB" help
	[ "$output" = "$("$FDLAB" --help)" ]
	run -0 "$FDLAB" help explore
	[ "$output" = "$("$FDLAB" explore --help)" ]
	for word in help version completion; do
		run -0 "$FDLAB" help $word
		[ "$output" = "$("$FDLAB" --help)" ]
	done
	run -0 "$FDLAB" version
	[ "$output" = "fdlab $FDLAB_VERSION" ]
	run -2 --separate-stderr "$FDLAB" help exlpore
	[[ $stderr == *"there is no verb 'exlpore'; did you mean 'explore'?"* ]]
	run -2 --separate-stderr "$FDLAB" hepl
	[[ $stderr == *"did you mean 'help'?"* ]]
}

@test "misspelt_option_gets_a_suggestion" {
	for verb in run explore compare fuzz replay; do
		run -2 --separate-stderr "$FDLAB" $verb --jsno x
		[[ $stderr == *"fdlab $verb: there is no option '--jsno'; did you mean '--json'?"* ]]
	done
	run -2 --separate-stderr "$FDLAB" lesson --hepl
	[[ $stderr == *"there is no option '--hepl'; did you mean '--help'?"* ]]
	run -2 --separate-stderr "$FDLAB" --hepl
	[[ $stderr == *"there is no option '--hepl'; did you mean '--help'?"* ]]
	run -2 --separate-stderr "$FDLAB" run --frobnicate x.fdl
	[[ $stderr != *"did you mean"* ]]
}

@test "misspelt_value_gets_a_suggestion" {
	run -2 --separate-stderr "$FDLAB" run --kernel linx x.fdl
	[[ $stderr == *"there is no kernel 'linx'; did you mean 'linux'?"* ]]
	run -2 --separate-stderr "$FDLAB" quiz --topic pieps
	[[ $stderr == *"'pieps'; did you mean 'pipes'?"* ]]
	run -2 --separate-stderr "$FDLAB" run --kernel plan9 x.fdl
	[[ $stderr != *"did you mean"* ]]
}

@test "options_complain_about_their_arguments" {
	run -2 --separate-stderr "$FDLAB" run --kernel
	[[ $stderr == *"--kernel takes an argument"* ]]
	run -2 --separate-stderr "$FDLAB" run --json=3 x.fdl
	[[ $stderr == *"--json takes no argument"* ]]
	for number in -1 ' 1' 0x 1k 99999999999999999999; do
		run -2 --separate-stderr "$FDLAB" explore --seed "$number" x.fdl
		[[ $stderr == *"--seed takes a number, not '$number'"* ]]
	done
}

@test "letter_that_is_no_option_is_named" {
	run -2 --separate-stderr "$FDLAB" run -xh x.fdl
	[[ $stderr == *"there is no option '-x'"* ]]
}

@test "no_verb_is_status_2" {
	run -2 --separate-stderr "$FDLAB"
	[[ $stderr == *"a verb is missing"* ]]
	[ -z "$output" ]
}

@test "misspelt_verb_gets_a_suggestion" {
	run -2 --separate-stderr "$FDLAB" rnu
	[[ $stderr == *"there is no verb 'rnu'; did you mean 'run'?"* ]]
}

@test "verb_like_no_other_gets_no_suggestion" {
	run -2 --separate-stderr "$FDLAB" catapult
	[[ $stderr == *"there is no verb 'catapult'"* ]]
	[[ $stderr != *"did you mean"* ]]
}

@test "unknown_option_is_status_2" {
	run -2 --separate-stderr "$FDLAB" --frobnicate
	[[ $stderr == *"--frobnicate"* ]]
	run -2 --separate-stderr "$FDLAB" run --frobnicate x.fdl
	[[ $stderr == *"--frobnicate"* ]]
}

@test "report_that_cannot_be_written_is_status_2" {
	[ -c /dev/full ] || skip "there is no /dev/full"
	run -2 bash -c '"$FDLAB" --help >/dev/full'
	[[ $output == *"No space left on device"* ]]
}
