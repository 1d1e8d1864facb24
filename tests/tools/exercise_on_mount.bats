# needs /dev/fuse
# fdlab exercise on a mounted machine, which a shell brings to the goal.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state
	mkdir lab
	$FDLABD lab 3>&-
}

teardown() {
	fusermount3 -u "$BATS_TEST_TMPDIR/lab"
}

@test "a_mounted_machine_is_put_into_the_start_and_judged" {
	run -1 timeout 30 "$FDLAB" exercise stderr --on mount=lab --check
	[[ $output == *"the machine did not begin with the start of 'stderr'"* ]]
	run -0 timeout 30 "$FDLAB" exercise stderr --on mount=lab
	[[ $output == *"The machine at lab is in the start state."* ]]
	run -1 timeout 30 "$FDLAB" exercise stderr --on mount=lab --check
	[[ $output == *"not ok 1 - mount=lab"* ]]
	echo 'dup2 2 1' >lab/1/control
	run -1 timeout 30 "$FDLAB" exercise stderr --on mount=lab --check
	[[ $output == *"The arguments are the other way round"* ]]
	run -0 timeout 30 "$FDLAB" exercise stderr --on mount=lab
	echo 'dup2 1 2' >lab/1/control
	run -0 timeout 30 "$FDLAB" exercise stderr --on mount=lab --check
	[[ $output == *"ok 1 - mount=lab"* ]]
}

@test "a_directory_that_is_no_mount_is_an_error" {
	run -2 timeout 30 "$FDLAB" exercise stderr --on mount=nowhere
	[[ $output == "fdlab exercise: nowhere"* ]]
}
