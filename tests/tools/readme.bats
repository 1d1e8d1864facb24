# The sessions that README.md shows.
# needs /dev/fuse

@test "the_examples_of_README_happen_as_shown" {
	[ -x "$FDLAB_BUILD/fdlabd" ] || skip "fdlabd was not built"
	"$FDLAB_SOURCE/tests/scripts/readme" "$FDLAB_SOURCE/README.md" "$FDLAB_BUILD" "$BATS_TEST_TMPDIR"
}
