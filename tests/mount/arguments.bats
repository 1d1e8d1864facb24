#!/usr/bin/env bats
# The command line of fdlabd without a mount: errors, help and version.

setup() {
	load helper
	needs_fuse
	dir=$BATS_TEST_TMPDIR/dir
	mkdir "$dir"
}

teardown() {
	drop_mount "$dir"
}

# rejected STATUS REGEX ARGUMENT...: fdlabd ends with STATUS and a message, and mounts nothing.
rejected() {
	local status_wanted=$1 regex=$2
	shift 2
	run -"$status_wanted" "${fdlabd[@]}" "$@"
	[[ $output == fdlabd:* ]]
	[[ $output =~ $regex ]]
	fails mountpoint -q "$dir"
}

@test "help_names_every_option" {
	run -0 "${fdlabd[@]}" --help
	[[ $output == 'Usage: fdlabd '* ]]
	for word in --foreground --kernel --option --help --version '-o ' linux nofile; do
		[[ $output == *"$word"* ]]
	done
	run -0 "${fdlabd[@]}" -h
	[[ $output == 'Usage: fdlabd '* ]]
}

@test "version_is_said" {
	run -0 "${fdlabd[@]}" --version
	[[ $output =~ ^fdlabd\ [0-9]+\.[0-9]+\.[0-9]+ ]]
	[ "$output" = "$("${fdlabd[@]}" -V)" ]
}

@test "no_mountpoint_is_a_usage_error" {
	rejected 2 'MOUNTPOINT is missing.*--help'
	rejected 2 'MOUNTPOINT is missing' -f
}

@test "two_mountpoints_are_a_usage_error_that_names_the_second" {
	rejected 2 '/somewhere/else' "$dir" /somewhere/else
}

@test "unknown_options_are_usage_errors_that_name_them" {
	rejected 2 'frobnicate' --frobnicate "$dir"
	rejected 2 "'-x'" -x "$dir"
	rejected 2 'unknown option.*-o frobnicate' -o frobnicate "$dir"
	rejected 2 'frobnicate' --option frobnicate=1 "$dir"
}

@test "misspelt_options_and_words_get_a_suggestion" {
	while read -r option message; do
		run -2 "${fdlabd[@]}" "$option" "$BATS_TEST_TMPDIR"
		[[ $output == "fdlabd: $message"$'\n'* ]]
	done <<-'END'
		--journl there is no option '--journl'; did you mean '--journal'?
		--journl=/x there is no option '--journl=/x'; did you mean '--journal'?
		--sync=btach --sync: btach is none of batch, each, none (did you mean "batch"?)
		--links=verbatm --links: verbatm is neither rootfs nor verbatim (did you mean "verbatim"?)
		--kernel=linx there is no kernel "linx" (did you mean "linux"?)
		--option=nofle=3 there is no option "nofle" (did you mean "nofile"?)
		--frobnicate there is no option '--frobnicate'
		--no there are several options that begin with '--no'
		--foreground=3 --foreground takes no argument
		-fx there is no option '-x'
	END
}

@test "options_without_their_value_are_usage_errors" {
	rejected 2 'kernel' "$dir" --kernel
	rejected 2 'option' "$dir" --option
	rejected 2 '-o takes an argument' "$dir" -o
}

@test "wrong_values_of_machine_options_are_usage_errors_that_say_why" {
	rejected 2 'plan9' --kernel plan9 "$dir"
	rejected 2 'many' --option nofile=many "$dir"
	rejected 2 'nofile' --option nofile "$dir"
	rejected 2 'nr_open' --option nr_open=1 "$dir"
	rejected 2 'do not fit' --option nofile=100 --option nofile_hard=50 "$dir"
}

@test "a_mountpoint_that_is_not_there_is_an_error_that_names_it" {
	rejected 1 "$dir/none: No such file or directory" "$dir/none"
}

@test "a_mountpoint_that_is_a_file_is_an_error_that_names_it" {
	touch "$dir/file"
	rejected 1 "$dir/file: Not a directory" "$dir/file"
}

@test "a_mountpoint_that_cannot_be_mounted_on_is_an_error_in_the_background_too" {
	rejected 1 "$dir: cannot be mounted on" -o context=nonsense "$dir"
	rejected 1 "$dir: cannot be mounted on" -f -o context=nonsense "$dir"
}
