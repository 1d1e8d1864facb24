# needs /dev/fuse
# tools/quickstart as a user runs it.

setup() {
	bats_require_minimum_version 1.5.0
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "FDLAB_SLOW=0: it builds everything once more"
	dir="$BATS_TEST_TMPDIR/a lab"
}

teardown() {
	if mountpoint -q "$dir"; then
		fusermount3 -u "$dir"
	fi
}

@test "quickstart_builds_mounts_and_plays_the_tour_twice" {
	run -0 "$FDLAB_SOURCE/tools/quickstart" "$dir" 3>&-
	[[ $output == *'$ echo '"'"'dup2 3 10'"'"' > 1/control'* ]]
	[[ $output == *'write error: Bad file descriptor'* ]]
	[[ $output == *"To unmount:"* ]]
	[[ $output == *"export PATH=$FDLAB_SOURCE/build/quickstart:\$PATH"* ]]
	[[ $output == *$'\n  dup          '* ]]
	[ "$(cat "$dir/1/files/open_fds_list")" = 0-3,10 ]

	# Once more, while a process is in the mount.
	cd "$dir"
	run -0 "$FDLAB_SOURCE/tools/quickstart" "$dir"
	[[ $output == *"started over"* ]]
	cd /
	[ "$(cat "$dir/1/files/open_fds_list")" = 0-3,10 ]

	# And once more after that process has left: it is mounted anew.
	run -0 "$FDLAB_SOURCE/tools/quickstart" "$dir"
	[[ $output != *"started over"* ]]
}

@test "quickstart_shows_how_far_the_build_is" {
	# One more file to build than before.
	rm -f "$FDLAB_SOURCE"/build/quickstart/CMakeFiles/fdlab.dir/tools/main.c.o
	run -0 "$FDLAB_SOURCE/tools/quickstart" "$dir" 3>&-
	[[ $output =~ (^|$'\n')'['[0-9]+/[0-9]+']'$'\n' ]]
}

@test "quickstart_takes_one_directory_at_most" {
	run -2 "$FDLAB_SOURCE/tools/quickstart" "$dir" "$dir"
	run -2 "$FDLAB_SOURCE/tools/quickstart" --frobnicate
	run -0 "$FDLAB_SOURCE/tools/quickstart" --help
	[[ $output == "usage: tools/quickstart"* ]]
}
