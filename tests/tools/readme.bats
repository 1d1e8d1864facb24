# The sessions that README.md shows.
# needs /dev/fuse

@test "what_readme_shows_is_what_happens" {
	[ -x "$FDLAB_BUILD/fdlabd" ] || skip "fdlabd was not built"
	"$FDLAB_SOURCE/tests/scripts/readme" "$FDLAB_SOURCE/README.md" "$FDLAB_BUILD" "$BATS_TEST_TMPDIR"
}
