# Builds without a library leave out a part, and say so.

setup() {
	bats_require_minimum_version 1.5.0
	build=$BATS_TEST_TMPDIR/build
}

# without PACKAGE...: a pkg-config that finds all packages but these.
without() {
	export HIDDEN=" $* " REAL_PKG_CONFIG
	REAL_PKG_CONFIG=$(command -v pkg-config)
	cat >"$BATS_TEST_TMPDIR/pkg-config" <<'END'
#!/bin/bash
for word in "$@"; do
	[[ $HIDDEN != *" $word "* ]] || exit 1
done
exec "$REAL_PKG_CONFIG" "$@"
END
	chmod +x "$BATS_TEST_TMPDIR/pkg-config"
	export PKG_CONFIG=$BATS_TEST_TMPDIR/pkg-config
}

# configure ARGUMENT...: cmake's output in one stream, and the targets in $targets.
configure() {
	run -0 "$CMAKE" -S "$FDLAB_SOURCE" -B "$build" "$@"
	targets=$("$CMAKE" --build "$build" --target help)
}

has_target() {
	grep -qwE "$1" <<<"$targets"
}

@test "without_cmocka_all_but_the_tests_is_built" {
	without cmocka
	configure
	[ "$(grep -c 'cmocka' <<<"$output")" -eq 1 ]
	[[ $output == *$'\nThe tests are left out; missing: cmocka (Debian: libcmocka-dev)\n'* ]]
	has_target fdlab
	has_target fdlabd
	has_target fdlab_shared
	[ ! -e "$build/CTestTestfile.cmake" ] || [ "$(grep -c tests "$build/CTestTestfile.cmake")" -eq 0 ]
}

@test "without_libfuse3_fdlabd_is_left_out" {
	without fuse3
	configure -D FDLAB_TESTS=OFF
	[[ $output == *$'\nfdlabd is left out; missing: libfuse3 (Debian: libfuse3-dev)\n'* ]]
	has_target fdlab
	has_target fdlab_static
	! has_target fdlabd || false
}

@test "without_libevent_fdlabd_is_left_out" {
	without libevent_core
	configure
	[[ $output == *$'\nfdlabd is left out; missing: libevent (Debian: libevent-dev)\n'* ]]
	[[ $output == *"The tests are left out"*"libevent"* ]]
	has_target fdlab
	! has_target fdlabd || false
}

@test "without_libseccomp_fdlabd_has_no_filter_and_a_line_says_so" {
	without libseccomp
	configure -D FDLAB_TESTS=OFF
	[ "$(grep -c 'libseccomp' <<<"$output")" -eq 1 ]
	[[ $output == *$'\nfdlabd has no filter of system calls; missing: libseccomp (Debian: libseccomp-dev)\n'* ]]
	has_target fdlabd
	"$CMAKE" --build "$build" --target CMakeFiles/fdlabd.dir/daemon/sandbox.c.o >/dev/null ||
		"$CMAKE" --build "$build" --target daemon/sandbox.o >/dev/null
}

@test "both_are_named_where_both_are_missing" {
	without fuse3 libevent_core
	configure -D FDLAB_TESTS=OFF
	[[ $output == *"fdlabd is left out; missing: libfuse3 (Debian: libfuse3-dev), libevent (Debian: libevent-dev)"* ]]
}

@test "tests_that_were_asked_for_are_not_left_out_in_silence" {
	without cmocka
	run ! "$CMAKE" -S "$FDLAB_SOURCE" -B "$build" -D FDLAB_TESTS=ON
	[[ $output == *"The tests need cmocka (Debian: libcmocka-dev)"* ]]
}

@test "with_all_there_nothing_is_left_out" {
	without nothing
	configure
	[[ $output != *"left out"* ]]
	has_target fdlabd
}
