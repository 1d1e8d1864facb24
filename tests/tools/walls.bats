# tests/layers finds every kind of breach. Each test builds a small tree with one.

setup() {
	bats_require_minimum_version 1.5.0
	cd "$BATS_TEST_TMPDIR"
	mkdir -p lib/linux lib/netbsd daemon tools build/CMakeFiles/lib/linux build/CMakeFiles/lib/netbsd \
		build/CMakeFiles/daemon build/CMakeFiles/tools
	cat >lib/fdlab.h <<'END'
/* Not a function of the library: fdl_comment(). */
int fdl_version(void);
END
	echo 'int fdl_version(void); int fdl_version(void) { return 1; }' >lib/lib.c
	echo 'int linux_call(void) { return 1; }' >lib/linux/linux.c
	echo 'int netbsd_call(void) { return 1; }' >lib/netbsd/netbsd.c
	printf '%s\n' '#include "own.h"' '#include "fdlab.h"' '#include <fuse_lowlevel.h>' \
		'int use(void) { return fdl_version(); }' >daemon/daemon.c
	echo '/* own */' >daemon/own.h
	echo 'int tool(void);' >tools/tool.c
}

# walls BREACH: compiles the tree and expects that breach alone; without one, expects none.
walls() {
	for file in lib/lib lib/linux/linux lib/netbsd/netbsd daemon/daemon tools/tool; do
		sed '/#include </d' "$file.c" >build/t.c
		"$CC" -fPIC -fno-builtin -w -Ilib -I"$(dirname "$file")" -c build/t.c \
			-o "build/CMakeFiles/$file.o"
	done
	"$CC" -shared -o build/libfdlab.so build/CMakeFiles/lib/lib.o
	if [ $# -eq 0 ]; then
		run -0 "$FDLAB_SOURCE/tests/layers" . build
		[ -z "$output" ]
	else
		run -1 "$FDLAB_SOURCE/tests/layers" . build
		[ "${lines[0]}" = "$1" ]
		[ "${lines[1]}" = "1 breaches of the walls" ]
	fi
}

@test "sound_tree_has_no_breach" {
	walls
}

@test "library_that_includes_fuse" {
	sed -i '1i #include <fuse3/fuse_lowlevel.h>' lib/lib.c
	walls 'lib/ may not know FUSE or libevent: lib/lib.c:1:#include <fuse3/fuse_lowlevel.h>'
}

@test "library_that_includes_libevent" {
	sed -i '1i #  include <event2/event.h>' lib/lib.c
	walls 'lib/ may not know FUSE or libevent: lib/lib.c:1:#  include <event2/event.h>'
}

@test "library_that_includes_the_daemon" {
	sed -i '1i #include "../daemon/own.h"' lib/lib.c
	walls 'lib/ may not know who uses it: lib/lib.c:1:#include "../daemon/own.h"'
}

@test "library_that_calls_libevent" {
	echo 'int f(void) { return event_base_new(); }' >>lib/linux/linux.c
	walls 'lib/ may not know FUSE or libevent: event_base_new'
}

@test "library_that_prints" {
	echo 'int f(void) { return printf("x"); }' >>lib/linux/linux.c
	walls 'lib/ may not print, wait, or look at the clock or the outside: printf'
}

@test "library_that_uses_standard_error" {
	echo 'extern void *stderr; void *f(void) { return stderr; }' >>lib/linux/linux.c
	walls 'lib/ may not print, wait, or look at the clock or the outside: stderr'
}

@test "library_that_looks_at_the_clock" {
	echo 'int f(void) { return clock_gettime(0, 0); }' >>lib/linux/linux.c
	walls 'lib/ may not print, wait, or look at the clock or the outside: clock_gettime'
}

@test "kernels_that_include_each_other" {
	sed -i '1i #include "../netbsd/netbsd.c"' lib/linux/linux.c
	sed -i '/netbsd.c/{p;s/.*/#undef X/}' lib/linux/linux.c
	run -1 "$FDLAB_SOURCE/tests/layers" .
	[ "${lines[0]}" = 'linux/ may not know netbsd/: lib/linux/linux.c:1:#include "../netbsd/netbsd.c"' ]
	sed -i '1,2d' lib/linux/linux.c
	sed -i '1i #include "linux/linux.h"' lib/netbsd/netbsd.c
	run -1 "$FDLAB_SOURCE/tests/layers" .
	[ "${lines[0]}" = 'netbsd/ may not know linux/: lib/netbsd/netbsd.c:1:#include "linux/linux.h"' ]
}

@test "kernels_that_call_each_other" {
	echo 'int g(void) { return netbsd_call(); }' >>lib/linux/linux.c
	walls 'linux/ may not know netbsd/: netbsd_call'
	sed -i '$d' lib/linux/linux.c
	echo 'int g(void) { return linux_call(); }' >>lib/netbsd/netbsd.c
	walls 'netbsd/ may not know linux/: linux_call'
}

@test "daemon_that_includes_a_room_of_the_library" {
	echo 'int x;' >lib/tree.h
	sed -i '1i #include "tree.h"' daemon/daemon.c
	walls 'daemon/ may know only fdlab.h of the library: daemon/daemon.c:1:#include "tree.h"'
}

@test "tool_that_includes_a_room_of_the_library_by_its_folder" {
	echo 'int x;' >lib/tree.h
	sed -i '1i #include <lib/tree.h>' tools/tool.c
	walls 'tools/ may know only fdlab.h of the library: tools/tool.c:1:#include <lib/tree.h>'
}

@test "tool_that_calls_what_the_header_does_not_declare" {
	echo 'int f(void) { return linux_call(); }' >>tools/tool.c
	walls 'tools/ may use only what fdlab.h declares: linux_call'
}

@test "function_of_the_header_that_is_not_exported" {
	echo 'int fdl_missing(void);' >>lib/fdlab.h
	walls 'fdlab.h and what libfdlab.so shows differ: fdl_missing'
}

@test "nothing_compiled_is_a_breach" {
	run -1 "$FDLAB_SOURCE/tests/layers" . build
	[[ ${lines[0]} == 'nothing was compiled in '* ]]
}
