# Without /dev/fuse the tests that mount are skipped, or fail if they are required, and quickstart
# says what is missing.

setup() {
	bats_require_minimum_version 1.5.0
	unshare -m true 2>/dev/null || skip "only root can hide /dev/fuse"
	mounting=$BATS_TEST_TMPDIR/mounting.bats
	printf '%s\n' '# needs /dev/fuse' '@test "x" { false; }' >"$mounting"
	other=$BATS_TEST_TMPDIR/other.bats
	echo '@test "x" { true; }' >"$other"
}

# without_fuse COMMAND...: runs it with a /dev that has only a few devices.
without_fuse() {
	unshare -m bash -c '
		set -e
		mount -t tmpfs none /dev
		mknod -m 666 /dev/null c 1 3
		mknod -m 666 /dev/zero c 1 5
		mknod -m 666 /dev/urandom c 1 9
		ln -s /proc/self/fd /dev/fd
		"$@"' bash "$@"
}

@test "tests_that_mount_are_skipped_with_a_word" {
	FDLAB_REQUIRE_FUSE=0 run -77 without_fuse "$FDLAB_SOURCE/tests/scripts/shell-test" "$mounting"
	[[ $output == "skipped: /dev/fuse cannot be opened here"* ]]
}

@test "tests_that_mount_fail_where_fuse_is_required" {
	FDLAB_REQUIRE_FUSE=1 run -1 without_fuse "$FDLAB_SOURCE/tests/scripts/shell-test" "$mounting"
	[[ $output == *"FDLAB_REQUIRE_FUSE=1"* ]]
}

@test "tests_that_do_not_mount_are_run" {
	FDLAB_REQUIRE_FUSE=1 run -0 without_fuse "$FDLAB_SOURCE/tests/scripts/shell-test" "$other"
	[[ $output == *"ok 1 x"* ]]
}

@test "tests_that_mount_are_run_where_they_can" {
	[ -c /dev/fuse ] || skip "there is no /dev/fuse here"
	run -1 "$FDLAB_SOURCE/tests/scripts/shell-test" "$mounting"
	[[ $output == *"not ok 1 x"* ]]
}

@test "quickstart_says_what_is_missing" {
	[ "${FDLAB_SLOW:-1}" != 0 ] || skip "FDLAB_SLOW=0: it builds everything once more"
	run -1 without_fuse "$FDLAB_SOURCE/tools/quickstart" "$BATS_TEST_TMPDIR/lab"
	[[ $output == *"/dev/fuse cannot be opened here"* ]]
}
